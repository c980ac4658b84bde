// Package chat is the conversation of a room: the message envelope, the local
// store, the outbox, attachments, and the transport over NATS JetStream. The
// protocol is written down in docs/chat-protocol.md.
package chat

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// NoticeCode says what a notice tells, so that everybody reads it in their own
// language. Others are shown by the notice's text.
type NoticeCode string

// The notices.
const (
	NoticeRecordingStarted NoticeCode = "recording_started"
	NoticeRecordingEnded   NoticeCode = "recording_ended"
)

// words is what a program shows that does not know the code.
func (c NoticeCode) words() string {
	switch c {
	case NoticeRecordingStarted:
		return "The call is being recorded."
	case NoticeRecordingEnded:
		return "The recording of the call has ended."
	default:
		return string(c)
	}
}

const noticeCodeMax = 64 // bytes

// Version is the envelope version that this program writes.
const Version = 1

// Limits of an envelope.
const (
	// EnvelopeMax bounds an envelope, in bytes, before it is parsed: a text of
	// wire.TextMax with every byte escaped, a thumbnail, and room for names.
	EnvelopeMax = 64 << 10
	// ThumbnailMax bounds the small picture inside an envelope, in bytes.
	ThumbnailMax = 4 << 10
	// WaveformBins is how many loudness values, 0 to 255, a voice message has.
	WaveformBins = 64
	// QuoteMax bounds the quoted text of a reply, in bytes.
	QuoteMax = 512
	// MentionsMax bounds the people that a message names.
	MentionsMax = 64
	// ReactionMax bounds a reaction, in bytes: the longest emoji sequences are
	// families of 30 and some.
	ReactionMax = 64
	// FileNameMax bounds the name of a file, in bytes.
	FileNameMax = 255
)

// Envelope is what travels. The sender is not in it: the subject proves who
// that is, the envelope only says under which name.
type Envelope struct {
	Version  int        `json:"v"`
	ID       string     `json:"id"` // ULID, made by the sender; also the Nats-Msg-Id
	Kind     Kind       `json:"kind"`
	Name     string     `json:"name,omitempty"`   // the sender's, to be shown
	Sent     time.Time  `json:"sent"`             // by the sender's clock
	Text     string     `json:"text,omitempty"`   // a text, a caption, an edit's new text, a notice
	Notice   NoticeCode `json:"notice,omitempty"` // of a notice
	About    *wire.User `json:"about,omitempty"`  // whom a notice is about
	Reply    *Reply     `json:"reply,omitempty"`
	Mentions []string   `json:"mentions,omitempty"` // user IDs
	// Target is the ID of the message that an edit, delete, reaction or receipt
	// is about.
	Target   string `json:"target,omitempty"`
	Reaction string `json:"reaction,omitempty"` // an emoji
	Removed  bool   `json:"removed,omitempty"`  // the reaction is taken back
	File     *File  `json:"file,omitempty"`     // of image, voice and file
}

// Reply quotes the message that is answered, so that the quote can be shown
// where that message is not.
type Reply struct {
	ID     string `json:"id"`
	UserID string `json:"user"`
	Name   string `json:"name,omitempty"`
	Kind   Kind   `json:"kind"`
	Text   string `json:"text,omitempty"` // its beginning
}

// File describes an attachment. Its bytes are found by their hash.
type File struct {
	SHA256 string `json:"sha256"` // lower-case hex
	Size   int64  `json:"size"`   // bytes
	MIME   string `json:"mime,omitempty"`
	Name   string `json:"name,omitempty"`

	// Of an image.
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	Animated  bool   `json:"animated,omitempty"`
	Thumbnail []byte `json:"thumbnail,omitempty"` // JPEG

	// Of a voice message.
	DurationMS int64  `json:"duration_ms,omitempty"`
	Waveform   []byte `json:"waveform,omitempty"` // WaveformBins values
}

// Errors of ParseEnvelope.
var (
	ErrEnvelopeSize = fmt.Errorf("the message has over %d bytes", EnvelopeMax)
	ErrEnvelope     = errors.New("the message can't be read")
)

// known reports whether this program knows the kind.
func (k Kind) known() bool {
	switch k {
	case KindText, KindImage, KindVoice, KindFile, KindEdit, KindDelete, KindReaction, KindReceipt, KindNotice:
		return true
	default:
		return false
	}
}

// bubble reports whether messages of the kind have a bubble of their own. Kinds
// that are not known have one, which says so.
func (k Kind) bubble() bool {
	switch k {
	case KindEdit, KindDelete, KindReaction, KindReceipt:
		return false
	default:
		return true
	}
}

// header is what every version has, and keeps.
type header struct {
	Version int    `json:"v"`
	ID      string `json:"id"`
	Kind    Kind   `json:"kind"`
}

const kindMax = 64 // bytes

