package crash

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// crashServer ends as the room server may, and gives its status.
func crashServer(data, way string) int {
	k, err := WatchServer(data, "0.1.0")
	if err != nil {
		return 3
	}
	log := slog.New(k.Noting(slog.NewTextHandler(io.Discard, nil))).With("room", "garden")
	// As the media engine catches a panic.
	caught := func() {
		defer func() {
			log.Error("recovered panic", "panic", recover())
		}()
		panic("Ada wrote hunter2")
	}
	switch way {
	case "panics":
		go func() { panic("Ada wrote hunter2") }()
		select {}
	case "exits":
		caught()
		return 1
	case "goes on":
		caught()
		if err := k.Ended(); err != nil {
			return 4
		}
	}
	return 0
}

// TestCrashOfTheServerIsReported has the room server end in the ways that there are.
func TestCrashOfTheServerIsReported(t *testing.T) {
	for _, test := range []struct {
		way      string
		status   int
		reported bool
	}{{"panics", 2, true}, {"exits", 1, true}, {"goes on", 0, false}, {"ends", 0, false}} {
		t.Run(test.way, func(t *testing.T) {
			data := t.TempDir()
			victim := exec.Command(os.Args[0])
			victim.Env = append(os.Environ(), crashVariable+"="+data, serverVariable+"="+test.way)
			if err := victim.Run(); victim.ProcessState.ExitCode() != test.status {
				t.Fatalf("%v, status %d", err, victim.ProcessState.ExitCode())
			}
			for range 2 { // it waits until it was dealt with
				k, err := OfServer(data, "0.2.0")
				if err != nil {
					t.Fatal(err)
				}
				report := k.Pending()
				if (report != "") != test.reported {
					t.Fatalf("reported: %q", report)
				}
				if test.reported && (!strings.Contains(report, "Parley 0.2.0, room server") || !strings.Contains(report, "crash.crashServer") || !strings.Contains(report, "server_test.go:")) {
					t.Errorf("the report does not say where:\n%s", report)
				}
				for _, private := range []string{"hunter2", "Ada", "garden", data} {
					if strings.Contains(report, private) {
						t.Errorf("%q is in the report", private)
					}
				}
			}
			if left, _ := filepath.Glob(filepath.Join(data, folderName, "*")); len(left) > 1 || !test.reported && len(left) > 0 {
				t.Errorf("left: %s", fmt.Sprint(left))
			}
		})
	}
}

// TestServerThatStartsAgainKeepsTheReport has another server start before the window.
func TestServerThatStartsAgainKeepsTheReport(t *testing.T) {
	data := t.TempDir()
	for _, way := range []string{"exits", "ends"} {
		victim := exec.Command(os.Args[0])
		victim.Env = append(os.Environ(), crashVariable+"="+data, serverVariable+"="+way)
		_ = victim.Run() // its status is another test's
	}
	k, err := OfServer(data, "0.2.0")
	if err != nil || !strings.Contains(k.Pending(), "crashServer") {
		t.Errorf("%v, %q", err, k.Pending())
	}
}
