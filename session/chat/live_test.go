package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"go.uber.org/goleak"

	"parley/e2e/line"
	"parley/server"
	"parley/session/chat/picture"
	"parley/session/chat/voice"
	"parley/session/wire"
)

const serveVariable = "PARLEY_TEST_SERVE"

// engine is the address of the real server, which runs once for all tests, in
// a process of its own.
var engine string // set once, by TestMain

func TestMain(m *testing.M) {
	if data := os.Getenv(serveVariable); data != "" {
		err := server.Run(context.Background(), server.Config{
			Listen: "127.0.0.1:0", Data: data, Open: true, Logger: slog.New(slog.DiscardHandler),
			Limits:      server.Limits{MessagesPerMinute: 1_000_000, UploadsPerMinute: 10_000},
			Retention:   server.Retention{Apps: map[string]server.AppRetention{wire.LocalAppID: {Rooms: map[string]server.RoomRetention{shortRoom: {Bytes: new(shortBytes)}}}}},
			RetainEvery: 100 * time.Millisecond,
		}, server.RunOptions{Machine: true, UntilEOF: os.Stdin, Output: os.Stdout})
		if err != nil {
			panic(err)
		}
		return
	}
	data, err := os.MkdirTemp("", "parley-chat-*")
	if err != nil {
		panic(err)
	}
	host := exec.Command(os.Args[0])
	// The engines' own races are for their authors: they go to a file.
	host.Env = append(os.Environ(), serveVariable+"="+data, "GORACE=log_path="+data+"/race")
	host.Stderr = os.Stderr
	stdin, err := host.StdinPipe()
	if err != nil {
		panic(err)
	}
	stdout, err := host.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := host.Start(); err != nil {
		panic(err)
	}
	var ready server.Ready
	if err := json.NewDecoder(stdout).Decode(&ready); err != nil {
		panic(err)
	}
	engine = ready.Address
	code := m.Run()
	_ = stdin.Close()
	_ = host.Wait()
	_ = os.RemoveAll(data)
	os.Exit(code)
}

// talker is a conversation and what it told.
type talker struct {
	*Conversation
	t     testing.TB
	store *Store
	way   *line.Line

	mu     sync.Mutex
	events []Event
	first  map[string]time.Time // when each message was first told
}

func newTalker(t testing.TB, room, user, folder string) *talker {
	t.Helper()
	if folder == "" {
		folder = t.TempDir()
	}
	k := &talker{t: t, first: make(map[string]time.Time)}
	var err error
	if k.way, err = line.New(engine); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.way.Close)
	if k.store, err = Open(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	k.Conversation, err = NewConversation(t.Context(), Params{
		Store: k.store, Key: RoomKey{Server: "S", AppID: wire.LocalAppID, RoomID: room}, User: wire.User{ID: user, Name: strings.ToUpper(user)},
		Limits: wire.Limits{MessagesPerMinute: 1_000_000}, Logger: slog.New(slog.DiscardHandler),
		Notify: func(e Event) {
			k.mu.Lock()
			defer k.mu.Unlock()
			if m, ok := e.(MessageChanged); ok {
				if _, known := k.first[m.Message.ID]; !known {
					k.first[m.Message.ID] = time.Now()
				}
			}
			k.events = append(k.events, e)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.end)
	return k
}

func (k *talker) end() {
	k.Close()
	_ = k.store.Close()
}

// online connects through the cable.
func (k *talker) online() *talker {
	k.t.Helper()
	response, key := admitted(k.t, k.way.Address(), k.p.Key.RoomID, k.p.User)
	if err := k.Connect(k.t.Context(), response.Chat, response.Files, key); err != nil {
		k.t.Fatal(err)
	}
	return k
}

func admitted(t testing.TB, address, room string, user wire.User) (*wire.JoinResponse, nkeys.KeyPair) {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(wire.JoinRequest{RoomID: room, User: user, ChatKey: public})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post("http://"+address+wire.PathJoin, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var response wire.JoinResponse
	if err := json.NewDecoder(answer.Body).Decode(&response); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", answer.StatusCode, err)
	}
	return &response, key
}

// saw waits for an event that matches.
func saw[E Event](k *talker, what string, match func(E) bool) E {
	k.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		k.mu.Lock()
		events := k.events
		k.mu.Unlock()
		for _, e := range events {
			if e, ok := e.(E); ok && match(e) {
				return e
			}
		}
	}
	k.t.Fatalf("%s never saw: %s\n%+v", k.p.User.ID, what, k.events)
	panic("unreachable")
}

func (k *talker) message(what string, match func(Message) bool) Message {
	k.t.Helper()
	return saw(k, what, func(e MessageChanged) bool { return match(e.Message) }).Message
}

func (k *talker) say(text string) Message {
	k.t.Helper()
	m, err := k.SendText(k.t.Context(), Draft{Text: text})
	if err != nil {
		k.t.Fatal(err)
	}
	return m
}

func (k *talker) until(what string, done func() bool) {
	k.t.Helper()
	for end := time.Now().Add(15 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			k.t.Fatalf("%s never: %s", k.p.User.ID, what)
		}
	}
}

