package nearby

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/mdns/v2"
	"golang.org/x/net/bpf"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/time/rate"
)

const (
	// networkEvery is how often the own addresses are looked at.
	networkEvery = 2 * time.Second
	// announceAgain is from the first to the second announcement (RFC 6762, 8.3).
	announceAgain = time.Second
	// packetsRate is how many packets a second an announcer looks into.
	packetsRate, packetsBurst = 100, 200
)

// Announcer announces a room until it is closed, on whatever networks this
// computer is on meanwhile.
type Announcer struct {
	room     Room
	port     uint16
	log      *slog.Logger
	loopback bool
	cancel   context.CancelFunc
	work     sync.WaitGroup
}

// Announce announces a room at the port of its address.
func Announce(r Room, log *slog.Logger) (*Announcer, error) { return announce(r, log, false) }

func announce(r Room, log *slog.Logger, loopback bool) (*Announcer, error) {
	_, number, err := net.SplitHostPort(r.Address)
	if err != nil {
		return nil, fmt.Errorf("announce the room: %w", err)
	}
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("announce the room: %w", err)
	}
	a := &Announcer{room: r, port: uint16(port), log: log, loopback: loopback}
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel = cancel
	a.work.Go(func() { a.run(ctx) })
	return a, nil
}

// Close takes the announcement back.
func (a *Announcer) Close() {
	a.cancel()
	a.work.Wait()
}

// run announces anew whenever the addresses change.
func (a *Announcer) run(ctx context.Context) {
	tick := time.NewTicker(networkEvery)
	defer tick.Stop()
	var said string
	for ctx.Err() == nil {
		on := addresses(a.loopback)
		voice, err := a.raise(ctx)
		if err != nil && err.Error() != said {
			said = err.Error()
			a.log.Warn("the room is not announced on the network", "error", err)
		}
		for changed := false; !changed; {
			select {
			case <-ctx.Done():
				changed = true
			case <-tick.C:
				changed = !slices.Equal(on, addresses(a.loopback)) || err != nil
			}
		}
		if voice != nil {
			voice.close(ctx.Err() != nil)
		}
	}
}

// voice is an announcement on the networks of a moment.
type voice struct {
	conn   *mdns.Conn
	v4     *ipv4.PacketConn
	v6     *ipv6.PacketConn
	list   []net.Interface
	record record
	again  *time.Timer

	mu     sync.Mutex
	silent bool // no more is to be told
}

// raise answers those who ask from now on, and tells those who listen.
func (a *Announcer) raise(ctx context.Context) (*voice, error) {
	v := &voice{record: a.record()}
	var err error
	if v.list, err = interfaces(a.loopback); err != nil || len(v.list) == 0 {
		return nil, err
	}
	s4, err4 := listen("udp4", mdns.DefaultAddressIPv4)
	if err4 == nil {
		v.v4 = ipv4.NewPacketConn(s4)
		_ = v.v4.SetBPF(deaf())
	}
	s6, err6 := listen("udp6", mdns.DefaultAddressIPv6)
	if err6 == nil {
		v.v6 = ipv6.NewPacketConn(s6)
		_ = v.v6.SetBPF(deaf())
	}
	if err4 != nil && err6 != nil {
		return nil, errors.Join(err4, err6)
	}
	v.conn, err = mdns.NewServer(v.v4, v.v6, mdns.WithInterfaces(v.list...), mdns.WithIncludeLoopback(a.loopback), mdns.WithCacheRefresh(false),
		mdns.WithLocalNames(strings.TrimSuffix(v.record.host, ".")),
		mdns.WithLoggerFactory(&pace{ctx: ctx, limit: rate.NewLimiter(packetsRate, packetsBurst)}),
		mdns.WithService(mdns.ServiceInstance{Instance: a.room.ServerID, Service: service, Port: a.port, Text: a.room.text()}))
	if err != nil {
		for _, s := range []*net.UDPConn{s4, s6} {
			if s != nil {
				_ = s.Close()
			}
		}
		return nil, fmt.Errorf("answer on the network: %w", err)
	}
	v.tell(v.record)
	v.again = time.AfterFunc(announceAgain, func() { v.tell(v.record) })
	return v, nil
}

func listen(network, address string) (*net.UDPConn, error) {
	to, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	return net.ListenUDP(network, to)
}

// deaf is a filter for the kernel, where it takes one (Linux): what others
// announce is of no use to who announces, however much of it there is. A UDP header
// has 8 bytes; the highest bit of the third byte of a DNS message marks an answer.
func deaf() []bpf.RawInstruction {
	filter, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 8 + 2, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: 0x80, SkipTrue: 1},
		bpf.RetConstant{Val: 0xffff},
		bpf.RetConstant{Val: 0},
	})
	if err != nil {
		return nil
	}
	return filter
}

// close stops answering. With gone it tells that the room is no more.
func (v *voice) close(gone bool) {
	v.again.Stop()
	if gone {
		over := v.record
		over.over = true
		v.tell(over)
	}
	_ = v.conn.Close()
}

// tell sends a record to all on the networks.
func (v *voice) tell(r record) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.silent {
		return
	}
	v.silent = r.over
	for _, i := range v.list {
		message, four, six := r.message(i)
		if message == nil {
			continue
		}
		if v.v4 != nil && four {
			_, _ = v.v4.WriteTo(message, &ipv4.ControlMessage{IfIndex: i.Index}, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353})
		}
		if v.v6 != nil && six {
			_, _ = v.v6.WriteTo(message, &ipv6.ControlMessage{IfIndex: i.Index}, &net.UDPAddr{IP: net.ParseIP("ff02::fb"), Port: 5353})
		}
	}
}
