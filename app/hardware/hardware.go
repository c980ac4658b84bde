// Package hardware opens the devices of this machine, with the session's
// codecs for those that are files.
package hardware

import (
	"fmt"
	"log/slog"

	"parley/devices"
	"parley/devices/file"
	"parley/devices/system"
	"parley/session/media/vpx"
)

// New makes the opener; close it after all its devices.
func New(log *slog.Logger) *system.System {
	return system.New(system.Options{Logger: log, VideoDecoder: decoder})
}

func decoder(fourcc string) (file.Decoder, error) {
	switch fourcc {
	case "VP80":
		return vpx.NewDecoder(vpx.VP8, new(devices.FramePool))
	case "VP90":
		return vpx.NewDecoder(vpx.VP9, new(devices.FramePool))
	default:
		return nil, fmt.Errorf("video of kind %q: %w", fourcc, devices.ErrFormat)
	}
}
