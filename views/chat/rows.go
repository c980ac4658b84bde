package chat

import (
	"math/rand/v2"

	"parley/views/chat/frames"
)

// row is a message in the list, with its layout once it came near the view.
type row struct {
	message Message
	frames  frames.Frames
	epoch   uint32  // of the layout that frames and height are of; 0 before
	height  float32 // estimated until epoch is the list's
	cell    *cell   // nil out of view

	left, right, up *row
	weight          uint32
	count           int
	sum             float64 // heights of the subtree
}

// rows keeps the messages in their order, by ID and by height, so that a
// message's place, its top and the message at a height are found in O(log n):
// a treap (Seidel and Aragon, "Randomized search trees", 1996) whose nodes
// count and sum what is below them.
type rows struct {
	root   *row
	byID   map[string]*row
	random *rand.Rand
}

func newRows() *rows {
	return &rows{byID: make(map[string]*row), random: rand.New(rand.NewPCG(1, 2))}
}

func count(x *row) int {
	if x == nil {
		return 0
	}
	return x.count
}

func sum(x *row) float64 {
	if x == nil {
		return 0
	}
	return x.sum
}

// pull adds up what is below x.
func (x *row) pull() {
	x.count = count(x.left) + count(x.right) + 1
	x.sum = sum(x.left) + sum(x.right) + float64(x.height)
	if x.left != nil {
		x.left.up = x
	}
	if x.right != nil {
		x.right.up = x
	}
}

// split divides a tree into its first n rows and the rest.
func split(x *row, n int) (a, b *row) {
	if x == nil {
		return nil, nil
	}
	x.up = nil
	if count(x.left) >= n {
		a, x.left = split(x.left, n)
		x.pull()
		return a, x
	}
	x.right, b = split(x.right, n-count(x.left)-1)
	x.pull()
	return x, b
}

func merge(a, b *row) *row {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.weight > b.weight:
		a.right = merge(a.right, b)
		a.pull()
		return a
	default:
		b.left = merge(a, b.left)
		b.pull()
		return b
	}
}

func (r *rows) len() int { return count(r.root) }

func (r *rows) total() float32 { return float32(sum(r.root)) }

// insert puts a message before the i-th.
func (r *rows) insert(i int, m Message, height float32) *row {
	x := &row{message: m, height: height, weight: r.random.Uint32()}
	x.pull()
	a, b := split(r.root, i)
	r.root = merge(merge(a, x), b)
	r.root.up = nil
	r.byID[m.ID] = x
	return x
}

func (r *rows) remove(x *row) {
	i := r.index(x)
	a, b := split(r.root, i)
	_, b = split(b, 1)
	r.root = merge(a, b)
	if r.root != nil {
		r.root.up = nil
	}
	x.left, x.right, x.up = nil, nil, nil
	delete(r.byID, x.message.ID)
}

func (r *rows) clear() {
	r.root = nil
	clear(r.byID)
}

// setHeight changes a row's height, and the sums above it.
func (r *rows) setHeight(x *row, height float32) {
	d := float64(height) - float64(x.height)
	x.height = height
	for ; x != nil; x = x.up {
		x.sum += d
	}
}

// at is the i-th row, or nil.
func (r *rows) at(i int) *row {
	x := r.root
	for x != nil {
		n := count(x.left)
		switch {
		case i < n:
			x = x.left
		case i == n:
			return x
		default:
			x, i = x.right, i-n-1
		}
	}
	return nil
}

// index is the place of a row.
func (r *rows) index(x *row) int {
	i := count(x.left)
	for ; x.up != nil; x = x.up {
		if x == x.up.right {
			i += count(x.up.left) + 1
		}
	}
	return i
}

// top is the distance from the first row's top to that of x.
func (r *rows) top(x *row) float32 {
	s := sum(x.left)
	for ; x.up != nil; x = x.up {
		if x == x.up.right {
			s += sum(x.up.left) + float64(x.up.height)
		}
	}
	return float32(s)
}

// find is the row at a distance from the top, or the nearest; nil without any.
func (r *rows) find(y float32) *row {
	x, left := r.root, float64(y)
	for x != nil {
		above := sum(x.left)
		switch {
		case left < above && x.left != nil:
			x = x.left
		case left < above+float64(x.height) || x.right == nil:
			return x
		default:
			x, left = x.right, left-above-float64(x.height)
		}
	}
	return nil
}

// after counts the rows that come no later than an order.
func (r *rows) after(order int64) int {
	n := 0
	for x := r.root; x != nil; {
		if x.message.Order <= order {
			n += count(x.left) + 1
			x = x.right
		} else {
			x = x.left
		}
	}
	return n
}

func (r *rows) first() *row { return r.at(0) }
func (r *rows) last() *row  { return r.at(r.len() - 1) }

// next is the row below x, or nil.
func (r *rows) next(x *row) *row {
	if x.right != nil {
		for x = x.right; x.left != nil; {
			x = x.left
		}
		return x
	}
	for x.up != nil && x == x.up.right {
		x = x.up
	}
	return x.up
}

// previous is the row above x, or nil.
func (r *rows) previous(x *row) *row {
	if x.left != nil {
		for x = x.left; x.right != nil; {
			x = x.right
		}
		return x
	}
	for x.up != nil && x == x.up.left {
		x = x.up
	}
	return x.up
}
