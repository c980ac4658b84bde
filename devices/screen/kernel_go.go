//go:build !cgo

package screen

import "encoding/binary"

// The functions of this file are for tools that check the program without a C
// compiler, such as go vet for another system. kernel.c says why of each.

func luma(pixel uint32) byte {
	return byte((pixel&0xff*6416 + pixel>>8&0xff*33039 + pixel>>16&0xff*16829 + 16<<16 + 1<<15) >> 16)
}

func convertPair(yTop, yBottom, u, v, top, bottom []byte) {
	for i := range u {
		var blue, green, red int32
		for k, pixel := range [4]uint32{
			binary.LittleEndian.Uint32(top[8*i:]), binary.LittleEndian.Uint32(top[8*i+4:]),
			binary.LittleEndian.Uint32(bottom[8*i:]), binary.LittleEndian.Uint32(bottom[8*i+4:]),
		} {
			if k < 2 {
				yTop[2*i+k] = luma(pixel)
			} else {
				yBottom[2*i+k-2] = luma(pixel)
			}
			blue, green, red = blue+int32(pixel&0xff), green+int32(pixel>>8&0xff), red+int32(pixel>>16&0xff)
		}
		const base = 128<<18 + 1<<17
		u[i] = byte((-9714*red - 19070*green + 28784*blue + base) >> 18)
		v[i] = byte((28784*red - 24103*green - 4681*blue + base) >> 18)
	}
}

func addRow(sums []uint16, row []byte, weight uint32) {
	for i, v := range row[:min(len(row), len(sums))] {
		sums[i] += uint16(uint32(v) * weight)
	}
}

func meanRow(dst []byte, sums []uint16, s *spans) {
	for i, first := range s.first {
		total := [pixelBytes]uint32{1 << 15, 1 << 15, 1 << 15, 1 << 15}
		from := sums[pixelBytes*first:]
		for k, weight := range s.weights[s.begin[i]:s.begin[i+1]] {
			for c := range total {
				total[c] += uint32(from[pixelBytes*k+c]) * weight
			}
		}
		for c := range total {
			dst[pixelBytes*i+c] = byte(total[c] >> 16)
		}
	}
}
