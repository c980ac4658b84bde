package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"parley/e2e/impair"
)

// Addresses of the two ends of the line.
const (
	NearAddress = "10.79.0.1"
	farAddress  = "10.79.0.2"
)

// Network is a namespace at the far end of a line.
type Network struct {
	Line  *impair.Line
	space string
	undo  [][]string
}

// NewNetwork makes a namespace and the line to it, which takes root. Close it
// after the programs there.
func NewNetwork() (*Network, error) {
	id := os.Getpid() % 100000
	n := &Network{space: fmt.Sprintf("parley-bench-%d", id)}
	near, far := fmt.Sprintf("bn%d", id), fmt.Sprintf("bf%d", id)
	steps := [][]string{
		{"netns", "add", n.space},
		{"link", "add", near, "type", "veth", "peer", "name", near + "p"},
		{"link", "add", far, "type", "veth", "peer", "name", far + "p"},
	}
	n.undo = [][]string{{"netns", "del", n.space}, {"link", "del", near + "p"}}
	for _, step := range steps {
		if err := ip(step...); err != nil {
			n.Close()
			return nil, err
		}
	}
	for _, name := range []string{near, near + "p", far, far + "p"} {
		if err := impair.Plain(name); err != nil {
			n.Close()
			return nil, err
		}
	}
	for _, step := range [][]string{
		{"addr", "add", NearAddress + "/24", "dev", near}, {"link", "set", near, "up"}, {"link", "set", near + "p", "up"},
		{"link", "set", far, "netns", n.space}, {"link", "set", far + "p", "up"},
		{"-n", n.space, "link", "set", "lo", "up"}, {"-n", n.space, "addr", "add", farAddress + "/24", "dev", far}, {"-n", n.space, "link", "set", far, "up"},
	} {
		if err := ip(step...); err != nil {
			n.Close()
			return nil, err
		}
	}
	var err error
	if n.Line, err = impair.New(near+"p", far+"p"); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Close takes both away.
func (n *Network) Close() {
	if n.Line != nil {
		n.Line.Close()
	}
	for _, step := range n.undo {
		_ = ip(step...)
	}
}

// StartAt starts a program at the far end of a line, or on this machine where far
// is nil.
func (s *Stage) StartAt(ctx context.Context, far *Network, env []string, path string, args ...string) (*Program, error) {
	if far == nil {
		return s.Start(ctx, env, path, args...)
	}
	return s.Start(ctx, env, "ip", append([]string{"netns", "exec", far.space, path}, args...)...)
}

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("ip %s: %s", strings.Join(args, " "), out), err)
	}
	return nil
}
