package chat

// The order of a room is one number: the server's sequence for what it stored,
// after it what waits to be sent. Between two sequences there is room for
// messages that were refused: they stay where they were written. A server that
// lost its data counts from 1 again; what was here before stays before.
const (
	seqShift    = 8
	epochShift  = 44
	queuedOrder = int64(1) << 62
)

func orderOf(epoch int64, seq uint64) int64 {
	return epoch<<epochShift | int64(seq)<<seqShift
}
