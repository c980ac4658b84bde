package session_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/session"
)

// labScreenHz is what a program plays in the lab.
const labScreenHz = 1500

// labSound is what is heard of the lab's computer.
type labSound struct {
	stop chan struct{}
	done sync.WaitGroup
	once sync.Once
}

func (s *labSound) Close() error {
	s.once.Do(func() { close(s.stop) })
	s.done.Wait()
	return nil
}

func (l *lab) CheckScreenSound(context.Context) error { return nil }

// OpenScreenSound plays a tone, until the sound is to go.
func (l *lab) OpenScreenSound(_ context.Context, id string, programs devices.Programs, lost func(error)) (io.Closer, error) {
	if id != "window:1" || l.mute.Load() {
		return nil, devices.ErrNotFound
	}
	s := &labSound{stop: make(chan struct{})}
	s.done.Go(func() {
		next := time.Now()
		both := make([]float32, 2*devices.PeriodSamples)
		for n := 0; ; {
			next = next.Add(devices.Period)
			select {
			case <-s.stop:
				return
			case <-time.After(time.Until(next)):
			}
			if l.mute.Load() {
				lost(devices.ErrNotFound)
				return
			}
			for i := 0; i < len(both); i += 2 {
				both[i] = float32(0.5 * math.Sin(2*math.Pi*labScreenHz*float64(n)/devices.SampleRate))
				both[i+1] = both[i]
				n++
			}
			programs.Play(1, both)
		}
	})
	return s, nil
}

// TestSharingSound shares a window with sound, which a muted microphone does not
// mute, and which ends with the window, or by itself.
func TestSharingSound(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 700)
	if err := ann.engine.ShareSound(t.Context(), "window:1"); !errors.Is(err, session.ErrState) {
		t.Errorf("before a login: %v", err)
	}
	ann.join("sharing-sound")
	bob.join("sharing-sound")
	ann.publish()
	ann.engine.MuteMicrophone(true)
	if err := ann.engine.ShareSound(t.Context(), "window:1"); !errors.Is(err, session.ErrState) {
		t.Errorf("without a screen: %v", err)
	}
	const stream = "ann-screen"
	share := func() {
		t.Helper()
		if err := ann.engine.StartSharing(t.Context(), "window:1"); err != nil {
			t.Fatal(err)
		}
		if err := ann.engine.ShareSound(t.Context(), "window:1"); err != nil {
			t.Fatal(err)
		}
	}
	share()
	if err := ann.engine.ShareSound(t.Context(), "window:1"); !errors.Is(err, session.ErrState) {
		t.Errorf("twice: %v", err)
	}
	saw(bob, "the sound of the screen", func(e session.FirstAudioSample) bool { return e.StreamID == stream })
	eventually(t, "bob hears the computer of ann, who is muted", func() bool { return bob.lab.heard(labScreenHz) > 0.5 })
	levels := saw(bob, "how loud it is", func(e session.SoundLevels) bool { return e.Streams[stream] > 50 })
	if levels.Streams["ann-main"] > 20 {
		t.Errorf("ann counts as speaking: %v", levels.Streams)
	}
	saw(bob, "that ann is muted all the same", func(e session.RoomStreamsChanged) bool {
		for _, s := range append(e.Added, e.Updated...) {
			if s.ID == "ann-main" && s.Audio.Muted {
				return true
			}
		}
		return false
	})
	if stats := ann.engine.Stats().Share; stats == nil || stats.AudioLevel < 50 || stats.AudioBytes == 0 {
		t.Errorf("%+v is sent", stats)
	}
	if ann.lab.heard(labScreenHz) > 0.1 {
		t.Error("ann hears her own computer from the call")
	}
	if err := bob.engine.SetPlayVolume(stream, 0); err != nil {
		t.Error(err)
	}
	eventually(t, "bob turned it down", func() bool { return bob.lab.heard(labScreenHz) < 0.1 })
	if err := bob.engine.SetPlayVolume(stream, 1); err != nil {
		t.Error(err)
	}

	// It ends by itself, and the window stays.
	bob.forget()
	ann.lab.mute.Store(true)
	saw(ann, "that the sound is gone", func(e session.SharingSoundEnded) bool { return errors.Is(e.Err, devices.ErrNotFound) })
	saw(bob, "the window without sound", func(e session.RoomStreamsChanged) bool {
		return len(e.Updated) == 1 && e.Updated[0].ID == stream && !e.Updated[0].Audio.Present && e.Updated[0].Video.Present
	})
	if err := ann.engine.ShareSound(t.Context(), "window:1"); !errors.Is(err, devices.ErrNotFound) {
		t.Errorf("without any sound: %v", err)
	}
	ann.lab.mute.Store(false)
	if err := ann.engine.StopSharing(); err != nil {
		t.Error(err)
	}
	bob.forget()
	share()
	saw(bob, "it once more", func(e session.FirstAudioSample) bool { return e.StreamID == stream })
	eventually(t, "bob hears it again", func() bool { return bob.lab.heard(labScreenHz) > 0.5 })
	if err := ann.engine.StopSharing(); err != nil {
		t.Error(err)
	}
	saw(bob, "the end", func(e session.RoomStreamsChanged) bool { return len(e.Removed) == 1 && e.Removed[0].ID == stream })
	eventually(t, "bob hears nothing", func() bool { return bob.lab.heard(labScreenHz) < 0.1 })
	share() // and is left with it
	saw(bob, "the last", func(e session.FirstAudioSample) bool { return e.StreamID == stream })
	if err := ann.engine.LogoutRoom(); err != nil {
		t.Error(err)
	}
}

