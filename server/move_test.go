package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// TestAStateFollowsItsCall has what a host decided end with the call, and go on with
// one that moves to another node.
func TestAStateFollowsItsCall(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	locked := func(call string, moving int64) roomState {
		return roomState{Passcode: "p", Call: call, Moving: moving, Locked: true, Banned: map[string]bool{"eve": true}}
	}
	open := func(call string) roomState { return roomState{Passcode: "p", Call: call} }
	for _, test := range []struct {
		name string
		was  roomState
		call string
		want roomState
	}{
		{"the same call", locked("A", 0), "A", locked("A", 0)},
		{"another call", locked("A", 0), "B", open("B")},
		{"no call any more", locked("A", 0), "", open("")},
		{"a call that moves, before it is there", locked("A", 1_000_001), "", locked("A", 1_000_001)},
		{"a call that moves, not ended yet", locked("A", 1_000_001), "A", locked("A", 1_000_001)},
		{"a call that moved", locked("A", 1_000_001), "B", locked("B", 0)},
		{"a call that nobody came back to", locked("A", 1_000_000), "B", open("B")},
	} {
		got := test.was
		got.follow(test.call, now)
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

func TestWhatPassesWhenEnoughNodesAreThere(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{context.DeadlineExceeded, true},
		{fmt.Errorf("open: %w", nats.ErrTimeout), true},
		{nats.ErrNoResponders, true},
		{&nats.APIError{ErrorCode: nats.ErrorCode(natsd.JSClusterNoPeersErrF)}, true},
		{&jetstream.APIError{ErrorCode: jetstream.ErrorCode(natsd.JSClusterNotAvailErr)}, true},
		{jetstream.ErrStreamNotFound, true},
		{context.Canceled, false},
		{jetstream.ErrBucketExists, false},
		{&jetstream.APIError{ErrorCode: jetstream.ErrorCode(natsd.JSStreamNameExistErr)}, false},
		{errors.New("anything"), false},
	} {
		if got := passing(test.err); got != test.want {
			t.Errorf("%v passes: %v", test.err, got)
		}
	}
	tries := 0
	err := patiently(t.Context(), func(context.Context) error {
		if tries++; tries < 3 {
			return nats.ErrTimeout
		}
		return nil
	})
	if err != nil || tries != 3 {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestAnAppIDThatDoesNotOpenIsAnError(t *testing.T) {
	_, err := openTenant(t.Context(), nil, nil, "acme", appKeys{Account: "no seed"}, Config{}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), `"acme"`) {
		t.Error(err)
	}
}
