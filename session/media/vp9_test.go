package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/session/media/vpx"
)

// recordedVP9 is what the media engine sent of a Chromium's VP9, in three spatial and
// three temporal layers of which only key frames share something (L3T3_KEY): 9
// pictures of 720p, 16 of 180p, 13 of 360p and 9 of 720p, each with its number in
// it. Only key frames have packets of more than one spatial layer.
func recordedVP9(t testing.TB) (all []*rtp.Packet) {
	t.Helper()
	data, err := os.ReadFile("testdata/vp9-l3t3key.rtp")
	if err != nil {
		t.Fatal(err)
	}
	for len(data) > 2 {
		length := int(binary.BigEndian.Uint16(data))
		p := new(rtp.Packet)
		if err := p.Unmarshal(data[2 : 2+length]); err != nil {
			t.Fatal(err)
		}
		all, data = append(all, p), data[2+length:]
	}
	return all
}

// seen is a decoded picture.
type seen struct {
	index  int // of the recorded ones
	height int
	number uint32 // in the picture
}

// playVP9 assembles and decodes packets, of 20 pictures a second.
func playVP9(t *testing.T, list []*rtp.Packet) (pictures []seen, a *assembler) {
	t.Helper()
	return playVP9Each(t, list, func(seen, *devices.Frame) {})
}

// playVP9Each gives each picture to look as well.
func playVP9Each(t *testing.T, list []*rtp.Packet, look func(seen, *devices.Frame)) (pictures []seen, a *assembler) {
	t.Helper()
	index := make(map[uint32]int)
	for _, p := range recordedVP9(t) {
		if _, known := index[p.Timestamp]; !known {
			index[p.Timestamp] = len(index)
		}
	}
	decoder, err := vpx.NewDecoder(vpx.VP9, new(devices.FramePool))
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	a = &assembler{describe: describeVP9}
	newest := 0
	for _, p := range list {
		newest = max(newest, index[p.Timestamp])
		now := time.Unix(0, int64(newest)*50e6)
		if err := a.push(p, false, now); err != nil {
			t.Fatal(err)
		}
		for {
			data, timestamp, _, ok := a.next(nil, now)
			if !ok {
				break
			}
			f, err := decoder.Decode(data)
			if err != nil || f == nil {
				t.Fatalf("picture %d: %v, %v", index[timestamp], f, err)
			}
			number, _ := synthetic.DecodeFrame(f)
			pictures = append(pictures, seen{index[timestamp], f.Height, number})
			look(pictures[len(pictures)-1], f)
			f.Release()
		}
	}
	return pictures, a
}

// sent describes the packets of a picture of the recorded ones.
type sent struct {
	at      []int // in the list
	spatial []uint8
	layer   uint8 // temporal
}

func sentVP9(t *testing.T, list []*rtp.Packet) (all []sent) {
	t.Helper()
	for i, p := range list {
		info, err := describeVP9(p.Payload)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 || list[i-1].Timestamp != p.Timestamp {
			all = append(all, sent{layer: info.layer})
		}
		last := &all[len(all)-1]
		last.at, last.spatial = append(last.at, i), append(last.spatial, info.spatial)
	}
	return all
}

// TestVP9Layers shows every picture while the media engine goes from layer to layer,
// the packets of neighbouring pictures mixed up or not.
func TestVP9Layers(t *testing.T) {
	list := recordedVP9(t)
	swapped := slices.Clone(list)
	for i := 3; i+1 < len(swapped); i += 3 {
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	}
	lost := sentVP9(t, list)[30].at[0] // and sent again, while it is worth waiting for
	again := append(slices.Clone(list[:lost]), list[lost+1])
	again = append(append(again, list[lost]), list[lost+2:]...)
	for _, c := range []struct {
		name string
		list []*rtp.Packet
	}{{"in order", list}, {"overtaken", swapped}, {"sent again", again}} {
		t.Run(c.name, func(t *testing.T) {
			pictures, _ := playVP9(t, c.list)
			if len(pictures) != 47 {
				t.Fatalf("%d pictures, not 47: %v", len(pictures), pictures)
			}
			for i, p := range pictures {
				height := 720
				if i >= 9 && i < 25 {
					height = 180
				} else if i >= 25 && i < 38 {
					height = 360
				}
				if p.index != i || p.height != height {
					t.Errorf("picture %d is number %d, %d high, not %d", i, p.index, p.height, height)
				}
				// The recording goes on somewhere else at each change.
				if p.number == 0 || i > 0 && p.height == pictures[i-1].height && p.number <= pictures[i-1].number {
					t.Errorf("picture %d has the number %d in it, after %d", i, p.number, pictures[max(i-1, 0)].number)
				}
			}
		})
	}
}

