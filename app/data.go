package app

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// DefaultData is the system's place for the data of an application.
func DefaultData() (string, error) {
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "Parley"), nil
		}
	case "darwin":
		home, err := os.UserHomeDir()
		if err == nil {
			return filepath.Join(home, "Library", "Application Support", "Parley"), nil
		}
	default:
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "parley"), nil
		}
		home, err := os.UserHomeDir()
		if err == nil {
			return filepath.Join(home, ".local", "share", "parley"), nil
		}
	}
	return "", fmt.Errorf("no home folder is known: name a folder with --data")
}

// ServerData is where the room server of a data folder keeps its own.
func ServerData(data string) string { return filepath.Join(data, "server") }
