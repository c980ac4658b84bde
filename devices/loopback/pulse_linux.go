package loopback

import "context"

// pulse is a sound server that speaks PulseAudio's native protocol, as PipeWire's does.
type pulse struct{ c *connection }

func connect(ctx context.Context) (source, error) {
	c, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	return pulse{c}, nil
}

func (p pulse) close() { _ = p.c.socket.Close() }

func (p pulse) listen(ctx context.Context, l *Loopback) error {
	stop := context.AfterFunc(ctx, p.close)
	defer func() {
		stop()
		p.close()
	}()
	s := newListener(l, p.c)
	defer s.end()
	return s.run()
}
