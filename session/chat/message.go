package chat

import (
	"time"

	"parley/session/wire"
)

// Status is how far an own message got. Those of others are always
// StatusStored.
type Status int

// The statuses. Their numbers are in the store: new ones go to the end.
const (
	StatusQueued    Status = iota // in the local store only
	StatusStored                  // the server has it
	StatusFailed                  // the server refused it for good
	StatusSeen                    // somebody saw it
	StatusUploading               // its attachment is on the way
	StatusSent                    // on the way; the server has not answered yet
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
	case StatusUploading:
		return "uploading"
	case StatusSent:
		return "sent"
	default:
		return "unknown"
	}
}

// Message is a message as it stands: as sent, and as edits, reactions and
// receipts left it.
type Message struct {
	ID     string
	RoomID string
	UserID string // the sender's
	Name   string // the sender's, as sent
	Own    bool
	Kind   Kind
	// Text is the text, the caption or the notice, as last edited.
	Text    string
	Notice  NoticeCode // of a notice; may be one that is not known here
	About   *wire.User // whom a notice is about; nil for nobody
	Edited  bool
	Deleted bool // nothing but ID, sender and time is left
	// Supported is false for kinds and versions that this program can't show.
	Supported bool
	Status    Status
	// Uploaded bytes of File.Size, with StatusUploading.
	Uploaded int64
	// Reason says why a message failed: one of the Reason constants.
	Reason string
	// Seq is the server's sequence number: the order of a room. 0 until stored.
	Seq uint64
	// Time is the server's clock once stored, the sender's before.
	Time time.Time
	// Sent is the sender's clock.
	Sent      time.Time
	Reply     *Reply
	Mentions  []string
	File      *File
	Reactions []Reaction // in the order in which they first came
	Heard     bool       // of a voice message: it was played here

	order int64 // the place in the room, among those that the store has
}

// Reaction is an emoji on a message, and whose.
type Reaction struct {
	Emoji string
	Users []string // IDs, at least one
}

// Order is the message's place in its room: those with a lower one come before
// it. It changes when the server gives the message its place.
func (m Message) Order() int64 { return m.order }

// clockTolerance is how far a sender's clock may be off without being shown.
const clockTolerance = time.Minute

// ClockDiffers reports whether the sender's clock is worth showing beside the
// server's.
func (m Message) ClockDiffers() bool {
	return m.Seq > 0 && m.Sent.Sub(m.Time).Abs() > clockTolerance
}
