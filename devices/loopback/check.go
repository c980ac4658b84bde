//go:build linux || windows

package loopback

import "context"

// check tries it: to open what is closed at once costs little here.
func check(ctx context.Context) error {
	s, err := connect(ctx)
	if err == nil {
		s.close()
	}
	return err
}
