package main

import (
	"testing"

	"github.com/spf13/cobra"
)

// TestDesktopStartsTheApp: on Windows a program that the desktop starts would else be
// told to use a console, where nobody reads it, and ended.
func TestDesktopStartsTheApp(t *testing.T) {
	command()
	if cobra.MousetrapHelpText != "" {
		t.Error("the desktop of Windows can't start the app")
	}
}
