package app

import (
	"time"

	"parley/session"
	"parley/session/media"
	"parley/views/call"
)

// statistics makes rates of what a session counts. It belongs to the UI thread.
type statistics struct {
	shown call.Stats
	last  map[statsKey]counted
	at    time.Time
}

type statsKey struct {
	stream string
	own    bool
	kind   call.StatsKind
	layer  int
}

// counted is what a track or a layer had counted at a moment.
type counted struct {
	bytes, frames, expected, lost int64
	decoding                      time.Duration
}

// toggleStats shows the statistics, or takes them away.
func (r *room) toggleStats() {
	if r.statistics != nil {
		r.statistics = nil
	} else {
		r.statistics = &statistics{last: make(map[statsKey]counted)}
	}
	r.show()
}

// shownStats are those of the last second; nil while they are not shown.
func (r *room) shownStats() *call.Stats {
	if r.statistics == nil {
		return nil
	}
	return &r.statistics.shown
}

// copyStats puts them into the clipboard.
func (r *room) copyStats(text string) {
	r.c.app.Clipboard().SetContent(text)
	r.notice(r.c.loc.T("stats.copied"))
}

// measure takes what the session counted, once a second.
func (r *room) measure(stats session.Stats, now time.Time) {
	if r.statistics != nil {
		r.statistics.take(stats, now, r.nameOf)
	}
}

func (s *statistics) take(stats session.Stats, now time.Time, nameOf func(string) string) {
	before := s.last
	span := now.Sub(s.at).Seconds()
	s.last, s.at = make(map[statsKey]counted), now
	s.shown = call.Stats{RTT: stats.RTT, Quality: grade(stats.Quality)}
	// add counts a line, and leaves it out where there is nothing to compare with.
	add := func(key statsKey, is counted, line call.StatsLine) {
		s.last[key] = is
		was, known := before[key]
		if !known || span <= 0 || is.bytes < was.bytes {
			return
		}
		frames := is.frames - was.frames
		line.Kind, line.Own = key.kind, key.own
		line.Rate, line.Bits = float64(frames)/span, int(float64(is.bytes-was.bytes)*8/span)
		if !key.own {
			line.Loss = 0
			if expected := is.expected - was.expected; expected > 0 {
				line.Loss = min(max(float64(is.lost-was.lost)/float64(expected), 0), 1)
			}
		}
		line.Decoding = -1
		if frames > 0 && !key.own && key.kind != call.StatsSound {
			line.Decoding = (is.decoding - was.decoding) / time.Duration(frames)
		}
		s.shown.Lines = append(s.shown.Lines, line)
	}
	s.own(stats, add)
	for _, p := range stats.Play {
		name := nameOf(p.UserID)
		if v := p.Video; v != nil {
			kind := call.StatsCamera
			if p.StreamID == session.ScreenStreamID(p.UserID) {
				kind = call.StatsScreen
			}
			add(statsKey{stream: p.StreamID, kind: kind}, received(p.VideoReceived, v.Frames, v.Decoding), call.StatsLine{
				Name: name, Width: v.Width, Height: v.Height, AskedWidth: p.AskedWidth, AskedHeight: p.AskedHeight, Jitter: p.VideoReceived.Jitter, Buffer: -1,
			})
		}
		if a := p.Audio; a != nil {
			add(statsKey{stream: p.StreamID, kind: call.StatsSound}, received(p.AudioReceived, 0, 0), call.StatsLine{
				Name: name, Jitter: p.AudioReceived.Jitter, Buffer: a.Buffered,
			})
		}
	}
}

// own adds what is published: each layer of a picture for itself.
func (s *statistics) own(stats session.Stats, add func(statsKey, counted, call.StatsLine)) {
	for _, published := range []struct {
		stats *session.PublishStats
		kind  call.StatsKind
	}{{stats.Publish, call.StatsCamera}, {stats.Share, call.StatsScreen}} {
		p := published.stats
		if p == nil {
			continue
		}
		for i, l := range p.Camera.Each {
			line := call.StatsLine{Layer: i + 1, Layers: len(p.Camera.Each), Loss: -1, Jitter: -1, Buffer: -1}
			if l.Bits > 0 {
				line.Width, line.Height = l.Width, l.Height
			}
			if i == 0 { // the one that reports are of
				line.Loss, line.Jitter = p.VideoLoss, p.VideoJitter
			}
			add(statsKey{stream: p.StreamID, own: true, kind: published.kind, layer: i + 1}, counted{bytes: l.Bytes, frames: l.Frames}, line)
		}
		if published.kind == call.StatsCamera || p.AudioBytes > 0 {
			add(statsKey{stream: p.StreamID, own: true, kind: call.StatsSound}, counted{bytes: p.AudioBytes}, call.StatsLine{Loss: p.AudioLoss, Jitter: p.AudioJitter, Buffer: -1})
		}
	}
}

func received(r media.ReceptionStats, frames int64, decoding time.Duration) counted {
	return counted{bytes: r.Bytes, frames: frames, expected: r.Expected, lost: r.Lost(), decoding: decoding}
}
