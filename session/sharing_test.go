package session_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley/devices"
	"parley/session"
)

// ListScreens makes the lab a devices.ScreenOpener with one window.
func (l *lab) ListScreens(context.Context) ([]devices.ScreenSource, error) {
	return []devices.ScreenSource{{ID: "window:1", Name: "Letter", Window: true, Width: 320, Height: 180}}, nil
}

func (l *lab) OpenScreen(_ context.Context, id string, _ devices.ScreenFormat) (devices.VideoSource, error) {
	if id != "window:1" {
		return nil, devices.ErrNotFound
	}
	return &labCamera{lab: l, began: time.Now(), closed: make(chan struct{})}, nil
}

// TestSharing shares a window beside a camera, until it is closed.
func TestSharing(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 550)
	if err := ann.engine.StartSharing(t.Context(), "window:1"); !errors.Is(err, session.ErrState) {
		t.Errorf("before a login: %v", err)
	}
	ann.join("sharing")
	bob.join("sharing")
	ann.publish()
	screens, err := ann.engine.ListScreens(t.Context())
	if err != nil || len(screens) != 1 {
		t.Fatal(screens, err)
	}
	if err := ann.engine.StartSharing(t.Context(), "window:2"); !errors.Is(err, devices.ErrNotFound) {
		t.Errorf("what is not there: %v", err)
	}
	for range 2 {
		if err := ann.engine.StartSharing(t.Context(), screens[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := ann.engine.StartSharing(t.Context(), screens[0].ID); !errors.Is(err, session.ErrState) {
			t.Errorf("twice: %v", err)
		}
		const stream = "ann-screen"
		saw(bob, "the stream of her screen", func(e session.RoomStreamsChanged) bool {
			for _, s := range e.Added {
				if s.ID == stream && s.Screen && s.User.ID == "ann" {
					return true
				}
			}
			return false
		})
		saw(bob, "her screen", func(e session.FirstVideoFrame) bool { return e.StreamID == stream })
		saw(ann, "how her screen fares", func(q session.StreamQuality) bool {
			return q.UserID == "" && q.StreamID == stream && q.Video != nil && q.Video.BitRate > 5000 && q.Video.Width == 320
		})
		if s := ann.engine.Stats().Share; s == nil || s.VideoLoss < 0 || s.VideoJitter < 0 || s.AudioLoss >= 0 {
			t.Errorf("%+v", s)
		}
		bob.forget()
		if err := ann.engine.StopSharing(); err != nil {
			t.Error(err)
		}
		saw(bob, "its end", func(e session.RoomStreamsChanged) bool { return len(e.Removed) == 1 && e.Removed[0].ID == stream })
		bob.forget()
	}
	if err := ann.engine.StopSharing(); !errors.Is(err, session.ErrState) {
		t.Errorf("ended twice: %v", err)
	}
	if err := ann.engine.StartSharing(t.Context(), screens[0].ID); err != nil {
		t.Fatal(err)
	}
	saw(bob, "her screen again", func(e session.FirstVideoFrame) bool { return e.StreamID == "ann-screen" })
	ann.lab.unplug.Store(true)
	saw(ann, "that it is gone", func(e session.SharingEnded) bool { return errors.Is(e.Err, devices.ErrNotFound) })
	saw(bob, "that it is gone", func(e session.RoomStreamsChanged) bool { return len(e.Removed) == 1 && e.Removed[0].ID == "ann-screen" })
}
