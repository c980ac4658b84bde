// Package settings is the page of the settings. It shows a State over the
// window and reports what the person changes; it knows no device and keeps
// nothing.
package settings

import (
	"parley/views/keys"
	"parley/views/problem"
)

// Section is a part of the page.
type Section int

// The sections, in their order.
const (
	General Section = iota
	Sound           // and picture
	Storage
	Shortcuts
	About
)

func sections() []Section { return []Section{General, Sound, Storage, Shortcuts, About} }

// icon and title name a section.
func (s Section) icon() string {
	return [...]string{"general", "speaker", "folder", "keyboard", "info"}[s]
}

func (s Section) title() string {
	return [...]string{"settings.general", "settings.sound", "settings.storage", "settings.shortcuts", "settings.about"}[s]
}

// State is all that the page shows.
type State struct {
	General    Preferences
	Microphone Device
	Speaker    Device
	Camera     Device
	Processing Processing
	// ProcessingMissing is set where the program can't process voices.
	ProcessingMissing bool
	Storage           Stored
	Keys              keys.Table
	About             Details
}

// Preferences are what is changed in General. Empty language and theme follow
// the system.
type Preferences struct {
	Name            string
	Language, Theme string
	TextScale       float32 // 0 is 1
	HighContrast    bool
	ReducedMotion   bool
	Sounds          bool
	Notifications   bool
	Compact         bool // a small window while another is in front of a call
	// Nearby is how people on the same network get into a room that is hosted here:
	// one of NearbyAsk, NearbyOpen, NearbyInvite, or NearbyHidden.
	Nearby string
}

// The ways into a room that is hosted here.
const (
	NearbyHidden = "hidden" // it is not shown to them
	NearbyAsk    = "ask"    // this person is asked
	NearbyOpen   = "open"   // by a click
	NearbyInvite = "invite" // by a link
)

// Stored is the history on this computer, and what is being done with it.
type Stored struct {
	Folder string
	Next   string // the folder from the next start on; empty for the same
	// Doing says what goes on, in words; empty for nothing. Done is how much of it
	// is, 0 to 1.
	Doing string
	Done  float64
	Said  string // what came of the last, in words
	// Problem is what went wrong with it.
	Problem problem.Problem
}

// Device is a chooser of a device.
type Device struct {
	Names   []string // as listed
	Chosen  string   // empty for the system's default
	Problem string   // why it does not work, in words; empty where it does
}

// Processing is what is done to the microphone's sound. With Music none of the
// others is.
type Processing struct{ Echo, Noise, Gain, Music bool }

// Details say what this program is made of.
type Details struct {
	Version  string
	System   string   // and what it was built with
	Engines  []Engine // the most important first
	Licences string   // those of others; empty where the program has none with it
}

// Engine is a part that somebody else made.
type Engine struct{ Name, Version string }

// Actions are what a person does here. All run on the UI thread, and act at
// once.
type Actions struct {
	// Show is told which section is to be seen: devices are open for Sound only.
	Show   func(Section)
	Closed func() // once

	Change                               func(Preferences)
	UseMicrophone, UseSpeaker, UseCamera func(name string)
	TestSound                            func(speaker string)
	Process                              func(Processing)
	OpenFolder                           func()
	// ChooseFolder, Export and Import ask for a place first. Only one is under way
	// at a time; Stop ends it.
	ChooseFolder, Export, Import, Stop func()
	Copy                               func(text string)
	// SetKeys gives actions other keys; the table holds no keys twice.
	SetKeys func(keys.Table)
}
