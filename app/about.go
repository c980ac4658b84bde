package app

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"fyne.io/fyne/v2"

	"parley/devices/voice"
	"parley/views/settings"
)

// about says what this program is made of.
func about(m fyne.AppMetadata, licences string) settings.Details {
	d := settings.Details{
		Version:  m.Version,
		System:   fmt.Sprintf("%s/%s · %s", runtime.GOOS, runtime.GOARCH, runtime.Version()),
		Licences: licences,
	}
	if m.Build > 0 {
		d.Version += fmt.Sprintf(" (%d)", m.Build)
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		d.Engines = engines(build)
	}
	if voice.Library != "" {
		name, version, _ := strings.Cut(voice.Library, " ")
		d.Engines = append(d.Engines, settings.Engine{Name: name, Version: version})
	}
	return d
}

// engines finds the versions of what does the work.
func engines(build *debug.BuildInfo) []settings.Engine {
	versions := make(map[string]string)
	for _, module := range build.Deps {
		for module.Replace != nil {
			module = module.Replace
		}
		versions[module.Path] = module.Version
	}
	var list []settings.Engine
	for _, known := range []struct{ module, name string }{
		{"github.com/livekit/livekit-server", "LiveKit"},
		{"github.com/nats-io/nats-server/v2", "NATS"},
		{"github.com/pion/webrtc/v4", "Pion"},
		{"fyne.io/fyne/v2", "Fyne"},
		{"modernc.org/sqlite", "SQLite (modernc.org/sqlite)"},
		{"github.com/gen2brain/malgo", "miniaudio (malgo)"},
	} {
		if version := versions[known.module]; version != "" {
			list = append(list, settings.Engine{Name: known.name, Version: version})
		}
	}
	return list
}
