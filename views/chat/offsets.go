package chat

// offsets keeps the heights of rows so that the top of a row and the row at a
// height are found in O(log n): a Fenwick tree over the heights (Fenwick,
// "A new data structure for cumulative frequency tables", 1994).
type offsets struct {
	heights []float32
	tree    []float64 // tree[i] sums the heights of (i-lowbit(i), i]
}

func (o *offsets) len() int { return len(o.heights) }

// reset takes a whole new list of heights.
func (o *offsets) reset(heights []float32) {
	o.heights = append(o.heights[:0], heights...)
	o.tree = append(o.tree[:0], make([]float64, len(heights)+1)...)
	for i, h := range heights {
		i++
		o.tree[i] += float64(h)
		if parent := i + i&-i; parent < len(o.tree) {
			o.tree[parent] += o.tree[i]
		}
	}
}

// push appends a row.
func (o *offsets) push(height float32) {
	if len(o.tree) == 0 {
		o.tree = append(o.tree, 0)
	}
	o.heights = append(o.heights, height)
	i := len(o.heights)
	sum := float64(height)
	for j := i - 1; j > i-i&-i; j -= j & -j {
		sum += o.tree[j]
	}
	o.tree = append(o.tree, sum)
}

// set changes the height of row i.
func (o *offsets) set(i int, height float32) {
	d := float64(height) - float64(o.heights[i])
	o.heights[i] = height
	for i++; i < len(o.tree); i += i & -i {
		o.tree[i] += d
	}
}

// top is the distance from the list's top to row i; that of the row after the
// last is the list's height.
func (o *offsets) top(i int) float32 {
	sum := 0.0
	for ; i > 0; i -= i & -i {
		sum += o.tree[i]
	}
	return float32(sum)
}

func (o *offsets) total() float32 { return o.top(o.len()) }

// at is the row at distance y from the top, or the nearest.
func (o *offsets) at(y float32) int {
	step := 1
	for step*2 < len(o.tree) {
		step *= 2
	}
	i, left := 0, float64(y)
	for ; step > 0; step /= 2 {
		if next := i + step; next < len(o.tree) && o.tree[next] <= left {
			i, left = next, left-o.tree[next]
		}
	}
	return min(i, max(o.len()-1, 0))
}
