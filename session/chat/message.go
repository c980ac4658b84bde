package chat

import "time"

// Status is how far an own message got. Those of others are always
// StatusStored.
type Status int

// The statuses. Their numbers are in the store: new ones go to the end.
const (
	StatusQueued Status = iota // in the local store only
	StatusStored               // the server has it
	StatusFailed               // the server refused it
	StatusSeen                 // somebody saw it
)

func (s Status) String() string {
	switch s {
	case StatusQueued:
		return "queued"
	case StatusStored:
		return "stored"
	case StatusFailed:
		return "failed"
	case StatusSeen:
		return "seen"
	default:
		return "unknown"
	}
}

// Message is a message as it stands in the local store.
type Message struct {
	ID     string
	RoomID string
	UserID string // the sender's
	Name   string // the sender's, as sent
	Own    bool
	Kind   Kind
	Text   string
	// Supported is false for kinds and versions that this program can't show.
	Supported bool
	Status    Status
	// Reason says why a message failed.
	Reason string
	// Seq is the server's sequence number: the order of a room. 0 until stored.
	Seq uint64
	// Time is the server's clock once stored, the sender's before.
	Time time.Time
	// Sent is the sender's clock.
	Sent time.Time
}
