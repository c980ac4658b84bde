package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHistoryWithoutACall reads a room that was visited before, without joining it,
// writes all that is kept into a folder, and takes that into an app that has nothing.
func TestHistoryWithoutACall(t *testing.T) {
	d := newDesk(t)
	home := t.TempDir() // where the dialogs for folders begin
	d.env = append(d.env, "HOME="+home)
	quiet := []string{"--camera", "none", "--microphone", "none", "--speaker", "none"}
	address, server := serve(t, "--open")
	peer(t, address, "tea", "bob", "--video", "none", "--audio", "none", "--say", "Remember the milk")
	ann := d.open("Ann", "0,0", append(quiet, "--server", address, "--room", "tea", "--join")...)
	ann.sees("Remember the milk")
	ann.stop()
	server.stop() // nothing is asked of it

	ann.start("Ann", quiet...)
	d.xdo("windowsize", ann.id, "1000", "700")
	ann.sees("Recent rooms")
	ann.press("Read")
	ann.sees("Remember the milk")
	ann.sees("Messages on this computer")
	d.xdo("windowfocus", ann.id)
	d.xdo("key", "Escape")
	ann.sees("Recent rooms")

	storage := func(w *window, button string) {
		t.Helper()
		d.xdo("windowfocus", w.id)
		d.xdo("key", "ctrl+comma")
		w.press("Storage")
		w.press(button)
	}
	open := func(w *window) { w.pressBeside("Cancel", 70) } // what the dialog shows
	storage(ann, "Export...")
	open(ann)
	ann.sees("Exported to")
	pages, _ := filepath.Glob(filepath.Join(home, "*", "*", "*.html"))
	found := false
	for _, page := range pages {
		content, err := os.ReadFile(page)
		found = found || err == nil && strings.Contains(string(content), "Remember the milk")
	}
	if !found {
		t.Errorf("no page has the message: %v", pages)
	}
	ann.stop()

	exports, _ := filepath.Glob(filepath.Join(home, "*", "parley-export.json"))
	if len(exports) != 1 {
		t.Fatalf("exported: %v", exports)
	}
	d.env = append(d.env, "HOME="+filepath.Dir(exports[0]), "XDG_CONFIG_HOME="+t.TempDir())
	kim := d.open("Kim", "0,0", quiet...)
	d.xdo("windowsize", kim.id, "1000", "700")
	kim.sees("Rooms that you visit appear here")
	storage(kim, "Import...")
	kim.pressBeside("media", 84) // parley-export, which breaks in two lines
	open(kim)
	kim.sees("1 new message")
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if text := kim.stored("tea"); len(text) == 1 && text[0] == "bob: Remember the milk" {
			break
		} else if time.Now().After(end) {
			t.Fatalf("kept: %q", text)
		}
	}
}
