package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/app/crash"
)

// TestReportIsOffered has a report of an earlier start offered until it was dealt
// with.
func TestReportIsOffered(t *testing.T) {
	form := synthetic("after")
	form.CameraOn, form.MicrophoneOn = false, false
	d := open(t, form)
	d.c.log = slog.New(slog.DiscardHandler)
	folder := filepath.Join(d.c.data, "crash")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	crashed := func() *crash.Keeper {
		if err := os.WriteFile(filepath.Join(folder, "raw.txt"), []byte("SIGQUIT: quit\n\ngoroutine 1 [running]:\nmain.main()\n\t/home/ada/main.go:1 +0x1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := crash.Watch(d.c.data, filepath.Join(d.c.data, "parley.log"), "0.1.0")
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k := crashed()
	d.c.offerReports(pendingReport{k, "crash.title"})
	if shown := d.shown(); !strings.Contains(shown, "ended unexpectedly") || !strings.Contains(shown, "SIGQUIT: quit") {
		t.Fatalf("not offered:\n%s", shown)
	}
	d.press("Copy")
	if got := d.c.app.Clipboard().Content(); got != k.Pending() || strings.Contains(got, "ada") {
		t.Errorf("copied: %q", got)
	}
	d.press("Close")
	if kept, _ := filepath.Glob(filepath.Join(folder, "report-*")); len(kept) != 1 || k.Pending() != "" {
		t.Errorf("%v is kept", kept)
	}
	d.c.offerReports(pendingReport{k, "crash.title"})
	if d.window.Canvas().Overlays().Top() != nil {
		t.Error("offered again")
	}
	k = crashed()
	d.c.offerReports(pendingReport{k, "crash.title"})
	d.press("Delete")
	if k.Pending() != "" {
		t.Error("not deleted")
	}
}
