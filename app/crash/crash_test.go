package crash

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

const (
	crashVariable = "PARLEY_TEST_CRASH"
	// serverVariable has the room server crash instead, in one of several ways.
	serverVariable = "PARLEY_TEST_SERVER"
)

func TestMain(m *testing.M) {
	if way := os.Getenv(serverVariable); way != "" {
		os.Exit(crashServer(os.Getenv(crashVariable), way))
	}
	if data := os.Getenv(crashVariable); data != "" {
		log := filepath.Join(data, "parley.log")
		if err := os.WriteFile(log, []byte("time=2026-11-28T21:00:00.000Z level=WARN msg=\"a device does not work\" name=\"Ada's camera\"\n"), 0o600); err != nil {
			os.Exit(3)
		}
		if _, err := Watch(data, log, "0.1.0"); err != nil {
			os.Exit(4)
		}
		go func() { panic("the secret is hunter2, at 192.168.1.20:7880") }()
		select {}
	}
	os.Exit(m.Run())
}

// TestCrashIsReported has a program panic in a goroutine that nobody watches.
func TestCrashIsReported(t *testing.T) {
	data := t.TempDir()
	// Windows deletes no folder with a file in it that is open.
	t.Cleanup(func() { _ = debug.SetCrashOutput(nil, debug.CrashOptions{}) })
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), crashVariable+"="+data)
	if err := victim.Run(); victim.ProcessState.ExitCode() != 2 {
		t.Fatalf("%v, status %d", err, victim.ProcessState.ExitCode())
	}
	k, err := Watch(data, filepath.Join(data, "parley.log"), "0.2.0")
	if err != nil {
		t.Fatal(err)
	}
	report := k.Pending()
	for _, want := range []string{"Parley 0.2.0\n", "panic: (its words are left out)", "TestMain.func1(...)", "crash_test.go:", "WARN a device does not work\n"} {
		if !strings.Contains(report, want) {
			t.Errorf("no %q in the report", want)
		}
	}
	for _, private := range []string{"hunter2", "192.168", "Ada", data, "0xc0"} {
		if strings.Contains(report, private) {
			t.Errorf("%q is in the report", private)
		}
	}
	if t.Failed() {
		t.Log(report)
	}
	again, err := Watch(data, filepath.Join(data, "parley.log"), "0.2.0")
	if err != nil || again.Pending() != report {
		t.Errorf("the report does not wait: %v", err)
	}
	now := time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC)
	for i := range keptMost + 2 {
		if err := os.WriteFile(filepath.Join(data, folderName, pendingFile), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := k.Keep(now.Add(time.Duration(i) * time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	kept, _ := filepath.Glob(filepath.Join(data, folderName, "report-*"))
	if k.Pending() != "" || len(kept) != keptMost {
		t.Errorf("%d are kept", len(kept))
	}
	if err := os.WriteFile(filepath.Join(data, folderName, pendingFile), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := k.Delete(); err != nil || k.Pending() != "" {
		t.Errorf("not deleted: %v", err)
	}
}

func TestScrub(t *testing.T) {
	for raw, want := range map[string]string{
		"panic: runtime error: index out of range [3] with length 2":                                         "panic: runtime error: index out of range [3] with length 2\n",
		"panic: no such room: \"Ada and Bob\"":                                                               "panic: (its words are left out)\n",
		"fatal error: concurrent map writes":                                                                 "fatal error: concurrent map writes\n",
		"SIGQUIT: quit":                                                                                      "SIGQUIT: quit\n",
		"goroutine 18 [running]:":                                                                            "goroutine 18 [running]:\n",
		"goroutine 1 gp=0xc000002380 m=0 mp=0x1a4a2a0 [IO wait, 3 minutes]:":                                 "goroutine 1 gp=0xc000002380 m=0 mp=0x1a4a2a0 [IO wait, 3 minutes]:\n",
		"parley/app.(*controller).join(0xc0001, {0xc0002, 0x5})":                                             "parley/app.(*controller).join(...)\n",
		"\t/home/ada/src/parley/app/controller.go:245 +0x1d":                                                 "\tcontroller.go:245\n",
		"\tC:/Users/Ada Lovelace/parley/app/run.go:7 +0x1d fp=0xc000 sp=0xc1 pc=0x1":                         "\trun.go:7\n",
		"created by parley/app.newController in goroutine 1":                                                 "created by parley/app.newController\n",
		"Hello, this is what Ada wrote":                                                                      "(1 lines left out)\n",
		"token=eyJhbGciOiJIUzI1NiJ9.e30.x":                                                                   "(1 lines left out)\n",
		"panic: runtime error: hash of unhashable type main.secret{\"x\"}\n\tpanic: Ada said so [recovered]": "panic: (its words are left out)\npanic: (its words are left out)\n",
	} {
		if got := Scrub(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
	if got := ScrubLog("time=2026-11-28T21:00:00.000Z level=INFO msg=hello\ntime=2026-11-28T21:00:00.000Z level=ERROR msg=\"to 10.0.0.1\"\ntime=2026-11-28T21:00:01.000Z level=WARN msg=failed error=\"Ada\"\n"); got != "2026-11-28T21:00:01.000Z WARN failed\n" {
		t.Errorf("%q", got)
	}
}

// FuzzScrub holds what matters: no argument, no word of a panic and no folder of a
// person gets through.
func FuzzScrub(f *testing.F) {
	f.Add("goroutine 1 [running]:\nmain.main()\n\t/home/ada/x.go:1 +0x1\n")
	f.Add("panic: x\n\npanic: runtime error: y\n")
	f.Fuzz(func(t *testing.T, raw string) {
		for line := range strings.Lines(Scrub(raw)) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "\t") && strings.ContainsAny(line, `/\`) {
				t.Fatalf("a folder: %q", line)
			}
			if len(line) > 300 || strings.ContainsAny(line, "\"@=\x00") && !strings.Contains(line, "gp=") && !strings.Contains(line, "PC=") && !strings.Contains(line, "[signal") && !strings.HasPrefix(line, "\t") {
				t.Fatalf("it says %q", line)
			}
		}
	})
}