func (k *talker) newest(n int) []Message {
	k.t.Helper()
	page, err := k.Newest(k.t.Context(), n)
	if err != nil {
		k.t.Fatal(err)
	}
	return page
}

func TestTalk(t *testing.T) {
	ctx := t.Context()
	ann, bob := newTalker(t, "talk", "ann", "").online(), newTalker(t, "talk", "bob", "").online()
	sent := ann.say("hello")
	is := func(id string, status Status) func(Message) bool {
		return func(m Message) bool { return m.ID == id && m.Status == status }
	}
	for _, status := range []Status{StatusQueued, StatusSent, StatusStored} {
		ann.message(status.String(), is(sent.ID, status))
	}
	bob.message("hello", is(sent.ID, StatusStored))

	reply, err := bob.SendText(ctx, Draft{Text: "hi ann", ReplyTo: sent.ID, Mentions: []string{"ann"}})
	if err != nil {
		t.Fatal(err)
	}
	got := ann.message("the reply", is(reply.ID, StatusStored))
	if got.Reply == nil || got.Reply.ID != sent.ID || got.Reply.Text != "hello" || got.Reply.Name != "ANN" || !slices.Equal(got.Mentions, []string{"ann"}) {
		t.Errorf("%+v", got)
	}
	if err := ann.Edit(ctx, sent.ID, "hello all"); err != nil {
		t.Fatal(err)
	}
	bob.message("the edit", func(m Message) bool { return m.ID == sent.ID && m.Text == "hello all" && m.Edited })
	if err := bob.React(ctx, sent.ID, "👍", false); err != nil {
		t.Fatal(err)
	}
	ann.message("the reaction", func(m Message) bool {
		return m.ID == sent.ID && len(m.Reactions) == 1 && m.Reactions[0].Users[0] == "bob"
	})
	if err := bob.MarkRead(sent.ID); err != nil {
		t.Fatal(err)
	}
	ann.message("that it was seen", is(sent.ID, StatusSeen))
	saw(ann, "who saw it", func(e SeenChanged) bool { return e.UserID == "bob" && e.UpTo == sent.ID })
	if err := bob.Edit(ctx, sent.ID, "mine"); !errors.Is(err, ErrNotOwn) {
		t.Errorf("%v", err)
	}
	if err := ann.Delete(ctx, sent.ID); err != nil {
		t.Fatal(err)
	}
	bob.message("the delete", func(m Message) bool { return m.ID == sent.ID && m.Deleted && m.Text == "" })

	began := time.Now()
	ann.SetActivity(Typing)
	saw(bob, "typing", func(e ActivityChanged) bool { return e.UserID == "ann" && e.Name == "ANN" && e.Activity == Typing })
	if d := time.Since(began); d > 200*time.Millisecond {
		t.Errorf("typing is shown after %v", d)
	}
	ann.say("typed")
	saw(bob, "that she typed", func(e ActivityChanged) bool { return e.Activity == Idle })
}

