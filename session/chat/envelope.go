// Package chat is the conversation of a room: the message envelope, the local
// store, and the transport over NATS JetStream.
package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/session/wire"
)

// Kind is what a message is.
type Kind string

// The kinds of version 1. Others are kept as they came, and shown as needing a
// newer Parley.
const (
	KindText     Kind = "text"
	KindImage    Kind = "image"
	KindVoice    Kind = "voice"
	KindFile     Kind = "file"
	KindEdit     Kind = "edit"
	KindDelete   Kind = "delete"
	KindReaction Kind = "reaction"
	KindReceipt  Kind = "receipt"
	KindNotice   Kind = "notice"
)

// Version is the envelope version that this program writes.
const Version = 1

// EnvelopeMax bounds an envelope, in bytes, before it is parsed: a text of
// wire.TextMax with every byte escaped, a thumbnail, and room for names.
const EnvelopeMax = 64 << 10

// Envelope is what travels. The sender is not in it: the subject proves who
// that is, the envelope only says under which name.
type Envelope struct {
	Version int       `json:"v"`
	ID      string    `json:"id"` // ULID, made by the sender; also the Nats-Msg-Id
	Kind    Kind      `json:"kind"`
	Name    string    `json:"name,omitempty"` // the sender's, to be shown
	Sent    time.Time `json:"sent"`           // by the sender's clock
	Text    string    `json:"text,omitempty"`
}

// Errors of ParseEnvelope.
var (
	ErrEnvelopeSize = fmt.Errorf("the message has over %d bytes", EnvelopeMax)
	ErrEnvelope     = errors.New("the message can't be read")
)

// ParseEnvelope reads what came from the network. Unknown kinds, versions and
// fields are no error: the caller keeps the bytes.
func ParseEnvelope(data []byte) (Envelope, error) {
	if len(data) > EnvelopeMax {
		return Envelope{}, ErrEnvelopeSize
	}
	var e Envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return Envelope{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if _, err := ulid.ParseStrict(e.ID); err != nil {
		return Envelope{}, fmt.Errorf("%w: its ID is not a ULID", ErrEnvelope)
	}
	if e.Version < 1 || e.Kind == "" {
		return Envelope{}, fmt.Errorf("%w: version or kind is missing", ErrEnvelope)
	}
	if err := wire.CheckUserName(e.Name); err != nil {
		e.Name = ""
	}
	if len(e.Text) > wire.TextMax {
		return Envelope{}, fmt.Errorf("%w: text of over %d bytes", ErrEnvelope, wire.TextMax)
	}
	return e, nil
}

// Supported reports whether this program knows how to show the message.
func (e Envelope) Supported() bool { return e.Version <= Version && e.Kind == KindText }
