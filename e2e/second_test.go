package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/session/wire"
)

// again starts the app once more with a window's data, and gives its status and
// how long it took.
func (w *window) again(args ...string) (status int, took time.Duration) {
	w.t.Helper()
	began := time.Now()
	p := start(w.t, w.name+" again", w.desk.env, binary, append([]string{"--data", w.data}, args...)...)
	select {
	case <-p.ended:
	case <-time.After(15 * time.Second):
		w.keep()
		w.t.Fatal("a second start goes on")
	}
	return p.cmd.ProcessState.ExitCode(), time.Since(began)
}

// inFront reports whether the window is what is to be seen where all lie over each
// other.
func (d *desk) inFront(w *window) bool {
	d.xdo("mousemove", "300", "300")
	_, over, _ := strings.Cut(d.xdo("getmouselocation", "--shell"), "WINDOW=")
	return strings.TrimSpace(over) == w.id
}

// TestSecondStart has one window for a data folder: a second start without a
// link raises it, one with a link has it go there, in a call after a question, and
// none of it matters to another folder. What a crash leaves is no hindrance.
func TestSecondStart(t *testing.T) {
	d := newDesk(t)
	quiet := []string{"--camera", "none", "--microphone", "none", "--speaker", "none"}
	ann := d.open("Ann", "0,0", quiet...)
	ann.sees("Recent rooms")
	bob := d.open("Bob", "0,0", quiet...) // another folder: another window
	bob.sees("Recent rooms")
	if d.inFront(ann) {
		t.Fatal("the later window is not in front")
	}
	if status, took := ann.again(); status != 0 || took > 5*time.Second {
		t.Errorf("status %d after %v", status, took)
	}
	for end := time.Now().Add(5 * time.Second); !d.inFront(ann); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			ann.keep()
			t.Fatal("the first window is not raised")
		}
	}
	if status := bob.stop(); status != 0 {
		t.Errorf("the other window ends with status %d", status)
	}

	address, _ := serve(t, "--open")
	link := wire.Invite{Server: address, AppID: wire.LocalAppID, RoomID: "greenhouse"}.String()
	if status, _ := ann.again(link); status != 0 {
		t.Errorf("status %d", status)
	}
	ann.sees("greenhouse")
	if status, _ := ann.again("--join", link); status != 0 {
		t.Errorf("status %d", status)
	}
	ann.sees("You are the only one here")
	other := wire.Invite{Server: address, AppID: wire.LocalAppID, RoomID: "orchard"}.String()
	if status, _ := ann.again(other); status != 0 {
		t.Errorf("status %d", status)
	}
	ann.sees("You are in greenhouse, and would leave it.")

	ann.kill()
	again := start(t, "Ann after a crash", d.env, binary, append([]string{"--data", ann.data, "--language", "en", "--theme", "light"}, quiet...)...)
	ann.process, ann.id = again, ""
	for end := time.Now().Add(20 * time.Second); ann.id == "" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		out, _ := d.command("xdotool", "search", "--onlyvisible", "--pid", fmt.Sprint(again.cmd.Process.Pid)).Output()
		ann.id, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	}
	if ann.id == "" {
		t.Fatal("what the crash left keeps the next start away")
	}
	if status, _ := ann.again("https://example.org/"); status != 1 {
		t.Error("a page is taken for an invite")
	}
	if code := again.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
}
