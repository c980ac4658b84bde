package screen

import "parley/devices"

// convertRows makes rows 2*pair and 2*pair+1 of f, and the row of chroma that
// they share, of p, which is at least as large as f. The sides of f are even.
// The colours are those of BT.601 with limited range; a pixel of chroma is the
// mean of four.
func convertRows(f *devices.Frame, p *picture, pair int) {
	n := f.Width / 2
	convertPair(
		f.Y[2*pair*f.StrideY:][:2*n], f.Y[(2*pair+1)*f.StrideY:][:2*n],
		f.U[pair*f.StrideUV:][:n], f.V[pair*f.StrideUV:][:n],
		p.row(2 * pair)[:8*n], p.row(2*pair + 1)[:8*n])
}
