package server

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/oklog/ulid/v2"

	"parley/session/wire"
)

// scribe is a room of an AppID of its own, in which somebody writes.
type scribe struct {
	t           *testing.T
	js          jetstream.JetStream
	room, token string
	stream      string
}

const keepApp = "keep"

func newScribe(t *testing.T, room string) *scribe {
	t.Helper()
	_, js, response, _ := chatIn(t, keepApp, room, "ann")
	return &scribe{t: t, js: js, room: room, token: response.Files.Token, stream: response.Chat.Stream}
}

// send stores a message of so many bytes, with an attachment where one is named.
func (k *scribe) send(size int, hash string) {
	k.t.Helper()
	m := &nats.Msg{Subject: wire.ChatSubject(k.room, "ann"), Data: bytes.Repeat([]byte("x"), size), Header: nats.Header{}}
	if hash != "" {
		m.Header.Set(wire.HeaderFile, hash)
	}
	if _, err := k.js.PublishMsg(k.t.Context(), m, jetstream.WithMsgID(ulid.Make().String())); err != nil {
		k.t.Fatal(err)
	}
}

func (k *scribe) put(size int) (hash string) {
	k.t.Helper()
	data, hash := content(size)
	wantStatus(k.t, "put", ask(k.t, "PUT", k.room, hash, k.token, bytes.NewReader(data)), http.StatusCreated)
	return hash
}

func (k *scribe) has(hash string) bool {
	return ask(k.t, "GET", k.room, hash, k.token, nil).StatusCode == http.StatusOK
}

func (k *scribe) state() jetstream.StreamState {
	k.t.Helper()
	stream, err := k.js.Stream(k.t.Context(), k.stream)
	if err != nil {
		k.t.Fatal(err)
	}
	return stream.CachedInfo().State
}

// later is when nothing is so new that it has to wait for its message.
func later() time.Time { return time.Now().Add(2 * droppedGrace) }

func openKeep(t *testing.T) *tenant {
	t.Helper()
	manage(t, "add", keepApp)
	t.Cleanup(func() { manage(t, "remove", keepApp) })
	tenant, err := shared.tenants.get(keepApp)
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

func TestARoomKeepsSoManyBytes(t *testing.T) {
	tenant := openKeep(t)
	small, other := newScribe(t, "small"), newScribe(t, "other")
	other.send(1000, other.put(90_000))
	var hashes []string
	for i := range 4 {
		hashes = append(hashes, small.put(50_000+i))
	}
	for i := range 20 {
		hash := ""
		if i%5 == 0 {
			hash = hashes[i/5]
		}
		if i == 19 {
			hash = hashes[0] // which is so needed to the end
		}
		small.send(1000, hash)
	}
	// Three attachments and some messages have a place.
	own := int64(167_000)
	l := Retention{Apps: map[string]AppRetention{keepApp: {Rooms: map[string]RoomRetention{"small": {Bytes: &own}}}}}.of(keepApp)
	sum, err := tenant.retain(t.Context(), l, later())
	if err != nil {
		t.Fatal(err)
	}
	// Messages 1 to 6: the sixth is the only one that needs the second attachment.
	state := small.state()
	if state.Msgs != 14 || state.FirstSeq != 7 || sum.droppedMessages != 6 || sum.dropped < 56_000 || sum.dropped > 58_000 {
		t.Errorf("%+v, %+v", state, sum)
	}
	for i, want := range []bool{true, false, true, true} {
		if got := small.has(hashes[i]); got != want {
			t.Errorf("attachment %d is there: %v", i, got)
		}
	}
	if n := other.state().Msgs; n != 1 {
		t.Errorf("another room has %d messages", n)
	}
	room, err := tenant.blobs.look(t.Context(), wire.SubjectToken("small"))
	if err != nil || room.bytes > own || room.bytes < own-60_000 {
		t.Errorf("%d bytes are kept, %v", room.bytes, err)
	}
	// It goes on, and what is few enough stays.
	for range 3 {
		small.send(10, "")
	}
	sum, err = tenant.retain(t.Context(), l, later())
	if n := small.state().Msgs; err != nil || n != 17 || sum.droppedMessages != 0 || sum.messages != 18 || sum.bytes < room.bytes {
		t.Errorf("%d messages, %+v, %v", n, sum, err)
	}
}

func TestAnAppIDKeepsSoManyBytes(t *testing.T) {
	tenant := openKeep(t)
	old, young := newScribe(t, "old"), newScribe(t, "young")
	first := old.put(20_000)
	old.send(1000, first)
	second := young.put(20_001)
	young.send(1000, second)
	for range 30 {
		old.send(1000, "")
		young.send(1000, "")
	}
	l := Retention{AppBytes: 60_000}.of(keepApp)
	sum, err := tenant.retain(t.Context(), l, later())
	if err != nil || sum.droppedMessages == 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	a, b := old.state().Msgs, young.state().Msgs
	if a == 0 || b == 0 || a > b || b > a+1 || old.has(first) || young.has(second) {
		t.Errorf("%d and %d messages, attachments: %v, %v", a, b, old.has(first), young.has(second))
	}
	total := int64(0)
	for _, k := range []*scribe{old, young} {
		room, err := tenant.blobs.look(t.Context(), wire.SubjectToken(k.room))
		if err != nil {
			t.Fatal(err)
		}
		total += room.bytes
	}
	if total > l.appBytes || total < l.appBytes-3000 {
		t.Errorf("%d bytes are kept", total)
	}

	// Nothing is enough.
	if _, err := tenant.retain(t.Context(), Retention{AppBytes: 1}.of(keepApp), later()); err != nil {
		t.Fatal(err)
	}
	for _, k := range []*scribe{old, young} {
		if n := k.state().Msgs; n > 1 {
			t.Errorf("%d messages are left", n)
		}
		k.send(10, "")
	}
}

func TestAnAttachmentThatIsAskedForStays(t *testing.T) {
	tenant := openKeep(t)
	k := newScribe(t, "again")
	hash := k.put(5000)
	k.send(10, hash)
	k.send(2000, "")
	l := Retention{RoomBytes: 3000}.of(keepApp)
	// Somebody asks whether it is there, and will send a message that needs it.
	if sum, err := tenant.retain(t.Context(), l, time.Now()); err != nil || sum.droppedMessages != 1 || !k.has(hash) {
		t.Errorf("%+v, %v", sum, err)
	}
	if n, err := tenant.blobs.collectRoom(t.Context(), wire.SubjectToken(k.room), collectGrace, time.Now().Add(2*collectGrace)); err != nil || n != 1 || k.has(hash) {
		t.Errorf("%d are collected, %v", n, err)
	}
}

func TestMessagesGetOld(t *testing.T) {
	tenant := openKeep(t)
	k, forever := newScribe(t, "short"), newScribe(t, "long")
	hash := k.put(1000)
	k.send(10, hash)
	forever.send(10, "")
	never := time.Duration(0)
	l := Retention{Age: 500 * time.Millisecond, Apps: map[string]AppRetention{keepApp: {Rooms: map[string]RoomRetention{"long": {Age: &never}}}}}.of(keepApp)
	if _, err := tenant.retain(t.Context(), l, later()); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); k.state().Msgs > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the message does not go")
		}
	}
	if n := forever.state().Msgs; n != 1 {
		t.Errorf("the other room has %d messages", n)
	}
	if n, err := tenant.blobs.collectRoom(t.Context(), wire.SubjectToken(k.room), collectGrace, time.Now().Add(2*collectGrace)); err != nil || n != 1 {
		t.Errorf("%d attachments are collected, %v", n, err)
	}
}

