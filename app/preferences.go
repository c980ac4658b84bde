package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"parley/app/nearby"
	"parley/session/wire"
	"parley/views/settings"
)

// Preferences are kept in the data folder, so that several folders are several
// installations.
type Preferences struct {
	// UserID is this installation's, made once.
	UserID   string `json:"user_id"`
	Name     string `json:"name"`
	Room     string `json:"room"`
	Server   string `json:"server"`
	Host     bool   `json:"host"`
	CameraOn bool   `json:"camera_on"`
	// MicrophoneOff is kept the wrong way round so that the first start has it on.
	MicrophoneOff bool     `json:"microphone_off"`
	Camera        string   `json:"camera"`
	Microphone    string   `json:"microphone"`
	Speaker       string   `json:"speaker"`
	CameraID      string   `json:"camera_id,omitempty"` // the same when a name changes
	MicrophoneID  string   `json:"microphone_id,omitempty"`
	SpeakerID     string   `json:"speaker_id,omitempty"`
	Width         float32  `json:"width"`
	Emoji         []string `json:"emoji,omitempty"`     // used last, the newest first
	SkinTone      int      `json:"skin_tone,omitempty"` // 0 to 5
	// SpeakerLayout has who talks large, and not all the same size.
	SpeakerLayout bool    `json:"speaker_layout,omitempty"`
	Height        float32 `json:"height"`
	// Place and SmallPlace are where the window and the small one of a call were.
	Place      *windowPlace `json:"place,omitempty"`
	SmallPlace *windowPlace `json:"small_place,omitempty"`
	// What is not done to the voice: all of it is on at the first start.
	EchoLeft  bool `json:"echo_left,omitempty"`
	NoiseLeft bool `json:"noise_left,omitempty"`
	GainLeft  bool `json:"gain_left,omitempty"`
	Music     bool `json:"music,omitempty"` // nothing is done to it at all
	// ShareSound has what the computer plays go with a screen that is shared.
	ShareSound bool `json:"share_sound,omitempty"`
	// HostedID names the server on this computer: rooms on it are hosted again.
	HostedID string `json:"hosted_id,omitempty"`
	// HistoryFolder holds the messages where it is not the data folder's own.
	HistoryFolder string `json:"history_folder,omitempty"`
	// AnnounceOff keeps rooms that are hosted here from being told to the local
	// network. Off the network, and for the demo, they never are.
	AnnounceOff bool `json:"announce_off,omitempty"`
	// NearbyEntry is how those get in who find such a room: "ask" (this person;
	// also when empty), "open" or "invite".
	NearbyEntry string `json:"nearby_entry,omitempty"`
	appearance
}

const preferencesFile = "preferences.json"

// windowMost bounds a side of the window: a file may hold anything.
const windowMost = 8192

// emojiMost is how many emoji are remembered.
const emojiMost = 32

// LoadPreferences reads what was kept. What can't be read begins anew: it is
// nothing that a person would miss more than the start of the program.
func LoadPreferences(data string) (Preferences, error) {
	p := Preferences{Host: true, Room: "hello"}
	content, err := os.ReadFile(filepath.Join(data, preferencesFile))
	if err == nil {
		err = json.Unmarshal(content, &p)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if wire.CheckUserID(p.UserID) != nil {
		p.UserID = "u" + strings.ToLower(ulid.Make().String())
	}
	p.Emoji = p.Emoji[:min(len(p.Emoji), emojiMost)]
	p.SkinTone = min(max(p.SkinTone, 0), 5)
	p.Width, p.Height = min(max(p.Width, 0), windowMost), min(max(p.Height, 0), windowMost)
	p.appearance = p.usual()
	if err != nil {
		err = fmt.Errorf("read the preferences: %w", err)
	}
	return p, err
}

func (p Preferences) entry() nearby.Entry {
	switch e := nearby.Entry(p.NearbyEntry); e {
	case nearby.EntryOpen, nearby.EntryInvite:
		return e
	default:
		return nearby.EntryAsk
	}
}

// shownNearby is the same as the settings show it; takeNearby takes it from there.
func (p Preferences) shownNearby() string {
	if p.AnnounceOff {
		return settings.NearbyHidden
	}
	return string(p.entry())
}

func (p *Preferences) takeNearby(shown string) {
	p.AnnounceOff = shown == settings.NearbyHidden
	if p.NearbyEntry = shown; p.AnnounceOff || shown == settings.NearbyAsk {
		p.NearbyEntry = ""
	}
}

// Save writes the preferences, whole or not at all.
func (p Preferences) Save(data string) error {
	content, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the preferences: %w", err)
	}
	f, err := os.CreateTemp(data, ".preferences-*")
	if err != nil {
		return fmt.Errorf("keep the preferences: %w", err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(data, preferencesFile))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keep the preferences: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// emojiUsed remembers an emoji as the last that was used.
func (c *controller) emojiUsed(text string) {
	recents := slices.DeleteFunc(c.preferences.Emoji, func(e string) bool { return e == text })
	recents = append([]string{text}, recents...)
	c.preferences.Emoji = recents[:min(len(recents), emojiMost)]
	c.save()
}
