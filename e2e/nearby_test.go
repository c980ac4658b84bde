package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// press clicks where the window shows a text.
func (w *window) press(text string) { w.pressBeside(text, 0) }

// pressBeside presses what is some pixels to the right of a text: the eye of this
// test does not read white on blue.
func (w *window) pressBeside(text string, right int) {
	w.t.Helper()
	var seen string
	end := time.Now().Add(20 * time.Second)
	for tries := 0; time.Now().Before(end); tries++ {
		seen = w.readsAgain(tries, "tsv")
		if x, y, ok := place(seen, text); ok {
			w.desk.xdo("mousemove", "--window", w.id, strconv.Itoa(x/2+right), strconv.Itoa(y/2))
			time.Sleep(300 * time.Millisecond) // as a hand does, on what it is over by then
			w.desk.xdo("click", "1")
			return
		}
		time.Sleep(300 * time.Millisecond)
	}
	w.keep()
	w.t.Fatalf("%s does not show %q but:\n%s", w.name, text, seen)
}

// place finds the first of a text's words that stand beside each other in what
// tesseract recognised.
func place(tsv, text string) (x, y int, found bool) {
	type word struct {
		text string
		x, y int
	}
	var words []word
	for line := range strings.Lines(tsv) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) < 12 || strings.TrimSpace(f[11]) == "" {
			continue
		}
		n := func(i int) int {
			v, _ := strconv.Atoi(f[i])
			return v
		}
		words = append(words, word{strings.ToLower(strings.TrimSpace(f[11])), n(6) + n(8)/2, n(7) + n(9)/2})
	}
	want := strings.Fields(strings.ToLower(text))
	for i := range words {
		if i+len(want) > len(words) {
			break
		}
		same := true
		for j, w := range want {
			same = same && words[i+j].text == w
		}
		if same {
			return words[i].x, words[i].y, true
		}
	}
	return 0, 0, false
}

// openOn opens the app on a host of the network.
func (d *desk) openOn(n *network, host, name, at string, args ...string) *window {
	d.t.Helper()
	w := &window{desk: d, data: d.t.TempDir()}
	args = append([]string{"--data", w.data, "--name", name, "--language", "en", "--theme", "light"}, args...)
	w.process = n.run(host, d.env, args...)
	w.name = name
	for end := time.Now().Add(20 * time.Second); w.id == "" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		out, _ := d.command("xdotool", "search", "--onlyvisible", "--pid", fmt.Sprint(w.cmd.Process.Pid)).Output()
		w.id, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	}
	if w.id == "" {
		d.t.Fatalf("%s shows no window", name)
	}
	x, y, _ := strings.Cut(at, ",")
	d.xdo("windowmove", w.id, x, y)
	d.xdo("windowsize", w.id, "1000", "590")
	return w
}

// TestRoomNearby has a room hosted on one computer found on another, entered by a
// click that its host agrees to, and kept when its host gets another address.
func TestRoomNearby(t *testing.T) {
	d := newDesk(t)
	n := newNetwork(t)
	n.host("bob", subnet+"11")
	ann := d.openOn(n, "server", "Ann", "0,0", "--host", "--room", "tea", "--join", "--camera", "none", "--microphone", "none")
	bob := d.openOn(n, "bob", "Bob", "0,600", "--camera", "none", "--microphone", "none")
	bob.sees("Hosted by Ann")
	bob.press("Hosted by")
	ann.sees("Somebody wants to come in")
	ann.pressBeside("Not now", 130) // Let in
	bob.sees("2 people")
	bob.write("GREETINGS FROM BOB")
	ann.sees("GREETINGS FROM BOB")

	moved := time.Now()
	n.ip("-n", n.space("server"), "addr", "flush", "dev", "eth0")
	n.ip("-n", n.space("server"), "addr", "add", subnet+"99/24", "dev", "eth0")
	ann.write("GREETINGS FROM AFAR")
	bob.sees("GREETINGS FROM AFAR")
	t.Logf("the room is back %v after its host moved", time.Since(moved).Round(100*time.Millisecond))
	if code := ann.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
}
