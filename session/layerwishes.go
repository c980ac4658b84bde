package session

import (
	"sync"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
)

// layerWishes knows which layers of the own pictures somebody takes, as the
// server tells (dynacast). The SDK acts on that by itself, in a way that spares
// no encoding, and gives it to nobody but its log: so this is a log, which reads
// that one message. Were it to miss one, all layers would be sent.
type layerWishes struct {
	logger.Logger

	mu    sync.Mutex
	wants map[string]map[livekit.VideoQuality]bool // by the SID of the track
	heard map[string]func(layer int, on bool)
}

func newLayerWishes() *layerWishes {
	return &layerWishes{
		Logger: logger.GetDiscardLogger(), wants: make(map[string]map[livekit.VideoQuality]bool), heard: make(map[string]func(int, bool)),
	}
}

// listen has f told of the layers of a track, from the smallest, also of what was
// said before; nil ends it.
func (w *layerWishes) listen(sid string, f func(layer int, on bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f == nil {
		delete(w.heard, sid)
		delete(w.wants, sid)
		return
	}
	w.heard[sid] = f
	for quality, on := range w.wants[sid] {
		f(int(quality), on)
	}
}

func (w *layerWishes) wish(sid string, quality livekit.VideoQuality, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wants[sid] == nil {
		w.wants[sid] = make(map[livekit.VideoQuality]bool)
	}
	w.wants[sid][quality] = on
	if f := w.heard[sid]; f != nil {
		f(int(quality), on)
	}
}

// Infow implements logger.Logger.
func (w *layerWishes) Infow(msg string, pairs ...any) {
	if msg != "updating layer enable" {
		return
	}
	var (
		sid                 string
		quality             livekit.VideoQuality
		on                  bool
		hasSID, hasQ, hasOn bool
	)
	for i := 0; i+1 < len(pairs); i += 2 {
		switch pairs[i] {
		case "trackID":
			sid, hasSID = pairs[i+1].(string)
		case "quality":
			quality, hasQ = pairs[i+1].(livekit.VideoQuality)
		case "enabled":
			on, hasOn = pairs[i+1].(bool)
		}
	}
	if hasSID && hasQ && hasOn {
		w.wish(sid, quality, on)
	}
}

// WithValues implements logger.Logger, as the methods after it do: whatever is
// made of this log is still it.
func (w *layerWishes) WithValues(...any) logger.Logger { return w }

// WithName implements logger.Logger.
func (w *layerWishes) WithName(string) logger.Logger { return w }

// WithComponent implements logger.Logger.
func (w *layerWishes) WithComponent(string) logger.Logger { return w }

// WithCallDepth implements logger.Logger.
func (w *layerWishes) WithCallDepth(int) logger.Logger { return w }

// WithItemSampler implements logger.Logger.
func (w *layerWishes) WithItemSampler() logger.Logger { return w }

// WithoutSampler implements logger.Logger.
func (w *layerWishes) WithoutSampler() logger.Logger { return w }
