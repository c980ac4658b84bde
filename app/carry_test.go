package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/session/chat"
	chatview "parley/views/chat"
	"parley/views/settings"
)

// TestHistoryIsCarried exports the history of one window and imports it in
// another, with what goes wrong said in the settings.
func TestHistoryIsCarried(t *testing.T) {
	d := open(t, synthetic("carried"))
	d.c.join(d.c.joinView.Form())
	d.until("the room", func() bool { return d.c.room != nil && d.c.room.loaded })
	if err := d.c.room.send(chatview.Written{Text: "to be taken along"}); err != nil {
		t.Fatal(err)
	}
	d.until("the message", func() bool { return strings.Contains(d.shown(), "to be taken along") })
	d.c.openSettings(settings.Storage)
	folder := t.TempDir()
	d.c.exportTo(folder, time.Now())
	if d.c.stored().Doing == "" {
		t.Error("it is not said what is done")
	}
	d.until("the export", func() bool { return strings.Contains(d.shown(), "Exported to") })
	found, err := filepath.Glob(filepath.Join(folder, "*", "parley-export.json"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	d.c.exportTo(filepath.Join(folder, "nowhere"), time.Now())
	d.until("that it failed", func() bool { return strings.Contains(d.shown(), "The export failed") })

	other := open(t, synthetic("elsewhere"))
	other.c.openSettings(settings.Storage)
	other.c.importFrom(found[0])
	other.until("the import", func() bool { return strings.Contains(other.shown(), "Imported: ") })
	list, err := other.c.store.Recents(t.Context(), 1)
	if err != nil || len(list) != 1 || list[0].Last.Text != "to be taken along" {
		t.Errorf("%+v, %v", list, err)
	}
	damaged := filepath.Join(folder, "x.zip")
	if err := os.WriteFile(damaged, []byte("no archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	other.c.importFrom(damaged)
	other.until("that it failed", func() bool { return strings.Contains(other.shown(), "The import failed") })
}

// TestChosenFolderBringsTheHistoryBack points a fresh installation at an earlier
// folder, and has it work without the folder where that is gone.
func TestChosenFolderBringsTheHistoryBack(t *testing.T) {
	earlier := filepath.Join(t.TempDir(), "history")
	store, err := chat.Open(t.Context(), earlier)
	if err != nil {
		t.Fatal(err)
	}
	room, err := store.Room(t.Context(), chat.RoomKey{Server: "S", AppID: "local", RoomID: "old"})
	if err != nil {
		t.Fatal(err)
	}
	if err := room.Visited(t.Context(), "host:1"); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	form := synthetic("fresh")
	form.CameraOn, form.MicrophoneOn = false, false
	d := open(t, form)
	d.c.useHistory(earlier)
	if got := d.c.stored(); got.Next != earlier || got.Folder == earlier {
		t.Errorf("%+v", got)
	}
	p, err := LoadPreferences(d.c.data)
	if err != nil || p.HistoryFolder != earlier {
		t.Fatalf("%q, %v", p.HistoryFolder, err)
	}
	data := t.TempDir()
	again, elsewhere, err := openHistory(context.Background(), data, p.HistoryFolder)
	if err != nil || elsewhere != nil {
		t.Fatal(elsewhere, err)
	}
	list, err := again.Recents(t.Context(), 5)
	if err != nil || len(list) != 1 || list[0].Key.RoomID != "old" {
		t.Errorf("%+v, %v", list, err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	gone := filepath.Join(t.TempDir(), "unplugged")
	again, elsewhere, err = openHistory(context.Background(), data, gone)
	if err != nil || elsewhere == nil || again.Folder() != filepath.Join(data, historyFolder) {
		t.Errorf("%v, %v", elsewhere, err)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("an empty folder stands in for a disk")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	d.c.useHistory(filepath.Join(d.c.data, historyFolder))
	if d.c.preferences.HistoryFolder != "" || d.c.stored().Next != "" {
		t.Error("the own folder counts as another")
	}
}
