package e2e

import (
	le "encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/devices/synthetic"
)

// TestBrokenSenders has people send what is barely sound, and one send packets
// that are none. Whoever listens hears the others as ever.
func TestBrokenSenders(t *testing.T) {
	address, server := serve(t, "--open")
	folder := t.TempDir()
	sounds := map[string][]byte{
		"telephone": wav(1, 1, 8000, 16, func(i int) uint32 { return uint32(int16(3000 * math.Sin(float64(i)/5))) }),
		"cinema":    wav(1, 6, 48000, 16, func(i int) uint32 { return uint32(int16(3000 * math.Sin(float64(i)/50))) }),
		"clipped":   wav(1, 1, 48000, 16, func(i int) uint32 { return uint32(uint16(0x7FFF + i/100%2)) }),
		"nan":       wav(3, 1, 48000, 32, func(i int) uint32 { return math.Float32bits(float32(math.NaN())) | uint32(i%2) }),
		"silence":   wav(1, 1, 48000, 16, func(int) uint32 { return 0 }),
	}
	for name, data := range sounds {
		path := filepath.Join(folder, name+".wav")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		peer(t, address, "broken", name, "--video", "none", "--audio", "file:"+path).wait("publisher_state", is("state", "publishing"))
	}
	ann := peer(t, address, "broken", "ann", "--video", "none", "--audio", "synthetic:ann")
	ann.wait("publisher_state", is("state", "publishing"))
	sendGarbage(t, address)
	record := filepath.Join(folder, "heard")
	bob := peer(t, address, "broken", "bob", "--video", "none", "--audio", "none", "--record", record)
	bob.wait("first_audio", is("stream_id", "ann"))
	bob.wait("streams", func(line map[string]any) bool { return true })
	played := func(line map[string]any, user string) float64 {
		list, _ := line["play"].([]any)
		for _, p := range list {
			if at(p, "user_id") == user {
				return number(p, "audio", "played_ms")
			}
		}
		return 0
	}
	line := bob.wait("stats", func(line map[string]any) bool {
		return played(line, "ann") > 5000 && played(line, "telephone") > 1000 && played(line, "cinema") > 1000 && played(line, "clipped") > 1000
	})
	list, _ := line["play"].([]any)
	for _, p := range list {
		if at(p, "user_id") == "ann" && number(p, "audio", "concealed_ms") > 300 {
			t.Errorf("ann's sound suffers: %v", p)
		}
	}
	if code := bob.stop(); code != 0 {
		t.Errorf("bob ends with status %d", code)
	}
	select {
	case <-server.ended:
		t.Error("the server ended")
	default:
	}
	if mix := oggSamples(t, filepath.Join(record, "ann.ogg")); !synthetic.HearsPilot(mix, synthetic.Pilot("ann")) {
		t.Error("ann is not heard")
	}
}

// wav makes two seconds of sound in a circle: of PCM (1) or of floats (3).
func wav(format, channels uint16, rate uint32, bits uint16, sample func(i int) uint32) []byte {
	var data []byte
	for i := range int(rate) * 2 {
		for range channels {
			if bits == 16 {
				data = le.LittleEndian.AppendUint16(data, uint16(sample(i)))
			} else {
				data = le.LittleEndian.AppendUint32(data, sample(i))
			}
		}
	}
	h := le.LittleEndian.AppendUint32([]byte("RIFF"), uint32(36+len(data)))
	h = le.LittleEndian.AppendUint32(append(h, "WAVEfmt "...), 16)
	for _, v := range []uint16{format, channels} {
		h = le.LittleEndian.AppendUint16(h, v)
	}
	frame := channels * bits / 8
	h = le.LittleEndian.AppendUint32(le.LittleEndian.AppendUint32(h, rate), rate*uint32(frame))
	h = le.LittleEndian.AppendUint16(le.LittleEndian.AppendUint16(h, frame), bits)
	return append(le.LittleEndian.AppendUint32(append(h, "data"...), uint32(len(data))), data...)
}

// sendGarbage publishes a track, and sends on it what no encoder makes.
func sendGarbage(t *testing.T, address string) {
	t.Helper()
	response := join(t, address, "broken", "mallory")
	room, err := lksdk.ConnectToRoomWithToken(response.Media.URL, response.Media.Token, &lksdk.RoomCallback{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(room.Disconnect)
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "garbage", "garbage")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: "garbage"}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	go func() {
		r := rand.New(rand.NewPCG(1, 2))
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for seq := uint16(0); ; seq++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			payload := make([]byte, r.IntN(1200))
			for i := range payload {
				payload[i] = byte(r.Uint32())
			}
			number, timestamp := seq, uint32(seq)*960
			if r.IntN(10) == 0 {
				number, timestamp = uint16(r.Uint32()), r.Uint32()
			}
			_ = track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: number, Timestamp: timestamp, Marker: r.IntN(2) == 0}, Payload: payload})
		}
	}()
}
