package session

import (
	"errors"
	"fmt"
)

// Errors that callers decide on. They come wrapped with what failed.
var (
	// ErrState means that the call does not fit the state, such as publishing
	// before a login. Nothing was changed.
	ErrState = errors.New("not possible in this state")
	// ErrUnknownStream means that nobody in the room publishes that stream.
	ErrUnknownStream = errors.New("no such stream in the room")
	// ErrClosed means that the engine was closed.
	ErrClosed = errors.New("the engine is closed")
	// ErrServerAddress means that the address can't be one.
	ErrServerAddress = errors.New("the server address is not valid")
	// ErrServerUnreachable means that nothing answers at the address.
	ErrServerUnreachable = errors.New("the server can't be reached")
	// ErrServerTimeout means that the server did not answer in time.
	ErrServerTimeout = errors.New("the server did not answer in time")
	// ErrServerUnknown means that what answers is not a Parley server, or one
	// of another version.
	ErrServerUnknown = errors.New("the server's answer was not understood")
	// ErrTokenRequired means that the server wants a token or an invite.
	ErrTokenRequired = errors.New("the room needs an invite")
	// ErrTokenInvalid means that the token does not fit this server or room.
	ErrTokenInvalid = errors.New("the invite is not valid for this room")
	// ErrTokenExpired means that the token was valid once.
	ErrTokenExpired = errors.New("the invite has expired")
	// ErrNotAllowed means that the server refused this user.
	ErrNotAllowed = errors.New("the server does not allow this")
	// ErrMediaUnreachable means that the server answers, but sound and picture
	// can't be exchanged with it.
	ErrMediaUnreachable = errors.New("the media connection could not be made")
	// ErrStreamIDInUse means that somebody else publishes that stream; it comes
	// as a *StreamIDInUseError.
	ErrStreamIDInUse = errors.New("stream id in use")
	// ErrKickedOut means that the same user came in from elsewhere, or was
	// removed.
	ErrKickedOut = errors.New("removed from the room")
)

// StreamIDInUseError says who publishes the stream.
type StreamIDInUseError struct {
	StreamID string
	Holder   User
}

func (e *StreamIDInUseError) Error() string {
	name := e.Holder.Name
	if name == "" {
		name = e.Holder.ID
	}
	return fmt.Sprintf("%v: %s is published by %s", ErrStreamIDInUse, e.StreamID, name)
}

func (e *StreamIDInUseError) Unwrap() error { return ErrStreamIDInUse }
