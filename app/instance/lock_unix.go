//go:build unix

package instance

import (
	"errors"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockFolder takes the lock that the system gives back when the process ends,
// however it ends.
func lockFolder(path string) (lock *os.File, taken bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		closed := f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, true, nil
		}
		return nil, false, errors.Join(err, closed)
	}
	return f, false, nil
}

const (
	socketFile = "instance.sock"
	// pathMost is what the address of a socket has room for on every system.
	pathMost = 100
)

// listen opens a socket in the data folder, or where that has too long a name, in
// a folder of its own that only the user may enter.
func listen(data string) (l net.Listener, folder string, err error) {
	path, err := filepath.Abs(filepath.Join(data, socketFile))
	if err != nil {
		return nil, "", err
	}
	if len(path) > pathMost {
		if folder, err = os.MkdirTemp(os.Getenv("XDG_RUNTIME_DIR"), "parley-"); err != nil {
			return nil, "", err
		}
		path = filepath.Join(folder, socketFile)
	}
	_ = os.Remove(path) // of a program that did not end in order
	if l, err = net.Listen("unix", path); err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil && folder != "" {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return l, folder, err
}
