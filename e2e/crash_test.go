package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCrashIsOffered has a window die as by a fault, and the next start offer what
// is known of it.
func TestCrashIsOffered(t *testing.T) {
	d := newDesk(t)
	quiet := []string{"--camera", "none", "--microphone", "none", "--speaker", "none"}
	ann := d.open("Annabella", "0,0", append(quiet, "--room", "secretgarden")...)
	ann.sees("Recent rooms")
	// The runtime treats it as it does a fault: all goroutines are told of.
	if err := ann.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ann.ended:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not die")
	}
	again := start(t, "after the crash", d.env, binary, append([]string{"--data", ann.data, "--language", "en", "--theme", "light"}, quiet...)...)
	ann.process, ann.id = again, ""
	for end := time.Now().Add(20 * time.Second); ann.id == "" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		out, _ := d.command("xdotool", "search", "--onlyvisible", "--pid", fmt.Sprint(again.cmd.Process.Pid)).Output()
		ann.id, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	}
	ann.sees("Parley ended unexpectedly last time")
	report, err := os.ReadFile(filepath.Join(ann.data, "crash", "report.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(report), "SIGQUIT: quit") || !strings.Contains(string(report), "goroutine 1") {
		t.Errorf("the report says nothing:\n%s", report)
	}
	for _, private := range []string{"Annabella", "secretgarden", ann.data, os.Getenv("HOME") + "/"} {
		if strings.Contains(string(report), private) {
			t.Errorf("%q is in the report", private)
		}
	}
	if code := again.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
}

// TestCrashOfTheHostedServerIsKept has the room server that an app hosts die as by a
// fault, and finds what is known of it where the window looks.
func TestCrashOfTheHostedServerIsKept(t *testing.T) {
	data := t.TempDir()
	begin := func() *process {
		p := start(t, "server", nil, binary, "serve", "--hosted", "--listen", "127.0.0.1:0", "--udp-port", "0", "--tcp-port", "0", "--data", data)
		p.wait("ready", always)
		return p
	}
	died := begin()
	if err := died.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	<-died.ended
	begin().stop()
	report, err := os.ReadFile(filepath.Join(data, "server", "crash", "report.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"room server", "SIGQUIT: quit", "parley/server."} {
		if !strings.Contains(string(report), want) {
			t.Errorf("no %q in the report:\n%s", want, report)
		}
	}
	if strings.Contains(string(report), data) {
		t.Error("a folder is in the report")
	}
}
