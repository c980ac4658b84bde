package server

import (
	"errors"

	"golang.org/x/sys/windows"
)

// Windows reports a port that another program holds for itself as a missing
// permission.
func addressInUse(err error) bool {
	return errors.Is(err, windows.WSAEADDRINUSE) || errors.Is(err, windows.WSAEACCES)
}
