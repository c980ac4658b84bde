package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

const (
	// replayRetry is how long a failed replay waits before it begins again.
	replayRetry = time.Second
	// tailMost is how much of what was missed is brought before what comes now;
	// the rest is filled in behind it.
	tailMost = 200
	// tailFirst is how much of a room one sees that was never here.
	tailFirst = 60
	// fillAtOnce is how many messages one request brings.
	fillAtOnce = 500
	// batchMost bounds what is stored at once.
	batchMost = 256
	// fetchTimeout is how long the server has for each message of a request.
	fetchTimeout = 5 * time.Second
)

// replay brings what is missing, and follows the room's stream until ctx is
// done. It begins again with each connection, from what the store has.
func (l *link) replay(ctx context.Context) {
	for {
		err := l.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errReconnected) {
			continue
		}
		l.c.p.Logger.Warn("the replay of the room begins again", "error", err)
		if !pause(ctx, replayRetry) {
			return
		}
	}
}

var errReconnected = errors.New("connected again")

func (l *link) follow(ctx context.Context) error {
	select {
	case <-l.reconnected:
	default:
	}
	stream, err := l.js.Stream(ctx, l.endpoint.Stream)
	if err != nil {
		return fmt.Errorf("find the room's messages: %w", err)
	}
	info := stream.CachedInfo()
	if err := l.c.room.useStream(info.Created.UTC().Format(time.RFC3339Nano), info.State.FirstSeq, info.State.LastSeq); err != nil {
		return err
	}
	last := info.State.LastSeq
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{wire.ChatSubjects(l.c.p.Key.RoomID)},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:    last + 1,
	})
	if err != nil {
		return fmt.Errorf("follow the room's messages: %w", err)
	}
	if err := l.catchUp(ctx, info.State.FirstSeq, last); err != nil {
		return err
	}
	select {
	case l.gaps <- struct{}{}:
	default:
	}
	l.syncedOnce.Do(func() { close(l.synced) })
	messages := make(chan jetstream.Msg, batchMost)
	consume, err := consumer.Consume(func(m jetstream.Msg) {
		select {
		case messages <- m:
		case <-ctx.Done():
		}
	}, jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		l.c.p.Logger.Debug("replay", "error", err)
	}))
	if err != nil {
		return fmt.Errorf("follow the room's messages: %w", err)
	}
	defer func() {
		consume.Stop()
		for {
			select {
			case <-messages: // one that waits for its place must not hold up the end
			case <-consume.Closed():
				return
			}
		}
	}()
	for {
		var first jetstream.Msg
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-consume.Closed():
			return errors.New("the consumer ended")
		case <-l.reconnected:
			return errReconnected
		case first = <-messages:
		}
		batch := []jetstream.Msg{first}
	collect:
		for len(batch) < batchMost {
			select {
			case m := <-messages:
				batch = append(batch, m)
			default:
				break collect
			}
		}
		var incoming []Incoming
		covered := span{first: last + 1}
		for _, m := range batch {
			meta, err := m.Metadata()
			if err != nil {
				return fmt.Errorf("receive a message: %w", err)
			}
			// In order and without a gap, as the consumer promises.
			last = meta.Sequence.Stream
			if in, ok := l.parse(m.Subject(), m.Data(), last, meta.Timestamp); ok {
				incoming = append(incoming, in)
			}
		}
		covered.last = last
		if err := l.store(ctx, incoming, covered, true); err != nil {
			return err
		}
	}
}

// catchUp brings the newest of what is missing; the rest comes behind.
func (l *link) catchUp(ctx context.Context, first, last uint64) error {
	known, ok, err := l.c.room.latest(ctx)
	if err != nil || last < first || ok && known.last >= last {
		return err
	}
	from := max(first, last-min(last-1, tailFirst-1))
	if ok {
		from = max(first, known.last+1, last-min(last-1, tailMost-1))
	}
	if err := l.fetch(ctx, span{from, last}, true); err != nil {
		return err
	}
	if !ok || from == known.last+1 {
		return nil
	}
	l.c.notify(HistoryChanged{})
	return nil
}

// fill brings what is missing between what is here, newest first, whenever it
// is woken: a gap that an earlier life of the program left is found as well.
func (l *link) fill(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.gaps:
		}
		for {
			filled, err := l.fillOnce(ctx)
			if err != nil && ctx.Err() == nil {
				l.c.p.Logger.Warn("a gap in the room is not filled yet", "error", err)
				if !pause(ctx, replayRetry) {
					return
				}
				continue
			}
			if !filled {
				break
			}
		}
	}
}

// fillOnce fills a part of the newest gap; filled is false when there is none
// above the oldest that is here.
func (l *link) fillOnce(ctx context.Context) (filled bool, err error) {
	oldest, ok, err := l.c.room.span(ctx, "SELECT first, last FROM spans WHERE room = ? ORDER BY first LIMIT 1", l.c.room.id)
	if err != nil || !ok {
		return false, err
	}
	newest, _, err := l.c.room.latest(ctx)
	if err != nil {
		return false, err
	}
	gap, ok, err := l.c.room.gapBelow(ctx, newest.last)
	if err != nil || !ok || gap.last < oldest.first {
		return false, err
	}
	gap.first = max(gap.first, gap.last-min(gap.last-1, fillAtOnce-1))
	if err := l.fetch(ctx, gap, false); err != nil {
		return false, err
	}
	if left, ok, err := l.c.room.gapBelow(ctx, newest.last); err == nil && (!ok || left.last < oldest.first) {
		l.c.notify(HistoryChanged{})
	}
	return true, nil
}

