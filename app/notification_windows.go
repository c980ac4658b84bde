package app

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"golang.org/x/sys/windows"
)

const (
	// toastWithin is how long a notification may take until it is shown.
	toastWithin = 20 * time.Second
	// toastMost is how much of a text is shown, in characters: Windows takes 5 KB in all.
	toastMost = 300

	toastTitle, toastText, toastFrom = "PARLEY_TOAST_TITLE", "PARLEY_TOAST_TEXT", "PARLEY_TOAST_FROM"
)

// toastScript shows a notification. It is the same for all: what others wrote comes by
// the environment, as PowerShell runs what it finds in a string of a script. There are no
// double quotes in it, which would have to survive a command line.
//
//go:embed notification.ps1
var toastScript string

// systemNotifications are not shown by the toolkit here: it puts the text into a script.
func systemNotifications(c *controller) func(*fyne.Notification) {
	return func(n *fyne.Notification) {
		ctx, cancel := context.WithTimeout(c.ctx, toastWithin)
		defer cancel()
		cmd, err := toast(ctx, n.Title, n.Content)
		if err == nil {
			err = cmd.Run()
		}
		if err != nil && c.ctx.Err() == nil {
			c.log.Warn("a notification can't be shown", "error", err)
		}
	}
}

// toast is the program that shows a notification.
func toast(ctx context.Context, title, text string) (*exec.Cmd, error) {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return nil, fmt.Errorf("find PowerShell: %w", err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(system, "WindowsPowerShell", "v1.0", "powershell.exe"),
		"-NoLogo", "-NoProfile", "-NonInteractive", "-Command", toastScript)
	cmd.Env = append(os.Environ(), toastTitle+"="+toastLine(title), toastText+"="+toastLine(text), toastFrom+"="+appID)
	cmd.SysProcAttr = &windows.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	return cmd, nil
}

// toastLine is a text without what an environment and XML can't hold.
func toastLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || r&0xfffe == 0xfffe {
			return ' '
		}
		return r
	}, s)
	if all := []rune(s); len(all) > toastMost {
		s = string(all[:toastMost]) + "…"
	}
	return s
}
