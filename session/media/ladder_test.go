package media

import "testing"

func TestLadder(t *testing.T) {
	three := []int{lowSide, middleSide, highSide}
	for _, c := range []struct {
		width, height int
		sides         []int
		want          [layersMost]size
	}{
		{1280, 720, three, [layersMost]size{{320, 180}, {640, 360}, {1280, 720}}},
		{1920, 1080, three, [layersMost]size{{320, 180}, {640, 360}, {1280, 720}}},
		{640, 360, three, [layersMost]size{{320, 180}, {640, 360}, {}}},
		{640, 480, three, [layersMost]size{{240, 180}, {480, 360}, {640, 480}}},
		{720, 1280, three, [layersMost]size{{180, 320}, {360, 640}, {720, 1280}}},
		{160, 120, three, [layersMost]size{{160, 120}, {}, {}}},
		{320, 200, three, [layersMost]size{{288, 180}, {}, {}}},
		{1, 1, three, [layersMost]size{{1, 1}, {}, {}}},
		{1920, 1080, []int{middleSide, 1080}, [layersMost]size{{640, 360}, {1920, 1080}, {}}},
	} {
		if got := ladder(c.width, c.height, c.sides); got != c.want {
			t.Errorf("%dx%d %v: %v, want %v", c.width, c.height, c.sides, got, c.want)
		}
	}
	if low, high := bitsFor(size{320, 180}), bitsFor(size{1280, 720}); low != 160_000 || high < 1_600_000 || high > 1_800_000 {
		t.Error(low, high)
	}
}

func TestAllot(t *testing.T) {
	type bits = [layersMost]int
	all := bits{160, 520, 1690}
	for _, k := range []struct {
		budget               int
		wanted, before, want bits
	}{
		{0, all, bits{}, all},
		{5000, all, bits{}, all},
		{1700, all, bits{}, bits{160, 520, 1020}},
		{1500, all, bits{}, bits{160, 520, 0}}, // too little to begin with
		{1500, all, all, bits{160, 520, 820}},  // enough to go on
		{300, all, all, bits{160, 0, 0}},
		{100, all, all, bits{100, 0, 0}},
		{10, all, all, bits{50, 0, 0}},
		{600, bits{160, 0, 0}, all, bits{160, 0, 0}}, // nobody takes more
		{700, bits{0, 520, 1690}, bits{}, bits{0, 520, 0}},
		{700, bits{}, all, bits{}},
	} {
		k.budget *= 1000
		for i := range layersMost {
			k.wanted[i] *= 1000
			k.before[i] *= 1000
			k.want[i] *= 1000
		}
		if got := allot(k.budget, k.wanted, k.before, false); got != k.want {
			t.Errorf("%d for %v, before %v: %v, want %v", k.budget, k.wanted, k.before, got, k.want)
		}
	}
}

// TestScreensStayReadable has a line of which a stall was taken for loss: the layer that can
// be read is begun all the same, and given up only where the line carries next to nothing.
func TestScreensStayReadable(t *testing.T) {
	var wanted [layersMost]int
	for i, s := range ladder(1440, 1080, ScreenSides()) {
		if s.width > 0 {
			wanted[i] = bitsFor(s)
		}
	}
	small := [layersMost]int{wanted[0]}
	for budget, large := range map[int]bool{2_000_000: true, 1_350_000: true, 1_100_000: true, 600_000: false} {
		if got := allot(budget, wanted, small, true); got[1] > 0 != large {
			t.Errorf("%d begins with %v of %v", budget, got, wanted)
		}
	}
	if got := allot(950_000, wanted, wanted, true); got[1] == 0 {
		t.Errorf("it goes on with %v of %v", got, wanted)
	}
}