// parse reads a message of the stream; ok is false for one that will not get
// better by asking again.
func (l *link) parse(subject string, data []byte, seq uint64, at time.Time) (in Incoming, ok bool) {
	user, err := wire.SubjectUser(subject)
	if err == nil {
		err = wire.CheckUserID(user)
	}
	if err == nil {
		data, err = l.c.seal.open(data)
	}
	var e Envelope
	if err == nil {
		e, err = ParseEnvelope(data)
	}
	if err != nil {
		l.c.p.Logger.Warn("a message was skipped", "seq", seq, "error", err)
		return Incoming{}, false
	}
	return Incoming{UserID: user, Own: user == l.c.p.User.ID, Seq: seq, Time: at, Envelope: e, Data: data}, true
}

// store keeps a batch. fresh ones are told one by one, and their pictures and
// voices fetched.
func (l *link) store(ctx context.Context, batch []Incoming, covered span, fresh bool) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	before, err := l.c.room.seenUpTo(ctx)
	if err != nil {
		return err
	}
	result, err := l.c.room.receive(batch, covered)
	if err != nil || !fresh {
		return err
	}
	for _, id := range result.messages {
		m, ok, err := l.c.room.Message(ctx, id)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		l.c.notify(MessageChanged{Message: l.c.overlay(m)})
		l.c.fetchQuietly(m)
	}
	for _, in := range batch {
		l.c.activities.clear(in.UserID, in.Envelope.Kind)
		if in.Envelope.Kind == KindReceipt && !in.Own {
			l.c.notify(SeenChanged{UserID: in.UserID, UpTo: in.Envelope.Target})
		}
	}
	if result.seen > before {
		own, err := l.c.room.ownBetween(ctx, before, result.seen, tailMost)
		if err != nil {
			return err
		}
		for _, m := range own {
			l.c.notify(MessageChanged{Message: m})
		}
	}
	return nil
}

// fetch brings a range of the stream and stores it, by direct requests of
// several messages each (NATS ADR-31).
func (l *link) fetch(ctx context.Context, wanted span, fresh bool) error {
	for from := wanted.first; from <= wanted.last; {
		batch, next, err := l.request(ctx, directGet{Seq: from, Batch: int(min(wanted.last-from+1, fillAtOnce))})
		if err != nil {
			return err
		}
		for len(batch) > 0 && batch[len(batch)-1].Seq > wanted.last {
			batch = batch[:len(batch)-1] // some before it are no more
		}
		covered := span{from, min(next-1, wanted.last)}
		if next == 0 { // there are no more
			if err := l.gone(ctx, span{from, wanted.last}); err != nil {
				return err
			}
			covered.last = wanted.last
		}
		if err := l.store(ctx, batch, covered, fresh); err != nil {
			return err
		}
		from = covered.last + 1
	}
	return nil
}

// errBehind is told where one of several servers answered that does not have yet
// what the others have.
var errBehind = errors.New("the server that answered is behind")

// gone checks that what did not come is no more: that it is older than the oldest
// message of the stream, which loses messages from there alone.
func (l *link) gone(ctx context.Context, missing span) error {
	stream, err := l.js.Stream(ctx, l.endpoint.Stream) // its leader answers
	if err != nil {
		return fmt.Errorf("find the room's messages: %w", err)
	}
	state := stream.CachedInfo().State
	if max(missing.first, state.FirstSeq) <= min(missing.last, state.LastSeq) {
		return errBehind
	}
	return nil
}

type directGet struct {
	Seq       uint64     `json:"seq,omitempty"`
	Batch     int        `json:"batch"`
	StartTime *time.Time `json:"start_time,omitempty"`
}

// request asks for messages of the stream. next is the sequence after the last
// one that came, 0 when there was none.
func (l *link) request(ctx context.Context, get directGet) (batch []Incoming, next uint64, err error) {
	body, err := json.Marshal(get)
	if err != nil {
		return nil, 0, err
	}
	inbox := l.nc.NewRespInbox()
	replies, err := l.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, 0, fmt.Errorf("ask for messages: %w", err)
	}
	defer func() { _ = replies.Unsubscribe() }()
	if err := l.nc.PublishRequest("$JS.API.DIRECT.GET."+l.endpoint.Stream, inbox, body); err != nil {
		return nil, 0, fmt.Errorf("ask for messages: %w", err)
	}
	for {
		wait, cancel := context.WithTimeout(ctx, fetchTimeout)
		m, err := replies.NextMsgWithContext(wait)
		cancel()
		if err != nil {
			return nil, 0, fmt.Errorf("ask for messages: %w", err)
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case "204", "404": // the end of the batch, nothing to give
			return batch, next, nil
		default:
			return nil, 0, fmt.Errorf("ask for messages: the server says %s", status)
		}
		seq, err := strconv.ParseUint(m.Header.Get(nats.JSSequence), 10, 64)
		if err != nil {
			return nil, 0, fmt.Errorf("ask for messages: %w", err)
		}
		at, err := time.Parse(time.RFC3339Nano, m.Header.Get(nats.JSTimeStamp))
		if err != nil {
			return nil, 0, fmt.Errorf("ask for messages: %w", err)
		}
		next = seq + 1
		if in, ok := l.parse(m.Header.Get(nats.JSSubject), m.Data, seq, at); ok {
			batch = append(batch, in)
		}
	}
}