func TestWhatIsTooMuchIsRefusedAndNothingIsStored(t *testing.T) {
	ann := newTalker(t, "limits", "ann", "")
	ctx := t.Context()
	for name, d := range map[string]Draft{
		"a mebibyte of emoji": {Text: strings.Repeat("👍", 1<<18)},
		"nothing":             {Text: " \n "},
		"no text":             {Text: "\xff\xfe"},
		"too many mentions":   {Text: "hi", Mentions: slices.Repeat([]string{"bob"}, MentionsMax+1)},
		"nobody mentioned":    {Text: "hi", Mentions: []string{""}},
		"a reply to nothing":  {Text: "hi", ReplyTo: textEnvelope("").ID},
	} {
		if _, err := ann.SendText(ctx, d); err == nil {
			t.Errorf("%s was sent", name)
		}
	}
	m := ann.say("hi")
	for name, err := range map[string]error{
		"a long reaction":    ann.React(ctx, m.ID, strings.Repeat("👍", 100), false),
		"a blank reaction":   ann.React(ctx, m.ID, " ", false),
		"a reaction to none": ann.React(ctx, "x", "👍", false),
		"a long edit":        ann.Edit(ctx, m.ID, strings.Repeat("x", wire.TextMax+1)),
		"a folder":           func() error { _, err := ann.SendFile(ctx, t.TempDir(), Draft{}); return err }(),
	} {
		if err == nil {
			t.Errorf("%s was sent", name)
		}
	}
	if rows, err := ann.room.Records(ctx, Record{}, 100); err != nil || len(rows) != 1 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	// A long text is quoted by its beginning.
	long := ann.say(strings.Repeat("长", wire.TextMax/3))
	reply, err := ann.SendText(ctx, Draft{Text: "yes", ReplyTo: long.ID})
	if err != nil || len(reply.Reply.Text) > QuoteMax || !strings.HasPrefix(long.Text, reply.Reply.Text) || len(reply.Reply.Text) < QuoteMax-6 {
		t.Errorf("%d bytes quoted, %v", len(reply.Reply.Text), err)
	}
}

func TestActivityIsForgotten(t *testing.T) {
	told := make(chan ActivityChanged, 10)
	a := newActivities(func(e Event) { told <- e.(ActivityChanged) })
	defer a.close()
	a.set("bob", "B", Recording)
	if e := <-told; e.Activity != Recording {
		t.Errorf("%+v", e)
	}
	began := time.Now()
	if e := <-told; e.Activity != Idle || time.Since(began) > 6500*time.Millisecond {
		t.Errorf("%+v after %v", e, time.Since(began))
	}
	now := time.Now()
	for i, want := range []bool{true, false, false, true} {
		if got := a.due(Typing, now.Add(time.Duration(i)*time.Second)); got != want {
			t.Errorf("after %d s: due %v", i, got)
		}
	}
	if !a.due(Idle, now.Add(4*time.Second)) || a.due(Idle, now.Add(time.Minute)) {
		t.Error("the end of typing is told once")
	}
}

