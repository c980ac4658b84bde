package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
	"parley/session/wire"
)

const (
	messages     = 20_000 // of one sender
	crowdRooms   = 50
	crowdPeople  = 20 // of each room
	crowdEach    = 20 // messages of each
	pendingMost  = 256
	rawLeast     = 0.5 // of the chat engine alone
	messageBytes = 200
)

// writer is a connection that writes into a room.
type writer struct {
	js      jetstream.JetStream
	conn    *nats.Conn
	subject string
}

// entrance gives the connection of a user in a room.
type entrance func(ctx context.Context, room, user string) (*writer, error)

// measureChat has messages stored by one sender and by a thousand, through the
// server and by the chat engine alone, with the same client.
func measureChat(ctx context.Context, path string) ([]report.Result, error) {
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return nil, err
	}
	defer s.Close()
	raw, end, err := startRaw()
	if err != nil {
		return nil, err
	}
	defer end()
	throughServer := func(ctx context.Context, room, user string) (*writer, error) { return enter(ctx, s, room, user) }
	var results []report.Result
	for _, c := range []struct {
		name                string
		rooms, people, each int
	}{{"one sender", 1, 1, messages}, {fmt.Sprintf("%d rooms of %d", crowdRooms, crowdPeople), crowdRooms, crowdPeople, crowdEach}} {
		theirs, err := store(ctx, raw, c.rooms, c.people, c.each)
		if err != nil {
			return nil, fmt.Errorf("%s, the chat engine alone: %w", c.name, err)
		}
		ours, err := store(ctx, throughServer, c.rooms, c.people, c.each)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		r := report.Beside("server, messages stored, "+c.name, "a second", ours, theirs)
		r.Goal, r.Holds = fmt.Sprintf("at least %g x", rawLeast), ours >= rawLeast*theirs
		results = append(results, r)
	}
	return results, nil
}

// store gives how many messages a second are acknowledged.
func store(ctx context.Context, in entrance, rooms, people, each int) (float64, error) {
	var writers []*writer
	defer func() {
		for _, w := range writers {
			w.conn.Close()
		}
	}()
	for r := range rooms {
		for p := range people {
			w, err := in(ctx, fmt.Sprintf("chat%d-%d", rooms, r), fmt.Sprint("user", p))
			if err != nil {
				return 0, err
			}
			writers = append(writers, w)
		}
	}
	var (
		work sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	began := time.Now()
	for _, w := range writers {
		work.Go(func() {
			if err := w.write(ctx, each); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	work.Wait()
	return float64(len(writers)*each) / time.Since(began).Seconds(), errors.Join(errs...)
}

func (w *writer) write(ctx context.Context, n int) error {
	body := make([]byte, messageBytes)
	for i := range n {
		m := &nats.Msg{Subject: w.subject, Data: body}
		if _, err := w.js.PublishMsgAsync(m, jetstream.WithMsgID(fmt.Sprint(w.subject, i))); err != nil {
			return err
		}
	}
	select {
	case <-w.js.PublishAsyncComplete():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		return errors.New("not all messages are acknowledged")
	}
}

func newWriter(conn *nats.Conn, room, user string) (*writer, error) {
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(pendingMost))
	return &writer{js: js, conn: conn, subject: wire.ChatSubject(room, user)}, err
}

// enter comes in by the server's front.
func enter(ctx context.Context, s *stage.Stage, room, user string) (*writer, error) {
	response, key, err := stage.JoinWithKey(ctx, s.Address, "", room, user)
	if err != nil {
		return nil, err
	}
	return connect(response, key, room, user)
}

func connect(response wire.JoinResponse, key nkeys.KeyPair, room, user string) (*writer, error) {
	conn, err := nats.Connect(response.Chat.URL, nats.ProxyPath(response.Chat.Path), nats.CustomInboxPrefix(response.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return response.Chat.JWT, nil }, key.Sign))
	if err != nil {
		return nil, err
	}
	return newWriter(conn, room, user)
}

// startRaw starts the chat engine alone, reached by TCP, without accounts.
func startRaw() (entrance, func(), error) {
	folder, err := os.MkdirTemp("", "parley-bench-*")
	if err != nil {
		return nil, nil, err
	}
	server, err := natsd.NewServer(&natsd.Options{Host: "127.0.0.1", Port: natsd.RANDOM_PORT, JetStream: true, StoreDir: folder, NoSigs: true, SyncInterval: time.Second})
	if err != nil {
		return nil, nil, err
	}
	go server.Start()
	if !server.ReadyForConnections(10 * time.Second) {
		return nil, nil, errors.New("the chat engine alone does not become ready")
	}
	known := make(map[string]bool)
	in := func(ctx context.Context, room, user string) (*writer, error) {
		conn, err := nats.Connect(server.ClientURL())
		if err != nil {
			return nil, err
		}
		w, err := newWriter(conn, room, user)
		if err == nil && !known[room] {
			known[room] = true
			_, err = w.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: wire.ChatStream(room), Subjects: []string{wire.ChatSubjects(room)},
				Storage: jetstream.FileStorage, Duplicates: 10 * time.Minute, AllowDirect: true})
		}
		return w, err
	}
	return in, func() {
		server.Shutdown()
		server.WaitForShutdown()
		_ = os.RemoveAll(folder)
	}, nil
}
