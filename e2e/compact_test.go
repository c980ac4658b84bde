package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSmallWindow works on elsewhere while there is a call: in a window that is in
// front of it, and with that of the call minimised.
func TestSmallWindow(t *testing.T) {
	d := newManagedDesk(t)
	address, _ := serve(t, "--open")
	const room = "tea"
	ann := peer(t, address, room, "Anastasia", "--video", "synthetic:ann", "--audio", "synthetic:ann", "--view", "0x0")
	bob := peer(t, address, room, "Bartholomew", "--video", "synthetic:bob", "--audio", "none", "--view", "0x0")
	kim := &window{desk: d, data: t.TempDir()}
	// The size is kept from an earlier time.
	if err := os.WriteFile(filepath.Join(kim.data, "preferences.json"), []byte(`{"width":1500,"height":1000}`), 0o600); err != nil {
		t.Fatal(err)
	}
	kim.start("Kim", "--server", address, "--room", room, "--join", "--camera", "none", "--microphone", "synthetic:kim", "--speaker", "Ear1")
	// sends waits until a peer encodes its picture in that many sizes, the small first.
	// Nobody but Kim looks.
	sends := func(p *process, layers float64) {
		t.Helper()
		p.after(time.Now(), 20*time.Second, "stats", func(line map[string]any) bool {
			return number(line, "publish", 0, "video", "layers") == layers
		})
	}
	sends(ann, 2)
	sends(bob, 2)
	if small := kim.small(); small.id != "" {
		t.Error("there is a small window while the call is in front")
	}

	appears := func() (small *window) {
		t.Helper()
		d.until("a small window", func() bool { small = kim.small(); return small.id != "" })
		d.until("it is kept above others", func() bool {
			out, _ := d.command("xprop", "-id", small.id, "_NET_WM_STATE").Output()
			return strings.Contains(string(out), "_NET_WM_STATE_ABOVE")
		})
		return small
	}
	goes := func() {
		t.Helper()
		d.until("no small window", func() bool { return kim.small().id == "" })
	}
	stranger := d.stranger()
	small := appears()
	d.until("the keyboard where it was", func() bool { return d.active() == stranger })
	small.seesFrames() // where the other window would be seen if it lay above
	small.sees("Anastasia")
	d.activate(kim.id)
	goes()

	d.activate(stranger)
	small = appears()
	muted := func(is bool) {
		t.Helper()
		ann.wait("streams", func(line map[string]any) bool {
			for _, s := range append(list(line["updated"]), list(line["added"])...) {
				if at(s, "video") == false {
					return at(s, "audio_muted") == is
				}
			}
			return false
		})
	}
	muted(false)
	small.pushes(0)
	muted(true)
	small.pushes(0)
	muted(false)
	small.pushes(2)
	goes()
	d.until("the call in front", func() bool { return d.active() == kim.id })

	d.xdo("windowminimize", kim.id)
	small = appears()
	sends(ann, 1)
	sends(bob, 0)
	small.seesFrames()
	d.activate(kim.id)
	goes()
	sends(ann, 2)
	sends(bob, 2)

	d.activate(stranger)
	appears().pushes(3)
	goes()
	ann.wait("users", func(line map[string]any) bool { return len(list(line["removed"])) == 1 })
}

// pushes clicks a button of the small window: the microphone's, the camera's, the way
// back, and the way out.
func (w *window) pushes(button int) {
	w.t.Helper()
	const buttons, first, each, y = 4, 280/2 - (4*44-12)/2 + 16, 44, 200 - 22
	w.desk.xdo("mousemove", "--window", w.id, fmt.Sprint(first+button*each), fmt.Sprint(y))
	time.Sleep(300 * time.Millisecond) // as a hand does, on what it is over by then
	w.desk.xdo("mousedown", "1", "sleep", "0.1", "mouseup", "1")
}
