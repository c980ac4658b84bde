package media

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// part is a packet for a test: sent says of which picture, and what is known of it.
type part struct {
	seq     uint16
	picture uint32 // its timestamp
	packetInfo
	ends    bool
	padding bool
}

// parts makes the packets of pictures of two packets each, key frames among them.
func parts(first, number uint16, count int, key func(int) bool) (all []part) {
	for i := range count {
		begins := packetInfo{begins: true, key: key(i), numbered: true, number: (number + uint16(i)) & 0x7fff}
		all = append(all, part{seq: first + uint16(2*i), picture: uint32(i), packetInfo: begins},
			part{seq: first + uint16(2*i) + 1, picture: uint32(i), ends: true})
	}
	return all
}

func onlyFirst(i int) bool { return i == 0 }

// assembled pushes packets, one each ms, and gives which pictures came out.
func assembled(a *assembler, list []part) (shown []uint32) {
	var now part
	a.describe = func([]byte) (packetInfo, error) { return now.packetInfo, nil }
	for i, p := range list {
		now = p
		moment := time.Unix(0, int64(i)*1e6)
		_ = a.push(&rtp.Packet{Header: rtp.Header{SequenceNumber: p.seq, Timestamp: p.picture, Marker: p.ends}}, p.padding, moment)
		for {
			_, timestamp, _, ok := a.next(nil, moment)
			if !ok {
				break
			}
			shown = append(shown, timestamp)
		}
	}
	return shown
}

func TestAssembler(t *testing.T) {
	without := func(list []part, at ...int) []part {
		var left []part
		for i, p := range list {
			if !slices.Contains(at, i) {
				left = append(left, p)
			}
		}
		return left
	}
	late := func(list []part, at, by int) []part {
		list = slices.Clone(list)
		p := list[at]
		return slices.Insert(slices.Delete(list, at, at+1), at+by, p)
	}
	unnumbered := func(list []part) []part {
		list = slices.Clone(list)
		for i := range list {
			list[i].numbered = false
		}
		return list
	}
	padded := slices.Insert(parts(100, 5, 4, onlyFirst), 4, part{seq: 104, padding: true}, part{seq: 105, padding: true})
	for i := range padded[6:] {
		padded[6+i].seq += 2
	}
	layered := parts(100, 5, 6, onlyFirst) // layers 0 2 1 2 0 2
	for i, l := range []uint8{0, 2, 1, 2, 0, 2} {
		p := &layered[2*i]
		p.layered, p.layer, p.base = true, l, uint8(255+i/4)
	}
	synced := slices.Clone(layered)
	synced[4].sync = true
	for _, c := range []struct {
		name string
		list []part
		want []uint32
	}{
		{"in order", parts(100, 5, 4, onlyFirst), []uint32{0, 1, 2, 3}},
		{"over the end of the numbers", parts(65533, 0x7ffe, 4, onlyFirst), []uint32{0, 1, 2, 3}},
		{"one overtaken", late(parts(100, 5, 4, onlyFirst), 2, 1), []uint32{0, 1, 2, 3}},
		{"one sent again", late(parts(100, 5, 4, onlyFirst), 3, 3), []uint32{0, 1, 2, 3}},
		{"one lost", without(parts(100, 5, 4, onlyFirst), 3), []uint32{0}},
		{"one lost before a key frame", without(parts(100, 5, 4, func(i int) bool { return i == 0 || i == 2 }), 3), []uint32{0, 2, 3}},
		{"none begins", parts(100, 5, 3, func(int) bool { return false }), nil},
		{"twice the same", append(parts(100, 5, 2, onlyFirst), parts(100, 5, 2, onlyFirst)...), []uint32{0, 1}},
		{"padding", padded, []uint32{0, 1, 2, 3}},
		{"padding lost", without(padded, 4), []uint32{0, 1, 2, 3}},
		{"padding of pictures without numbers", unnumbered(padded), []uint32{0, 1, 2, 3}},
		{"padding lost between pictures without numbers", without(unnumbered(padded), 4), []uint32{0, 1}},
		{"a picture of an upper layer lost", without(layered, 3), []uint32{0, 4, 5}},
		{"the same, and one that does not need it", without(synced, 3), []uint32{0, 2, 3, 4, 5}},
		{"one of the lowest layer lost", without(layered, 8), []uint32{0, 1, 2, 3}},
		{"the sender starts over", append(parts(100, 5, 2, onlyFirst), parts(30000, 9, 2, onlyFirst)...), []uint32{0, 1, 0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if shown := assembled(new(assembler), c.list); !slices.Equal(shown, c.want) {
				t.Errorf("%v, not %v", shown, c.want)
			}
		})
	}
}

// TestAssemblerIsStuck asks for a key frame where something is missing for long, and
// not while a large picture is on its way.
func TestAssemblerIsStuck(t *testing.T) {
	long := time.Unix(0, 0).Add(resendWait + 100*time.Millisecond)
	list := parts(100, 5, 4, onlyFirst)
	for _, c := range []struct {
		name string
		list []part
		want bool
	}{
		{"nothing came", nil, false},
		{"all is shown", list, false},
		{"half a picture", list[:3], false},
		{"half of the first picture", list[:1], false},
		{"a packet is missing", append(slices.Clone(list[:3]), list[4]), true},
		{"pictures after one that is missing", append(slices.Clone(list[:2]), list[4:]...), true},
		{"no key frame", list[2:], true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a assembler
			shown := assembled(&a, c.list)
			if got := a.stuck(long); got != c.want {
				t.Errorf("stuck is %v, %v were shown", got, shown)
			}
			if a.stuck(time.Unix(0, 0).Add(resendWait / 2)) {
				t.Error("stuck at once")
			}
		})
	}
}

func TestAfter(t *testing.T) {
	for _, c := range [][3]uint16{{5, 6, 6}, {127, 0, 0}, {127, 128, 128}, {0x7fff, 0, 0}} {
		if got := after(c[0], c[1]); got != c[2] {
			t.Errorf("after %d comes %d, not %d", c[0], got, c[2])
		}
	}
}

func TestAssemblerForgets(t *testing.T) {
	var a assembler
	shown := assembled(&a, parts(0, 0, 100_000, onlyFirst))
	if len(shown) != 100_000 {
		t.Fatalf("%d were shown", len(shown))
	}
	for i, s := range a.slots {
		if s.full {
			t.Fatal(fmt.Sprint("slot ", i, " is kept"))
		}
	}
}

// TestAssemblerWithoutBeginning asks for a key frame where pictures end that never
// began.
func TestAssemblerWithoutBeginning(t *testing.T) {
	var list []part
	for i := range 5 {
		list = append(list, part{seq: uint16(10 + i), picture: uint32(i), ends: true, packetInfo: packetInfo{begins: i == 0, key: i == 0}})
	}
	var a assembler
	if shown := assembled(&a, list); len(shown) != 1 || !a.stuck(time.Unix(10, 0)) {
		t.Errorf("%v were shown, stuck is %v", shown, a.stuck(time.Unix(10, 0)))
	}
}
