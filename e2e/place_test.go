package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// at is where the window's content begins on the display.
func (w *window) at() (x, y int) {
	w.t.Helper()
	for line := range strings.Lines(w.desk.xdo("getwindowgeometry", "--shell", w.id)) {
		_, _ = fmt.Sscanf(line, "X=%d", &x)
		_, _ = fmt.Sscanf(line, "Y=%d", &y)
	}
	return x, y
}

// TestPlaceIsKept has a window come back where it was left, and where it can be
// reached when that is not on the display any more.
func TestPlaceIsKept(t *testing.T) {
	d := newManagedDesk(t)
	kim := &window{desk: d, data: t.TempDir()}
	preferences := filepath.Join(kim.data, "preferences.json")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(preferences, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open := func() {
		t.Helper()
		kim.start("Kim", "--camera", "none", "--microphone", "none", "--speaker", "none")
		d.until("the window in front", func() bool { return d.active() == kim.id })
	}
	write(`{"width":800,"height":600}`)
	open()
	before, _ := kim.at()
	d.xdo("windowmove", kim.id, "437", "311")
	d.until("another place", func() bool { x, _ := kim.at(); return x != before })
	left, top := kim.at()
	time.Sleep(2 * time.Second) // it is looked at once a second
	if code := kim.stop(); code != 0 {
		t.Fatalf("status %d", code)
	}
	open()
	d.until(fmt.Sprintf("the place %d,%d", left, top), func() bool { x, y := kim.at(); return x == left && y == top })
	kim.stop()

	write(`{"width":800,"height":600,"place":{"x":-3000,"y":4000}}`)
	open()
	if x, y := kim.at(); x < 0 || y < 0 || x > 800 || y > 600 {
		t.Errorf("it is at %d,%d, where nobody can reach it", x, y)
	}
}
