package vpx

import "errors"

// maxSuperframe is how many frames a superframe can hold.
const maxSuperframe = 8

// errVP9 is of data that is no VP9 of 8 bits and 4:2:0 (profile 0).
var errVP9 = errors.New("not a VP9 picture of profile 0")

// AppendSuperframeIndex makes one superframe of frames that stand in data one after
// the other, as the spatial layers of a picture do (VP9 bitstream specification,
// annex B). Of over eight frames none can be made: data comes back as it was.
func AppendSuperframeIndex(data []byte, sizes ...int) []byte {
	if len(sizes) == 0 || len(sizes) > maxSuperframe {
		return data
	}
	const bytes = 4 // of each size
	marker := byte(0xc0 | (bytes-1)<<3 | (len(sizes) - 1))
	data = append(data, marker)
	for _, size := range sizes {
		data = append(data, byte(size), byte(size>>8), byte(size>>16), byte(size>>24))
	}
	return append(data, marker)
}

// splitSuperframe gives the frames of a superframe, or data itself where it is
// none, and how many they are.
func splitSuperframe(data []byte, frames *[maxSuperframe][]byte) (int, error) {
	marker := data[len(data)-1]
	count, bytes := int(marker&7)+1, int(marker>>3&3)+1
	index := len(data) - 2 - bytes*count
	if marker&0xe0 != 0xc0 || index < 0 || data[index] != marker {
		frames[0] = data
		return 1, nil
	}
	sizes, left := data[index+1:len(data)-1], data[:index]
	found := 0
	for range count {
		size := 0
		for i := range bytes {
			size |= int(sizes[i]) << (8 * i)
		}
		sizes = sizes[bytes:]
		if size > len(left) {
			return 0, errVP9
		}
		if size > 0 {
			frames[found] = left[:size]
			found++
		}
		left = left[size:]
	}
	if found == 0 {
		return 0, errVP9
	}
	return found, nil
}

// bits reads bits, the highest first; past the end they are 0, and over is set.
type bits struct {
	data []byte
	at   int
	over bool
}

func (b *bits) read(count int) (value int) {
	for range count {
		value <<= 1
		if b.at/8 >= len(b.data) {
			b.over = true
			continue
		}
		value |= int(b.data[b.at/8]>>(7-b.at%8)) & 1
		b.at++
	}
	return value
}

// vp9Size is the size that a frame of profile 0 says it has, before anything is
// allocated for it; 0x0 where it has that of a picture before it. Any frame may
// have a new one (VP9 bitstream specification, section 7.2).
func vp9Size(frame []byte) (width, height int, err error) {
	const syncCode = 0x498342
	b := bits{data: frame}
	if b.read(2) != 2 || b.read(2) != 0 { // the frame marker, the profile
		return 0, 0, errVP9
	}
	if b.read(1) == 1 { // an earlier one is shown
		return 0, 0, nil
	}
	key, shown, resilient := b.read(1) == 0, b.read(1) == 1, b.read(1) == 1
	switch {
	case key:
		if b.read(24) != syncCode {
			return 0, 0, errVP9
		}
		if b.read(3) == 7 { // RGB, which is 4:4:4
			return 0, 0, errVP9
		}
		b.read(1) // the range
	default:
		intra := !shown && b.read(1) == 1
		if !resilient {
			b.read(2) // what to forget
		}
		if intra {
			if b.read(24) != syncCode {
				return 0, 0, errVP9
			}
			b.read(8) // which pictures it replaces
			break
		}
		b.read(8)
		for range 3 {
			b.read(3 + 1) // a reference
		}
		for range 3 {
			if b.read(1) == 1 { // it has the size of one of them
				return 0, 0, b.end()
			}
		}
	}
	width, height = b.read(16)+1, b.read(16)+1
	return width, height, b.end()
}

func (b *bits) end() error {
	if b.over {
		return errVP9
	}
	return nil
}
