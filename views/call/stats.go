package call

import (
	"fmt"
	"strings"
	"time"

	"parley/views/i18n"
)

// Stats is what is sent and received, as measured over the last second.
type Stats struct {
	RTT     time.Duration // 0 while it is not known
	Quality Quality
	Lines   []StatsLine
}

// StatsKind is what a line of the statistics is of.
type StatsKind int

// The kinds of lines.
const (
	StatsCamera StatsKind = iota
	StatsScreen
	StatsSound
)

// StatsLine is one picture, one layer of an own picture, or one sound. What is
// negative is not known.
type StatsLine struct {
	Name                    string
	Own                     bool
	Kind                    StatsKind
	Layer, Layers           int // of an own picture, from 1
	Width, Height           int // 0 for no picture
	AskedWidth, AskedHeight int
	Rate                    float64 // pictures a second
	Bits                    int     // a second
	Loss                    float64 // 0 to 1
	Jitter                  time.Duration
	Decoding                time.Duration // a picture
	Buffer                  time.Duration // of sound
}

// statsColumns are the headings.
func statsColumns(loc *i18n.Localizer) []string {
	return []string{
		loc.T("stats.who"), loc.T("stats.what"), loc.T("stats.picture"), loc.T("stats.asked"), loc.T("stats.rate"), loc.T("stats.bits"),
		loc.T("stats.loss"), loc.T("stats.jitter"), loc.T("stats.decoding"), loc.T("stats.buffer"),
	}
}

// cells are a line as it is read.
func (l StatsLine) cells(loc *i18n.Localizer) []string {
	name := l.Name
	if l.Own {
		name = loc.T("call.you")
	}
	what := ""
	switch l.Kind {
	case StatsCamera:
		what = loc.T("stats.camera")
	case StatsScreen:
		what = loc.T("stats.screen")
	case StatsSound:
		what = loc.T("stats.sound")
	}
	if l.Layers > 0 {
		what += " · " + loc.Tf("stats.layer", map[string]any{"Layer": l.Layer, "Layers": l.Layers})
	}
	rate := ""
	if l.Kind != StatsSound {
		rate = fmt.Sprintf("%.0f", l.Rate)
	}
	loss := ""
	if l.Loss >= 0 {
		loss = fmt.Sprintf("%.1f%%", l.Loss*100)
	}
	return []string{name, what, pixels(l.Width, l.Height), pixels(l.AskedWidth, l.AskedHeight), rate, fmt.Sprint((l.Bits + 500) / 1000), loss, milliseconds(l.Jitter), milliseconds(l.Decoding), milliseconds(l.Buffer)}
}

func pixels(width, height int) string {
	if width <= 0 || height <= 0 {
		return ""
	}
	return fmt.Sprintf("%d×%d", width, height)
}

func milliseconds(d time.Duration) string {
	switch {
	case d < 0:
		return ""
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	default:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
	}
}

// summary is the line above the table.
func (s Stats) summary(loc *i18n.Localizer) string {
	quality := loc.T("stats.quality.unknown")
	switch s.Quality {
	case QualityExcellent:
		quality = loc.T("stats.quality.excellent")
	case QualityGood:
		quality = loc.T("stats.quality.good")
	case QualityMedium:
		quality = loc.T("stats.quality.medium")
	case QualityBad:
		quality = loc.T("stats.quality.bad")
	case QualityDead:
		quality = loc.T("stats.quality.dead")
	case QualityUnknown:
	}
	if s.RTT <= 0 {
		return quality
	}
	return loc.Tf("stats.rtt", map[string]any{"RTT": milliseconds(s.RTT)}) + " · " + quality
}

// text is all of it, for another program: columns are parted by tabs.
func (s Stats) text(loc *i18n.Localizer) string {
	var b strings.Builder
	b.WriteString(s.summary(loc) + "\n" + strings.Join(statsColumns(loc), "\t") + "\n")
	for _, l := range s.Lines {
		b.WriteString(strings.Join(l.cells(loc), "\t") + "\n")
	}
	return b.String()
}
