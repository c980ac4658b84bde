package session

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parley/session/wire"
)

// controlTimeout bounds a question to the room's server.
const controlTimeout = 3 * time.Second

// control asks the room's server over the login's chat connection. Refusals
// wrap *wire.ErrorResponse.
func (l *login) control(ctx context.Context, subject string, request any) (wire.ControlResponse, error) {
	var response wire.ControlResponse
	data, err := json.Marshal(request)
	if err != nil {
		return response, err
	}
	conversation := l.conversation.Load()
	if conversation == nil {
		return response, fmt.Errorf("ask the room's server: %w", ErrState)
	}
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	answer, err := conversation.Request(ctx, subject, data)
	if err != nil {
		return response, err
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return response, fmt.Errorf("ask the room's server: %w", ErrServerUnknown)
	}
	if response.Error != nil {
		return response, response.Error
	}
	return response, nil
}

// claim asks for a StreamID, or renews or releases what was got. Another's is
// a *StreamIDInUseError.
func (l *login) claim(ctx context.Context, streamID string, release bool) error {
	request := wire.ClaimRequest{StreamID: streamID, Session: l.session, Name: l.user.Name, Release: release}
	response, err := l.control(ctx, wire.ClaimSubject(l.roomID, l.user.ID), request)
	var refusal *wire.ErrorResponse
	if !errors.As(err, &refusal) {
		return err
	}
	if refusal.Code != wire.CodeStreamInUse {
		return fmt.Errorf("claim the stream %s: %w: %w", streamID, ErrNotAllowed, refusal)
	}
	used := &StreamIDInUseError{StreamID: streamID}
	if response.Holder != nil {
		used.Holder = *response.Holder
	}
	return used
}

// newSession names a login among all others.
func newSession() string { return rand.Text() }
