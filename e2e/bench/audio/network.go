package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"parley/e2e/impair"
)

// Addresses of the two ends of the line.
const (
	nearAddress = "10.79.0.1"
	farAddress  = "10.79.0.2"
)

// network is a namespace at the end of a line.
type network struct {
	space string
	line  *impair.Line
	undo  [][]string
}

func newNetwork() (*network, error) {
	id := os.Getpid() % 100000
	n := &network{space: fmt.Sprintf("parley-bench-%d", id)}
	near, far := fmt.Sprintf("bn%d", id), fmt.Sprintf("bf%d", id)
	steps := [][]string{
		{"netns", "add", n.space},
		{"link", "add", near, "type", "veth", "peer", "name", near + "p"},
		{"link", "add", far, "type", "veth", "peer", "name", far + "p"},
	}
	n.undo = [][]string{{"netns", "del", n.space}, {"link", "del", near + "p"}}
	for _, step := range steps {
		if err := ip(step...); err != nil {
			n.close()
			return nil, err
		}
	}
	for _, name := range []string{near, near + "p", far, far + "p"} {
		if err := impair.Plain(name); err != nil {
			n.close()
			return nil, err
		}
	}
	for _, step := range [][]string{
		{"addr", "add", nearAddress + "/24", "dev", near}, {"link", "set", near, "up"}, {"link", "set", near + "p", "up"},
		{"link", "set", far, "netns", n.space}, {"link", "set", far + "p", "up"},
		{"-n", n.space, "link", "set", "lo", "up"}, {"-n", n.space, "addr", "add", farAddress + "/24", "dev", far}, {"-n", n.space, "link", "set", far, "up"},
	} {
		if err := ip(step...); err != nil {
			n.close()
			return nil, err
		}
	}
	var err error
	if n.line, err = impair.New(near+"p", far+"p"); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

func (n *network) close() {
	if n.line != nil {
		n.line.Close()
	}
	for _, step := range n.undo {
		_ = ip(step...)
	}
}

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("ip %s: %s", strings.Join(args, " "), out), err)
	}
	return nil
}
