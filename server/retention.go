package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

// Retention is for how long messages and attachments are kept, and how many bytes of
// them: what is not kept any more goes from the oldest message on. Zero is without a
// limit.
type Retention struct {
	Age       time.Duration `yaml:"age"`
	RoomBytes int64         `yaml:"room_bytes"` // of each room
	AppBytes  int64         `yaml:"app_bytes"`  // of all rooms of an AppID
	// Apps are AppIDs for which something else holds.
	Apps map[string]AppRetention `yaml:"apps"`
}

// AppRetention is what holds for one AppID; what is nil is as for all.
type AppRetention struct {
	Age       *time.Duration `yaml:"age"`
	RoomBytes *int64         `yaml:"room_bytes"`
	AppBytes  *int64         `yaml:"app_bytes"`
	// Rooms are rooms for which something else holds.
	Rooms map[string]RoomRetention `yaml:"rooms"`
}

// RoomRetention is what holds for one room; what is nil is as for its AppID.
type RoomRetention struct {
	Age   *time.Duration `yaml:"age"`
	Bytes *int64         `yaml:"bytes"`
}

const (
	retainEvery = time.Minute
	// droppedGrace is how long an attachment stays that somebody asked for when the
	// last message that needs it goes: another may be on the way.
	droppedGrace = 5 * time.Minute
	streamPrefix = "ROOM_"
)

// limits are those of an AppID and its rooms, by the names of the rooms' streams.
type limits struct {
	age                 time.Duration
	roomBytes, appBytes int64
	rooms               map[string]RoomRetention
}

func or[T any](value *T, other T) T {
	if value != nil {
		return *value
	}
	return other
}

// of gives what holds for an AppID.
func (r Retention) of(appID string) limits {
	app := r.Apps[appID]
	l := limits{age: or(app.Age, r.Age), roomBytes: or(app.RoomBytes, r.RoomBytes), appBytes: or(app.AppBytes, r.AppBytes), rooms: make(map[string]RoomRetention)}
	for room, own := range app.Rooms {
		l.rooms[wire.ChatStream(room)] = own
	}
	return l
}

// room gives what holds for a room.
func (l limits) room(stream string) (age time.Duration, bytes int64) {
	own := l.rooms[stream]
	return or(own.Age, l.age), or(own.Bytes, l.roomBytes)
}

// duplicatesFor is for how long a repeated message ID is recognised, which the
// engine does not do for longer than it has the message.
func duplicatesFor(age time.Duration) time.Duration {
	if age > 0 {
		return min(duplicateWindow, age)
	}
	return duplicateWindow
}

// any tells whether anything is bounded.
func (r Retention) any() bool {
	return r.Age > 0 || r.RoomBytes > 0 || r.AppBytes > 0 || len(r.Apps) > 0
}

// kept is what a room holds, and what of it went.
type kept struct {
	bytes, dropped            int64 // messages and attachments
	messages, droppedMessages int
}

func (k *kept) add(other kept) {
	k.bytes += other.bytes
	k.dropped += other.dropped
	k.messages += other.messages
	k.droppedMessages += other.droppedMessages
}

// storedRoom is a room as it is looked through.
type storedRoom struct {
	token    string // as in subjects
	messages []storedMessage
	files    map[string]*jetstream.ObjectInfo
	needs    map[string]int // messages that need a file
	bytes    int64
	drop     int // so many of the oldest messages
	gone     []string
}

func (r *storedRoom) fileBytes(hash string) int64 {
	if info := r.files[hash]; info != nil {
		return int64(info.Size)
	}
	return 0
}

// dropOldest takes the oldest message that is left.
func (r *storedRoom) dropOldest() (freed int64) {
	m := r.messages[r.drop]
	r.drop++
	freed = m.bytes
	if m.file != "" {
		if r.needs[m.file]--; r.needs[m.file] == 0 {
			freed += r.fileBytes(m.file)
			r.gone = append(r.gone, m.file)
		}
	}
	r.bytes -= freed
	return freed
}

// retain has an AppID keep what its limits say. It gives what is kept.
func (t *tenant) retain(ctx context.Context, l limits, now time.Time) (sum kept, err error) {
	var (
		rooms []*storedRoom
		total int64
		errs  []error
	)
	streams := t.js.ListStreams(ctx)
	var infos []*jetstream.StreamInfo
	files := make(map[string]int64) // bytes of attachments, of the store's own among them
	for info := range streams.Info() {
		if room, found := strings.CutPrefix(info.Config.Name, "OBJ_"+bucketPrefix); found {
			files[room] = int64(info.State.Bytes)
		}
		if strings.HasPrefix(info.Config.Name, streamPrefix) {
			infos = append(infos, info)
		}
	}
	if err := streams.Err(); err != nil {
		return sum, fmt.Errorf("list the rooms: %w", err)
	}
	for _, info := range infos {
		token := strings.TrimPrefix(info.Config.Name, streamPrefix)
		age, most := l.room(info.Config.Name)
		if info.Config.MaxAge != age || info.Config.MaxMsgs > 0 { // a node that ended amid a drop left this
			config := info.Config
			config.MaxAge, config.Duplicates, config.MaxMsgs = age, duplicatesFor(age), -1
			if _, err := t.js.UpdateStream(ctx, config); err != nil {
				errs = append(errs, fmt.Errorf("set the age of messages: %w", err))
			}
		}
		rough := int64(info.State.Bytes) + files[token]
		sum.bytes += rough
		sum.messages += int(info.State.Msgs)
		total += rough
		if most > 0 && rough > most {
			room, err := t.blobs.look(ctx, token)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			for room.bytes > most && room.drop < len(room.messages) {
				room.dropOldest()
			}
			rooms = append(rooms, room)
		}
	}
	if l.appBytes > 0 && total > l.appBytes {
		all, err := t.overAll(ctx, infos, rooms, l.appBytes)
		errs = append(errs, err)
		rooms = all
	}
	for _, room := range rooms {
		dropped, count, err := t.drop(ctx, room, now)
		errs = append(errs, err)
		sum.dropped += dropped
		sum.bytes -= dropped
		sum.droppedMessages += count
		sum.messages -= count
	}
	return sum, errors.Join(errs...)
}

