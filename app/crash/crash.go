// Package crash keeps what is known of a crash until the next start, and takes
// everything out of it that is a person's own. It sends nothing.
package crash

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

const (
	folderName = "crash"
	// rawFile is what the runtime writes to while it dies. It is empty as long as
	// all is well.
	rawFile     = "raw.txt"
	pendingFile = "report.txt"
	rawMost     = 4 << 20
	logMost     = 64 << 10
	keptMost    = 5
)

// Keeper is the folder of the reports.
type Keeper struct {
	folder, log, version string
	part                 string // of the program; empty for the window
}

// Watch has the runtime tell of crashes from now on, in a folder of the data folder,
// and makes a report of what an earlier one left. log is the program's log, of which
// a report has the last safe lines.
func Watch(data, log, version string) (*Keeper, error) {
	return watch(&Keeper{folder: filepath.Join(data, folderName), log: log, version: version})
}

func watch(k *Keeper) (*Keeper, error) {
	if err := os.MkdirAll(k.folder, 0o700); err != nil {
		return nil, fmt.Errorf("watch for crashes: %w", err)
	}
	err := k.collect()
	f, openErr := os.OpenFile(filepath.Join(k.folder, rawFile), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if openErr != nil {
		return nil, errors.Join(err, fmt.Errorf("watch for crashes: %w", openErr))
	}
	// The runtime has a descriptor of its own.
	if err := errors.Join(err, debug.SetCrashOutput(f, debug.CrashOptions{}), f.Close()); err != nil {
		return nil, fmt.Errorf("watch for crashes: %w", err)
	}
	return k, nil
}

// collect makes a report of what an earlier crash left.
func (k *Keeper) collect() error {
	raw, at, err := read(filepath.Join(k.folder, rawFile), rawMost)
	if err == nil && len(raw) == 0 {
		raw, at, err = read(filepath.Join(k.folder, notedFile), rawMost)
	}
	if err != nil || len(raw) == 0 {
		return err
	}
	name := k.version
	if k.part != "" {
		name += ", " + k.part
	}
	text := fmt.Sprintf("Parley %s\n%s/%s, %s, %d CPUs\n%s\n\n%s", name, runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(),
		at.UTC().Format(time.RFC3339), Scrub(string(raw)))
	if log, _, err := tail(k.log, logMost); err == nil {
		if lines := ScrubLog(string(log)); lines != "" {
			text += "\nlog:\n" + lines
		}
	}
	return os.WriteFile(filepath.Join(k.folder, pendingFile), []byte(text), 0o600)
}

func read(path string, most int64) (content []byte, at time.Time, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, at, nil
	}
	if err != nil {
		return nil, at, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		at = info.ModTime()
	}
	content, err = io.ReadAll(io.LimitReader(f, most))
	return content, at, err
}

// tail reads the end of a file, from a beginning of a line on.
func tail(path string, most int64) (content []byte, whole bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	if info.Size() <= most {
		content, err = io.ReadAll(io.LimitReader(f, most))
		return content, true, err
	}
	if _, err := f.Seek(-most, io.SeekEnd); err != nil {
		return nil, false, err
	}
	content, err = io.ReadAll(io.LimitReader(f, most))
	_, rest, _ := strings.Cut(string(content), "\n")
	return []byte(rest), false, err
}

// Pending is the report that was not offered yet; empty where there is none.
func (k *Keeper) Pending() string {
	content, _, err := read(filepath.Join(k.folder, pendingFile), rawMost)
	if err != nil {
		return ""
	}
	return string(content)
}

// Keep has the report stay in the folder without being offered again.
func (k *Keeper) Keep(now time.Time) error {
	name := "report-" + now.UTC().Format("20060102-150405") + ".txt"
	if err := os.Rename(filepath.Join(k.folder, pendingFile), filepath.Join(k.folder, name)); err != nil {
		return fmt.Errorf("keep the crash report: %w", err)
	}
	kept, err := filepath.Glob(filepath.Join(k.folder, "report-*.txt"))
	slices.Sort(kept)
	for len(kept) > keptMost {
		err = errors.Join(err, os.Remove(kept[0]))
		kept = kept[1:]
	}
	return err
}

// Delete throws the report away.
func (k *Keeper) Delete() error {
	if err := os.Remove(filepath.Join(k.folder, pendingFile)); err != nil {
		return fmt.Errorf("delete the crash report: %w", err)
	}
	return nil
}
