package peer

import (
	"os"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"parley/session"
	"parley/session/media"
)

// meter turns counters into the rates of the last second.
type meter struct {
	last    time.Time
	process *process.Process
	publish sentCounters
	share   sentCounters
	play    map[string]int64 // frames by StreamID
}

// sentCounters are those of a stream that is published.
type sentCounters struct{ frames, video, audio int64 }

func newMeter() *meter {
	m := &meter{last: time.Now(), play: make(map[string]int64)}
	// Without it the statistics have no CPU and memory.
	m.process, _ = process.NewProcess(int32(os.Getpid()))
	return m
}

func (m *meter) read(s session.Stats) map[string]any {
	now := time.Now()
	seconds := max(now.Sub(m.last).Seconds(), 1e-3)
	m.last = now
	rate := func(now int64, last *int64) float64 {
		d := max(now-*last, 0) // a counter starts over with its device
		*last = now
		return float64(d) / seconds
	}
	publish := []map[string]any{}
	picture := func(c media.CameraStats, last *sentCounters) map[string]any {
		return map[string]any{
			"width": c.Width, "height": c.Height, "layers": c.Layers,
			"fps": round(rate(c.Frames, &last.frames)), "kbps": round(rate(c.Bytes, &last.video) * 8 / 1000),
		}
	}
	if p := s.Publish; p != nil {
		publish = append(publish, map[string]any{
			"stream_id": p.StreamID, "video": picture(p.Camera, &m.publish),
			"audio": map[string]any{"kbps": round(rate(p.AudioBytes, &m.publish.audio) * 8 / 1000), "level": p.AudioLevel},
		})
	}
	if p := s.Share; p != nil {
		line := map[string]any{"stream_id": p.StreamID, "video": picture(p.Camera, &m.share)}
		if p.AudioBytes > 0 {
			line["audio"] = map[string]any{"kbps": round(rate(p.AudioBytes, &m.share.audio) * 8 / 1000), "level": p.AudioLevel}
		}
		publish = append(publish, line)
	}
	play := []map[string]any{}
	for _, p := range s.Play {
		entry := map[string]any{"stream_id": p.StreamID, "user_id": p.UserID}
		if v := p.Video; v != nil {
			last := m.play[p.StreamID]
			entry["video"] = map[string]any{
				"width": v.Width, "height": v.Height, "fps": round(rate(v.Frames, &last)), "frames": v.Frames,
				"frozen_ms": v.Frozen.Milliseconds(), "freezes_ms": v.Freezes.Milliseconds(), "lost": v.Lost,
			}
			m.play[p.StreamID] = last
		}
		if a := p.Audio; a != nil {
			entry["audio"] = map[string]any{
				"level": a.Level, "concealed_ms": a.Concealed.Milliseconds(), "played_ms": a.Played.Milliseconds(),
				"jitter_buffer_ms": a.Held.Milliseconds(), "jitter_target_ms": a.Target.Milliseconds(), "lost": a.Lost,
			}
		}
		if p.Synced {
			entry["picture_late_ms"] = p.Late.Milliseconds()
		}
		play = append(play, entry)
	}
	line := map[string]any{"publish": publish, "play": play, "rtt_ms": round(float64(s.RTT) / 1e6), "quality": s.Quality.String()}
	if m.process != nil {
		if t, err := m.process.Times(); err == nil {
			line["cpu_s"] = round(t.User + t.System)
		}
		if mem, err := m.process.MemoryInfo(); err == nil {
			line["rss_mb"] = round(float64(mem.RSS) / (1 << 20))
		}
	}
	return line
}

func round(x float64) float64 { return float64(int64(x*10+0.5)) / 10 }
