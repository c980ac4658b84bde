package app

import (
	"fmt"
	"os"
	"path/filepath"
)

const (
	logName = "parley.log"
	// logMost is from which size on, in bytes, a start begins another log. The one
	// before is kept, the one before that is not.
	logMost = 4 << 20
)

// openLog opens the log of a data folder, to be written at its end.
func openLog(folder string) (*os.File, error) {
	path := filepath.Join(folder, logName)
	if info, err := os.Stat(path); err == nil && info.Size() >= logMost {
		// Where that fails, as on Windows while another start has it open, it grows.
		_ = os.Rename(path, path+".1")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return f, nil
}
