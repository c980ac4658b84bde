// Package soundtest starts sound servers for tests.
package soundtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Pulse is a PulseAudio of a test's own, which can be stopped and started again.
type Pulse struct {
	Folder string // of its own, until the end of the test

	t       *testing.T
	modules []string
	cmd     *exec.Cmd
}

// NewPulse starts one with modules beside the one that programs talk to, and has this
// process and those that it starts use it. Where PulseAudio is not installed the test is
// skipped, except in CI, where it fails.
func NewPulse(t *testing.T, modules ...string) *Pulse {
	t.Helper()
	if _, err := exec.LookPath("pulseaudio"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pulseaudio is not installed")
		}
		t.Skip("pulseaudio is not installed: make setup installs it")
	}
	folder, err := os.MkdirTemp("", "pa") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	p := &Pulse{Folder: folder, t: t, modules: modules}
	t.Cleanup(func() {
		p.Stop()
		_ = os.RemoveAll(folder)
	})
	t.Setenv("PULSE_SERVER", "unix:"+p.socket())
	p.Start()
	return p
}

func (p *Pulse) socket() string { return filepath.Join(p.Folder, "s") }

// Start starts it, and waits until it answers.
func (p *Pulse) Start() {
	p.t.Helper()
	args := []string{"--daemonize=no", "--exit-idle-time=-1", "-n", "--disallow-exit", "--use-pid-file=no",
		"-L", "module-native-protocol-unix socket=" + p.socket() + " auth-anonymous=1"}
	for _, module := range p.modules {
		args = append(args, "-L", module)
	}
	p.cmd = exec.Command("pulseaudio", args...)
	p.cmd.Env = append(os.Environ(), "HOME="+p.Folder, "XDG_RUNTIME_DIR="+p.Folder, "PULSE_RUNTIME_PATH="+p.Folder)
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for range 200 {
		if exec.Command("pactl", "info").Run() == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatal("the sound server does not answer")
}

// Stop ends it without a goodbye.
func (p *Pulse) Stop() {
	if p.cmd.Process != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
	_ = os.Remove(p.socket())
}
