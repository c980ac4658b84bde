// Package e2e starts the whole program, with the real engines, and looks at it
// as a person or another program would.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the program, built once.
var binary string // set once, by TestMain

func TestMain(m *testing.M) {
	if config := os.Getenv(natsEnv); config != "" {
		os.Exit(runNATS(config))
	}
	// Each window would start a bus of its own, and all that belongs to one, which
	// nobody ends.
	if err := os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"); err != nil {
		panic(err)
	}
	folder, err := os.MkdirTemp("", "parley-e2e-*")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(folder, "parley")
	build := exec.Command("go", "build", "-o", binary, "parley")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// process is a program that writes JSON lines.
type process struct {
	t      *testing.T
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ended  chan struct{}
	mu     sync.Mutex
	lines  []map[string]any
	stderr bytes.Buffer
}

// start runs a program until the test ends.
func start(t *testing.T, name string, env []string, path string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = 5 * time.Second
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		scanner := bufio.NewScanner(stdout)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			line := make(map[string]any)
			if json.Unmarshal(scanner.Bytes(), &line) != nil {
				line = map[string]any{"event": "text", "text": scanner.Text()}
			}
			line["arrived"] = time.Now()
			p.mu.Lock()
			p.lines = append(p.lines, line)
			p.mu.Unlock()
		}
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s%s", name, p.story(), p.stderr.String())
		}
	})
	return p
}

func (p *process) story() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, line := range p.lines {
		text, _ := json.Marshal(line)
		fmt.Fprintf(&b, "%s\n", text)
	}
	return b.String()
}

// stop ends the program as a service manager would, and gives its status.
func (p *process) stop() int {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		p.t.Errorf("%s does not end", p.name)
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // says where it hangs
		select {
		case <-p.ended:
		case <-time.After(5 * time.Second):
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

func (p *process) say(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits for a line of an event that matches.
func (p *process) wait(event string, match func(map[string]any) bool) map[string]any {
	p.t.Helper()
	return p.waitAny(event, func(line map[string]any) bool { return line["event"] == event && match(line) })
}

// waitAny waits for a line of any event.
func (p *process) waitAny(what string, match func(map[string]any) bool) map[string]any {
	p.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		p.mu.Lock()
		lines := p.lines
		p.mu.Unlock()
		for _, line := range lines {
			if match(line) {
				return line
			}
		}
		select {
		case <-p.ended:
			p.t.Fatalf("%s ended before its %s", p.name, what)
		default:
		}
	}
	p.t.Fatalf("%s: no %s", p.name, what)
	return nil
}

func always(map[string]any) bool { return true }

func is(key string, value any) func(map[string]any) bool {
	return func(line map[string]any) bool { return line[key] == value }
}

// at reads a value below keys; a number is an index of a list.
func at(value any, keys ...any) any {
	for _, key := range keys {
		switch key := key.(type) {
		case string:
			m, ok := value.(map[string]any)
			if !ok {
				return nil
			}
			value = m[key]
		case int:
			list, ok := value.([]any)
			if !ok || key >= len(list) {
				return nil
			}
			value = list[key]
		}
	}
	return value
}

func number(value any, keys ...any) float64 {
	n, _ := at(value, keys...).(float64)
	return n
}

// serve starts a server on free ports and tells its address.
func serve(t *testing.T, args ...string) (string, *process) {
	t.Helper()
	p := start(t, "server", nil, binary, append([]string{"serve", "--hosted", "--listen", "127.0.0.1:0", "--udp-port", "0", "--tcp-port", "0",
		"--data", t.TempDir()}, args...)...)
	ready := p.wait("ready", always)
	address, _ := ready["address"].(string)
	return address, p
}

// peer starts a participant without a window.
func peer(t *testing.T, address, room, name string, args ...string) *process {
	t.Helper()
	return start(t, name, nil, binary, append([]string{"peer", "--server", address, "--room", room, "--name", name, "--data", t.TempDir()}, args...)...)
}