// TestSharingSoundOfRealPrograms shares what a real sound server plays, while what
// Parley itself plays there stays out of it, through a restart of that server.
func TestSharingSoundOfRealPrograms(t *testing.T) {
	server := newSoundServer(t)
	tone := filepath.Join(t.TempDir(), "tone.raw")
	var raw []byte
	for i := range 60 * devices.SampleRate {
		v := uint16(int16(16000 * math.Sin(2*math.Pi*1900*float64(i)/devices.SampleRate)))
		raw = binary.LittleEndian.AppendUint16(raw, v)
	}
	if err := os.WriteFile(tone, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	play := func() {
		t.Helper()
		player := exec.Command("pacat", "--playback", "--raw", "--format=s16le", "--rate=48000", "--channels=1", tone)
		if err := player.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = player.Process.Kill()
			_ = player.Wait()
		})
	}
	ann, bob := newPersonWithHardware(t, "ann"), newPerson(t, "bob", 700)
	ann.join("sharing-real-sound")
	bob.join("sharing-real-sound")
	bob.publish() // ann's speaker plays it
	saw(ann, "bob's sound", func(e session.FirstAudioSample) bool { return e.StreamID == "bob-main" })
	play()
	if err := ann.engine.StartSharing(t.Context(), devices.Synthetic); err != nil {
		t.Fatal(err)
	}
	if err := ann.engine.ShareSound(t.Context(), "screen:0"); err != nil {
		t.Fatal(err)
	}
	listen := func() {
		t.Helper()
		eventually(t, "bob hears the program", func() bool {
			bob.lab.mu.Lock()
			defer bob.lab.mu.Unlock()
			last := bob.lab.played[max(0, len(bob.lab.played)-3*devices.SampleRate/2):]
			return synthetic.HearsPilot(last, 1900) // its speed follows a clock, a little
		})
		for range 10 {
			if own := bob.lab.heard(700); own > 1e-4 { // 40 dB below
				t.Errorf("bob hears himself: %.6f of all", own)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	both := func() bool {
		inputs, _ := exec.Command("pactl", "list", "short", "sink-inputs").Output()
		return bytes.Count(inputs, []byte("\n")) == 2
	}
	eventually(t, "the program and Parley are played", both)
	listen()
	server.Stop()
	server.Start()
	play()
	eventually(t, "the program and Parley are played again", both)
	listen()
	ann.mu.Lock()
	defer ann.mu.Unlock()
	for _, e := range ann.events {
		if ended, ok := e.(session.SharingSoundEnded); ok {
			t.Errorf("it ended: %v", ended.Err)
		}
	}
}
