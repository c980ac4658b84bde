package crash

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
)

// notedFile has what the media engine caught itself, of which it ends the process in
// some cases without a word of the runtime.
const notedFile = "noted.txt"

// caughtMessage is how the media engine tells of a panic that it caught.
const caughtMessage = "recovered panic"

// serverName is what a report calls the server.
const serverName = "room server"

// WatchServer has the runtime tell of crashes of the room server that the app hosts,
// in a folder of the server's data folder. Ended is to be called when it ends in order.
func WatchServer(data, version string) (*Keeper, error) {
	k, err := watch(&Keeper{folder: filepath.Join(data, folderName), version: version, part: serverName})
	if err != nil {
		return nil, err
	}
	return k, k.Ended() // what was noted is in the report
}

// OfServer makes a report of what an earlier room server left, which does not run.
func OfServer(data, version string) (*Keeper, error) {
	k := &Keeper{folder: filepath.Join(data, folderName), version: version, part: serverName}
	if err := k.collect(); err != nil {
		return nil, err
	}
	for _, name := range []string{rawFile, notedFile} {
		if err := os.Remove(filepath.Join(k.folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("put away what is known of a crash: %w", err)
		}
	}
	return k, nil
}

// Ended forgets what was noted: the process ends in order all the same.
func (k *Keeper) Ended() error {
	if err := os.Remove(filepath.Join(k.folder, notedFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget what was noted: %w", err)
	}
	return nil
}

// Noting passes a log on, and notes where panics were that the media engine caught.
func (k *Keeper) Noting(next slog.Handler) slog.Handler {
	return noting{Handler: next, path: filepath.Join(k.folder, notedFile), mu: new(sync.Mutex)}
}

type noting struct {
	slog.Handler
	path string
	mu   *sync.Mutex
}

func (n noting) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == caughtMessage {
		n.note()
	}
	return n.Handler.Handle(ctx, r)
}

// note keeps the latest: it is the one that the process may end of. The stack is that
// of the panic, since the engine logs while it recovers. That it can't be kept must not
// keep the log from being written.
func (n noting) note() {
	n.mu.Lock()
	defer n.mu.Unlock()
	_ = os.WriteFile(n.path, append([]byte("panic: (caught)\n\n"), debug.Stack()...), 0o600)
}

func (n noting) WithAttrs(attrs []slog.Attr) slog.Handler {
	n.Handler = n.Handler.WithAttrs(attrs)
	return n
}

func (n noting) WithGroup(name string) slog.Handler {
	n.Handler = n.Handler.WithGroup(name)
	return n
}
