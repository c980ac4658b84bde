package chat

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRowsAreAList compares the tree with a slice through many changes.
func TestRowsAreAList(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	r, want := newRows(), []*row{}
	for step := range 4000 {
		switch n := len(want); {
		case n == 0 || random.IntN(10) < 5:
			i := random.IntN(n + 1)
			x := r.insert(i, Message{ID: fmt.Sprint(step), Order: int64(step)}, float32(random.IntN(100)))
			want = slices.Insert(want, i, x)
		case random.IntN(10) < 4:
			i := random.IntN(n)
			r.remove(want[i])
			want = slices.Delete(want, i, i+1)
		default:
			r.setHeight(want[random.IntN(n)], float32(random.IntN(200)))
		}
		if step%97 != 0 {
			continue
		}
		top := float32(0)
		for i, x := range want {
			if r.at(i) != x || r.index(x) != i || r.top(x) != top || r.byID[x.message.ID] != x {
				t.Fatalf("step %d, row %d: index %d, top %v, want %v", step, i, r.index(x), r.top(x), top)
			}
			if got := r.find(top + x.height/2); x.height > 0 && got != x {
				t.Fatalf("step %d: row %d is not found at its height", step, i)
			}
			if i > 0 && (r.previous(x) != want[i-1] || r.next(want[i-1]) != x) {
				t.Fatalf("step %d: the neighbours of row %d", step, i)
			}
			top += x.height
		}
		if r.len() != len(want) || r.total() != top || len(r.byID) != len(want) {
			t.Fatalf("step %d: %d rows, %v high, want %d, %v", step, r.len(), r.total(), len(want), top)
		}
	}
	if n := len(want); r.next(want[n-1]) != nil || r.previous(want[0]) != nil || r.find(1e9) != want[n-1] {
		t.Error("the ends")
	}
}

func TestRowsAreFoundByOrder(t *testing.T) {
	r := newRows()
	for i := range 100 {
		r.insert(i, Message{ID: fmt.Sprint(i), Order: int64(i/2) * 10}, 1)
	}
	for order, want := range map[int64]int{-1: 0, 0: 2, 5: 2, 490: 100, 1 << 62: 100, 10: 4} {
		if got := r.after(order); got != want {
			t.Errorf("after %d: %d, want %d", order, got, want)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	r := newRows()
	for i := range 100_000 {
		r.insert(i, Message{ID: fmt.Sprint(i)}, 40)
	}
	random := rand.New(rand.NewPCG(3, 4))
	b.ReportAllocs()
	for b.Loop() {
		x := r.find(float32(random.IntN(4_000_000)))
		r.setHeight(x, float32(random.IntN(80)))
		_ = r.top(x)
	}
}
