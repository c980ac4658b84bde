package screen

// weightBits is the precision of how much of a pixel lies in another. With it
// the sum of one axis has 16 bits, and that of both has 24.
const weightBits = 8

// spans says which pixels along one axis lie in each pixel of a smaller
// picture, and by how much: those from first[i] on, by the weights from
// begin[i] to begin[i+1], which add up to one.
type spans struct {
	size    int // of the larger picture
	first   []int32
	begin   []int32
	weights []uint32
}

// divide shares size pixels out among fewer.
func divide(size, out int) *spans {
	s := &spans{size: size, first: make([]int32, out), begin: make([]int32, out+1)}
	for i := range out {
		// In 1/out of a pixel, so that everything is whole.
		begin, end := i*size, (i+1)*size
		first, last := begin/out, (end-1)/out
		var before uint32
		for k := first; k <= last; k++ {
			covered := min((k+1)*out, end) - begin
			// Rounding the sum, not each weight, keeps the whole at one.
			sum := uint32((covered<<weightBits + size/2) / size)
			s.weights = append(s.weights, sum-before)
			before = sum
		}
		s.first[i], s.begin[i+1] = int32(first), int32(len(s.weights))
	}
	return s
}

// of is the pixels that lie in pixel i, as the first one and all weights.
func (s *spans) of(i int) (int, []uint32) {
	return int(s.first[i]), s.weights[s.begin[i]:s.begin[i+1]]
}

// scaler makes pictures smaller: each pixel is the mean of the area that it
// covers, which keeps the lines of small text as even as can be.
type scaler struct {
	columns, rows *spans
	sums          []uint16 // of the bytes of a row
}

func newScaler(width, height, outWidth, outHeight int) *scaler {
	return &scaler{columns: divide(width, outWidth), rows: divide(height, outHeight), sums: make([]uint16, pixelBytes*width)}
}

// row makes row y of the smaller picture.
func (s *scaler) row(dst []byte, src *picture, y int) {
	first, weights := s.rows.of(y)
	clear(s.sums)
	for k, weight := range weights {
		addRow(s.sums, src.row(first+k), weight)
	}
	meanRow(dst, s.sums, s.columns)
}