// overAll drops the oldest messages of all rooms until they are few enough.
func (t *tenant) overAll(ctx context.Context, infos []*jetstream.StreamInfo, known []*storedRoom, most int64) ([]*storedRoom, error) {
	byToken := make(map[string]*storedRoom)
	for _, room := range known {
		byToken[room.token] = room
	}
	for _, info := range infos {
		token := strings.TrimPrefix(info.Config.Name, streamPrefix)
		if byToken[token] != nil {
			continue
		}
		room, err := t.blobs.look(ctx, token)
		if err != nil {
			return known, err
		}
		byToken[token] = room
	}
	total := int64(0)
	type message struct {
		at   time.Time
		room *storedRoom
	}
	var all []message
	for _, room := range byToken {
		total += room.bytes
		for _, m := range room.messages[room.drop:] {
			all = append(all, message{m.at, room})
		}
	}
	slices.SortStableFunc(all, func(a, b message) int { return a.at.Compare(b.at) })
	for _, m := range all {
		if total <= most {
			break
		}
		total -= m.room.dropOldest()
	}
	return slices.SortedFunc(maps.Values(byToken), func(a, b *storedRoom) int { return cmp.Compare(a.token, b.token) }), nil
}

// look reads what a room has.
func (s *blobStore) look(ctx context.Context, token string) (*storedRoom, error) {
	room := &storedRoom{token: token, files: make(map[string]*jetstream.ObjectInfo), needs: make(map[string]int)}
	// What comes while the files are listed is newer than all that goes.
	var err error
	if room.messages, err = s.scan(ctx, token); err != nil {
		return nil, fmt.Errorf("look through a room: %w", err)
	}
	bucket, err := s.bucket(ctx, token, false)
	if err == nil {
		var list []*jetstream.ObjectInfo
		if list, err = bucket.List(ctx); errors.Is(err, jetstream.ErrNoObjectsFound) {
			err = nil
		}
		for _, info := range list {
			room.files[info.Name] = info
		}
	}
	if err != nil && !errors.Is(err, errNoBlob) {
		return nil, fmt.Errorf("look through a room's attachments: %w", err)
	}
	for _, m := range room.messages {
		room.bytes += m.bytes
		if m.file != "" {
			if room.needs[m.file]++; room.needs[m.file] == 1 {
				room.bytes += room.fileBytes(m.file)
			}
		}
	}
	return room, nil
}

// drop has the oldest messages of a room go, and the attachments that only they
// needed.
func (t *tenant) drop(ctx context.Context, room *storedRoom, now time.Time) (bytes int64, count int, err error) {
	if room.drop == 0 {
		return 0, 0, nil
	}
	stream, err := t.js.Stream(ctx, streamPrefix+room.token)
	if err != nil {
		return 0, 0, fmt.Errorf("drop messages: %w", err)
	}
	last := room.messages[room.drop-1].seq
	state := stream.CachedInfo().State
	if state.FirstSeq <= last {
		// Nobody may purge a room, the server no more than others: the stream is told
		// for a moment how many messages it holds, which can't be none.
		config := stream.CachedInfo().Config
		config.MaxMsgs = max(1, int64(state.LastSeq-last))
		if _, err := t.js.UpdateStream(ctx, config); err != nil {
			return 0, 0, fmt.Errorf("drop messages: %w", err)
		}
		config.MaxMsgs = -1
		if _, err := t.js.UpdateStream(ctx, config); err != nil {
			return 0, 0, fmt.Errorf("drop messages: %w", err)
		}
	}
	for _, m := range room.messages[:room.drop] {
		bytes += m.bytes
	}
	if len(room.gone) == 0 {
		return bytes, room.drop, nil
	}
	// One of a message that came meanwhile is needed again.
	needed, err := t.blobs.references(ctx, room.token)
	if err != nil {
		return bytes, room.drop, fmt.Errorf("drop attachments: %w", err)
	}
	bucket, err := t.blobs.bucket(ctx, room.token, false)
	if err != nil {
		if errors.Is(err, errNoBlob) {
			err = nil
		}
		return bytes, room.drop, err
	}
	for _, hash := range room.gone {
		if needed[hash] || room.files[hash] == nil {
			continue
		}
		info, err := bucket.GetInfo(ctx, hash)
		if errors.Is(err, jetstream.ErrObjectNotFound) {
			continue
		}
		if err != nil {
			return bytes, room.drop, fmt.Errorf("drop attachments: %w", err)
		}
		if now.Sub(info.ModTime) < droppedGrace {
			continue // the next collection has it
		}
		if err := bucket.Delete(ctx, hash); err != nil {
			return bytes, room.drop, fmt.Errorf("drop attachments: %w", err)
		}
		bytes += int64(info.Size)
	}
	return bytes, room.drop, nil
}