func TestWrittenOfflineGoesOutInOrder(t *testing.T) {
	folder := t.TempDir()
	ann, bob := newTalker(t, "offline", "ann", folder), newTalker(t, "offline", "bob", "").online()
	var want []string
	for i := range 30 {
		want = append(want, ann.say(fmt.Sprint("before ", i)).ID)
	}
	ann.end() // and the program starts again
	ann = newTalker(t, "offline", "ann", folder)
	want = append(want, ann.say("after").ID)
	ann.online()
	bob.until("all of it", func() bool { return len(bob.newest(100)) == len(want) })
	for i, m := range bob.newest(100) {
		if m.ID != want[i] {
			t.Fatalf("message %d is %s", i, m.Text)
		}
	}
	// The network goes and comes back while she writes on.
	ann.way.Cut(true)
	saw(ann, "that it is gone", func(e OnlineChanged) bool { return !e.Online })
	for i := range 20 {
		want = append(want, ann.say(fmt.Sprint("cut ", i)).ID)
		if i == 10 {
			if err := bob.React(t.Context(), want[0], "👋", false); err != nil {
				t.Fatal(err)
			}
			ann.way.Cut(false)
		}
	}
	bob.until("all of that", func() bool { return len(bob.newest(100)) == len(want) })
	for i, m := range bob.newest(100) {
		if m.ID != want[i] {
			t.Fatalf("message %d is %s", i, m.Text)
		}
	}
	ann.message("what came meanwhile", func(m Message) bool { return m.ID == want[0] && len(m.Reactions) == 1 })
}

// A room of which the server keeps little.
const (
	shortRoom  = "short"
	shortBytes = int64(60_000)
)

// TestWhatTheServerDroppedIsNoGap has somebody come back when the server has dropped
// what they missed, and some of what they had.
func TestWhatTheServerDroppedIsNoGap(t *testing.T) {
	const before, all = 100, 600
	folder := t.TempDir()
	flood(t, shortRoom, "bob", before)
	ann := newTalker(t, shortRoom, "ann", folder).online()
	had := ann.newest(50)
	if len(had) != 50 || had[49].Text != fmt.Sprint(before-1) {
		t.Fatalf("%d messages", len(had))
	}
	ann.end()
	floodFrom(t, shortRoom, "bob", before, all-before)

	// The server keeps the newest.
	stream := roomStream(t, shortRoom, "carl")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		info, err := stream.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.State.FirstSeq > before && int64(info.State.Bytes) < shortBytes*3/2 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the server keeps %+v", info.State)
		}
	}

	ann = newTalker(t, shortRoom, "ann", folder).online()
	ann.until("the newest", func() bool {
		page := ann.newest(1)
		return len(page) == 1 && page[0].Text == fmt.Sprint(all-1)
	})
	page := ann.newest(50)
	for {
		older, err := ann.Before(t.Context(), page[0].ID, 50)
		if err != nil {
			t.Fatal(err)
		}
		if len(older) == 0 {
			break
		}
		page = append(older, page...)
	}
	got := make(map[string]bool)
	last := -1
	for _, m := range page {
		n, err := strconv.Atoi(m.Text)
		if err != nil || n <= last {
			t.Fatalf("%s comes after %d", m.Text, last)
		}
		last = n
		got[m.Text] = true
	}
	info, err := stream.Info(t.Context()) // it may have dropped more in the meantime
	if err != nil {
		t.Fatal(err)
	}
	for n := int(info.State.FirstSeq) - 1; n < all; n++ {
		if !got[fmt.Sprint(n)] {
			t.Errorf("%d is on the server, and is not shown", n)
		}
	}
	for _, m := range had {
		if !got[m.Text] {
			t.Errorf("%s was here, and is not shown", m.Text)
		}
	}
	// It goes on.
	flood(t, shortRoom, "dora", 1)
	ann.message("what comes now", func(m Message) bool { return m.UserID == "dora" })
}

// roomStream opens what the server has of a room.
func roomStream(t testing.TB, room, user string) jetstream.Stream {
	t.Helper()
	response, key := admitted(t, engine, room, wire.User{ID: user})
	nc, err := nats.Connect(response.Chat.URL, nats.ProxyPath(response.Chat.Path), nats.CustomInboxPrefix(response.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return response.Chat.JWT, nil }, key.Sign))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), response.Chat.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// flood writes messages into a room, quickly.
func flood(t testing.TB, room, user string, n int) (ids []string) {
	t.Helper()
	return floodFrom(t, room, user, 0, n)
}

