package session

import (
	"log/slog"
	"testing"
)

// quietEngine only collects the events that are posted; nothing runs.
func quietEngine(t *testing.T) *Engine {
	t.Helper()
	return &Engine{log: slog.New(slog.DiscardHandler), events: &eventQueue{wake: make(chan struct{}, 1)}}
}
