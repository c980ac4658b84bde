package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
)

const (
	joinTime    = 5 * time.Second
	joinWorkers = 16
)

// measureJoins has many people let in, each into one of a hundred rooms.
func measureJoins(ctx context.Context, path string) ([]report.Result, error) {
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var (
		mu      sync.Mutex
		all     []float64
		failure error
		work    sync.WaitGroup
	)
	end := time.Now().Add(joinTime)
	for w := range joinWorkers {
		work.Go(func() {
			for i := 0; time.Now().Before(end); i++ {
				began := time.Now()
				_, err := stage.JoinRoom(ctx, s.Address, "", fmt.Sprint("room", i%100), fmt.Sprintf("user%d-%d", w, i))
				ms := float64(time.Since(began).Microseconds()) / 1000
				mu.Lock()
				all, failure = append(all, ms), err
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	work.Wait()
	if failure != nil {
		return nil, failure
	}
	slices.Sort(all)
	return []report.Result{
		report.Figure("server, joins", "a second", float64(len(all))/joinTime.Seconds()),
		report.Figure("server, a join among these, 99 of 100", "ms", all[len(all)*99/100]),
	}, nil
}
