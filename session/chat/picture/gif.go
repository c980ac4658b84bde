package picture

import (
	"encoding/binary"
	"fmt"

	"parley/session/wire"
)

// animated reports whether a GIF has several pictures. All of them together
// may have no more pixels than one picture may: decoding keeps them all. It
// reads the blocks of the file (GIF89a, section 15 on) and decodes nothing.
func animated(data []byte) (bool, error) {
	const headerSize, descriptorSize = 13, 10
	if len(data) < headerSize {
		return false, ErrDamaged
	}
	rest := data[headerSize:]
	if flags := data[10]; flags&0x80 != 0 {
		rest = skip(rest, 3<<(flags&7+1))
	}
	pictures, pixels := 0, int64(0)
	for len(rest) > 0 {
		switch rest[0] {
		case 0x21: // an extension: its label, then sub-blocks
			rest = subBlocks(skip(rest, 2))
		case 0x2C: // a picture
			if len(rest) < descriptorSize {
				return false, ErrDamaged
			}
			w, h := binary.LittleEndian.Uint16(rest[5:]), binary.LittleEndian.Uint16(rest[7:])
			pictures++
			if pixels += int64(w) * int64(h); pixels > wire.PicturePixelsMax {
				return false, fmt.Errorf("%w, all of its pictures together", ErrPixels)
			}
			flags := rest[9]
			rest = rest[descriptorSize:]
			if flags&0x80 != 0 {
				rest = skip(rest, 3<<(flags&7+1))
			}
			rest = subBlocks(skip(rest, 1)) // after the code size
		default: // the trailer, or nothing that a GIF has
			return pictures > 1, nil
		}
	}
	return pictures > 1, nil
}

func skip(data []byte, n int) []byte { return data[min(n, len(data)):] }

// subBlocks skips blocks that each begin with their length, up to an empty one.
func subBlocks(data []byte) []byte {
	for len(data) > 0 {
		n := int(data[0])
		data = skip(data, n+1)
		if n == 0 {
			break
		}
	}
	return data
}
