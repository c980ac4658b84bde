package loopback

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"parley/devices"
)

// counter counts what it is given.
type counter struct{ samples, ended int }

func (c *counter) Play(_ uint32, samples []float32) { c.samples += len(samples) }
func (c *counter) Ended(uint32)                     { c.ended++ }

func TestAllOthersAreOneProgram(t *testing.T) {
	if err := Check(t.Context()); err != nil {
		if !errors.Is(err, devices.ErrNotFound) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	var c counter
	l, err := Open(t.Context(), slog.New(slog.DiscardHandler), &c, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if c.ended != 1 || c.samples%2 != 0 {
		t.Errorf("heard %+v", c)
	}
}
