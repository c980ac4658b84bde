//go:build !windows

package nearby

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"

	"parley/session/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// on has both ends meet on this computer alone too: it may have no network.
func on() (f Finder, loopback bool) { return Finder{Loopback: true}, true }

// watched is what a watcher was told last.
type watched struct {
	mu    sync.Mutex
	rooms []Room
	times int
}

func watch(t *testing.T, f Finder) *watched {
	t.Helper()
	w := &watched{}
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() {
		f.Watch(ctx, func(rooms []Room) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.rooms = rooms
			w.times++
		})
	})
	t.Cleanup(func() {
		cancel()
		work.Wait()
	})
	return w
}

func (w *watched) has(serverID string) (Room, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.rooms {
		if r.ServerID == serverID {
			return r, true
		}
	}
	return Room{}, false
}

func eventually(t *testing.T, what string, limit time.Duration, holds func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !holds() {
		if time.Since(began) > limit {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(began)
}

func TestRoomsComeAndGo(t *testing.T) {
	f, loopback := on()
	w := watch(t, f)
	_, first := newServer(t)
	_, second := newServer(t)
	log := slog.New(slog.DiscardHandler)
	a, err := announce(Room{ServerID: first, RoomID: "tea", Host: "Ann", Version: "0.1.0", Entry: EntryAsk, Address: "127.0.0.1:7880", Door: 4711}, log, loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := announce(Room{ServerID: second, RoomID: "standup", Host: "小林", Version: "0.1.0", Entry: EntryInvite, Address: "127.0.0.1:7980", Door: 4712}, log, loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	took := eventually(t, "both are found", 10*time.Second, func() bool {
		_, one := w.has(first)
		_, two := w.has(second)
		return one && two
	})
	t.Logf("found after %v", took.Round(10*time.Millisecond))
	r, _ := w.has(first)
	if r.RoomID != "tea" || r.Host != "Ann" || r.Version != "0.1.0" || r.Entry != EntryAsk || r.Door != 4711 {
		t.Errorf("%+v", r)
	}
	at, err := netip.ParseAddrPort(r.Address)
	if err != nil || at.Port() != 7880 || !attached(net.IP(at.Addr().AsSlice())) {
		t.Errorf("%s: %v", r.Address, err)
	}
	b.Close()
	took = eventually(t, "one is gone", 15*time.Second, func() bool { _, still := w.has(second); return !still })
	t.Logf("gone after %v", took.Round(10*time.Millisecond))
	if _, still := w.has(first); !still {
		t.Error("so is the other")
	}
}

func TestFindByServer(t *testing.T) {
	f, loopback := on()
	log := slog.New(slog.DiscardHandler)
	_, id := newServer(t)
	if r, err := f.Find(t.Context(), id); err == nil {
		t.Errorf("nobody is found: %+v", r)
	}
	key, id := newServer(t)
	d, err := OpenDoor(DoorParams{Room: "tea", Port: 7880, Sign: key.Sign, Logger: log,
		Admit: func(context.Context, wire.User) bool { return true }, Token: func(string) (string, error) { return "T", nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	a, err := announce(Room{ServerID: id, RoomID: "tea", Entry: EntryAsk, Address: ":7880", Door: d.Port()}, log, loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	// Somebody else says to be the same server.
	liar, err := OpenDoor(DoorParams{Room: "tea", Port: 7999, Sign: func([]byte) ([]byte, error) { return make([]byte, 64), nil }, Logger: log,
		Admit: func(context.Context, wire.User) bool { return true }, Token: func(string) (string, error) { return "T", nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer liar.Close()
	lie, err := announce(Room{ServerID: id, RoomID: "tea", Entry: EntryAsk, Address: ":7999", Door: liar.Port()}, log, loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer lie.Close()
	found := 0
	for range 3 {
		r, err := f.Find(t.Context(), id)
		if err != nil {
			continue
		}
		if _, port, _ := net.SplitHostPort(r.Address); port != "7880" {
			t.Errorf("%+v is believed", r)
		}
		found++
	}
	if found == 0 {
		t.Error("it is not found")
	}
}

// TestFloodCostsNothing has a stranger announce rooms as fast as a computer can,
// while a room is announced and looked for here.
func TestFloodCostsNothing(t *testing.T) {
	f, loopback := on()
	_, id := newServer(t)
	a, err := announce(Room{ServerID: id, RoomID: "tea", Host: "Ann", Entry: EntryInvite, Address: ":7880"}, slog.New(slog.DiscardHandler), loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	time.Sleep(2 * announceAgain)
	list, err := interfaces(true)
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	packet := flood(t, list[0])
	to, err := net.Dial("udp4", "224.0.0.251:5353")
	if err != nil {
		t.Skip(err)
	}
	defer to.Close()
	// What the flood itself costs is counted apart, on its own thread.
	stop, sent, own := make(chan struct{}), 0, time.Duration(0)
	var work sync.WaitGroup
	work.Go(func() {
		runtime.LockOSThread()
		before := used(t, threadUsage)
		for {
			select {
			case <-stop:
				own = used(t, threadUsage) - before
				return
			default:
				to.Write(packet)
				if sent++; sent%50 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		}
	})
	w := watch(t, f)
	before, began := used(t, syscall.RUSAGE_SELF), time.Now()
	eventually(t, "the room is found in the flood", 10*time.Second, func() bool { _, is := w.has(id); return is })
	time.Sleep(5*time.Second - min(time.Since(began), 5*time.Second))
	close(stop)
	work.Wait()
	cost := used(t, syscall.RUSAGE_SELF) - before - own
	share := float64(cost) / float64(time.Since(began))
	t.Logf("%d packets in %v cost %v besides their sending (%v): %.1f %% of a core", sent, time.Since(began).Round(time.Millisecond), cost, own, 100*share)
	if runtime.GOOS == "linux" && share > 0.3 {
		t.Errorf("a flood takes %.0f %% of a core", 100*share)
	}
}

// flood is a packet with many rooms.
func flood(t *testing.T, i net.Interface) []byte {
	t.Helper()
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}}
	for n := range 25 {
		_, id := newServer(t)
		packed, _, _ := (record{instance: id + "." + service + ".local.", host: "h" + strconv.Itoa(n) + ".local.", port: 1, text: []string{"txtvers=1"}}).message(i)
		var one dnsmessage.Message
		if err := one.Unpack(packed); err != nil {
			t.Fatal(err)
		}
		m.Answers = append(m.Answers, one.Answers[:3]...)
	}
	packed, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

// threadUsage is RUSAGE_THREAD of Linux.
const threadUsage = 1

func used(t *testing.T, who int) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
