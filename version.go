package main

import (
	_ "embed"
	"strings"
)

// fyneApp is what the program is packaged by: the one place of its version.
//
//go:embed FyneApp.toml
var fyneApp string

// version is the program's.
func version() string {
	for line := range strings.Lines(fyneApp) {
		if value, is := strings.CutPrefix(line, "Version = "); is {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}
