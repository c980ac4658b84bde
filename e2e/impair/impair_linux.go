// Package impair is a network line that loses and delays packets, between hosts
// in network namespaces of Linux. The kernel's own (tc netem) is not there in
// every container: frames are carried here by the program.
package impair

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Way is what happens to what goes one way over a line. The zero value carries
// everything at once.
type Way struct {
	Loss   float64       // part of the frames, 0 to 1
	Delay  time.Duration // of every frame
	Jitter time.Duration // more delay, evenly spread from 0 on; frames overtake each other
	Seed   uint64
}

// Line carries Ethernet frames between two interfaces of this namespace.
type Line struct {
	sockets [2]int
	cancel  context.CancelFunc
	work    sync.WaitGroup

	mu   sync.Mutex
	ways [2]Way
}

// New makes a line between two interfaces; it needs CAP_NET_RAW. What happens on
// it is set with Impair.
func New(one, other string) (*Line, error) {
	l := &Line{}
	var links [2]unix.SockaddrLinklayer
	for i, name := range []string{one, other} {
		device, err := net.InterfaceByName(name)
		if err != nil {
			l.shut(i)
			return nil, fmt.Errorf("line: %w", err)
		}
		links[i] = unix.SockaddrLinklayer{Protocol: swap(unix.ETH_P_ALL), Ifindex: device.Index}
		if l.sockets[i], err = listen(&links[i]); err != nil {
			l.shut(i)
			return nil, fmt.Errorf("line on %s: %w", name, err)
		}
	}
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(context.Background())
	for i := range 2 {
		frames := make(chan carried, 4096)
		l.work.Go(func() { l.receive(ctx, i, frames) })
		l.work.Go(func() { send(ctx, l.sockets[1-i], &links[1-i], frames) })
	}
	return l, nil
}

func swap(port uint16) uint16 { return port<<8 | port>>8 }

func listen(link *unix.SockaddrLinklayer) (int, error) {
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(swap(unix.ETH_P_ALL)))
	if err != nil {
		return 0, err
	}
	// What we send ourselves is not to be carried back; reads end now and then
	// to look whether the line was closed.
	wait := unix.NsecToTimeval(int64(100 * time.Millisecond))
	for _, err := range []error{
		unix.SetsockoptInt(socket, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1),
		unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<20),
		unix.Bind(socket, link),
	} {
		if err != nil {
			_ = unix.Close(socket)
			return 0, err
		}
	}
	return socket, nil
}

// Impair sets what happens from the first interface to the second, and back.
func (l *Line) Impair(there, back Way) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ways = [2]Way{there, back}
}

// Close ends the line.
func (l *Line) Close() {
	l.cancel()
	l.work.Wait()
	l.shut(2)
}

func (l *Line) shut(n int) {
	for _, socket := range l.sockets[:n] {
		_ = unix.Close(socket)
	}
}

// carried is a frame, and when it arrives.
type carried struct {
	at    time.Time
	order uint64
	data  []byte
}

// frameMost is the largest frame: offloaded segments are larger than a packet.
const frameMost = 1 << 16

// datagram tells what is impaired: UDP over IPv4. The rest, as the signalling,
// is carried as it is.
func datagram(frame []byte) bool {
	return len(frame) > 23 && frame[12] == 0x08 && frame[13] == 0x00 && frame[23] == unix.IPPROTO_UDP
}

func (l *Line) receive(ctx context.Context, i int, frames chan<- carried) {
	buffer := make([]byte, frameMost)
	var chance *rand.Rand
	var seeded Way
	for order := uint64(0); ctx.Err() == nil; order++ {
		n, _, err := unix.Recvfrom(l.sockets[i], buffer, 0)
		if err != nil || n <= 0 {
			continue // the timeout
		}
		l.mu.Lock()
		way := l.ways[i]
		l.mu.Unlock()
		if chance == nil || way != seeded {
			chance, seeded = rand.New(rand.NewPCG(way.Seed, uint64(i))), way
		}
		at := time.Now()
		if datagram(buffer[:n]) {
			if chance.Float64() < way.Loss {
				continue
			}
			at = at.Add(way.Delay)
			if way.Jitter > 0 {
				at = at.Add(time.Duration(chance.Int64N(int64(way.Jitter))))
			}
		}
		select {
		case frames <- carried{at, order, append([]byte(nil), buffer[:n]...)}:
		default: // a line too full loses more
		}
	}
}

// queue orders frames by their arrival.
type queue []carried

func (q queue) Len() int { return len(q) }
func (q queue) Less(a, b int) bool {
	if q[a].at.Equal(q[b].at) {
		return q[a].order < q[b].order
	}
	return q[a].at.Before(q[b].at)
}
func (q queue) Swap(a, b int) { q[a], q[b] = q[b], q[a] }
func (q *queue) Push(x any)   { *q = append(*q, x.(carried)) } //nolint:forcetypeassert // heap's own
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func send(ctx context.Context, socket int, to *unix.SockaddrLinklayer, frames <-chan carried) {
	var waiting queue
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		for len(waiting) > 0 && !waiting[0].at.After(time.Now()) {
			frame, _ := heap.Pop(&waiting).(carried)
			_ = unix.Sendto(socket, frame.data, 0, to)
		}
		if len(waiting) > 0 {
			timer.Reset(time.Until(waiting[0].at))
		}
		select {
		case <-ctx.Done():
			return
		case frame := <-frames:
			heap.Push(&waiting, frame)
		case <-timer.C:
		}
	}
}

// Plain makes an interface compute its checksums and cut its segments itself: a
// frame that is carried by a program has no card that would do it later. It is
// for both ends of a virtual cable, before either is moved to its namespace.
func Plain(name string) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(socket) }()
	const (
		setTransmitChecksum = 0x17 // ETHTOOL_STXCSUM
		setSegmentation     = 0x1f // ETHTOOL_STSO
	)
	for _, command := range []uint32{setSegmentation, setTransmitChecksum} {
		value := struct{ command, data uint32 }{command, 0}
		var request struct {
			name [unix.IFNAMSIZ]byte
			data unsafe.Pointer
			_    [16]byte
		}
		copy(request.name[:unix.IFNAMSIZ-1], name)
		request.data = unsafe.Pointer(&value)
		if _, _, code := unix.Syscall(unix.SYS_IOCTL, uintptr(socket), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request))); code != 0 {
			return fmt.Errorf("offloading of %s: %w", name, code)
		}
	}
	return nil
}
