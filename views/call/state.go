// Package call is the view of a room during a call: the header, the stage with
// a tile for each person, and the control bar. It draws a State and reports
// what the person at the window does; it knows no engine.
package call

import (
	"time"

	"parley/views/keys"
	"parley/views/video"
)

// Connection is how the room's connection stands.
type Connection int

// The connections of a room.
const (
	Connected Connection = iota
	Reconnecting
)

// Layout is how the stage shows people while nothing else is to be large.
type Layout int

// The layouts of the stage.
const (
	LayoutGrid    Layout = iota // all the same size
	LayoutSpeaker               // who talks is large, the others are in a strip
)

// Other is the layout that the switch in the header changes to.
func (l Layout) Other() Layout {
	if l == LayoutGrid {
		return LayoutSpeaker
	}
	return LayoutGrid
}

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

// Role is what somebody may do in the room.
type Role int

// The roles.
const (
	RoleMember Role = iota
	RoleHost
	RoleListener // does not publish
)

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
	// Hand is the place among the raised hands, from 1; 0 while it is not raised.
	Hand int
	Role Role
	// Gain is how loud they are heard here: -1 is silent, 0 as it comes, 1 twice that.
	Gain    float32
	Level   int // of the voice, 0 to 100
	Quality Quality
	Video   *video.Feed // may be nil
	// Screen is what the person shares of theirs; nil while they share
	// nothing. One's own is not shown to oneself.
	Screen *video.Feed
	// Frozen is set while Video stands still because nothing arrives.
	Frozen bool
	// Unplayable names the codec of a video that can't be shown here; it is
	// empty for all that can.
	Unplayable string
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
	HandUp              bool   // the own
	FullScreen          bool   // the window takes all of the screen
	Stats               *Stats // nil while they are not shown
	ChatOpen            bool
	PeopleOpen          bool // in the place of the chat: not both
	Unread              int
	Layout              Layout
	ShareAvailable      bool
	Sharing             bool     // the own screen, or a window
	SharingName         string   // of what is shared; empty for the whole screen
	Recording           bool     // the call is recorded here
	Hosting             *Hosting // for a host; nil for others
}

// Actions are what the person at the window asks for. All run on the UI
// thread; none may be nil.
type Actions struct {
	ToggleMicrophone func()
	ToggleCamera     func()
	ToggleHand       func()
	// React shows one of Reactions to all.
	React            func(emoji string)
	ToggleChat       func()
	TogglePeople     func()
	ToggleStats      func()
	ToggleFullScreen func()
	// CopyText puts a text into the clipboard, and says so.
	CopyText func(text string)
	// SetGain changes how loud somebody is heard here: Person.Gain.
	SetGain   func(userID string, gain float32)
	SetLayout func(Layout)
	// Share asks which screen or window to share, and shares it.
	Share       func()
	StopSharing func()
	Leave       func()
	// Invite copies the invite link and says so.
	Invite func()
	Sound  SoundActions
	Host   HostActions
	// Settings opens the settings.
	Settings func()
	Copy     func(text string) // into the clipboard
	// Keys names the shortcut of an action, as it is now. It may be nil.
	Keys func(keys.Action) string
}

func (a Actions) keys(of keys.Action) string {
	if a.Keys == nil {
		return keys.Default(of).String()
	}
	return a.Keys(of)
}
