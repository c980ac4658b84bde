package chat

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

func openRoom(t testing.TB, folder string) (*Store, *RoomStore) {
	t.Helper()
	s, err := Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r, err := s.Room(t.Context(), RoomKey{Server: "S", AppID: "local", RoomID: "standup"})
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

func textEnvelope(text string) Envelope {
	return Envelope{Version: 1, ID: ulid.Make().String(), Kind: KindText, Name: "N", Sent: time.Now().Truncate(time.Millisecond).UTC(), Text: text}
}

// incoming is the envelope as the server has it.
func incoming(user string, seq uint64, e Envelope) Incoming {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return Incoming{UserID: user, Own: user == "ann", Seq: seq, Time: time.UnixMilli(1_700_000_000_000 + int64(seq)*1000), Envelope: e, Data: data}
}

func (r *RoomStore) mustReceive(t testing.TB, batch ...Incoming) received {
	t.Helper()
	result, err := r.receive(batch, span{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func mustNewest(t testing.TB, r *RoomStore, n int) []Message {
	t.Helper()
	page, err := r.Newest(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func texts(page []Message) string {
	var list []string
	for _, m := range page {
		list = append(list, m.Text)
	}
	return strings.Join(list, " ")
}

func TestOwnMessageIsHeldOnceFromQueuedToStored(t *testing.T) {
	folder := t.TempDir()
	s, r := openRoom(t, folder)
	e := textEnvelope("hello")
	if err := r.queue(e, "ann"); err != nil {
		t.Fatal(err)
	}
	// It survives the end of the program.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, r = openRoom(t, folder)
	w, ok, err := r.nextWaiting(t.Context())
	if err != nil || !ok || w.id != e.ID {
		t.Fatalf("queued: %+v %v %v", w, ok, err)
	}
	if changed, err := r.acknowledge(e.ID, 7); err != nil || !changed {
		t.Fatalf("changed %v, %v", changed, err)
	}
	in := incoming("ann", 7, e)
	r.mustReceive(t, in)
	if again := r.mustReceive(t, in); len(again.messages) != 0 {
		t.Error("the second echo of an acknowledged message counts as a change")
	}
	page := mustNewest(t, r, 10)
	if len(page) != 1 || page[0].Status != StatusStored || page[0].Seq != 7 || !page[0].Supported || !page[0].Time.Equal(in.Time) {
		t.Fatalf("%+v", page)
	}
	if _, ok, _ := r.nextWaiting(t.Context()); ok {
		t.Error("still queued")
	}
}

func TestEchoBeforeAcknowledgement(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	e := textEnvelope("hello")
	if err := r.queue(e, "ann"); err != nil {
		t.Fatal(err)
	}
	if got := r.mustReceive(t, incoming("ann", 3, e)); len(got.messages) != 1 {
		t.Fatalf("%+v", got)
	}
	if err := r.fail(e.ID, "late"); err != nil {
		t.Fatal(err)
	}
	got, ok, err := r.Message(t.Context(), e.ID)
	if err != nil || !ok || got.Status != StatusStored || got.Seq != 3 {
		t.Fatalf("%+v %v %v", got, ok, err)
	}
}

func TestAnotherUserCannotTakeOverAnID(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	e := textEnvelope("mine")
	if err := r.queue(e, "ann"); err != nil {
		t.Fatal(err)
	}
	forged := e
	forged.Text = "forged"
	if got := r.mustReceive(t, incoming("mallory", 5, forged)); len(got.messages) != 0 {
		t.Fatalf("%+v", got)
	}
	got, _, _ := r.Message(t.Context(), e.ID)
	if got.Text != "mine" || got.Status != StatusQueued {
		t.Fatalf("%+v", got)
	}
}

func TestOneIDStoredTwiceStaysWhereItWasFirst(t *testing.T) {
	for _, order := range [][]uint64{{4, 9}, {9, 4}} {
		_, r := openRoom(t, t.TempDir())
		e := textEnvelope("once")
		for _, seq := range order {
			r.mustReceive(t, incoming("bob", seq, e))
		}
		if page := mustNewest(t, r, 10); len(page) != 1 || page[0].Seq != 4 {
			t.Errorf("%v: %+v", order, page)
		}
	}
}

func TestPages(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	ctx := t.Context()
	// The server's order is not that of the IDs, nor that of the arrival.
	var envelopes []Envelope
	for i := range 20 {
		envelopes = append(envelopes, textEnvelope(fmt.Sprint(i+1)))
	}
	for _, i := range rand.Perm(20) {
		r.mustReceive(t, incoming("bob", uint64(i+1), envelopes[i]))
	}
	own := textEnvelope("queued")
	if err := r.queue(own, "ann"); err != nil {
		t.Fatal(err)
	}
	id := func(n int) string { return envelopes[n-1].ID }
	for name, test := range map[string]struct {
		read func() ([]Message, error)
		want string
	}{
		"newest":        {func() ([]Message, error) { return r.Newest(ctx, 3) }, "19 20 queued"},
		"before":        {func() ([]Message, error) { return r.Before(ctx, id(19), 3) }, "16 17 18"},
		"before queued": {func() ([]Message, error) { return r.Before(ctx, own.ID, 2) }, "19 20"},
		"before first":  {func() ([]Message, error) { return r.Before(ctx, id(1), 3) }, ""},
		"after":         {func() ([]Message, error) { return r.After(ctx, id(18), 5) }, "19 20 queued"},
		"around":        {func() ([]Message, error) { return r.Around(ctx, id(10), 4) }, "8 9 10 11"},
		"around first":  {func() ([]Message, error) { return r.Around(ctx, id(1), 4) }, "1 2 3 4"},
		"at":            {func() ([]Message, error) { return r.At(ctx, time.UnixMilli(1_700_000_000_000+4500), 2) }, "5 6"},
		"at the end":    {func() ([]Message, error) { return r.At(ctx, time.Now().Add(time.Hour), 2) }, "20 queued"},
	} {
		page, err := test.read()
		if err != nil || texts(page) != test.want {
			t.Errorf("%s: %q, %v; want %q", name, texts(page), err, test.want)
		}
	}
	if _, err := r.Before(ctx, "nonsense", 3); !errors.Is(err, ErrNoMessage) {
		t.Errorf("%v", err)
	}
}

func TestQueueKeepsItsOrderWhateverTheClockSays(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	var want []string
	for i := range 5 {
		e := textEnvelope(fmt.Sprint(i))
		// A clock that is set back makes IDs that sort before the earlier ones.
		e.ID = ulid.MustNew(uint64(1_000_000-i*1000), ulid.DefaultEntropy()).String()
		want = append(want, e.ID)
		if err := r.queue(e, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	for i, id := range want {
		w, ok, err := r.nextWaiting(t.Context())
		if err != nil || !ok || w.id != id {
			t.Fatalf("%d: %+v %v %v", i, w, ok, err)
		}
		if _, err := r.acknowledge(id, uint64(i+1)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefusedMessageStaysInPlaceAndGoesOutLast(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	ctx := t.Context()
	r.mustReceive(t, incoming("bob", 1, textEnvelope("one")))
	refused, second := textEnvelope("refused"), textEnvelope("second")
	for _, e := range []Envelope{refused, second} {
		if err := r.queue(e, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.fail(refused.ID, ReasonNotAllowed); err != nil {
		t.Fatal(err)
	}
	if _, err := r.acknowledge(second.ID, 2); err != nil {
		t.Fatal(err)
	}
	r.mustReceive(t, incoming("bob", 3, textEnvelope("three")))
	page := mustNewest(t, r, 10)
	if texts(page) != "one refused second three" || page[1].Status != StatusFailed || page[1].Reason != ReasonNotAllowed {
		t.Fatalf("%+v", page)
	}
	if err := r.requeue(refused.ID); err != nil {
		t.Fatal(err)
	}
	if got := texts(mustNewest(t, r, 10)); got != "one second three refused" {
		t.Error(got)
	}
	if err := r.discard(refused.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.discard(second.ID); !errors.Is(err, ErrNoMessage) {
		t.Errorf("a stored message was discarded: %v", err)
	}
	if found, err := r.Search(ctx, "refused", 5); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
}

func change(kind Kind, target, text string) Envelope {
	e := textEnvelope("")
	e.Kind, e.Target = kind, target
	if kind == KindReaction {
		e.Reaction = text
	} else {
		e.Text = text
	}
	return e
}

func TestChangesGiveTheSameResultInAnyOrderOfArrival(t *testing.T) {
	m := textEnvelope("frist")
	like, unlike, heart := change(KindReaction, m.ID, "👍"), change(KindReaction, m.ID, "👍"), change(KindReaction, m.ID, "❤️")
	unlike.Removed = true
	batch := []Incoming{
		incoming("bob", 1, m),
		incoming("carol", 2, change(KindEdit, m.ID, "not hers to edit")),
		incoming("bob", 3, change(KindEdit, m.ID, "first")),
		incoming("ann", 4, like),
		incoming("carol", 5, like2(like)),
		incoming("ann", 6, unlike),
		incoming("carol", 7, heart),
		incoming("bob", 8, change(KindEdit, m.ID, "first!")),
		incoming("carol", 9, change(KindDelete, m.ID, "")),
	}
	for range 20 {
		_, r := openRoom(t, t.TempDir())
		for _, i := range rand.Perm(len(batch)) {
			r.mustReceive(t, batch[i])
		}
		got := mustNewest(t, r, 10)
		if len(got) != 1 || got[0].Text != "first!" || !got[0].Edited || got[0].Deleted || len(got[0].Reactions) != 2 ||
			!slices.Equal(got[0].Reactions[0].Users, []string{"carol"}) || got[0].Reactions[1].Emoji != "❤️" {
			t.Fatalf("%+v", got)
		}
		if found, err := r.Search(t.Context(), "frist", 5); err != nil || len(found) != 0 {
			t.Fatalf("the text before the edit is found: %v %v", found, err)
		}
		if found, err := r.Search(t.Context(), "first", 5); err != nil || len(found) != 1 {
			t.Fatalf("%v %v", found, err)
		}
	}
}

func like2(e Envelope) Envelope {
	e.ID = ulid.Make().String()
	return e
}

func TestDeletedLeavesNothingBehind(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	m := textEnvelope("a secret thing")
	r.mustReceive(t, incoming("bob", 1, m), incoming("bob", 2, change(KindDelete, m.ID, "")))
	got := mustNewest(t, r, 10)
	if len(got) != 1 || !got[0].Deleted || got[0].Text != "" || got[0].Name != "N" {
		t.Fatalf("%+v", got)
	}
	if found, err := r.Search(t.Context(), "secret", 5); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
	var n int
	if err := s.read.QueryRow("SELECT count(*) FROM items WHERE instr(envelope, 'secret') > 0").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d %v", n, err)
	}
}

func TestOwnChangeShowsAtOnceAndARefusedOneIsUndone(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	m := textEnvelope("mine")
	r.mustReceive(t, incoming("ann", 1, m))
	edit := change(KindEdit, m.ID, "changed")
	if err := r.queue(edit, "ann"); err != nil {
		t.Fatal(err)
	}
	if got := mustNewest(t, r, 1)[0]; got.Text != "changed" || !got.Edited {
		t.Fatalf("%+v", got)
	}
	if err := r.fail(edit.ID, ReasonNotAllowed); err != nil {
		t.Fatal(err)
	}
	if got := mustNewest(t, r, 1)[0]; got.Text != "mine" || got.Edited {
		t.Fatalf("%+v", got)
	}
}

func TestSearch(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	ctx := t.Context()
	for i, text := range []string{
		"The quick brown fox", "我们明天去北京开会", "北", "Ｆｕｌｌ　ｗｉｄｔｈ", "naïve café", "mixed中文text", "日本語のテキスト", `quotes " AND ( OR *`, "kubectl get pods",
	} {
		r.mustReceive(t, incoming("bob", uint64(i+1), textEnvelope(text)))
	}
	file := textEnvelope("")
	file.Kind = KindFile
	file.File = &File{SHA256: strings.Repeat("ab", 32), Size: 5, Name: "季度报告.pdf"}
	r.mustReceive(t, incoming("bob", 20, file))
	other, err := s.Room(ctx, RoomKey{Server: "S", AppID: "local", RoomID: "other"})
	if err != nil {
		t.Fatal(err)
	}
	other.mustReceive(t, incoming("bob", 1, textEnvelope("fox elsewhere")))
	for query, want := range map[string]string{
		"quick": "The quick brown fox", "QUI": "The quick brown fox", "fox quick": "The quick brown fox", "quick zebra": "",
		"北京": "我们明天去北京开会", "北": "北|我们明天去北京开会", "明天去北": "我们明天去北京开会", "去上海": "", "会": "我们明天去北京开会",
		"full width": "Ｆｕｌｌ　ｗｉｄｔｈ", "naive": "naïve café", "CAFE": "naïve café", "中文": "mixed中文text", "mixed": "mixed中文text",
		"テキスト": "日本語のテキスト", `"`: "", `" AND (`: `quotes " AND ( OR *`, "": "", "报告": "", "kube": "kubectl get pods", "text:quick": "", "* OR": `quotes " AND ( OR *`,
	} {
		found, err := r.Search(ctx, query, 10)
		var got []string
		for _, m := range found {
			if m.Kind == KindText {
				got = append(got, m.Text)
			}
		}
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%q: %q, %v; want %q", query, got, err, want)
		}
	}
	if found, err := r.Search(ctx, "季度", 10); err != nil || len(found) != 1 || found[0].File.Name != "季度报告.pdf" {
		t.Errorf("%+v %v", found, err)
	}
	if found, err := s.Search(ctx, "fox", 10); err != nil || len(found) != 2 {
		t.Errorf("%+v %v", found, err)
	}
}

func TestReading(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	ctx := t.Context()
	var ids []string
	for i := range 5 {
		e := textEnvelope(fmt.Sprint(i))
		ids = append(ids, e.ID)
		user := "bob"
		if i == 2 {
			user = "ann"
		}
		r.mustReceive(t, incoming(user, uint64(i+1), e))
	}
	unread := func(want int) {
		t.Helper()
		if n, err := r.Unread(ctx); err != nil || n != want {
			t.Errorf("unread %d, %v, want %d", n, err, want)
		}
	}
	due := func(want string) {
		t.Helper()
		if id, err := r.dueReceipt(ctx); err != nil || id != want {
			t.Errorf("receipt due for %q, %v, want %q", id, err, want)
		}
	}
	unread(4)
	due("")
	if changed, err := r.markRead(ids[2]); err != nil || !changed {
		t.Fatal(changed, err)
	}
	unread(2)
	due(ids[1]) // the last one of somebody else
	if err := r.receiptStored(ids[1]); err != nil {
		t.Fatal(err)
	}
	due("")
	if changed, err := r.markRead(ids[0]); err != nil || changed {
		t.Error("reading goes backwards", err)
	}
	// Another's receipt, before and after its message is here.
	if m, _, _ := r.Message(ctx, ids[2]); m.Status != StatusStored {
		t.Errorf("%v", m.Status)
	}
	got := r.mustReceive(t, incoming("bob", 6, change(KindReceipt, ids[2], "")))
	if m, _, _ := r.Message(ctx, ids[2]); m.Status != StatusSeen || got.seen != m.order {
		t.Errorf("%v %+v", m.Status, got)
	}
	if list, err := r.Seen(ctx); err != nil || len(list) != 1 || list[0] != (Seen{"bob", ids[2]}) {
		t.Errorf("%v %v", list, err)
	}
	// Read on another device of the user.
	r.mustReceive(t, incoming("ann", 7, change(KindReceipt, ids[4], "")))
	unread(0)
	for _, err := range []error{r.SetDraft(ctx, "half a sen"), r.SetScroll(ctx, ids[1], 12.5), r.SetHeard(ctx, ids[1]), r.Visited(ctx, "host:7880")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	draft, err := r.Draft(ctx)
	id, offset, err2 := r.Scroll(ctx)
	m, _, err3 := r.Message(ctx, ids[1])
	if draft != "half a sen" || id != ids[1] || offset != 12.5 || !m.Heard || err != nil || err2 != nil || err3 != nil {
		t.Error(draft, id, offset, m.Heard, err, err2, err3)
	}
	list, err := s.Recents(ctx, 5)
	if err != nil || len(list) != 1 || list[0].Address != "host:7880" || list[0].Last.Text != "4" || list[0].Unread != 0 {
		t.Fatalf("%+v %v", list, err)
	}
}

func TestSpansAndGaps(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	ctx := t.Context()
	cover := func(first, last uint64) {
		t.Helper()
		if _, err := r.receive(nil, span{first, last}); err != nil {
			t.Fatal(err)
		}
	}
	gap := func(seq uint64, want span) {
		t.Helper()
		got, ok, err := r.gapBelow(ctx, seq)
		if err != nil || ok != (want != span{}) || ok && got != want {
			t.Errorf("below %d: %v %v %v, want %v", seq, got, ok, err, want)
		}
	}
	if err := r.useStream("one", 1, 5000); err != nil {
		t.Fatal(err)
	}
	cover(951, 1000)
	gap(1000, span{1, 950})
	gap(951, span{1, 950})
	cover(1001, 1001)
	cover(401, 500)
	gap(1001, span{501, 950})
	gap(450, span{1, 400})
	cover(601, 700)
	gap(960, span{701, 950})
	cover(480, 960)
	gap(990, span{1, 400})
	if err := r.useStream("one", 300, 5000); err != nil {
		t.Fatal(err)
	}
	gap(990, span{300, 400})
	cover(300, 400)
	gap(990, span{})
	if s, ok, err := r.latest(ctx); err != nil || !ok || s != (span{300, 1001}) {
		t.Errorf("%v %v %v", s, ok, err)
	}
	// The server lost its data: what is here stays, before what comes.
	r.mustReceive(t, incoming("bob", 900, textEnvelope("old")))
	if err := r.useStream("two", 1, 5000); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := r.latest(ctx); ok {
		t.Error("the new stream is thought to be here")
	}
	r.mustReceive(t, incoming("bob", 1, textEnvelope("new")))
	if got := texts(mustNewest(t, r, 5)); got != "old new" {
		t.Error(got)
	}
}

func TestServerThatLostItsEndGetsItAgain(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	if err := r.useStream("one", 1, 0); err != nil {
		t.Fatal(err)
	}
	for i, user := range []string{"bob", "ann", "bob", "ann", "ann"} {
		if _, err := r.receive([]Incoming{incoming(user, uint64(i+1), textEnvelope(fmt.Sprint(i+1)))}, span{uint64(i + 1), uint64(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.useStream("one", 1, 3); err != nil {
		t.Fatal(err)
	}
	if s, _, err := r.latest(t.Context()); err != nil || s != (span{1, 3}) {
		t.Errorf("%v %v", s, err)
	}
	var waits []string
	for _, m := range mustNewest(t, r, 10) {
		if m.Status == StatusQueued {
			waits = append(waits, m.Text)
		}
	}
	if !slices.Equal(waits, []string{"4", "5"}) {
		t.Errorf("%v wait", waits)
	}
	w, ok, err := r.nextWaiting(t.Context())
	if m, _, _ := r.Message(t.Context(), w.id); err != nil || !ok || m.Text != "4" {
		t.Errorf("%+v %v %v", w, ok, err)
	}
}

func TestWriterFailsEachJobAlone(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	bad := errors.New("bad")
	results := make(chan error, 40)
	for i := range 40 {
		go func() {
			results <- s.writer.do(i%2 == 0, func(x *tx) error {
				if _, err := x.exec("INSERT INTO seen (room, user, id, ord) VALUES (?, ?, '', 0)", r.id, fmt.Sprint(i)); err != nil {
					return err
				}
				if i%10 == 3 {
					return bad
				}
				return nil
			})
		}()
	}
	failed := 0
	for range 40 {
		if err := <-results; errors.Is(err, bad) {
			failed++
		} else if err != nil {
			t.Error(err)
		}
	}
	list, err := r.Seen(t.Context())
	if failed != 4 || len(list) != 36 || err != nil {
		t.Errorf("%d failed, %d written, %v", failed, len(list), err)
	}
}

func TestFullDiskIsSaidAndCostsNothing(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	before := textEnvelope("before")
	if err := r.queue(before, "ann"); err != nil {
		t.Fatal(err)
	}
	limit := func(pages string) {
		if _, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // as low as what is used
	var err error
	for range 100 {
		if err = r.queue(textEnvelope(strings.Repeat("x", 4000)), "ann"); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrDiskFull) {
		t.Fatalf("%v", err)
	}
	limit("1000000")
	if err := r.queue(textEnvelope("after"), "ann"); err != nil {
		t.Fatal(err)
	}
	if page := mustNewest(t, r, 1000); page[0].Text != "before" || page[len(page)-1].Text != "after" {
		t.Error("messages are missing")
	}
}

func TestNewerOrDamagedStoreIsSetAside(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(t *testing.T, folder string)
		want  error
	}{
		"newer": {func(t *testing.T, folder string) {
			db, err := sql.Open("sqlite", filepath.Join(folder, storeFile))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
				t.Fatal(err)
			}
		}, ErrNewerStore},
		"not a database": {func(t *testing.T, folder string) {
			if err := os.WriteFile(filepath.Join(folder, storeFile), []byte(strings.Repeat("not a database", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, ErrCorruptStore},
		"overwritten": {func(t *testing.T, folder string) {
			data, err := os.ReadFile(filepath.Join(folder, storeFile))
			if err != nil {
				t.Fatal(err)
			}
			for i := 4096; i < len(data); i++ {
				data[i] = byte(i * 7)
			}
			if err := os.WriteFile(filepath.Join(folder, storeFile), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}, ErrCorruptStore},
		"marked": {func(_ *testing.T, folder string) { (&Store{folder: folder}).damaged() }, ErrCorruptStore},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s, r := openRoom(t, folder)
			r.mustReceive(t, incoming("bob", 1, textEnvelope("here")))
			if s.SetAside() != nil {
				t.Error("a new store was set aside")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, folder)
			s, r = openRoom(t, folder)
			aside := s.SetAside()
			if aside == nil || !errors.Is(aside.Err, test.want) {
				t.Fatalf("%+v", aside)
			}
			if _, err := os.Stat(aside.Path); err != nil {
				t.Error(err)
			}
			r.mustReceive(t, incoming("bob", 1, textEnvelope("again")))
			if got := texts(mustNewest(t, r, 5)); got != "again" {
				t.Error(got)
			}
			s.Close()
			if s, _ = openRoom(t, folder); s.SetAside() != nil {
				t.Error("set aside twice")
			}
		})
	}
}

func TestOlderSchemaIsBroughtAlong(t *testing.T) {
	folder := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(folder, storeFile))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if err := createSchema(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	e1, e2, e3 := textEnvelope("来自旧版本"), textEnvelope("stored"), textEnvelope("queued")
	for _, step := range []struct {
		query string
		args  []any
	}{
		{"INSERT INTO rooms (id, server, app, room, stream, last_seq, draft, visited) VALUES (7, 'S', 'local', 'standup', 'one', 3, 'draft', 5)", nil},
		{"PRAGMA user_version = 1", nil},
		{"INSERT INTO messages VALUES (7, ?, 1, 'bob', 'N', 0, 'text', ?, 1, '', 1000, 1000, ?)", []any{e1.ID, e1.Text, incoming("bob", 1, e1).Data}},
		{"INSERT INTO messages VALUES (7, ?, 3, 'ann', 'N', 1, 'text', ?, 1, '', 2000, 2000, ?)", []any{e2.ID, e2.Text, incoming("ann", 3, e2).Data}},
		{"INSERT INTO messages VALUES (7, ?, NULL, 'ann', 'N', 1, 'text', ?, 0, '', 3000, 3000, ?)", []any{e3.ID, e3.Text, incoming("ann", 0, e3).Data}},
	} {
		if _, err := tx.Exec(step.query, step.args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	db.Close()
	// The folder is moved, too.
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Rename(folder, moved); err != nil {
		t.Fatal(err)
	}
	_, r := openRoom(t, moved)
	ctx := t.Context()
	if got := texts(mustNewest(t, r, 10)); got != "来自旧版本 stored queued" {
		t.Error(got)
	}
	if w, ok, err := r.nextWaiting(ctx); err != nil || !ok || w.id != e3.ID {
		t.Error(w, ok, err)
	}
	if found, err := r.Search(ctx, "版本", 5); err != nil || len(found) != 1 {
		t.Error(found, err)
	}
	if s, ok, err := r.latest(ctx); err != nil || !ok || s != (span{1, 3}) {
		t.Error(s, ok, err)
	}
	if draft, err := r.Draft(ctx); err != nil || draft != "draft" {
		t.Error(draft, err)
	}
	r.mustReceive(t, incoming("bob", 4, textEnvelope("new")))
	if got := texts(mustNewest(t, r, 10)); got != "来自旧版本 stored new queued" {
		t.Error(got)
	}
}

func TestUnknownKindsAreKeptAndSaidSo(t *testing.T) {
	_, r := openRoom(t, t.TempDir())
	id := ulid.Make().String()
	for i, data := range []string{
		`{"v":9,"id":"` + id + `","kind":"text","sent":"2026-01-02T03:04:05Z","name":"Bob","text":{"rich":true}}`,
		`{"v":1,"id":"` + ulid.Make().String() + `","kind":"hologram","sent":"2026-01-02T03:04:05Z","name":"Bob","extra":{"a":[1]}}`,
	} {
		e, err := ParseEnvelope([]byte(data))
		if err != nil {
			t.Fatal(err)
		}
		r.mustReceive(t, Incoming{UserID: "bob", Seq: uint64(i + 1), Time: time.Now(), Envelope: e, Data: []byte(data)})
	}
	page := mustNewest(t, r, 5)
	if len(page) != 2 || page[0].Supported || page[1].Supported || page[1].Name != "Bob" {
		t.Fatalf("%+v", page)
	}
	var kept string
	if err := r.store.read.QueryRow("SELECT envelope FROM items WHERE id = ?", id).Scan(&kept); err != nil || !strings.Contains(kept, "rich") {
		t.Error(kept, err)
	}
}

func TestHarmless(t *testing.T) {
	zalgo := "h" + strings.Repeat("\u0301", 50) + "i"
	for in, want := range map[string]string{
		"plain": "plain", "中文 👩‍👩‍👧‍👦 ❤️": "中文 👩‍👩‍👧‍👦 ❤️", "a\u202Eb": "ab", "\u2066x\u2069": "x", "line\nbreak\ttab": "line\nbreak\ttab", "a\x1b[2Jb": "a[2Jb",
		zalgo: "h" + strings.Repeat("\u0301", 4) + "i", "שָׁלוֹם": "שָׁלוֹם", "ế": "ế",
	} {
		if got := Harmless(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	for in, want := range map[string]string{
		"report.pdf": "report.pdf", "../../etc/passwd": ".._.._etc_passwd", `C:\x\y.txt`: "C__x_y.txt", "": "file", "...": "file", "a\u202Egpj.exe": "agpj.exe", "nul.txt": "_nul.txt",
		"trailing. . ": "trailing", "季度报告.pdf": "季度报告.pdf", strings.Repeat("长", 200): strings.Repeat("长", 85),
	} {
		if got := FileName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func FuzzParseEnvelope(f *testing.F) {
	for _, e := range []Envelope{textEnvelope("hello"), change(KindReaction, ulid.Make().String(), "👍")} {
		f.Add(incoming("bob", 1, e).Data)
	}
	f.Add([]byte(`{"v":9,"id":"01J0000000000000000000000Z","kind":"hologram","extra":{"a":[1]}}`))
	f.Add([]byte(`{"v":1,"id":"01J0000000000000000000000Z","kind":"voice","file":{"sha256":"x","waveform":"AAAA"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseEnvelope(data)
		if err == nil && (e.ID == "" || e.Kind == "" || e.Version < 1 || e.Supported() && e.check() != nil) {
			t.Errorf("accepted %+v", e)
		}
	})
}

func FuzzSearch(f *testing.F) {
	_, r := openRoom(f, f.TempDir())
	r.mustReceive(f, incoming("bob", 1, textEnvelope("北京 hello")))
	for _, s := range []string{"hello", "北京", `"`, "NEAR(a b)", "a*b", "text:", "\x00", "(((", "-x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if _, err := r.Search(t.Context(), query, 5); err != nil {
			t.Errorf("%q: %v", query, err)
		}
		if _, err := r.Around(t.Context(), query, 5); err != nil && !errors.Is(err, ErrNoMessage) {
			t.Errorf("%q: %v", query, err)
		}
	})
}
