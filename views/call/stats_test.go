package call

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
)

func measured() *Stats {
	ms := time.Millisecond
	return &Stats{RTT: 23 * ms, Quality: QualityGood, Lines: []StatsLine{
		{Own: true, Kind: StatsCamera, Layer: 1, Layers: 3, Width: 320, Height: 180, Rate: 30, Bits: 151200, Loss: 0.004, Jitter: 2 * ms, Decoding: -1, Buffer: -1},
		{Own: true, Kind: StatsCamera, Layer: 2, Layers: 3, Width: 640, Height: 360, Rate: 30, Bits: 498700, Loss: -1, Jitter: -1, Decoding: -1, Buffer: -1},
		{Own: true, Kind: StatsCamera, Layer: 3, Layers: 3, Loss: -1, Jitter: -1, Decoding: -1, Buffer: -1},
		{Own: true, Kind: StatsSound, Bits: 33100, Loss: 0, Jitter: ms, Decoding: -1, Buffer: -1},
		{Name: "Maya Chen", Kind: StatsCamera, Width: 1280, Height: 720, AskedWidth: 1120, AskedHeight: 630, Rate: 29.6, Bits: 1_742_000, Loss: 0.013, Jitter: 4 * ms, Decoding: 2600 * time.Microsecond, Buffer: -1},
		{Name: "Maya Chen", Kind: StatsSound, Bits: 31800, Loss: 0, Jitter: 3 * ms, Decoding: -1, Buffer: 62 * ms},
		{Name: "Maximiliane Freifrau von Hohenlohe", Kind: StatsScreen, Width: 1920, Height: 1080, AskedWidth: 1920, AskedHeight: 1080, Rate: 5, Bits: 204000, Jitter: 12 * ms, Decoding: 7 * ms, Buffer: -1},
	}}
}

func TestStatsLook(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		size           fyne.Size
		stats          *Stats
	}{
		{"stats-light-en", "en", theme.Light, fyne.NewSize(900, 600), measured()},
		{"stats-dark-zh", "zh", theme.Dark, fyne.NewSize(1100, 720), measured()},
		{"stats-narrow-light-zh", "zh", theme.Light, fyne.NewSize(460, 480), measured()},
		{"stats-none-dark-en", "en", theme.Dark, fyne.NewSize(900, 600), new(Stats)},
	} {
		t.Run(look.name, func(t *testing.T) {
			v, w, p, _ := open(t, look.mode, look.language, look.size)
			s := standup(t, v, people(t, p, 4))
			s.Stats = look.stats
			v.Update(s)
			test.AssertImageMatches(t, "call/"+look.name+".png", w.Canvas().Capture())
		})
	}
}

func TestStatsAreCopied(t *testing.T) {
	v, _, p, r := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	s := standup(t, v, people(t, p, 4))
	s.Stats = measured()
	v.Update(s)
	test.Tap(v.stats.copy)
	lines := strings.Split(strings.TrimSpace(r.copied), "\n")
	if len(lines) != 9 || lines[0] != "Round trip 23 ms · network good" || lines[6] != "Maya Chen\tCamera\t1280×720\t1120×630\t30\t1742\t1.3%\t4.0 ms\t2.6 ms\t" {
		t.Errorf("%q", lines)
	}
	test.Tap(v.stats.close)
	if r.stats != 1 {
		t.Error("it does not ask to be closed")
	}
	s.Stats = nil
	v.Update(s)
	if v.stats.Visible() {
		t.Error("it stays")
	}
}
