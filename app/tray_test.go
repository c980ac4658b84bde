package app

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"parley/session"
	"parley/session/chat"
)

// board stands for the system's tray.
type board struct {
	menu  *fyne.Menu
	icons []fyne.Resource
}

func (b *board) SetSystemTrayMenu(m *fyne.Menu)       { b.menu = m }
func (b *board) SetSystemTrayIcon(icon fyne.Resource) { b.icons = append(b.icons, icon) }
func (b *board) SetSystemTrayWindow(fyne.Window)      {}
func (b *board) labels() (labels string) {
	for _, i := range b.menu.Items {
		labels += i.Label + "|"
	}
	return labels
}

// TestUnreadIsCounted has messages come while another window is in front: the
// title and the tray count them, until they are looked at.
func TestUnreadIsCounted(t *testing.T) {
	d := open(t, synthetic("counted"))
	b := &board{}
	if err := d.c.showTray(b); err != nil {
		t.Fatal(err)
	}
	if got := b.labels(); got != "Open Parley|Mute microphone||Quit|" || b.menu.Items[1].Checked {
		t.Errorf("%q", got)
	}
	d.c.join(d.c.joinView.Form())
	d.until("the room", func() bool { return d.c.room != nil && d.c.room.loaded })
	write := func(id string) {
		d.c.inRoom(d.c.room, session.ChatEvent{Event: chat.MessageChanged{Message: chat.Message{ID: id, UserID: "bob", Name: "Bob", Kind: chat.KindText, Text: "hello", Time: time.Now(), Supported: true}}})
	}
	write("1")
	if d.c.unseen != 0 {
		t.Error("what is in view is counted")
	}
	d.c.inFront = false
	write("2")
	write("3")
	write("3") // it changed
	if got := d.window.Title(); got != "(2) counted · Parley" {
		t.Errorf("the title is %q", got)
	}
	if got := b.labels(); !strings.Contains(got, "2 unread messages|") || len(b.icons) != 3 {
		t.Errorf("%q, %d icons", got, len(b.icons))
	}
	d.c.inFront = true
	d.c.looked()
	if got := d.window.Title(); got != "counted · Parley" || d.c.unseen != 0 {
		t.Errorf("the title is %q", got)
	}
	d.c.room.toggleChat()
	write("4")
	if d.c.unseen != 1 {
		t.Error("what came while the chat was closed is not counted")
	}
	d.c.room.toggleChat()
	if d.c.unseen != 0 {
		t.Error("an open chat was not looked at")
	}
	b.menu.Items[1].Action()
	d.until("silence", func() bool { return !d.c.microphoneOn })
	if !b.menu.Items[1].Checked {
		t.Error("the tray does not say that one is muted")
	}
	d.c.inFront = false
	write("5")
	d.c.leaveRoom(func() {})
	if got := d.window.Title(); got != "Parley" || d.c.unseen != 0 {
		t.Errorf("after leaving: %q", got)
	}
	d.c.inFront = true
}

func TestTrayIcons(t *testing.T) {
	open(t, synthetic("icons"))
	b := &board{}
	d := open(t, synthetic("icons"))
	if err := d.c.showTray(b); err != nil {
		t.Fatal(err)
	}
	plain := b.icons[0].Content()
	seen := map[string]bool{string(plain): true}
	for _, n := range []int{1, 2, 12} {
		icon, err := trayIcon(d.c.tray.plain, n)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := png.Decode(bytes.NewReader(icon))
		if err != nil || decoded.Bounds().Dx() != traySize || seen[string(icon)] {
			t.Errorf("%d: %v", n, err)
		}
		seen[string(icon)] = true
	}
}
