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
	// ErrServerRestarting means that the server lets nobody in before it ends.
	ErrServerRestarting = errors.New("the server is being restarted")
	// ErrServerUnknown means that what answers is not a Parley server, or one
	// of another version.
	ErrServerUnknown = errors.New("the server's answer was not understood")
	// ErrTokenRequired means that the server wants a token or an invite.
	ErrTokenRequired = errors.New("the room needs an invite")
	// ErrTokenInvalid means that the token does not fit this server or room.
	ErrTokenInvalid = errors.New("the invite is not valid for this room")
	// ErrTokenRoom means that the token is good, for another room.
	ErrTokenRoom = errors.New("the invite is for another room")
	// ErrTokenNotYet means that the token will be valid, by the server's clock.
	ErrTokenNotYet = errors.New("the invite is not valid yet")
	// ErrTokenExpired means that the token was valid once.
	ErrTokenExpired = errors.New("the invite has expired")
	// ErrNotAllowed means that the server refused this user.
	ErrNotAllowed = errors.New("the server does not allow this")
	// ErrPasscodeRequired and ErrPasscodeWrong mean that the room has a passcode.
	ErrPasscodeRequired = errors.New("the room needs its passcode")
	ErrPasscodeWrong    = errors.New("the passcode is not the room's")
	// ErrTooMany means that too much was tried; a minute later it may go on.
	ErrTooMany = errors.New("too many tries, wait a minute")
	// ErrRoomLocked means that a host lets nobody else in.
	ErrRoomLocked = errors.New("the room is locked")
	// ErrBanned means that a host excluded the user until the call ends.
	ErrBanned = errors.New("excluded from the room until the call ends")
	// ErrDenied means that a host did not let the user in from the lobby.
	ErrDenied = errors.New("not let in by the host")
	// ErrMediaUnreachable means that the server answers, but sound and picture
	// can't be exchanged with it.
	ErrMediaUnreachable = errors.New("the media connection could not be made")
	// ErrStreamIDInUse means that somebody else publishes that stream; it comes
	// as a *StreamIDInUseError.
	ErrStreamIDInUse = errors.New("stream id in use")
	// ErrKickedOut means that the same user came in from elsewhere; ErrRemoved
	// and ErrRoomEnded, which are of the same reason, that a host removed the
	// user, or ended the call.
	ErrKickedOut = errors.New("the same user came in from elsewhere")
	ErrRemoved   = errors.New("removed from the room by the host")
	ErrRoomEnded = errors.New("the host ended the call")
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
