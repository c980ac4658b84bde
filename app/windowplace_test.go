package app

import (
	"image"
	"testing"
)

func TestReachable(t *testing.T) {
	one := []image.Rectangle{image.Rect(0, 30, 1920, 1080)}
	two := append(one, image.Rect(-1280, 0, 0, 1024))
	for _, test := range []struct {
		name    string
		place   windowPlace
		screens []image.Rectangle
		want    bool
	}{
		{"in the middle", windowPlace{400, 200}, one, true},
		{"over the left edge", windowPlace{-700, 200}, one, true},
		{"nearly over the left edge", windowPlace{-750, 200}, one, false},
		{"over the right edge", windowPlace{1820, 200}, one, true},
		{"too far over the right edge", windowPlace{1830, 200}, one, false},
		{"title bar over the upper edge", windowPlace{400, 10}, one, false},
		{"at the lower edge", windowPlace{400, 1000}, one, false},
		{"on a screen that is gone", windowPlace{-1000, 200}, one, false},
		{"on the other screen", windowPlace{-1000, 200}, two, true},
		{"no screens", windowPlace{400, 200}, nil, false},
	} {
		if got := test.place.reachable(800, test.screens); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	if !(windowPlace{1850, 30}).reachable(60, one) {
		t.Error("a narrow window that is all on the screen")
	}
}
