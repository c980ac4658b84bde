//go:build !linux && !windows && !darwin

package screen

import (
	"context"
	"fmt"
	"runtime"

	"parley/devices"
)

func open(context.Context, string, devices.ScreenFormat) (grabber, error) {
	return nil, fmt.Errorf("screens can't be shared on %s yet: %w", runtime.GOOS, devices.ErrNotFound)
}

func list(ctx context.Context) ([]devices.ScreenSource, error) {
	_, err := open(ctx, "", devices.ScreenFormat{})
	return nil, err
}
