package vpx

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"parley/devices"
)

// paint draws a smooth moving picture, so that PSNR means something.
func paint(f *devices.Frame, n int) {
	for y := range f.Height {
		for x := range f.Width {
			f.Y[y*f.StrideY+x] = byte(128 + 90*math.Sin(float64(x+n*3)/17)*math.Cos(float64(y-n)/23))
		}
	}
	for y := range f.ChromaHeight() {
		for x := range f.ChromaWidth() {
			f.U[y*f.StrideUV+x] = byte(128 + 60*math.Sin(float64(x+n)/31))
			f.V[y*f.StrideUV+x] = byte(128 + 60*math.Cos(float64(y-n)/29))
		}
	}
	f.Timestamp = time.Duration(n) * time.Second / 30
}

func psnr(a, b *devices.Frame) float64 {
	var sum float64
	for y := range a.Height {
		for x := range a.Width {
			d := float64(a.Y[y*a.StrideY+x]) - float64(b.Y[y*b.StrideY+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255/(sum/float64(a.Width*a.Height)))
}

func TestEncodeDecode(t *testing.T) {
	for _, size := range [][2]int{{640, 360}, {639, 359}, {16, 16}, {1, 1}} {
		enc, err := NewEncoder(EncoderConfig{Width: size[0], Height: size[1], FrameRate: 30, Bitrate: 1_000_000})
		if err != nil {
			t.Fatal(err)
		}
		var src, dst devices.FramePool
		dec, err := NewDecoder(VP8, &dst)
		if err != nil {
			t.Fatal(err)
		}
		shown := 0
		for n := range 30 {
			f, err := src.Get(size[0], size[1])
			if err != nil {
				t.Fatal(err)
			}
			paint(f, n)
			data, key, err := enc.Encode(f, n == 15)
			if err != nil {
				t.Fatalf("%v frame %d: %v", size, n, err)
			}
			if n == 0 && !key || n == 15 && !key {
				t.Errorf("%v frame %d is not a key frame", size, n)
			}
			if len(data) > 0 {
				got, err := dec.Decode(data)
				if err != nil {
					t.Fatalf("%v frame %d: %v", size, n, err)
				}
				if got.Width != size[0] || got.Height != size[1] {
					t.Fatalf("decoded %dx%d, want %v", got.Width, got.Height, size)
				}
				if p := psnr(f, got); p < 28 && size[0] > 16 {
					t.Errorf("%v frame %d: %.1f dB", size, n, p)
				}
				shown++
				got.Release()
			}
			f.Release()
		}
		if shown < 25 {
			t.Errorf("%v: %d of 30 frames came through", size, shown)
		}
		_ = enc.Close()
		_ = dec.Close()
	}
}

func TestDecoderGoesOnAfterBrokenData(t *testing.T) {
	enc, err := NewEncoder(EncoderConfig{Width: 320, Height: 180, FrameRate: 30, Bitrate: 500_000})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	var src, dst devices.FramePool
	dec, err := NewDecoder(VP8, &dst)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	f, _ := src.Get(320, 180)
	defer f.Release()
	for n := range 20 {
		paint(f, n)
		data, _, err := enc.Encode(f, n == 10)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && n < 10 {
			data = append([]byte(nil), data[:len(data)/2]...)
			for i := range data {
				data[i] ^= byte(rand.IntN(256))
			}
		}
		got, err := dec.Decode(data)
		if n >= 10 && (err != nil || got == nil) {
			t.Fatalf("frame %d after a key frame: %v", n, err)
		}
		if got != nil {
			got.Release()
		}
	}
}

func TestSizesAreRefused(t *testing.T) {
	if _, err := NewEncoder(EncoderConfig{Width: 0, Height: 10}); !errors.Is(err, devices.ErrFormat) {
		t.Errorf("zero width: %v", err)
	}
	// The header of a VP8 key frame of 16383x16383 pixels.
	var pool devices.FramePool
	dec, err := NewDecoder(VP8, &pool)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	huge := []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0, 0, 0, 0}
	if _, err := dec.Decode(huge); !errors.Is(err, ErrTooLarge) {
		t.Errorf("huge picture: %v", err)
	}
}

// header writes a VP9 frame's header, bit by bit: each of a width and a value.
func header(fields ...[2]int) []byte {
	var data []byte
	at := 0
	for _, f := range fields {
		for i := f[0] - 1; i >= 0; i-- {
			if at%8 == 0 {
				data = append(data, 0)
			}
			data[at/8] |= byte(f[1]>>i&1) << (7 - at%8)
			at++
		}
	}
	return append(data, make([]byte, 8)...)
}

// TestSizesOfVP9 has frames that say they are larger than is allowed, of each kind
// that can (VP9 bitstream specification, section 6.2).
func TestSizesOfVP9(t *testing.T) {
	const sync = 0x498342
	size := [][2]int{{16, 16383}, {16, 16383}}
	// The marker, the profile, none is shown again; then the kind, whether it is
	// shown, and whether it resists errors.
	start := [][2]int{{2, 2}, {2, 0}, {1, 0}}
	with := func(fields ...[2]int) []byte {
		return header(append(append(append([][2]int{}, start...), fields...), size...)...)
	}
	key := with([2]int{1, 0}, [2]int{1, 1}, [2]int{1, 0}, [2]int{24, sync}, [2]int{3, 1}, [2]int{1, 0})
	hidden := with([2]int{1, 1}, [2]int{1, 0}, [2]int{1, 0}, [2]int{1, 1}, [2]int{2, 0}, [2]int{24, sync}, [2]int{8, 1})
	resized := with([2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}, [2]int{8, 1}, [2]int{12, 0}, [2]int{3, 0})
	asBefore := header(append(append([][2]int{}, start...), [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}, [2]int{8, 1}, [2]int{12, 0}, [2]int{2, 1})...)
	for _, c := range []struct {
		name  string
		data  []byte
		large bool
	}{
		{"a key frame", key, true},
		{"one of its own that is not shown", hidden, true},
		{"one that needs others", resized, true},
		{"one of the size of another", asBefore, false},
		{"the second of a superframe", AppendSuperframeIndex(append(append([]byte{}, asBefore...), key...), len(asBefore), len(key)), false},
		{"the first of a superframe", AppendSuperframeIndex(append(append([]byte{}, key...), asBefore...), len(key), len(asBefore)), true},
		{"a superframe that ends too soon", AppendSuperframeIndex(append([]byte{}, key...), len(key)+1), false},
		{"of another profile", header([2]int{2, 2}, [2]int{2, 2}), false},
		{"cut off", key[:6], false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dec, err := NewDecoder(VP9, new(devices.FramePool))
			if err != nil {
				t.Fatal(err)
			}
			defer dec.Close()
			f, err := dec.Decode(c.data)
			if err == nil || f != nil || errors.Is(err, ErrTooLarge) != c.large {
				t.Errorf("%v, %v", f, err)
			}
		})
	}
}

func TestSuperframe(t *testing.T) {
	var frames [maxSuperframe][]byte
	data := AppendSuperframeIndex([]byte("onetwothree"), 3, 3, 5)
	if n, err := splitSuperframe(data, &frames); n != 3 || err != nil || string(frames[0]) != "one" || string(frames[1]) != "two" || string(frames[2]) != "three" {
		t.Errorf("%d, %v: %q", n, err, frames[:n])
	}
	if n, err := splitSuperframe([]byte("alone"), &frames); n != 1 || err != nil || string(frames[0]) != "alone" {
		t.Errorf("%d, %v: %q", n, err, frames[:1])
	}
	if _, err := splitSuperframe(AppendSuperframeIndex(nil, 0), &frames); err == nil {
		t.Error("one of nothing is taken")
	}
	if got := AppendSuperframeIndex([]byte("x"), make([]int, 9)...); string(got) != "x" {
		t.Errorf("nine frames give %q", got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00, 0, 0, 0, 0}, false)
	f.Add([]byte{0x82, 0x49, 0x83, 0x42, 0}, true)
	f.Fuzz(func(t *testing.T, data []byte, vp9 bool) {
		var pool devices.FramePool
		codec := VP8
		if vp9 {
			codec = VP9
		}
		dec, err := NewDecoder(codec, &pool)
		if err != nil {
			t.Fatal(err)
		}
		defer dec.Close()
		for range 2 {
			if got, err := dec.Decode(data); err == nil && got != nil {
				got.Release()
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"360p", 640, 360}, {"720p", 1280, 720}} {
		b.Run(size.name, func(b *testing.B) {
			enc, err := NewEncoder(EncoderConfig{Width: size.w, Height: size.h, FrameRate: 30, Bitrate: 1_000_000})
			if err != nil {
				b.Fatal(err)
			}
			defer enc.Close()
			var pool devices.FramePool
			frames := make([]*devices.Frame, 30)
			for i := range frames {
				frames[i], _ = pool.Get(size.w, size.h)
				paint(frames[i], i)
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				f := frames[n%len(frames)]
				f.Timestamp = time.Duration(n) * time.Second / 30
				if _, _, err := enc.Encode(f, false); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}
