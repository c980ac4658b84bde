package session_test

import (
	"errors"
	"log/slog"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/sound/soundtest"
	"parley/devices/system"
	"parley/session"
	"parley/session/chat"
)

// newSoundServer starts one with a virtual sound card that stays.
func newSoundServer(t *testing.T) *soundtest.Pulse {
	t.Helper()
	return soundtest.NewPulse(t, "module-null-sink sink_name=builtin rate=48000 sink_properties=device.description=Builtin")
}

// soundServer starts one of its own, with a virtual sound card that stays, and
// gives what plugs others in and out.
func soundServer(t *testing.T) (plug func(name string) (unplug func())) {
	t.Helper()
	newSoundServer(t)
	return func(name string) func() {
		out, err := exec.Command("pactl", "load-module", "module-null-sink", "sink_name="+strings.ToLower(name),
			"rate=48000", "sink_properties=device.description="+name).Output()
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := exec.Command("pactl", "unload-module", strings.TrimSpace(string(out))).Run(); err != nil {
				t.Error(err)
			}
		}
	}
}

// newPersonWithHardware has the devices of this machine.
func newPersonWithHardware(t *testing.T, id string) *person {
	t.Helper()
	hardware := system.New(system.Options{Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { _ = hardware.Close() })
	p := &person{t: t, id: id, lab: &lab{}, shown: make(map[string]*atomic.Int64)}
	var err error
	if p.store, err = chat.Open(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	p.engine, err = session.NewEngine(session.Profile{Server: address, Devices: hardware, Store: p.store, Logger: slog.New(slog.DiscardHandler)}, p.handle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.engine.Close(); err != nil {
			t.Error(err)
		}
		_ = p.store.Close()
	})
	return p
}

// TestHeadsetGoesAndComesBackInACall pulls a real sound card out.
func TestHeadsetGoesAndComesBackInACall(t *testing.T) {
	plug := soundServer(t)
	unplug := plug("Headset")
	p := newPersonWithHardware(t, "pulse")
	p.engine.UseSpeaker("Headset")
	p.engine.UseMicrophone("Monitor of Headset")
	p.join("pulse")
	if err := p.engine.StartPublishing("pulse", session.Sources{Microphone: true}); err != nil {
		t.Fatal(err)
	}
	kinds := []devices.Kind{devices.Speaker, devices.Microphone}
	// step forgets what was, does something, and waits for both devices.
	step := func(what string, do func(), match func(session.DeviceChanged) bool) {
		t.Helper()
		p.mu.Lock()
		p.events = nil
		p.mu.Unlock()
		do()
		began := time.Now()
		for _, kind := range kinds {
			saw(p, what+" of the "+kind.String(), func(e session.DeviceChanged) bool { return e.Kind == kind && match(e) })
		}
		t.Logf("%s after %v", what, time.Since(began).Round(10*time.Millisecond))
		if took := time.Since(began); took > 2500*time.Millisecond {
			t.Errorf("%s took %v", what, took)
		}
	}
	for _, kind := range kinds {
		saw(p, kind.String(), func(e session.DeviceChanged) bool { return e.Kind == kind && e.Open && !e.Fallback })
	}
	step("the default in the place", unplug, func(e session.DeviceChanged) bool { return e.Open && e.Fallback && e.Err != nil })
	step("the return", func() { plug("Headset") }, func(e session.DeviceChanged) bool { return e.Open && !e.Fallback && e.Err == nil })
	if err := p.engine.StopPublishing(); err != nil && !errors.Is(err, session.ErrState) {
		t.Error(err)
	}
}
