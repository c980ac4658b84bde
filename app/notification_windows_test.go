package app

import (
	"slices"
	"strings"
	"testing"
)

// TestNotificationRunsNothing: others write what a notification says, and PowerShell
// shows it.
func TestNotificationRunsNothing(t *testing.T) {
	hostile := `$(calc.exe)"; calc.exe; "` + "`" + `“ 'x' ` + "\x00\x01\n"
	cmd, err := toast(t.Context(), hostile, hostile+strings.Repeat("长", 9000))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.Join(cmd.Args, " "), "calc") {
		t.Errorf("what others wrote is in the command: %q", cmd.Args)
	}
	if strings.Contains(toastScript, `"`) {
		t.Error("the script has quotes that a command line takes away")
	}
	for _, name := range []string{toastTitle, toastText, toastFrom} {
		if !strings.Contains(toastScript, "$env:"+name) {
			t.Errorf("the script does not show %s", name)
		}
	}
	want := toastTitle + `=$(calc.exe)"; calc.exe; "` + "`" + `“ 'x'    `
	if !slices.Contains(cmd.Env, want) {
		t.Error("the title does not arrive")
	}
	// Started for real: what can't be in an environment is refused here.
	if err := cmd.Run(); err != nil {
		t.Error(err)
	}
}
