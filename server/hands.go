package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/nats-io/nats.go"

	"parley/session/wire"
)

// hands raises hands. Participants do not write their own attributes, or they
// could give themselves a role: the server does, for whom the subject proves.
type hands struct {
	appID string
	rooms *lksdk.RoomServiceClient
	log   *slog.Logger
	now   func() time.Time
	sub   *nats.Subscription
	slots chan struct{}
	work  sync.WaitGroup
}

func openHands(conn *nats.Conn, rooms *lksdk.RoomServiceClient, appID string, log *slog.Logger) (*hands, error) {
	h := &hands{appID: appID, rooms: rooms, log: log, now: time.Now, slots: make(chan struct{}, claimsAtOnce)}
	var err error
	h.sub, err = conn.QueueSubscribe(wire.AllHands, "parley", func(m *nats.Msg) {
		h.slots <- struct{}{}
		h.work.Go(func() {
			defer func() { <-h.slots }()
			data, err := json.Marshal(h.set(m.Subject, m.Data))
			if err == nil && m.Reply != "" {
				err = m.Respond(data)
			}
			if err != nil {
				h.log.Warn("a raised hand was not answered", "error", err)
			}
		})
	})
	if err != nil {
		return nil, fmt.Errorf("listen for raised hands: %w", err)
	}
	return h, nil
}

func (h *hands) close() {
	_ = h.sub.Unsubscribe()
	h.work.Wait()
}

func (h *hands) set(subject string, data []byte) wire.ControlResponse {
	roomID, userID, err := wire.ParseSubject(subject)
	var request wire.HandRequest
	if err != nil || len(data) > wire.ControlMax || json.Unmarshal(data, &request) != nil {
		return refused(wire.CodeBadRequest, "the request can't be read")
	}
	since := "" // which removes the attribute
	if request.Raised {
		since = strconv.FormatInt(h.now().UnixMilli(), 10)
	}
	ctx, cancel := context.WithTimeout(context.Background(), claimsTimeout)
	defer cancel()
	if err := setHand(ctx, h.rooms, h.appID, roomID, userID, since); err != nil {
		h.log.Warn("a hand was not raised", "error", err)
		return refused(wire.CodeUnavailable, "the media engine does not answer")
	}
	return wire.ControlResponse{}
}

// setHand writes since when a hand is up; empty takes it down.
func setHand(ctx context.Context, rooms *lksdk.RoomServiceClient, appID, roomID, userID, since string) error {
	_, err := rooms.UpdateParticipant(ctx, &livekit.UpdateParticipantRequest{
		Room: string(mediaRoom(appID, roomID)), Identity: userID, Attributes: map[string]string{wire.AttributeHand: since},
	})
	if err != nil {
		return fmt.Errorf("set a hand: %w", err)
	}
	return nil
}
