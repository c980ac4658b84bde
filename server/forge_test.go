package server

import (
	"encoding/json"
	"testing"
	"time"

	"parley/session/wire"
)

// TestNobodySpeaksForOthersThroughAConsumer tries to have the chat engine
// itself deliver a message where its sender may not publish.
func TestNobodySpeaksForOthersThroughAConsumer(t *testing.T) {
	ctx := t.Context()
	annConn, ann, inA, _ := chatAs(t, "fA", "ann")
	_, bob, inB, _ := chatAs(t, "fB", "bob")
	if _, err := ann.Publish(ctx, wire.ChatSubject("fA", "ann"), []byte("forged")); err != nil {
		t.Fatal(err)
	}
	request, err := json.Marshal(map[string]any{
		"stream_name": inA.Chat.Stream,
		"config": map[string]any{
			"name": "forger", "deliver_subject": wire.ChatSubject("fB", "bob"), "deliver_policy": "all", "ack_policy": "none",
			"filter_subject": wire.ChatSubjects("fA"), "replay_policy": "instant", "num_replicas": 0,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{
		"$JS.API.CONSUMER.CREATE." + inA.Chat.Stream + ".forger." + wire.ChatSubjects("fA"),
		"$JS.API.CONSUMER.CREATE." + inA.Chat.Stream + ".forger",
		"$JS.API.CONSUMER.CREATE." + inA.Chat.Stream,
		"$JS.API.CONSUMER.DURABLE.CREATE." + inA.Chat.Stream + ".forger",
	} {
		if answer, err := annConn.Request(subject, request, 500*time.Millisecond); err == nil {
			t.Logf("%s: %s", subject, answer.Data)
		}
	}
	time.Sleep(500 * time.Millisecond)
	stream, err := bob.Stream(ctx, inB.Chat.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if n := stream.CachedInfo().State.Msgs; n != 0 {
		t.Errorf("%d messages stand in room B under bob's name", n)
	}
}
