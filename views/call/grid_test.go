package call

import (
	"math/rand/v2"
	"testing"
)

// sizes gives the usual areas of a stage and many that are not.
func sizes() [][2]float32 {
	all := [][2]float32{{1280, 720}, {700, 900}, {300, 200}, {2560, 1300}, {420, 360}, {1076, 584}, {160, 1400}, {3000, 130}}
	random := rand.New(rand.NewPCG(1, 2))
	for range 120 {
		all = append(all, [2]float32{120 + random.Float32()*3000, 120 + random.Float32()*1600})
	}
	return all
}

// inside finds rectangles that leave an area or lie over each other.
func inside(t *testing.T, area rect, all []rect) {
	t.Helper()
	const slack = 0.5
	for i, r := range all {
		if r.w < 0 || r.h < 0 || r.x < area.x-slack || r.y < area.y-slack || r.x+r.w > area.x+area.w+slack || r.y+r.h > area.y+area.h+slack {
			t.Fatalf("%d of %d at %+v leaves %+v", i, len(all), r, area)
		}
		for j, o := range all[:i] {
			if r.x+slack < o.x+o.w && o.x+slack < r.x+r.w && r.y+slack < o.y+o.h && o.y+slack < r.y+r.h {
				t.Fatalf("%d and %d of %d overlap in %+v: %+v, %+v", j, i, len(all), area, o, r)
			}
		}
	}
}

func TestGridMakesTilesLargest(t *testing.T) {
	for _, size := range sizes() {
		w, h := size[0], size[1]
		for n := 1; n <= 49; n++ {
			// The widths that any number of columns and rows allows, full or not.
			var most float32
			for _, aspect := range []float32{wideAspect, narrowAspect} {
				var best float32
				for columns := 1; columns <= n; columns++ {
					for rows := (n + columns - 1) / columns; rows <= n; rows++ {
						width := (w - stageGap*float32(columns-1)) / float32(columns)
						height := (h - stageGap*float32(rows-1)) / float32(rows)
						best = max(best, min(width, height*aspect))
					}
				}
				a := Grid(n, w, h, stageGap, aspect)
				if a.Width < best-1 {
					t.Fatalf("%d tiles in %vx%v are %v wide, and could be %v", n, w, h, a.Width, best)
				}
				if best > 1 {
					check(t, a, n, w, h)
				}
				most = max(most, a.Width*a.Height)
			}
			a := arrange(n, w, h, stageGap)
			if a.Width*a.Height < most {
				t.Fatalf("%d tiles in %vx%v take %v, and could take %v", n, w, h, a.Width*a.Height, most)
			}
			check(t, a, n, w, h)
		}
	}
}

func check(t *testing.T, a Arrangement, n int, w, h float32) {
	t.Helper()
	if a.Width > 0 && a.Columns*a.Rows < n {
		t.Fatalf("%d tiles in %dx%d", n, a.Columns, a.Rows)
	}
	var tiles []rect
	for i := range n {
		x, y := a.Position(i, n, w, h, stageGap)
		tiles = append(tiles, rect{x, y, a.Width, a.Height})
	}
	if a.Width > 0 {
		inside(t, rect{w: w, h: h}, tiles)
	}
}

// TestPagesShowEverybodyOnce goes through the pages of grids and strips.
func TestPagesShowEverybodyOnce(t *testing.T) {
	for _, size := range sizes() {
		area := rect{10, 20, size[0], size[1]}
		_, strip, down := divide(area)
		for n := 1; n <= 49; n++ {
			for _, lay := range []struct {
				area   rect
				spread func(page int) spread
			}{
				{area, func(page int) spread { return gridSpread(n, page, area) }},
				{strip, func(page int) spread { return stripSpread(n, page, strip, down) }},
			} {
				next, pages := 0, 1
				for page := 0; page < pages; page++ {
					s := lay.spread(page)
					pages = s.pages
					if s.page != page || s.first != next || len(s.tiles) == 0 {
						t.Fatalf("page %d of %d for %d in %+v begins at %d, not at %d", page, pages, n, lay.area, s.first, next)
					}
					next += len(s.tiles)
					all := s.tiles
					if pages > 1 {
						all = append(all, s.back, s.forward)
					}
					if (s.count != rect{}) {
						all = append(all, s.count)
					}
					inside(t, lay.area, all)
				}
				if next != n {
					t.Fatalf("%d of %d are shown", next, n)
				}
				if got := lay.spread(99).page; got != pages-1 {
					t.Fatalf("behind the last page comes %d of %d", got, pages)
				}
			}
		}
	}
}

func TestLargeAndStripShareTheStage(t *testing.T) {
	for _, size := range sizes() {
		area := rect{10, 20, size[0], size[1]}
		large, strip, down := divide(area)
		inside(t, area, []rect{large, strip})
		if wide := area.w > 1.9*area.h; wide && !down {
			t.Errorf("the strip is below in %+v", area)
		}
		if tall := area.h > area.w; tall && down {
			t.Errorf("the strip is at the right in %+v", area)
		}
		for _, end := range []bool{true, false} {
			for _, hidden := range []bool{true, false} {
				for n := 1; n <= 20; n++ {
					rest, own := setAside(n, strip, down, end, hidden)
					inside(t, strip, []rect{rest, own})
				}
			}
		}
	}
}
