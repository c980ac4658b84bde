package devices

import (
	"errors"
	"testing"
)

func TestFramesAreRecycled(t *testing.T) {
	var pool FramePool
	f, err := pool.Get(7, 5)
	if err != nil {
		t.Fatal(err)
	}
	if f.StrideY%4 != 0 || f.StrideUV%4 != 0 || len(f.Y) != f.StrideY*5 || len(f.U) != f.StrideUV*3 || len(f.V) != len(f.U) {
		t.Errorf("%d %d %d %d", f.StrideY, f.StrideUV, len(f.Y), len(f.U))
	}
	f.Retain()
	f.Release()
	other, _ := pool.Get(7, 5)
	if other == f {
		t.Error("a frame that is held was given away")
	}
	f.Release()
	again, _ := pool.Get(7, 5)
	if again != f {
		t.Error("a released frame is not used again")
	}
	larger, _ := pool.Get(8, 8)
	again.Release() // of a size that is no longer asked for
	if next, _ := pool.Get(8, 8); next == again || next == larger {
		t.Error("the wrong frame")
	}
}

func TestMisuseOfFramesPanics(t *testing.T) {
	for name, misuse := range map[string]func(*Frame){
		"released twice":         func(f *Frame) { f.Release(); f.Release() },
		"retained after release": func(f *Frame) { f.Release(); f.Retain() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			var pool FramePool
			f, _ := pool.Get(2, 2)
			misuse(f)
		}()
	}
}

func TestSizesOfFrames(t *testing.T) {
	var pool FramePool
	for _, size := range [][2]int{{0, 1}, {1, 0}, {-1, 1}, {MaxFrameSide + 1, 1}, {1, MaxFrameSide + 1}} {
		if _, err := pool.Get(size[0], size[1]); !errors.Is(err, ErrFormat) {
			t.Errorf("%v: %v", size, err)
		}
	}
}

func TestPoolLetsGoWhatIsNotNeeded(t *testing.T) {
	var pool FramePool
	var held []*Frame
	for range 5 {
		f, err := pool.Get(64, 36)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, f)
	}
	for _, f := range held {
		f.Release()
	}
	use := func(pictures int) {
		for range pictures {
			a, _ := pool.Get(64, 36)
			b, _ := pool.Get(64, 36)
			a.Release()
			b.Release()
		}
	}
	use(2 * idleGets)
	if n := len(pool.free); n != 2 {
		t.Errorf("%d frames are kept for one who needs 2 at a time", n)
	}
	if n := testing.AllocsPerRun(2*idleGets, func() { use(1) }); n != 0 {
		t.Errorf("%v allocations for frames that are there", n)
	}
}
