package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

// blobStore keeps the attachments of each room in an object store of the chat
// engine, named by their hash.
type blobStore struct {
	js       jetstream.JetStream
	replicas int

	mu      sync.Mutex
	buckets map[string]jetstream.ObjectStore // by room
}

var errNoBlob = errors.New("there is no such attachment")

const (
	bucketPrefix = "room-"
	// blobChunk is the size of the messages that an attachment is kept in.
	blobChunk = 256 << 10
)

func newBlobStore(js jetstream.JetStream, replicas int) *blobStore {
	return &blobStore{js: js, replicas: replicas, buckets: make(map[string]jetstream.ObjectStore)}
}

// bucket finds a room's store; without make, a room that has none is
// errNoBlob.
func (s *blobStore) bucket(ctx context.Context, room string, create bool) (jetstream.ObjectStore, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.buckets[room]; ok {
		return b, nil
	}
	b, err := s.js.ObjectStore(ctx, bucketPrefix+room)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		if !create {
			return nil, errNoBlob
		}
		b, err = s.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: bucketPrefix + room, Storage: jetstream.FileStorage, Replicas: s.replicas})
	}
	if err != nil {
		return nil, fmt.Errorf("open the room's attachments: %w", err)
	}
	s.buckets[room] = b
	return b, nil
}

func (s *blobStore) size(ctx context.Context, b blob) (int64, error) {
	bucket, err := s.bucket(ctx, b.room, false)
	if err != nil {
		return 0, err
	}
	info, err := bucket.GetInfo(ctx, b.hash)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return 0, errNoBlob
	}
	if err != nil {
		return 0, err
	}
	return int64(info.Size), nil
}

func (s *blobStore) open(ctx context.Context, b blob) (io.ReadCloser, error) {
	bucket, err := s.bucket(ctx, b.room, false)
	if err != nil {
		return nil, err
	}
	return bucket.Get(ctx, b.hash)
}

func (s *blobStore) put(ctx context.Context, b blob, r io.Reader) error {
	bucket, err := s.bucket(ctx, b.room, true)
	if err != nil {
		return err
	}
	_, err = bucket.Put(ctx, jetstream.ObjectMeta{Name: b.hash, Opts: &jetstream.ObjectMetaOptions{ChunkSize: blobChunk}}, r)
	return err
}

// collect removes the attachments that no message refers to, of all rooms.
// Those that are younger than grace stay: their message may be on the way. It
// gives how many went.
func (s *blobStore) collect(ctx context.Context, grace time.Duration, now time.Time) (removed int, err error) {
	names := s.js.ObjectStoreNames(ctx)
	for name := range names.Name() {
		room, found := strings.CutPrefix(name, bucketPrefix)
		if !found {
			continue
		}
		n, err := s.collectRoom(ctx, room, grace, now)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("collect attachments: %w", err)
		}
	}
	return removed, names.Error()
}

func (s *blobStore) collectRoom(ctx context.Context, room string, grace time.Duration, now time.Time) (int, error) {
	bucket, err := s.bucket(ctx, room, false)
	if err != nil {
		return 0, err
	}
	objects, err := bucket.List(ctx)
	if errors.Is(err, jetstream.ErrNoObjectsFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var old []string
	for _, o := range objects {
		if now.Sub(o.ModTime) > grace {
			old = append(old, o.Name)
		}
	}
	if len(old) == 0 {
		return 0, nil
	}
	// What came meanwhile is younger than grace.
	needed, err := s.references(ctx, room)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, name := range old {
		if needed[name] {
			continue
		}
		if err := bucket.Delete(ctx, name); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// storedMessage is what the server knows of a message: nothing of what it says.
type storedMessage struct {
	seq   uint64
	bytes int64
	at    time.Time
	file  string // the attachment that it needs
}

// messageOverhead is about what the store adds to a message.
const messageOverhead = 32

// scanWait is how long one message may take.
const scanWait = 10 * time.Second

// headerSize is where the engine tells the size of a message whose headers alone are read.
const headerSize = "Nats-Msg-Size"

// scan reads the messages of a room, oldest first, by their headers alone: a message
// that its author deleted needs no attachment.
func (s *blobStore) scan(ctx context.Context, room string) ([]storedMessage, error) {
	stream, err := s.js.Stream(ctx, "ROOM_"+room)
	if err != nil {
		return nil, err
	}
	state := stream.CachedInfo().State
	if state.Msgs == 0 {
		return nil, nil
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{HeadersOnly: true, DeliverPolicy: jetstream.DeliverAllPolicy})
	if err != nil {
		return nil, err
	}
	incoming, err := consumer.Messages()
	if err != nil {
		return nil, err
	}
	defer incoming.Stop()
	list := make([]storedMessage, 0, state.Msgs)
	type origin struct {
		author string
		index  int
	}
	withFile := make(map[string]origin) // by message ID
	for {
		// One that was counted may have grown too old meanwhile.
		m, err := incoming.Next(jetstream.NextMaxWait(scanWait))
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, fmt.Errorf("read the messages of a room: %w", err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return nil, err
		}
		author, headers := m.Subject(), m.Headers()
		size, err := strconv.ParseInt(headers.Get(headerSize), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read the size of a message: %w", err)
		}
		stored := storedMessage{seq: meta.Sequence.Stream, bytes: size + int64(len(author)) + messageOverhead, at: meta.Timestamp}
		for name, values := range headers {
			for _, value := range values {
				stored.bytes += int64(len(name) + len(value) + len(": \r\n"))
			}
		}
		id := headers.Get(jetstream.MsgIDHeader)
		if file := headers.Get(wire.HeaderFile); file != "" {
			if _, known := withFile[id]; !known {
				withFile[id] = origin{author, len(list)}
				stored.file = file
			}
		}
		if target, known := withFile[headers.Get(wire.HeaderDeletes)]; known && target.author == author {
			list[target.index].file = ""
		}
		list = append(list, stored)
		if meta.Sequence.Stream >= state.LastSeq || meta.NumPending == 0 {
			return list, nil
		}
	}
}

// references tells which attachments the messages of a room need.
func (s *blobStore) references(ctx context.Context, room string) (map[string]bool, error) {
	list, err := s.scan(ctx, room)
	if err != nil {
		return nil, err
	}
	needed := make(map[string]bool)
	for _, m := range list {
		if m.file != "" {
			needed[m.file] = true
		}
	}
	return needed, nil
}

// touch has an attachment that somebody asks for before a message be as new as one
// that comes, so that it is not collected meanwhile.
func (s *blobStore) touch(ctx context.Context, b blob, now time.Time) error {
	bucket, err := s.bucket(ctx, b.room, false)
	if err != nil {
		return err
	}
	info, err := bucket.GetInfo(ctx, b.hash)
	if err != nil || now.Sub(info.ModTime) < droppedGrace/2 {
		return err
	}
	return bucket.UpdateMeta(ctx, b.hash, info.ObjectMeta)
}
