package e2e

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// shell stands for the part of a desktop that shows tray icons and notifications,
// on a bus of its own.
type shell struct {
	items chan string // the bus names of icons
	notes chan string // titles and texts
	conn  *dbus.Conn
}

func newShell(t *testing.T) (*shell, string) {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("dbus-daemon is missing: make setup installs it")
	}
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	(&desk{t: t}).run(bus)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s := &shell{items: make(chan string, 8), notes: make(chan string, 8), conn: conn}
	for _, service := range []struct{ name, path string }{
		{"org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"}, {"org.freedesktop.Notifications", "/org/freedesktop/Notifications"},
	} {
		if err := conn.Export(s, dbus.ObjectPath(service.path), service.name); err != nil {
			t.Fatal(err)
		}
		if reply, err := conn.RequestName(service.name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
			t.Fatal(reply, err)
		}
	}
	return s, address
}

// RegisterStatusNotifierItem is called by a program with an icon.
func (s *shell) RegisterStatusNotifierItem(sender dbus.Sender, _ string) *dbus.Error {
	s.items <- string(sender)
	return nil
}

// Notify is called by a program with a notification.
func (s *shell) Notify(_ string, _ uint32, _, title, text string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	s.notes <- title + ": " + text
	return 1, nil
}

// layout is a menu as it travels.
type layout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// menu reads the labels of an icon's menu, with their numbers and what is checked.
func (s *shell) menu(t *testing.T, item string) (ids map[string]int32, checked map[string]bool) {
	t.Helper()
	var revision uint32
	var root layout
	call := s.conn.Object(item, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{})
	if err := call.Store(&revision, &root); err != nil {
		t.Fatal(err)
	}
	ids, checked = make(map[string]int32), make(map[string]bool)
	for _, child := range root.Children {
		var entry layout
		if err := dbus.Store([]any{child.Value()}, &entry); err != nil {
			t.Fatal(err)
		}
		label, _ := entry.Properties["label"].Value().(string)
		ids[label] = entry.ID
		state, _ := entry.Properties["toggle-state"].Value().(int32)
		checked[label] = state == 1
	}
	return ids, checked
}

func (s *shell) click(t *testing.T, item string, id int32) {
	t.Helper()
	call := s.conn.Object(item, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.Event", 0, id, "clicked", dbus.MakeVariant(int32(0)), uint32(0))
	if call.Err != nil {
		t.Fatal(call.Err)
	}
}

// TestTray has a desktop with a place for icons: the menu mutes, counts what was
// not read, and quits; a message is told by a notification while another window is
// in front.
func TestTray(t *testing.T) {
	d := newDesk(t)
	s, bus := newShell(t)
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+bus)
	address, _ := serve(t, "--open")
	ann := d.open("Ann", "0,0", "--server", address, "--room", "tea", "--join", "--camera", "none", "--microphone", "synthetic:ann", "--speaker", "none")
	var item string
	select {
	case item = <-s.items:
	case <-time.After(20 * time.Second):
		t.Fatal("there is no icon")
	}
	ann.sees("You are the only one here")
	icon, err := s.conn.Object(item, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem.IconPixmap")
	if err != nil || icon.Signature().String() != "a(iiay)" {
		t.Fatalf("no picture: %v, %v", icon.Signature(), err)
	}
	first := icon.String()
	ids, checked := s.menu(t, item)
	if ids["Open Parley"] == 0 || ids["Quit"] == 0 || checked["Mute microphone"] {
		t.Fatalf("the menu is %v", ids)
	}
	s.click(t, item, ids["Mute microphone"])
	for end := time.Now().Add(5 * time.Second); !checked["Mute microphone"]; time.Sleep(50 * time.Millisecond) {
		if ids, checked = s.menu(t, item); time.Now().After(end) {
			t.Fatal("the menu does not mute")
		}
	}
	other := d.open("Eve", "0,600", "--camera", "none", "--microphone", "none", "--speaker", "none")
	other.sees("Recent rooms")
	d.xdo("windowfocus", "--sync", other.id)
	peer(t, address, "tea", "Bob", "--video", "none", "--audio", "none", "--say", "are you there")
	for told := false; !told; {
		select {
		case note := <-s.notes:
			told = strings.Contains(note, "Bob") && strings.HasSuffix(note, ": are you there")
		case <-time.After(20 * time.Second):
			ann.keep()
			t.Fatal("nothing is told")
		}
	}
	for end := time.Now().Add(5 * time.Second); ids["1 unread message"] == 0; time.Sleep(50 * time.Millisecond) {
		if ids, _ = s.menu(t, item); time.Now().After(end) {
			t.Fatalf("the menu is %v", ids)
		}
	}
	if icon, err = s.conn.Object(item, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem.IconPixmap"); err != nil || icon.String() == first {
		t.Errorf("the icon does not count: %v", err)
	}
	if title := d.xdo("getwindowname", ann.id); title != "(1) tea · Parley" {
		t.Errorf("the title is %q", title)
	}
	s.click(t, item, ids["Quit"])
	select {
	case <-ann.ended:
	case <-time.After(15 * time.Second):
		t.Fatal("it does not quit")
	}
	if code := ann.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("status %d, %s", code, ann.stderr.String())
	}
}
