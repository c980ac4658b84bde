package media

import (
	"testing"
	"time"
)

func TestPressure(t *testing.T) {
	var p pressure
	now := time.Unix(1000, 0)
	const interval = 33 * time.Millisecond
	run := func(seconds int, took time.Duration) {
		for range seconds * 30 {
			now = now.Add(interval)
			p.note(took, interval, now)
		}
	}
	run(60, 10*time.Millisecond)
	if p.level != 0 || p.speed() != 8 || p.every() != 1 || p.dropped() != 0 {
		t.Errorf("%+v without need", p)
	}
	run(5, 30*time.Millisecond)
	if p.level == 0 || p.speed() == 8 {
		t.Errorf("%+v: a slow machine goes on as it was", p)
	}
	run(30, 30*time.Millisecond)
	if p.every() != 2 || p.dropped() != 2 {
		t.Errorf("%+v: a very slow machine goes on as it was", p)
	}
	run(5, 2*time.Millisecond)
	if p.level != pressureMost {
		t.Errorf("%+v: let go too soon", p)
	}
	run(60, 2*time.Millisecond)
	if p.level != 0 {
		t.Errorf("%+v: never let go", p)
	}
	run(60, 15*time.Millisecond) // between the two nothing changes
	if p.level != 0 {
		t.Errorf("%+v", p)
	}
}
