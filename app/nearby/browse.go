package nearby

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

const (
	// A look is a few questions and the time for answers.
	lookFor, questionEvery = 800 * time.Millisecond, 300 * time.Millisecond
	// lookEvery is from one look to the next, and missesMost how many a room may
	// miss before it is gone.
	lookEvery, missesMost = 3 * time.Second, 2
	// calmDown is how long nobody looks after a flood.
	calmDown = 30 * time.Second
	// A look ends when so many packets came, or so many rooms were found.
	packetsMost, roomsMost = 600, 64
)

// ErrNotFound means that nobody on the network is that server.
var ErrNotFound = errors.New("the room is not on this network")

// Finder finds rooms on the local network.
type Finder struct {
	// Loopback has it look on this computer alone too; tests do.
	Loopback bool
}

// Watch looks for rooms until ctx is done. It tells all that are there, in order,
// whenever that changes.
func (f Finder) Watch(ctx context.Context, changed func([]Room)) {
	misses := make(map[Room]int)
	var told []Room
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		began := time.Now()
		found, flooded := f.look(ctx, func(Room) bool { return false })
		if ctx.Err() != nil {
			return
		}
		wait := lookEvery
		if flooded {
			wait = calmDown
		}
		told = follow(misses, told, found, changed)
		timer.Reset(wait - time.Since(began))
	}
}

// follow takes the rooms of a look into those that are known.
func follow(misses map[Room]int, told, found []Room, changed func([]Room)) []Room {
	for r := range misses {
		misses[r]++
	}
	for _, r := range found {
		// One whose record changed replaces itself.
		for old := range misses {
			if old.ServerID == r.ServerID && old.Address == r.Address {
				delete(misses, old)
			}
		}
		misses[r] = 0
	}
	var now []Room
	for r, n := range misses {
		if n >= missesMost {
			delete(misses, r)
			continue
		}
		now = append(now, r)
	}
	slices.SortFunc(now, func(a, b Room) int {
		return cmp.Or(strings.Compare(a.Host, b.Host), strings.Compare(a.RoomID, b.RoomID), strings.Compare(a.ServerID, b.ServerID), strings.Compare(a.Address, b.Address))
	})
	// A server may be found at several addresses; Find tells which of them is it.
	servers := make(map[string]bool)
	now = slices.DeleteFunc(now, func(r Room) bool {
		known := servers[r.ServerID]
		servers[r.ServerID] = true
		return known
	})
	now = now[:min(len(now), roomsMost)]
	if !slices.Equal(now, told) {
		changed(now)
	}
	return now
}

// Find looks for a server by its ID, and has it prove that it is the one.
func (f Finder) Find(ctx context.Context, serverID string) (Room, error) {
	var proved Room
	tried := make(map[string]bool)
	f.look(ctx, func(r Room) bool {
		if r.ServerID != serverID || tried[r.Address] || len(tried) >= 8 {
			return false
		}
		tried[r.Address] = true
		if Prove(ctx, r) != nil {
			return false
		}
		proved = r
		return true
	})
	if proved.ServerID == "" {
		if ctx.Err() != nil {
			return Room{}, ctx.Err()
		}
		return Room{}, ErrNotFound
	}
	return proved, nil
}

// Locate finds the address of a server, as session.Profile wants it.
func (f Finder) Locate(ctx context.Context, serverID string) (address string, err error) {
	r, err := f.Find(ctx, serverID)
	return r.Address, err
}

// look asks the network once, until enough says of a room that it is. Nothing but
// the answers to its own questions reaches it, on ports that are its own for as long
// as it takes: what else is announced, however much, it does not hear.
func (f Finder) look(ctx context.Context, enough func(Room) bool) (found []Room, flooded bool) {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	pace := &pace{most: packetsMost, flooded: make(chan struct{})}
	conn, err := f.open(pace)
	if err != nil {
		return nil, false // no network: nobody is near
	}
	events := make(chan mdns.ServiceEvent, 16)
	conn.OnServiceDiscovered(func(e mdns.ServiceEvent) {
		select {
		case events <- e:
		case <-ctx.Done():
		}
	})
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel() // first, so that nobody waits to tell
	if err := conn.Browse(ctx, service); err != nil {
		_ = conn.Close()
		return nil, false
	}
	work.Go(func() {
		<-ctx.Done()
		_ = conn.Close()
	})
	for {
		select {
		case <-ctx.Done():
			return found, false
		case <-pace.flooded:
			return found, true
		case e := <-events:
			if !strings.EqualFold(e.Instance.Service, service) {
				continue
			}
			r, err := parse(e.Instance.Text, e.Addr.Unmap(), e.Instance.Port)
			if err != nil || slices.Contains(found, r) {
				continue
			}
			if found = append(found, r); enough(r) {
				return found, false
			}
			if len(found) >= roomsMost {
				return found, true
			}
		}
	}
}

// open makes a connection that asks, from ports that nobody else has.
func (f Finder) open(pace *pace) (*mdns.Conn, error) {
	list, err := interfaces(f.Loopback)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNotFound
	}
	// The library wants a connection for the multicasts, and makes its own for
	// answers. This one is never sent any.
	var v4 *ipv4.PacketConn
	var v6 *ipv6.PacketConn
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err == nil {
		v4 = ipv4.NewPacketConn(socket)
	} else if socket, err = net.ListenUDP("udp6", &net.UDPAddr{}); err == nil {
		v6 = ipv6.NewPacketConn(socket)
	} else {
		return nil, fmt.Errorf("look for rooms: %w", err)
	}
	conn, err := mdns.NewServer(v4, v6, mdns.WithInterfaces(list...), mdns.WithIncludeLoopback(f.Loopback),
		mdns.WithQueryInterval(questionEvery), mdns.WithCacheRefresh(false), mdns.WithLoggerFactory(pace))
	if err != nil {
		_ = socket.Close()
		return nil, fmt.Errorf("look for rooms: %w", err)
	}
	return conn, nil
}
