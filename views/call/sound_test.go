package call

import (
	"testing"

	"fyne.io/fyne/v2"

	"parley/views/i18n"
)

// TestSoundMenu has every item do what it says.
func TestSoundMenu(t *testing.T) {
	var microphone, speaker string
	var processing Processing
	s := Sound{Microphones: []string{"Headset", "Desk"}, Speakers: []string{"Wall"}, Microphone: "Desk", Processing: Processing{Echo: true, Gain: true}}
	menu := func() map[string]*fyne.MenuItem {
		items := make(map[string]*fyne.MenuItem)
		top := soundMenu(i18n.New("en"), SoundActions{
			Sound:         func() Sound { return s },
			UseMicrophone: func(name string) { microphone = name },
			UseSpeaker:    func(name string) { speaker = name },
			Process:       func(p Processing) { processing = p },
		})
		for _, item := range top.Items {
			items[item.Label] = item
			if item.ChildMenu != nil {
				for _, child := range item.ChildMenu.Items {
					items[child.Label] = child
				}
			}
		}
		return items
	}
	items := menu()
	for label, checked := range map[string]bool{"Headset": false, "Desk": true, "Wall": false, "Remove echo": true, "Remove noise": false, "Even out loudness": true} {
		if items[label] == nil || items[label].Checked != checked {
			t.Errorf("%q is not there, or checked wrongly", label)
			continue
		}
		items[label].Action()
	}
	if microphone == "" || speaker != "Wall" {
		t.Errorf("chosen: %q, %q", microphone, speaker)
	}
	items["Remove echo"].Action()
	if processing != (Processing{Gain: true}) {
		t.Errorf("without echo removal: %+v", processing)
	}
	items["Remove noise"].Action()
	if processing != (Processing{Echo: true, Noise: true, Gain: true}) {
		t.Errorf("with noise removal: %+v", processing)
	}
	items["Original sound, for music"].Action()
	if processing != (Processing{Echo: true, Gain: true, Music: true}) {
		t.Errorf("with music: %+v", processing)
	}
	s.Processing = processing
	if items := menu(); !items["Remove echo"].Disabled || !items["Original sound, for music"].Checked {
		t.Error("with music the rest can be chosen")
	}
	s.ProcessingMissing = true
	if items := menu(); items["Remove echo"] != nil || items["This build can’t process voices"] == nil {
		t.Error("that voices can't be processed is not said")
	}
}
