package main

import (
	"context"
	"fmt"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
)

const (
	someRooms  = 10
	somePeople = 10
)

// measureRooms has ten rooms of ten people each, with call and chat, who are
// silent: what they send depends on them.
func measureRooms(ctx context.Context, path string) ([]report.Result, error) {
	lksdk.SetLogger(logger.GetDiscardLogger())
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return nil, err
	}
	defer s.Close()
	time.Sleep(idleAfter)
	before, err := megabytes(s.Pid())
	if err != nil {
		return nil, err
	}
	for r := range someRooms {
		for p := range somePeople {
			room, user := fmt.Sprint("room", r), fmt.Sprint("user", p)
			response, key, err := stage.JoinWithKey(ctx, s.Address, "", room, user)
			if err != nil {
				return nil, err
			}
			w, err := connect(response, key, room, user)
			if err != nil {
				return nil, err
			}
			defer w.conn.Close()
			call := lksdk.NewRoom(&lksdk.RoomCallback{})
			if err := call.JoinWithContextAndToken(ctx, response.Media.URL, response.Media.Token, lksdk.WithDisableRegionDiscovery(), lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
				return nil, err
			}
			defer call.Disconnect()
		}
	}
	time.Sleep(idleAfter)
	after, err := megabytes(s.Pid())
	if err != nil {
		return nil, err
	}
	return []report.Result{report.Figure("server, memory of a room of 10 who are silent (PSS)", "MB", (after-before)/someRooms)}, nil
}
