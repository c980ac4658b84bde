package instance

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/windows"
)

// lockFolder takes the lock that the system gives back when the process ends,
// however it ends.
func lockFolder(path string) (lock *os.File, taken bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err != nil {
		closed := f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			return nil, true, nil
		}
		return nil, false, errors.Join(err, closed)
	}
	return f, false, nil
}

// listen opens a port of loopback: whoever reads the secret in the data folder may
// speak to it.
func listen(string) (l net.Listener, folder string, err error) {
	l, err = net.Listen("tcp", "127.0.0.1:0")
	return l, "", err
}