// ParseEnvelope reads what came from the network. Unknown kinds, versions and
// fields are no error: the caller keeps the bytes.
func ParseEnvelope(data []byte) (Envelope, error) {
	if len(data) > EnvelopeMax {
		return Envelope{}, ErrEnvelopeSize
	}
	var h header
	if err := json.Unmarshal(data, &h); err != nil {
		return Envelope{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if !isID(h.ID) {
		return Envelope{}, fmt.Errorf("%w: its ID is not a ULID", ErrEnvelope)
	}
	if h.Version < 1 || h.Kind == "" || len(h.Kind) > kindMax {
		return Envelope{}, fmt.Errorf("%w: version or kind is missing", ErrEnvelope)
	}
	var e Envelope
	err := json.Unmarshal(data, &e)
	if e.Version = h.Version; e.Version > Version || !h.Kind.known() {
		// Only the header is promised; the rest may have another shape.
		shown := Envelope{Version: h.Version, ID: h.ID, Kind: h.Kind}
		if err == nil {
			shown.Sent = e.Sent
			if wire.CheckUserName(e.Name) == nil {
				shown.Name = e.Name
			}
		}
		return shown, nil
	}
	if err != nil {
		return Envelope{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if err := wire.CheckUserName(e.Name); err != nil {
		e.Name = ""
	}
	if err := e.check(); err != nil {
		return Envelope{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	return e, nil
}

// Supported reports whether this program knows how to show the message.
func (e Envelope) Supported() bool { return e.Version <= Version && e.Kind.known() }

func isID(id string) bool {
	_, err := ulid.ParseStrict(id)
	return err == nil
}

// check reports what is wrong with an envelope of a known kind and version.
func (e Envelope) check() error {
	if len(e.Text) > wire.TextMax || !utf8.ValidString(e.Text) {
		return &wire.FieldError{Field: "text", Limit: wire.TextMax, Err: wire.ErrTooLong}
	}
	if e.Target != "" && !isID(e.Target) {
		return errors.New("the target is not an ID")
	}
	if len(e.Mentions) > MentionsMax {
		return fmt.Errorf("over %d mentions", MentionsMax)
	}
	for _, user := range e.Mentions {
		if err := wire.CheckUserID(user); err != nil {
			return err
		}
	}
	if e.Reply != nil {
		if err := e.Reply.check(); err != nil {
			return err
		}
	}
	switch e.Kind {
	case KindText:
		return wire.CheckText(e.Text)
	case KindNotice:
		if len(e.Notice) > noticeCodeMax {
			return errors.New("the code of the notice is too long")
		}
		if e.About != nil {
			if err := errors.Join(wire.CheckUserID(e.About.ID), wire.CheckUserName(e.About.Name)); err != nil {
				return err
			}
		}
		return wire.CheckText(e.Text)
	case KindImage, KindVoice, KindFile:
		if e.File == nil {
			return errors.New("the attachment is missing")
		}
		return e.File.check(e.Kind)
	case KindEdit:
		if e.Target == "" {
			return errors.New("the target is missing")
		}
		return wire.CheckText(e.Text)
	case KindDelete, KindReceipt:
		if e.Target == "" {
			return errors.New("the target is missing")
		}
	case KindReaction:
		if e.Target == "" || !isReaction(e.Reaction) {
			return errors.New("the target or the reaction is missing")
		}
	}
	return nil
}

func (r *Reply) check() error {
	switch {
	case !isID(r.ID):
		return errors.New("the reply is to no ID")
	case len(r.Text) > QuoteMax || !utf8.ValidString(r.Text):
		return fmt.Errorf("a quote of over %d bytes", QuoteMax)
	case len(r.Kind) > kindMax:
		return errors.New("the reply is to no kind")
	case wire.CheckUserName(r.Name) != nil:
		return errors.New("the reply is to no name")
	}
	return wire.CheckUserID(r.UserID)
}

func isReaction(s string) bool {
	if s == "" || len(s) > ReactionMax || !utf8.ValidString(s) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) < 0
}

// isHash reports whether s is a SHA-256 in lower-case hex.
func isHash(s string) bool {
	if len(s) != 64 || strings.ToLower(s) != s {
		return false
	}
	_, err := hex.DecodeString(s)
	return err == nil
}

func (f *File) check(kind Kind) error {
	limit := int64(wire.FileMax)
	if kind == KindImage {
		limit = wire.PictureInMax
	}
	switch {
	case !isHash(f.SHA256):
		return errors.New("the attachment's hash is none")
	case f.Size < 0 || f.Size > limit:
		return fmt.Errorf("an attachment of over %d bytes", limit)
	case len(f.Name) > FileNameMax || !utf8.ValidString(f.Name):
		return fmt.Errorf("a file name of over %d bytes", FileNameMax)
	case len(f.MIME) > 127:
		return errors.New("the attachment's type is none")
	case len(f.Thumbnail) > ThumbnailMax:
		return fmt.Errorf("a thumbnail of over %d bytes", ThumbnailMax)
	case kind == KindImage && (f.Width < 1 || f.Height < 1 || int64(f.Width)*int64(f.Height) > wire.PicturePixelsMax):
		return errors.New("a picture without a size, or one too large")
	case kind == KindVoice && (f.DurationMS < 1 || f.DurationMS > wire.VoiceMax.Milliseconds()):
		return fmt.Errorf("a voice message of over %v", wire.VoiceMax)
	case kind == KindVoice && len(f.Waveform) != WaveformBins:
		return fmt.Errorf("a waveform without %d values", WaveformBins)
	}
	return nil
}