// TestVP9Loss leaves out what was lost and what needs it, and nothing else.
func TestVP9Loss(t *testing.T) {
	list := recordedVP9(t)
	pictures := sentVP9(t, list)
	without := func(lost []int, unknown bool) (left []*rtp.Packet) {
		for i, p := range list {
			if slices.Contains(lost, i) {
				continue
			}
			if p = p.Clone(); unknown {
				p.SequenceNumber = list[0].SequenceNumber + uint16(len(left))
			}
			left = append(left, p)
		}
		return left
	}
	all := func(but ...int) (indexes []int) {
		for i := range pictures {
			if !slices.Contains(but, i) {
				indexes = append(indexes, i)
			}
		}
		return indexes
	}
	between := func(from, to int) (indexes []int) {
		for i := from; i < to; i++ {
			indexes = append(indexes, i)
		}
		return indexes
	}
	var upper []int // the highest spatial layer of the last key frame
	for i, layer := range pictures[38].spatial {
		if layer == 2 {
			upper = append(upper, pictures[38].at[i])
		}
	}
	if len(upper) == 0 || pictures[5].layer != 2 || pictures[6].layer != 1 || pictures[4].layer != 0 {
		t.Fatalf("other layers than thought: %v", pictures[:7])
	}
	for _, c := range []struct {
		name    string
		lost    []int
		unknown bool // the media engine did not get it: there is no gap
		want    []int
	}{
		{"a picture that none needs", pictures[5].at, false, all(5)},
		{"the same before it came to the media engine", pictures[5].at, true, all(5)},
		{"a part of one that none needs", pictures[7].at[:1], false, all(7)},
		{"a picture that one needs", pictures[6].at, false, all(6, 7)},
		{"a picture of the lowest layer", pictures[4].at[1:2], false, all(between(4, 9)...)},
		{"all of it before it came to the media engine", pictures[4].at, true, all(between(4, 9)...)},
		{"one of the lowest layer in 180p", pictures[13].at, false, all(between(13, 25)...)},
		{"the lowest spatial layer of a key frame", pictures[25].at[:1], false, all(between(25, 38)...)},
		{"the highest spatial layer of a key frame", upper, false, all(between(38, 47)...)},
		{"that before it came to the media engine", upper, true, all(between(39, 47)...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			shown, a := playVP9(t, without(c.lost, c.unknown))
			var indexes []int
			for _, p := range shown {
				indexes = append(indexes, p.index)
				if p.index == 38 && c.lost[0] == upper[0] && p.height != 360 {
					t.Errorf("the key frame is %d high", p.height)
				}
			}
			if !slices.Equal(indexes, c.want) {
				t.Errorf("%v are shown, not %v", indexes, c.want)
			}
			ends := c.want[len(c.want)-1] == len(pictures)-1
			if stuck := a.stuck(time.Unix(100, 0)); stuck == ends {
				t.Errorf("stuck is %v", stuck)
			}
		})
	}
}

// TestVP9HiddenBehind has a picture, and behind it one that nobody measured.
func TestVP9HiddenBehind(t *testing.T) {
	decoder, err := vpx.NewDecoder(vpx.VP9, new(devices.FramePool))
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	var first []byte // of 180p
	for _, p := range recordedVP9(t) {
		info, err := describeVP9(p.Payload)
		if err != nil {
			t.Fatal(err)
		}
		first = append(first, info.data...)
		if info.ends {
			break
		}
	}
	// A key frame of 16384x16384 (VP9 bitstream specification, section 6.2).
	huge := []byte{0x82, 0x49, 0x83, 0x42, 0x03, 0xff, 0xf3, 0xff, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	f, err := decoder.Decode(first)
	if err != nil || f == nil || f.Width != 320 || f.Height != 180 {
		t.Fatalf("%v, %v", f, err)
	}
	f.Release()
	if f, err := decoder.Decode(slices.Concat(first, huge)); f != nil && f.Width != 320 {
		t.Errorf("behind another: %dx%d, %v", f.Width, f.Height, err)
	}
	both := vpx.AppendSuperframeIndex(slices.Concat(first, huge), len(first), len(huge))
	if _, err := decoder.Decode(both); !errors.Is(err, vpx.ErrTooLarge) {
		t.Errorf("as a superframe: %v", err)
	}
}

// changing is a track whose codec changes.
type changing struct {
	packets
	codecs   map[uint8]string
	mimeType string
}

func (c *changing) ReadRTP() (*rtp.Packet, error) {
	p, err := c.packets.ReadRTP()
	if p != nil {
		c.mimeType = c.codecs[p.PayloadType]
	}
	return p, err
}

func (c *changing) MimeType() string { return c.mimeType }

// TestCodecChanges goes on with a track whose sender took another codec.
func TestCodecChanges(t *testing.T) {
	track := &changing{packets: packets{ended: make(chan struct{})}, codecs: map[uint8]string{96: "video/VP8", 98: "video/VP9"}}
	for i, p := range recordedVP9(t)[:60] {
		p.PayloadType, p.SequenceNumber = 98, uint16(i)
		track.list = append(track.list, p)
	}
	for i, data := range encodedPictures(t, 3) {
		header := rtp.Header{Marker: true, PayloadType: 96, SequenceNumber: uint16(60 + i), Timestamp: uint32(1 + i)}
		track.list = append(track.list, &rtp.Packet{Header: header, Payload: append([]byte{0x10}, data...)})
	}
	sizes, keys := make(chan string, 100), make(chan struct{}, 100)
	r, err := NewVideoReceiver(VideoReceiverConfig{
		MimeType: "video/VP9", Sync: NewLipSync(), RequestKeyFrame: func() { keys <- struct{}{} },
		Sink: VideoSinkFunc(func(f *devices.Frame) { sizes <- fmt.Sprintf("%dx%d", f.Width, f.Height) }),
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(t.Context(), track) }()
	limit := time.After(10 * time.Second)
	for size := ""; size != "64x48"; { // of VP8
		select {
		case size = <-sizes:
		case <-limit:
			t.Fatal("nothing is shown of the second codec")
		}
	}
	close(track.ended)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(keys) < 2 {
		t.Errorf("%d key frames were asked for: at the beginning and for the new codec", len(keys))
	}
}