func TestRetentionIsChecked(t *testing.T) {
	age, less := time.Minute, int64(-1)
	cfg := Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Retention: Retention{
		Age: time.Second, RoomBytes: -1, AppBytes: -1,
		Apps: map[string]AppRetention{"acme": {Age: &age, RoomBytes: &less, Rooms: map[string]RoomRetention{"a b": {Bytes: &less}}}},
	}}
	said := fmt.Sprint(cfg.Check())
	for _, key := range []string{"retention.age:", "retention.room_bytes:", "retention.app_bytes:", "retention.apps.acme.age:", "retention.apps.acme.room_bytes:", "retention.apps.acme.rooms.a b:", "rooms.a b.bytes:"} {
		if !strings.Contains(said, key) {
			t.Errorf("nothing is said of %s: %s", key, said)
		}
	}
}

func TestTheClusterIsChecked(t *testing.T) {
	for _, test := range []struct {
		redis Redis
		nats  NATS
		says  string
	}{
		{Redis{Address: "r:6379"}, NATS{}, "nats.cluster.listen"},
		{Redis{}, NATS{Cluster: NATSCluster{Listen: "127.0.0.1:6222", Routes: []string{"a:6222"}}}, "redis.address"},
		{Redis{Address: "r"}, NATS{}, "HOST:PORT"},
		{Redis{SentinelAddresses: []string{"r:1"}}, NATS{}, "redis.sentinel_master"},
		{Redis{Address: "r:1"}, NATS{Replicas: 6, Cluster: NATSCluster{Listen: "127.0.0.1:6222", Routes: []string{"a"}}}, "nats.replicas"},
		{Redis{Address: "r:1"}, NATS{Cluster: NATSCluster{Listen: "127.0.0.1:6222"}}, "nats.cluster.routes"},
		{Redis{Address: "r:1"}, NATS{Cluster: NATSCluster{Listen: "127.0.0.1:0", Routes: []string{"a:1"}}}, "have to know the port"},
	} {
		err := Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Redis: test.redis, NATS: test.nats}.Check()
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v %+v: %v", test.redis, test.nats, err)
		}
	}
	right := Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Redis: Redis{Address: "r:1"}, NATS: NATS{Cluster: NATSCluster{Listen: "127.0.0.1:6222", Routes: []string{"a:1"}}}}
	if err := right.Check(); err != nil {
		t.Error(err)
	}
	// A node makes no keys of its own.
	if err := sharedKeys(t.TempDir()); err == nil || !strings.Contains(err.Error(), "parley app list") {
		t.Error(err)
	}
}
