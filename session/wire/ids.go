package wire

import (
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ClaimLife is how long a StreamID stays claimed by somebody who is gone, and
// ClaimEvery how often a claim is renewed.
const (
	ClaimLife  = 12 * time.Second
	ClaimEvery = 4 * time.Second
)

// VoiceMax bounds a voice message.
const VoiceMax = 60 * time.Second

// Limits of identifiers and messages, in bytes. Identifiers are shorter than
// their limit; names and texts may reach it.
const (
	AppIDLimit      = 64
	RoomIDLimit     = 128
	UserIDLimit     = 64
	StreamIDLimit   = 256
	UserNameMax     = 256
	TextMax         = 8 << 10
	MessagesAMinute = 200
	// FileMax bounds an attachment.
	FileMax = 100 << 20
	// PictureInMax and PicturePixelsMax bound a picture that is chosen or
	// received, PictureOutMax one that is sent scaled.
	PictureInMax     = 20 << 20
	PicturePixelsMax = 40_000_000
	PictureOutMax    = 2 << 20
	idPunctuation    = "~!@#$%^&*()_+=-`;',.<>\\"
)

// Errors of an identifier or name. They come wrapped in a *FieldError.
var (
	ErrEmpty      = errors.New("is empty")
	ErrTooLong    = errors.New("is too long")
	ErrCharacters = errors.New("has characters that are not allowed")
)

// FieldError says which field is at fault, and how.
type FieldError struct {
	Field string // "room_id", "user_id", "stream_id", "user_name", "text"
	Limit int    // bytes, with ErrTooLong
	Err   error
}

func (e *FieldError) Error() string {
	if errors.Is(e.Err, ErrTooLong) {
		return fmt.Sprintf("%s %v: the limit is %d bytes", e.Field, e.Err, e.Limit)
	}
	return fmt.Sprintf("%s %v", e.Field, e.Err)
}

func (e *FieldError) Unwrap() error { return e.Err }

// CheckAppID reports whether id can name a tenant.
func CheckAppID(id string) error { return checkID("app_id", id, AppIDLimit) }

// CheckRoomID reports whether id can name a room.
func CheckRoomID(id string) error { return checkID("room_id", id, RoomIDLimit) }

// CheckUserID reports whether id can name a user.
func CheckUserID(id string) error { return checkID("user_id", id, UserIDLimit) }

// CheckStreamID reports whether id can name a stream.
func CheckStreamID(id string) error { return checkID("stream_id", id, StreamIDLimit) }

func checkID(field, id string, limit int) error {
	switch {
	case id == "":
		return &FieldError{Field: field, Err: ErrEmpty}
	case len(id) >= limit:
		return &FieldError{Field: field, Limit: limit - 1, Err: ErrTooLong}
	}
	for i := range len(id) {
		c := id[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte(idPunctuation, c) < 0 {
			return &FieldError{Field: field, Err: ErrCharacters}
		}
	}
	return nil
}

// CheckUserName reports whether name, any printable text or nothing, can be
// shown beside a user's messages.
func CheckUserName(name string) error {
	if len(name) > UserNameMax {
		return &FieldError{Field: "user_name", Limit: UserNameMax, Err: ErrTooLong}
	}
	if !utf8.ValidString(name) {
		return &FieldError{Field: "user_name", Err: ErrCharacters}
	}
	for _, r := range name {
		// Format characters are let through: emoji and several scripts need
		// joiners. Control characters are not text.
		if unicode.IsControl(r) {
			return &FieldError{Field: "user_name", Err: ErrCharacters}
		}
	}
	return nil
}

// CheckText reports whether text can be sent as a message.
func CheckText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return &FieldError{Field: "text", Err: ErrEmpty}
	case len(text) > TextMax:
		return &FieldError{Field: "text", Limit: TextMax, Err: ErrTooLong}
	case !utf8.ValidString(text):
		return &FieldError{Field: "text", Err: ErrCharacters}
	}
	return nil
}

// Identifiers may hold dots and wildcards, and differ in case only, while
// subjects and the folders of some systems can do neither: so they travel in
// base32, which is one-to-one and knows no case.
//
//nolint:gochecknoglobals // a constant in all but form
var subjectEncoding = base32.HexEncoding.WithPadding(base32.NoPadding)

// SubjectToken encodes an identifier as one token of a NATS subject.
func SubjectToken(id string) string {
	return strings.ToLower(subjectEncoding.EncodeToString([]byte(id)))
}

// ParseSubjectToken undoes SubjectToken.
func ParseSubjectToken(token string) (string, error) {
	b, err := subjectEncoding.DecodeString(strings.ToUpper(token))
	if err != nil {
		return "", fmt.Errorf("subject token: %w", err)
	}
	return string(b), nil
}

// ChatStream is the name of the JetStream stream of a room.
func ChatStream(roomID string) string { return "ROOM_" + SubjectToken(roomID) }

// ChatSubject is where a user's durable messages go. The server lets each
// user publish under their own only, so the subject proves the sender.
func ChatSubject(roomID, userID string) string {
	return "room." + SubjectToken(roomID) + ".chat." + SubjectToken(userID)
}

// ChatSubjects matches the durable messages of everybody in a room.
func ChatSubjects(roomID string) string { return "room." + SubjectToken(roomID) + ".chat.*" }

// LiveSubject is where a user's passing signs (typing, recording) go.
func LiveSubject(roomID, userID string) string {
	return "room." + SubjectToken(roomID) + ".live." + SubjectToken(userID)
}

// LiveSubjects matches the passing signs of everybody in a room.
func LiveSubjects(roomID string) string { return "room." + SubjectToken(roomID) + ".live.*" }

// SubjectUser tells whose message came on a subject of a room.
func SubjectUser(subject string) (string, error) {
	_, user, err := ParseSubject(subject)
	return user, err
}

// ParseSubject tells the room and the user of a subject.
func ParseSubject(subject string) (roomID, userID string, err error) {
	parts := strings.Split(subject, ".")
	if len(parts) != 4 || parts[0] != "room" {
		return "", "", fmt.Errorf("subject %q is not of a room", subject)
	}
	if roomID, err = ParseSubjectToken(parts[1]); err != nil {
		return "", "", err
	}
	if userID, err = ParseSubjectToken(parts[3]); err != nil {
		return "", "", err
	}
	return roomID, userID, nil
}
