package peer

import (
	"encoding/json"
	"io"
	"math"
	"sync"
	"time"

	"parley/session"
)

// printer writes one JSON object a line.
type printer struct {
	began time.Time
	mu    sync.Mutex
	w     io.Writer
}

func (p *printer) print(event string, fields map[string]any) {
	fields["event"] = event
	fields["t_ms"] = time.Since(p.began).Milliseconds()
	line, err := json.Marshal(fields)
	if err != nil {
		return // no value that is put in here fails
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.w.Write(append(line, '\n'))
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func state(state, reason string, err error, key, value string) map[string]any {
	return map[string]any{"state": state, "reason": reason, "error": text(err), key: value}
}

func first(streamID, userID string, since time.Duration) map[string]any {
	return map[string]any{"stream_id": streamID, "user_id": userID, "since_join_ms": since.Milliseconds()}
}

func member(m session.Member) map[string]any {
	return map[string]any{"user_id": m.ID, "name": m.Name, "role": m.Role, "hand": !m.Hand.IsZero()}
}

func users(list []session.Member) []map[string]any {
	out := make([]map[string]any, 0, len(list))
	for _, u := range list {
		out = append(out, member(u))
	}
	return out
}

func streams(list []session.Stream) []map[string]any {
	out := make([]map[string]any, 0, len(list))
	for _, s := range list {
		out = append(out, map[string]any{
			"stream_id": s.ID, "user_id": s.User.ID, "screen": s.Screen,
			"audio": s.Audio.Present, "audio_muted": s.Audio.Muted, "video": s.Video.Present, "video_muted": s.Video.Muted,
		})
	}
	return out
}

func streamQuality(q session.StreamQuality) map[string]any {
	out := map[string]any{"stream_id": q.StreamID, "user_id": q.UserID, "rtt_ms": round(float64(q.RTT) / 1e6)}
	for kind, t := range map[string]*session.TrackQuality{"audio": q.Audio, "video": q.Video} {
		if t != nil {
			out[kind] = map[string]any{
				"kbps": round(float64(t.BitRate) / 1000), "fps": round(t.FrameRate), "width": t.Width, "height": t.Height,
				"loss": math.Round(t.Loss*1000) / 1000, "jitter_ms": round(float64(t.Jitter) / 1e6),
			}
		}
	}
	return out
}
