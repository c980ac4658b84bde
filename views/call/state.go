// Package call is the view of a room during a call: the header, the stage with
// a tile for each person, and the control bar. It draws a State and reports
// what the person at the window does; it knows no engine.
package call

import (
	"time"

	"parley/views/video"
)

// Connection is how the room's connection stands.
type Connection int

// The connections of a room.
const (
	Connected Connection = iota
	Reconnecting
)

// Quality grades the network of a person, as the session reports it.
type Quality int

// The grades of a network.
const (
	QualityUnknown Quality = iota
	QualityExcellent
	QualityGood
	QualityMedium
	QualityBad
	QualityDead // nothing was heard for three heartbeats
)

// bars is how many of the three bars a quality fills.
func (q Quality) bars() int {
	switch q {
	case QualityExcellent, QualityGood:
		return 3
	case QualityMedium:
		return 2
	case QualityBad:
		return 1
	default:
		return 0
	}
}

// Person is somebody in the room.
type Person struct {
	UserID   string
	StreamID string
	Name     string
	Self     bool
	Muted    bool
	// CameraOff shows the avatar instead of Video; so does a Video that has
	// no picture yet.
	CameraOff bool
	Speaking  bool
	Hand      bool
	Level     int // of the voice, 0 to 100
	Quality   Quality
	Video     *video.Feed // may be nil
}

// State is all that the view shows.
type State struct {
	Room                string
	People              []Person // in the order of the tiles, oneself included
	Elapsed             time.Duration
	Connection          Connection
	MicrophoneOn        bool
	CameraOn            bool
	MicrophoneAvailable bool
	CameraAvailable     bool
	ChatOpen            bool
	Unread              int
	Recording           bool // the call is recorded here
}

// Actions are what the person at the window asks for. All run on the UI
// thread; none may be nil.
type Actions struct {
	ToggleMicrophone func()
	ToggleCamera     func()
	ToggleChat       func()
	Leave            func()
	// Invite copies the invite link and says so.
	Invite func()
	Sound  SoundActions
}
