package session

import (
	"time"

	"parley/devices"
	"parley/session/chat"
	"parley/session/wire"
)

// User is a person in a room.
type User = wire.User

// Credential is what entitles a user to a room.
type Credential = wire.Credential

// Track is the sound or the picture of a stream.
type Track struct {
	Present bool
	Muted   bool
}

// Stream is what a user publishes: sound, picture, or both.
type Stream struct {
	ID    string
	User  User
	Audio Track
	Video Track
	// Screen is set on a shared screen.
	Screen bool
}

// Event is something that happened. Events reach the handler one after the
// other, in the order in which they became true: a stream is never removed
// before it was added, and the users of a room are known before RoomConnected.
type Event interface{ event() }

// Handler receives the events, on one goroutine that is the engine's. It may
// take its time: events queue. It must not call Engine.Close.
type Handler func(Event)

// RoomStateChanged fires at every step of a login, a reconnection or a logout.
type RoomStateChanged struct {
	RoomID string
	State  RoomState
	Reason Reason
	// Err is set with ReasonLoginFailed, ReasonReconnecting,
	// ReasonReconnectFailed and ReasonKickedOut.
	Err error
	// NextTry is when the next attempt begins, with ReasonReconnecting.
	NextTry time.Time
	Attempt int
}

// RoomUsersChanged fires when others come or go, get another role, or raise or
// lower a hand. The user is not among them.
type RoomUsersChanged struct{ Added, Removed, Updated []Member }

// SelfChanged fires when the user's own role or hand is another.
type SelfChanged struct{ Self Member }

// RoomStreamsChanged fires when others begin or end a stream, and when one of
// its tracks appears, ends, or is muted.
type RoomStreamsChanged struct{ Added, Removed, Updated []Stream }

// PublisherStateChanged fires at every step of publishing.
type PublisherStateChanged struct {
	StreamID string
	State    PublisherState
	Err      error
}

// PlayerStateChanged fires at every step of playing a stream.
type PlayerStateChanged struct {
	StreamID string
	State    PlayerState
	Err      error
}

// FirstVideoFrame fires when the first picture of a stream was shown.
type FirstVideoFrame struct {
	StreamID, UserID string
	Width, Height    int
	SinceJoin        time.Duration
}

// FirstAudioSample fires when the first sound of a stream arrived.
type FirstAudioSample struct {
	StreamID, UserID string
	SinceJoin        time.Duration
}

// SoundLevels fires every 100 ms with what is loud, 0 to 100.
type SoundLevels struct {
	Local   int
	Streams map[string]int // by StreamID
}

// NetworkQuality fires every 2 s with the grade of a user's network. An empty
// UserID is the user's own.
type NetworkQuality struct {
	UserID  string
	Quality Quality
}

// DeviceChanged fires when a device was opened, closed, lost or could not be
// opened, and when an open one gives nothing, or something again. Err says what
// is wrong; Open whether there is one. With Fallback the system's default is
// used, for the one that was chosen is not there.
type DeviceChanged struct {
	Kind     devices.Kind
	Name     string // the chosen one
	Open     bool
	Fallback bool
	Err      error
}

// ChatEvent fires when something happened in the room's conversation.
type ChatEvent struct{ Event chat.Event }

func (RoomStateChanged) event()      {}
func (RoomUsersChanged) event()      {}
func (SelfChanged) event()           {}
func (RoomStreamsChanged) event()    {}
func (PublisherStateChanged) event() {}
func (PlayerStateChanged) event()    {}
func (FirstVideoFrame) event()       {}
func (FirstAudioSample) event()      {}
func (SoundLevels) event()           {}
func (NetworkQuality) event()        {}
func (StreamQuality) event()         {}
func (DeviceChanged) event()         {}
func (ChatEvent) event()             {}
