package instance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"parley/session/wire"
)

// Request is what a second start of the program wants of the first. The zero
// Request wants no more than the window.
type Request struct {
	Link   string `json:"link,omitempty"` // an invite
	Server string `json:"server,omitempty"`
	Host   bool   `json:"host,omitempty"`
	Room   string `json:"room,omitempty"`
	Name   string `json:"name,omitempty"`
	Token  string `json:"token,omitempty"`
	Join   bool   `json:"join,omitempty"` // at once, and not when the person says so
}

// Empty reports whether nothing but the window is wanted.
func (r Request) Empty() bool { return r == Request{} }

// message is a Request on its way. The secret shows that it comes from somebody who
// can read the data folder.
type message struct {
	Version int     `json:"version"`
	Secret  string  `json:"secret"`
	Request Request `json:"request"`
}

const (
	version = 1
	// messageMost bounds a message before it is parsed: a link is at most 8 KiB, and
	// so is a token.
	messageMost = 32 << 10
	tokenMost   = 8 << 10
)

// errMessage means that a message is none.
var errMessage = errors.New("this is not a message of a second start")

// parse reads one message, and nothing else: whoever else writes to the socket is
// not guessed at.
func parse(data []byte) (message, error) {
	if len(data) > messageMost {
		return message{}, fmt.Errorf("%w: over %d bytes", errMessage, messageMost)
	}
	var m message
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	// The parser's errors are left out: they may repeat the message, with its token.
	if decoder.Decode(&m) != nil {
		return message{}, errMessage
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return message{}, errMessage
	}
	if m.Version != version {
		return message{}, fmt.Errorf("%w: version %d", errMessage, m.Version)
	}
	return m, m.Request.check()
}

// check finds what can't be meant.
func (r Request) check() error {
	if r.Link != "" {
		if _, err := wire.ParseInvite(r.Link); err != nil {
			return err
		}
	}
	if r.Server != "" {
		if _, err := wire.ServerURL(r.Server); err != nil {
			return err
		}
	}
	if r.Room != "" {
		if err := wire.CheckRoomID(r.Room); err != nil {
			return err
		}
	}
	if r.Name != "" {
		if err := wire.CheckUserName(r.Name); err != nil {
			return err
		}
	}
	if len(r.Token) > tokenMost {
		return fmt.Errorf("%w: the token has over %d bytes", errMessage, tokenMost)
	}
	if r.Host && r.Server != "" {
		return fmt.Errorf("%w: a room is hosted here or on a server", errMessage)
	}
	return nil
}
