package media

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/devices"
)

// pictureHash tells pictures apart.
func pictureHash(f *devices.Frame) uint64 {
	h := fnv.New64a()
	for _, plane := range []struct {
		data                  []byte
		stride, width, height int
	}{{f.Y, f.StrideY, f.Width, f.Height}, {f.U, f.StrideUV, (f.Width + 1) / 2, (f.Height + 1) / 2}, {f.V, f.StrideUV, (f.Width + 1) / 2, (f.Height + 1) / 2}} {
		for y := range plane.height {
			_, _ = h.Write(plane.data[y*plane.stride:][:plane.width])
		}
	}
	return h.Sum64()
}

// lossyVP9 is what comes of packets over a bad line: some are lost, some sent again
// late, some sent twice.
func lossyVP9(list []*rtp.Packet, chance *rand.Rand) (came []*rtp.Packet) {
	type late struct {
		at int
		p  *rtp.Packet
	}
	var all []late
	for i, p := range list {
		switch n := chance.IntN(100); {
		case n < 3: // never comes
		case n < 12:
			all = append(all, late{i + 1 + chance.IntN(60), p})
		case n < 15:
			all = append(all, late{i, p}, late{i + chance.IntN(20), p})
		default:
			all = append(all, late{i, p})
		}
	}
	slices.SortStableFunc(all, func(x, y late) int { return x.at - y.at })
	for _, l := range all {
		came = append(came, l.p)
	}
	return came
}

// TestVP9LossShowsNothingBroken has pictures come over bad lines: each that is shown is
// what it would be without, but for a key frame that lacks its highest layers.
func TestVP9LossShowsNothingBroken(t *testing.T) {
	list := recordedVP9(t)
	whole, heights := make(map[int]uint64), make(map[int]int)
	_, _ = playVP9Each(t, list, func(s seen, f *devices.Frame) { whole[s.index], heights[s.index] = pictureHash(f), s.height })
	keys := make(map[int]bool)
	for i, picture := range sentVP9(t, list) {
		info, err := describeVP9(list[picture.at[0]].Payload)
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = info.key
	}
	const lines = 60
	shown := 0
	for seed := range uint64(lines) {
		_, _ = playVP9Each(t, lossyVP9(list, rand.New(rand.NewPCG(seed, 1))), func(s seen, f *devices.Frame) {
			shown++
			if pictureHash(f) != whole[s.index] && (!keys[s.index] || s.height >= heights[s.index]) {
				t.Errorf("line %d: picture %d is another, %d high", seed, s.index, s.height)
			}
		})
	}
	if shown < lines*len(whole)/3 {
		t.Errorf("%d of %d pictures are shown", shown, lines*len(whole))
	}
}

// TestStandstillIsCountedOnce has pictures come that can't be decoded, after one that
// could: the last one stands, which counts once, and a key frame is asked for again and
// again.
func TestStandstillIsCountedOnce(t *testing.T) {
	var key []byte
	for _, p := range recordedVP9(t) {
		info, err := describeVP9(p.Payload)
		if err != nil {
			t.Fatal(err)
		}
		key = append(key, info.data...)
		if info.ends {
			break
		}
	}
	synctest.Test(t, func(t *testing.T) {
		asked, given := 0, 0
		r, err := NewVideoReceiver(VideoReceiverConfig{MimeType: "video/VP9", Sync: NewLipSync(), RequestKeyFrame: func() { asked++ }, Sink: VideoSinkFunc(func(*devices.Frame) { given++ })})
		if err != nil {
			t.Fatal(err)
		}
		defer r.decoder.Close()
		r.showing = startShowing(t.Context(), r.sink)
		r.show(key, 0)
		for i := range 30 {
			time.Sleep(100 * time.Millisecond)
			r.show([]byte{0xff, 0xff}, uint32(i))
			if s := r.Stats(); s.Frozen != 0 || s.Stands != (i >= 10) {
				t.Errorf("picture %d: %v frozen, it stands: %v", i, s.Frozen, s.Stands)
			}
		}
		time.Sleep(100 * time.Millisecond)
		r.show(key, 100)
		r.showing.end()
		if s := r.Stats(); s.Frozen != 3100*time.Millisecond || s.Stands || s.Frames != 2 {
			t.Errorf("%v frozen, it stands: %v, %d pictures", s.Frozen, s.Stands, s.Frames)
		}
		if given != 2 || asked < 5 {
			t.Errorf("%d pictures were given, %d key frames asked for", given, asked)
		}
	})
}
