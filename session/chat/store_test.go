package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

func openRoom(t *testing.T, folder string) (*Store, *RoomStore) {
	t.Helper()
	s, err := Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Room(t.Context(), RoomKey{Server: "S", AppID: "local", RoomID: "standup"})
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

func message(user, text string) (Message, []byte) {
	now := time.Now().Truncate(time.Millisecond)
	m := Message{ID: ulid.Make().String(), RoomID: "standup", UserID: user, Name: user, Kind: KindText, Text: text, Time: now, Sent: now, Supported: true}
	b, err := json.Marshal(Envelope{Version: 1, ID: m.ID, Kind: m.Kind, Name: m.Name, Sent: m.Sent, Text: text})
	if err != nil {
		panic(err)
	}
	return m, b
}

func TestOwnMessageIsHeldOnceFromQueuedToStored(t *testing.T) {
	folder := t.TempDir()
	s, r := openRoom(t, folder)
	m, envelope := message("ann", "hello")
	ctx := t.Context()
	if err := r.AddQueued(ctx, m, envelope); err != nil {
		t.Fatal(err)
	}
	// It survives the end of the program.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, r = openRoom(t, folder)
	defer s.Close()
	id, got, ok, err := r.Queued(ctx)
	if err != nil || !ok || id != m.ID || string(got) != string(envelope) {
		t.Fatalf("queued: %q %v %v", id, ok, err)
	}
	if changed, err := r.Acknowledge(ctx, m.ID, 7); err != nil || !changed {
		t.Fatalf("changed %v, %v", changed, err)
	}
	m.Seq, m.Own = 7, true
	changed, err := r.Received(ctx, m, envelope)
	if err != nil {
		t.Fatal(err)
	}
	if changed {
		t.Error("the echo of an acknowledged message counts as new")
	}
	page, err := r.Newest(ctx, 10)
	if err != nil || len(page) != 1 || page[0].Status != StatusStored || page[0].Seq != 7 || !page[0].Supported {
		t.Fatalf("%+v, %v", page, err)
	}
	if _, _, ok, _ := r.Queued(ctx); ok {
		t.Error("still queued")
	}
	if next, err := r.Position(ctx, ""); err != nil || next != 8 {
		t.Errorf("position %d, %v", next, err)
	}
}

func TestEchoBeforeAcknowledgement(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	defer s.Close()
	m, envelope := message("ann", "hello")
	if err := r.AddQueued(t.Context(), m, envelope); err != nil {
		t.Fatal(err)
	}
	m.Seq = 3
	if changed, err := r.Received(t.Context(), m, envelope); err != nil || !changed {
		t.Fatalf("changed %v, %v", changed, err)
	}
	if err := r.Fail(t.Context(), m.ID, "late"); err != nil {
		t.Fatal(err)
	}
	got, ok, err := r.Message(t.Context(), m.ID)
	if err != nil || !ok || got.Status != StatusStored || got.Seq != 3 {
		t.Fatalf("%+v %v %v", got, ok, err)
	}
}

func TestAnotherUserCannotTakeOverAnID(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	defer s.Close()
	m, envelope := message("ann", "mine")
	if err := r.AddQueued(t.Context(), m, envelope); err != nil {
		t.Fatal(err)
	}
	forged := m
	forged.UserID, forged.Text, forged.Seq = "mallory", "forged", 5
	if changed, err := r.Received(t.Context(), forged, envelope); err != nil || changed {
		t.Fatalf("changed %v, %v", changed, err)
	}
	got, _, _ := r.Message(t.Context(), m.ID)
	if got.Text != "mine" || got.Status != StatusQueued {
		t.Fatalf("%+v", got)
	}
}

func TestOrderAndPages(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	defer s.Close()
	ctx := t.Context()
	// The server's order is not that of the IDs.
	var ids [20]string
	for i := range ids {
		m, envelope := message("bob", fmt.Sprint(i))
		m.Seq = uint64(len(ids) - i)
		ids[len(ids)-1-i] = m.ID
		if _, err := r.Received(ctx, m, envelope); err != nil {
			t.Fatal(err)
		}
	}
	own, envelope := message("ann", "queued")
	if err := r.AddQueued(ctx, own, envelope); err != nil {
		t.Fatal(err)
	}
	page, err := r.Newest(ctx, 6)
	if err != nil || len(page) != 6 || page[5].ID != own.ID || page[0].ID != ids[15] {
		t.Fatalf("newest: %+v, %v", page, err)
	}
	older, err := r.Before(ctx, page[0].ID, 100)
	if err != nil || len(older) != 15 || older[0].ID != ids[0] || older[14].ID != ids[14] {
		t.Fatalf("before: %d, %v", len(older), err)
	}
}

func TestAnotherStreamStartsOver(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	defer s.Close()
	ctx := t.Context()
	for _, step := range []struct {
		stream string
		want   uint64
	}{{"one", 1}, {"one", 6}, {"two", 1}, {"two", 1}} {
		got, err := r.Position(ctx, step.stream)
		if err != nil || got != step.want {
			t.Fatalf("stream %s: %d, %v, want %d", step.stream, got, err, step.want)
		}
		if step.want == 1 && step.stream == "one" {
			if err := r.Skip(ctx, 5); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestRecents(t *testing.T) {
	s, r := openRoom(t, t.TempDir())
	defer s.Close()
	if list, err := s.Recents(t.Context(), 5); err != nil || len(list) != 0 {
		t.Fatalf("%v %v", list, err)
	}
	m, envelope := message("bob", "last words")
	m.Seq = 1
	if _, err := r.Received(t.Context(), m, envelope); err != nil {
		t.Fatal(err)
	}
	if err := r.Visited(t.Context(), "host:7880"); err != nil {
		t.Fatal(err)
	}
	list, err := s.Recents(t.Context(), 5)
	if err != nil || len(list) != 1 || list[0].Address != "host:7880" || list[0].Last.Text != "last words" {
		t.Fatalf("%+v %v", list, err)
	}
}

func TestNewerStoreIsRefused(t *testing.T) {
	folder := t.TempDir()
	s, _ := openRoom(t, folder)
	if _, err := s.write.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if _, err := Open(context.Background(), folder); !errors.Is(err, ErrNewerStore) {
		t.Fatalf("%v", err)
	}
}

func FuzzParseEnvelope(f *testing.F) {
	_, good := message("ann", "hello")
	f.Add(good)
	f.Add([]byte(`{"v":9,"id":"01J0000000000000000000000Z","kind":"hologram","extra":{"a":[1]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseEnvelope(data)
		if err == nil && (e.ID == "" || e.Kind == "" || e.Version < 1) {
			t.Errorf("accepted %+v", e)
		}
	})
}
