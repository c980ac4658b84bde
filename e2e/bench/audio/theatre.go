package main

import (
	"context"

	"parley/e2e/bench/stage"
)

// theatre is a stage with a sound card.
type theatre struct {
	*stage.Stage
	air *air
	far *stage.Network // on which the one who hears is; nil for this machine
}

// newTheatre starts a server; with far, one that the far end of that line reaches.
func newTheatre(ctx context.Context, path string, far *stage.Network) (*theatre, error) {
	near := ""
	if far != nil {
		near = stage.NearAddress
	}
	air, err := newAir()
	if err != nil {
		return nil, err
	}
	s, err := stage.New(ctx, path, near)
	if err != nil {
		air.close()
		return nil, err
	}
	return &theatre{s, air, far}, nil
}

func (s *theatre) close() {
	s.Close()
	s.air.close()
}