// floodFrom begins to count at first.
func floodFrom(t testing.TB, room, user string, first, n int) (ids []string) {
	t.Helper()
	response, key := admitted(t, engine, room, wire.User{ID: user})
	nc, err := nats.Connect(response.Chat.URL, nats.ProxyPath(response.Chat.Path), nats.CustomInboxPrefix(response.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return response.Chat.JWT, nil }, key.Sign))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		e := textEnvelope(fmt.Sprint(first + i))
		ids = append(ids, e.ID)
		if _, err := js.PublishAsync(wire.ChatSubject(room, user), incoming(user, 0, e).Data, jetstream.WithMsgID(e.ID)); err != nil {
			t.Fatal(err)
		}
		if i%200 == 0 {
			<-js.PublishAsyncComplete()
		}
	}
	<-js.PublishAsyncComplete()
	return ids
}

func TestNewRoomShowsItsNewestPageAndTheRestOnDemand(t *testing.T) {
	ids := flood(t, "long", "bob", 1500)
	ann := newTalker(t, "long", "ann", "").online()
	page := ann.newest(50)
	if len(page) != 50 || page[49].Text != "1499" {
		t.Fatalf("%d messages, up to %+v", len(page), page[len(page)-1].Text)
	}
	if here, err := ann.History().Newest(t.Context(), 2000); err != nil || len(here) > 200 {
		t.Errorf("%d messages were brought for a page of 50 (%v)", len(here), err)
	}
	// Backwards to the beginning.
	for len(page) < 1500 {
		older, err := ann.Before(t.Context(), page[0].ID, 50)
		if err != nil || len(older) != 50 {
			t.Fatalf("%d older than %s: %v", len(older), page[0].Text, err)
		}
		page = append(older, page...)
	}
	for i, m := range page {
		if m.ID != ids[i] {
			t.Fatalf("message %d is %s", i, m.Text)
		}
	}
	if older, err := ann.Before(t.Context(), page[0].ID, 50); err != nil || len(older) != 0 {
		t.Errorf("%d before the first, %v", len(older), err)
	}
}

func TestMessageThatIsNotHereIsFoundAround(t *testing.T) {
	ids := flood(t, "jump", "bob", 1500)
	ann := newTalker(t, "jump", "ann", "").online()
	page, err := ann.Around(t.Context(), ids[700], 20)
	if err != nil || len(page) != 20 || page[10].Text != "700" || page[0].Text != "690" {
		t.Fatalf("%s, %v", texts(page), err)
	}
	day, err := ann.At(t.Context(), page[0].Time, 5)
	if err != nil || len(day) != 5 {
		t.Errorf("%s, %v", texts(day), err)
	}
	// Through the gap, without passing over it.
	last := page[len(page)-1]
	for last.Text != "1499" {
		newer, err := ann.After(t.Context(), last.ID, 100)
		if err != nil || len(newer) == 0 {
			t.Fatal(len(newer), err)
		}
		for _, m := range newer {
			var before, now int
			_, _ = fmt.Sscan(last.Text, &before)
			_, _ = fmt.Sscan(m.Text, &now)
			if now != before+1 {
				t.Fatalf("%s follows %s", m.Text, last.Text)
			}
			last = m
		}
	}
	if _, err := ann.Around(t.Context(), textEnvelope("").ID, 20); !errors.Is(err, ErrNoMessage) {
		t.Errorf("%v", err)
	}
}

func TestWhatWasMissedIsFilledInBehindTheNewest(t *testing.T) {
	folder := t.TempDir()
	flood(t, "missed", "bob", 100)
	ann := newTalker(t, "missed", "ann", folder).online()
	ann.newest(100) // all of it is here
	ann.end()
	flood(t, "missed", "bob", 2000)
	ann = newTalker(t, "missed", "ann", folder).online()
	if page := ann.newest(50); page[49].Text != "1999" {
		t.Errorf("the newest is %s", page[49].Text)
	}
	ann.until("the gap to be filled", func() bool {
		page, err := ann.History().Newest(t.Context(), 5000)
		return err == nil && len(page) == 2100
	})
	if _, gap, err := ann.room.gapBelow(t.Context(), 2100); err != nil || gap {
		t.Error("a gap is left", err)
	}
}

