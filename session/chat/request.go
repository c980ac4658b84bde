package chat

import (
	"context"
	"errors"
	"fmt"
)

// ErrOffline means that there is no connection to the server at the moment.
var ErrOffline = errors.New("there is no connection to the server")

// Request asks the room's server over the connection of the chat, and waits
// for its answer. Without a connection it is ErrOffline.
func (c *Conversation) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	l, _ := c.current()
	if l == nil || !l.online.Load() {
		return nil, ErrOffline
	}
	answer, err := l.nc.RequestWithContext(ctx, subject, data)
	if err != nil {
		return nil, fmt.Errorf("ask the room's server: %w", err)
	}
	return answer.Data, nil
}
