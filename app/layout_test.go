package app

import (
	"testing"

	"parley/views/call"
)

// TestLayoutIsKept has the next start show people as the last one did.
func TestLayoutIsKept(t *testing.T) {
	d, _ := enter(t, "layout")
	c := d.c
	if c.layout() != call.LayoutGrid {
		t.Error("it does not begin with the grid")
	}
	c.setLayout(c.layout().Other())
	kept, err := LoadPreferences(c.data)
	if err != nil || !kept.SpeakerLayout {
		t.Errorf("%+v, %v", kept, err)
	}
	c.setLayout(c.layout().Other())
	if kept, _ := LoadPreferences(c.data); kept.SpeakerLayout || c.layout() != call.LayoutGrid {
		t.Error("it does not come back to the grid")
	}
}
