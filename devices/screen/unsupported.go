//go:build !linux && !windows && !darwin

package screen

import (
	"context"
	"fmt"
	"runtime"

	"parley/devices"
)

func open(string) (grabber, error) {
	return nil, fmt.Errorf("screens can't be shared on %s yet: %w", runtime.GOOS, devices.ErrNotFound)
}

func list(context.Context) ([]devices.ScreenSource, error) {
	_, err := open("")
	return nil, err
}
