// Package screen is a display for the windows that are measured.
package screen

import (
	"fmt"
	"os"
	"os/exec"
)

// Display is a virtual one of 1280x720.
type Display struct {
	Name   string
	server *exec.Cmd
}

// New starts one; Close ends it.
func New() (*Display, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	d := &Display{server: exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x720x24", "-noreset")}
	d.server.ExtraFiles = []*os.File{write}
	err = d.server.Start()
	_ = write.Close()
	if err != nil {
		return nil, err
	}
	var number int
	if _, err := fmt.Fscanln(read, &number); err != nil {
		d.Close()
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	d.Name = fmt.Sprint(":", number)
	return d, nil
}

// Close ends the display, and with it what is on it.
func (d *Display) Close() {
	_ = d.server.Process.Kill()
	_ = d.server.Wait()
}

// Command is one that uses the display.
func (d *Display) Command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "DISPLAY="+d.Name)
	return c
}

// Screenshot writes what is on it; that it could not is told, and no failure.
func (d *Display) Screenshot(path string) {
	if err := d.Command("import", "-display", d.Name, "-window", "root", path).Run(); err != nil {
		fmt.Fprintln(os.Stderr, "screenshot:", err)
	}
}
