package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestSettingsByKeyboard opens the settings by their shortcut, from a field
// that has the keyboard, changes the text size, goes through the sections and
// leaves again.
func TestSettingsByKeyboard(t *testing.T) {
	d := newDesk(t)
	ann := d.open("Ann", "0,0", "--camera", "synthetic:ann", "--microphone", "synthetic:ann", "--speaker", "none")
	ann.sees("Recent rooms")
	d.xdo("windowfocus", ann.id)
	d.xdo("key", "ctrl+comma")
	ann.sees("Appearance")
	// From the sections over the close button, name, language and theme.
	d.xdo("key", "--delay", "60", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab")
	d.xdo("key", "--delay", "60", "Right")
	kept := func() (scale float64) {
		content, err := os.ReadFile(filepath.Join(ann.data, "preferences.json"))
		if err != nil {
			return 0
		}
		var p struct {
			TextScale float64 `json:"text_scale"`
		}
		_ = json.Unmarshal(content, &p)
		return p.TextScale
	}
	for end := time.Now().Add(10 * time.Second); kept() < 1.1; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			ann.keep()
			t.Fatalf("the text size is kept as %v", kept())
		}
	}
	d.xdo("key", "ctrl+slash")
	ann.sees("Mute or unmute")
	d.xdo("key", "Escape")
	ann.sees("Recent rooms")
	d.xdo("key", "F1")
	ann.sees("Mute or unmute")
	d.xdo("key", "ctrl+comma")
	ann.sees("Recent rooms")
}