func TestGapThatAnEarlierLifeLeftIsFilled(t *testing.T) {
	folder := t.TempDir()
	flood(t, "left", "bob", 50)
	ann := newTalker(t, "left", "ann", folder).online()
	ann.newest(50)
	ann.end()
	flood(t, "left", "bob", 1000)
	// She is gone when the newest are here, and the rest is not.
	store, err := Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	room, err := store.Room(t.Context(), RoomKey{Server: "S", AppID: wire.LocalAppID, RoomID: "left"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := room.receive(nil, span{1050, 1050}); err != nil {
		t.Fatal(err)
	}
	store.Close()
	ann = newTalker(t, "left", "ann", folder).online()
	ann.until("the gap to be filled", func() bool {
		page, err := ann.History().Newest(t.Context(), 5000)
		return err == nil && len(page) == 1049
	})
}

func TestPicture(t *testing.T) {
	ann, bob := newTalker(t, "pictures", "ann", "").online(), newTalker(t, "pictures", "bob", "").online()
	img := image.NewRGBA(image.Rect(0, 0, 2000, 1000))
	for i := range img.Pix {
		img.Pix[i] = byte(i / 64)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	prepared, err := picture.Prepare(t.Context(), &b, "holiday.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for _, original := range []bool{false, true} {
		sent, err := ann.SendPicture(t.Context(), prepared, original, Draft{Text: "look"})
		if err != nil {
			t.Fatal(err)
		}
		ann.message("uploading", func(m Message) bool { return m.ID == sent.ID && m.Status == StatusUploading })
		got := bob.message("the picture", func(m Message) bool { return m.ID == sent.ID })
		want := 1600
		if original {
			want = 2000
		}
		if got.File.Width != want || got.Text != "look" || got.File.Name != "holiday.jpg" || len(got.File.Thumbnail) == 0 {
			t.Errorf("%+v", got.File)
		}
		done := saw(bob, "its bytes", func(e TransferChanged) bool { return e.MessageID == sent.ID && e.Done })
		if done.Err != nil {
			t.Fatal(done.Err)
		}
		path, err := bob.store.Files().Path(got.File.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil || int64(len(data)) != got.File.Size {
			t.Errorf("%d bytes, %v", len(data), err)
		}
	}
}

func TestVoice(t *testing.T) {
	ann, bob := newTalker(t, "voices", "ann", "").online(), newTalker(t, "voices", "bob", "").online()
	path := filepath.Join(t.TempDir(), "v.ogg")
	r, err := voice.NewRecorder(path)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]float32, 48000*3/2)
	for i := range pcm {
		pcm[i] = rand.Float32() - 0.5
	}
	if err := errors.Join(r.Write(pcm), r.Close()); err != nil {
		t.Fatal(err)
	}
	sent, err := ann.SendVoice(t.Context(), path, Draft{})
	if err != nil {
		t.Fatal(err)
	}
	got := bob.message("the voice", func(m Message) bool { return m.ID == sent.ID })
	if got.File.DurationMS != 1500 || len(got.File.Waveform) != WaveformBins || got.File.Waveform[20] < 100 || got.Heard {
		t.Errorf("%+v", got.File)
	}
	saw(bob, "its bytes", func(e TransferChanged) bool { return e.MessageID == sent.ID && e.Done && e.Err == nil })
	bobs, err := bob.store.Files().Path(got.File.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := voice.Inspect(bobs); err != nil || info.Duration != 1500*time.Millisecond {
		t.Errorf("%v %v", info.Duration, err)
	}
}

func bigFile(t testing.TB, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "big.bin")
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFileGoesOnAfterTheLineWasCut(t *testing.T) {
	ann, bob := newTalker(t, "files", "ann", "").online(), newTalker(t, "files", "bob", "").online()
	path := bigFile(t, 60<<20)
	ann.way.Slow(100 << 20)
	bob.way.Slow(100 << 20)
	sent, err := ann.SendFile(t.Context(), path, Draft{})
	if err != nil {
		t.Fatal(err)
	}
	ann.message("a part of it", func(m Message) bool { return m.ID == sent.ID && m.Uploaded > 1<<20 })
	ann.way.Cut(true)
	after := ann.say("waits behind it")
	time.Sleep(100 * time.Millisecond)
	ann.way.Slow(0)
	ann.way.Cut(false)
	got := bob.message("the file", func(m Message) bool { return m.ID == sent.ID })
	bob.message("what came behind", func(m Message) bool { return m.ID == after.ID })
	if got.File.Name != "big.bin" || got.File.Size != 60<<20 {
		t.Errorf("%+v", got.File)
	}
	// Files come when they are asked for.
	if _, err := bob.store.Files().Path(got.File.SHA256); !errors.Is(err, ErrFileMissing) {
		t.Errorf("%v", err)
	}
	if err := bob.Download(t.Context(), sent.ID); err != nil {
		t.Fatal(err)
	}
	saw(bob, "a part of it", func(e TransferChanged) bool { return e.Bytes > 1<<20 && !e.Done })
	bob.way.Cut(true)
	time.Sleep(50 * time.Millisecond)
	bob.way.Slow(0)
	bob.way.Cut(false)
	if done := saw(bob, "all of it", func(e TransferChanged) bool { return e.Done }); done.Err != nil {
		t.Error(done.Err)
	}
}

func TestUploadIsCancelled(t *testing.T) {
	ann := newTalker(t, "cancel", "ann", "").online()
	ann.way.Slow(100 << 20)
	sent, err := ann.SendFile(t.Context(), bigFile(t, 80<<20), Draft{})
	if err != nil {
		t.Fatal(err)
	}
	ann.message("a part of it", func(m Message) bool { return m.ID == sent.ID && m.Uploaded > 0 })
	next := ann.say("next")
	if err := ann.Cancel(sent.ID); err != nil {
		t.Fatal(err)
	}
	saw(ann, "that it is gone", func(e MessageRemoved) bool { return e.ID == sent.ID })
	ann.message("the next one", func(m Message) bool { return m.ID == next.ID && m.Status == StatusStored })
	if page := ann.newest(10); len(page) != 1 {
		t.Errorf("%+v", page)
	}
}

func TestRefusalStopsOneMessageOnly(t *testing.T) {
	ann, bob := newTalker(t, "refusals", "ann", ""), newTalker(t, "refusals", "bob", "").online()
	lost, err := ann.SendFile(t.Context(), bigFile(t, 1000), Draft{})
	if err != nil {
		t.Fatal(err)
	}
	path, err := ann.store.Files().Path(lost.File.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	next := ann.say("next")
	ann.online()
	failed := ann.message("the refusal", func(m Message) bool { return m.ID == lost.ID && m.Status == StatusFailed })
	if failed.Reason != ReasonFileMissing {
		t.Errorf("%+v", failed)
	}
	bob.message("the next one", func(m Message) bool { return m.ID == next.ID })
	// In another's name the server says no, and that is told.
	eve := newTalker(t, "refusals", "eve", "")
	response, key := admitted(t, engine, "refusals", wire.User{ID: "mallory"})
	if err := eve.Connect(t.Context(), response.Chat, response.Files, key); err != nil {
		t.Fatal(err)
	}
	forged := eve.say("forged")
	failed = eve.message("the refusal", func(m Message) bool { return m.ID == forged.ID && m.Status == StatusFailed })
	if failed.Reason != ReasonNotAllowed {
		t.Errorf("%+v", failed)
	}
	eve.online()
	if err := eve.Retry(t.Context(), forged.ID); err != nil {
		t.Fatal(err)
	}
	eve.message("the retry", func(m Message) bool { return m.ID == forged.ID && m.Status == StatusStored })
}

func TestCacheHasALimitAndKeepsWhatNoServerHas(t *testing.T) {
	ctx := t.Context()
	s, r := openRoom(t, t.TempDir())
	var hashes []string
	for i := range 6 {
		sha, _, err := s.Files().Add(ctx, bytes.NewReader(bytes.Repeat([]byte{byte(i)}, 1000)), 2000)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, sha)
	}
	// Long unused all of them, the first the longest; the second waits to go out.
	for i, sha := range hashes {
		if err := s.writer.do(false, func(x *tx) error {
			_, err := x.exec("UPDATE files SET used = ? WHERE sha256 = ?", 1000+i, sha)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	e := textEnvelope("")
	e.Kind, e.File = KindFile, &File{SHA256: hashes[1], Size: 1000}
	if err := r.queue(e, "ann"); err != nil {
		t.Fatal(err)
	}
	used, err := s.Files().Open(hashes[2]) // now
	if err != nil {
		t.Fatal(err)
	}
	used.Close()
	if err := s.Files().SetLimit(ctx, 2500); err != nil {
		t.Fatal(err)
	}
	var here []int
	for i, sha := range hashes {
		if _, err := s.Files().Path(sha); err == nil {
			here = append(here, i)
		}
	}
	if !slices.Equal(here, []int{1, 2}) {
		t.Errorf("%v are left", here)
	}
	if _, _, err := s.Files().Add(ctx, bytes.NewReader(make([]byte, 3000)), 2000); !errors.Is(err, ErrFileSize) {
		t.Errorf("%v", err)
	}
}

// TestWhatIsInUseStaysForNow: Windows deletes nothing that is open. Others delete no
// folder with something in it, which stands for that.
func TestWhatIsInUseStaysForNow(t *testing.T) {
	s, _ := openRoom(t, t.TempDir())
	var hashes []string
	for i := range 3 {
		sha, _, err := s.Files().Add(t.Context(), bytes.NewReader(bytes.Repeat([]byte{byte(i)}, 1000)), 2000)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, sha)
	}
	longUnused := func() {
		for i, sha := range hashes {
			if err := s.writer.do(false, func(x *tx) error {
				_, err := x.exec("UPDATE files SET used = ? WHERE sha256 = ?", 1000+i, sha)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	longUnused()
	held := s.Files().path(hashes[0])
	if err := errors.Join(os.Remove(held), os.MkdirAll(filepath.Join(held, "reader"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := s.Files().SetLimit(t.Context(), 1500); err != nil {
		t.Fatal(err)
	}
	left := func() (left []int) {
		for i, sha := range hashes {
			if _, err := s.Files().Path(sha); err == nil {
				left = append(left, i)
			}
		}
		return left
	}
	if got := left(); !slices.Equal(got, []int{0}) {
		t.Errorf("%v are left beside what is in use", got)
	}
	if err := os.Remove(filepath.Join(held, "reader")); err != nil {
		t.Fatal(err)
	}
	longUnused()
	if err := s.Files().SetLimit(t.Context(), 500); err != nil {
		t.Fatal(err)
	}
	if got := left(); len(got) != 0 {
		t.Errorf("%v are left", got)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("a talk", func(t *testing.T) {
		ann := newTalker(t, "leaks", "ann", "").online()
		m := ann.say("hello")
		ann.message("it", func(got Message) bool { return got.ID == m.ID && got.Status == StatusStored })
		f, err := ann.SendFile(t.Context(), bigFile(t, 100_000), Draft{})
		if err != nil {
			t.Fatal(err)
		}
		ann.message("a file", func(got Message) bool { return got.ID == f.ID && got.Status == StatusStored })
	})
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before)
}

func FuzzLive(f *testing.F) {
	f.Add([]byte(`{"v":1,"name":"A","activity":"typing"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if live, ok := parseLive(data); ok && wire.CheckUserName(live.Name) != nil {
			t.Errorf("%+v", live)
		}
	})
}
