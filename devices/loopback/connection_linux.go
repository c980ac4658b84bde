package loopback

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"parley/devices"
)

// Commands of PulseAudio's native protocol.
const (
	commandError              = 0
	commandReply              = 2
	commandCreateRecordStream = 5
	commandDeleteRecordStream = 6
	commandAuthenticate       = 8
	commandSetClientName      = 9
	commandListSinkInputs     = 30
	commandSubscribe          = 35
	commandRecordStreamKilled = 65
	commandSubscribeEvent     = 66
)

const (
	// protocolVersion is that of PulseAudio 0.9.19, of 2009: the first to say all
	// that is asked here. Later servers speak it as well, and say nothing more.
	protocolVersion = 19
	headerSize      = 20
	cookieSize      = 256
	// packetMost bounds a packet; servers send no larger ones.
	packetMost = 16 << 20
	// answerWithin is how long a server may take to let us in.
	answerWithin = 2 * time.Second
)

// connection is one to a sound server. One goroutine uses it.
type connection struct {
	socket net.Conn
	in     *bufio.Reader
	tag    uint32
	buffer []byte
}

// packet is a command, or data of a stream.
type packet struct {
	stream  uint32 // none for a command
	command uint32
	tag     uint32
	args    tagReader
	data    []byte // valid until the next one is received
}

// dial connects to the system's sound server. Where there is none, the error
// wraps devices.ErrNotFound.
func dial(ctx context.Context) (*connection, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var failed error
	for _, at := range addresses() {
		network, address, _ := strings.Cut(at, ":")
		socket, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			c := &connection{socket: socket, in: bufio.NewReaderSize(socket, 32<<10)}
			if err = c.enter(); err == nil {
				return c, nil
			}
			_ = socket.Close()
		}
		failed = errors.Join(failed, err)
	}
	return nil, fmt.Errorf("connect to the sound server: %w: %w", devices.ErrNotFound, failed)
}

// addresses are where a sound server may listen, each with its network before.
func addresses() []string {
	if servers := strings.Fields(os.Getenv("PULSE_SERVER")); len(servers) > 0 {
		list := make([]string, 0, len(servers))
		for _, s := range servers {
			list = append(list, address(s))
		}
		return list
	}
	var list []string
	if folder := os.Getenv("PULSE_RUNTIME_PATH"); folder != "" {
		list = append(list, "unix:"+filepath.Join(folder, "native"))
	}
	folder := os.Getenv("XDG_RUNTIME_DIR")
	if folder == "" {
		folder = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	return append(list, "unix:"+filepath.Join(folder, "pulse", "native"), "unix:/run/pulse/native")
}

// address reads one server of PULSE_SERVER.
func address(server string) string {
	if strings.HasPrefix(server, "{") { // of one machine only
		_, server, _ = strings.Cut(server, "}")
	}
	if rest, ok := strings.CutPrefix(server, "unix:"); ok || strings.HasPrefix(server, "/") {
		return "unix:" + rest
	}
	network := "tcp"
	for _, prefix := range []string{"tcp4", "tcp6", "tcp"} {
		if rest, ok := strings.CutPrefix(server, prefix+":"); ok {
			network, server = prefix, rest
			break
		}
	}
	if _, _, err := net.SplitHostPort(server); err != nil {
		server = net.JoinHostPort(strings.Trim(server, "[]"), "4713")
	}
	return network + ":" + server
}

// cookie is what a server lets its user in with. One that knows its user by the
// socket, or lets everybody in, takes zeros.
func cookie() []byte {
	names := []string{os.Getenv("PULSE_COOKIE")}
	if folder, err := os.UserConfigDir(); err == nil {
		names = append(names, filepath.Join(folder, "pulse", "cookie"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		names = append(names, filepath.Join(home, ".config", "pulse", "cookie"), filepath.Join(home, ".pulse-cookie"))
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if data, err := os.ReadFile(name); err == nil && len(data) == cookieSize {
			return data
		}
	}
	return make([]byte, cookieSize)
}

// enter agrees on the protocol, without memory that is shared.
func (c *connection) enter() error {
	if err := c.socket.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return err
	}
	var w tagWriter
	w.number(protocolVersion)
	w.arbitrary(cookie())
	answer, err := c.ask(commandAuthenticate, w)
	if err != nil {
		return err
	}
	const versionMask = 0xFFFF // flags lie above
	if version := answer.number() & versionMask; answer.err == nil && version < protocolVersion {
		return fmt.Errorf("%w: it speaks version %d of its protocol", errProtocol, version)
	}
	if answer.err != nil {
		return answer.err
	}
	w = nil
	w.properties("application.name", "Parley", "application.process.id", strconv.Itoa(os.Getpid()), "application.icon_name", "parley")
	if _, err := c.ask(commandSetClientName, w); err != nil {
		return err
	}
	return c.socket.SetDeadline(time.Time{})
}

// ask sends a command and waits for its answer, while nothing else can come.
func (c *connection) ask(command uint32, args tagWriter) (*tagReader, error) {
	tag, err := c.send(command, args)
	if err != nil {
		return nil, err
	}
	p, err := c.receive()
	switch {
	case err != nil:
		return nil, err
	case p.stream != none || p.tag != tag:
		return nil, fmt.Errorf("%w: it answers something else", errProtocol)
	case p.command != commandReply:
		return nil, refusal(p)
	}
	return &p.args, nil
}

// refusal is the error that a packet tells.
func refusal(p *packet) error {
	return fmt.Errorf("the sound server refuses: its error %d", p.args.number())
}

// send sends a command, and gives the tag of its answer.
func (c *connection) send(command uint32, args tagWriter) (tag uint32, err error) {
	c.tag++
	var w tagWriter
	w.number(command)
	w.number(c.tag)
	w = append(w, args...)
	out := make([]byte, headerSize, headerSize+len(w))
	binary.BigEndian.PutUint32(out, uint32(len(w)))
	binary.BigEndian.PutUint32(out[4:], none)
	if err := c.socket.SetWriteDeadline(time.Now().Add(answerWithin)); err != nil {
		return 0, err
	}
	_, err = c.socket.Write(append(out, w...))
	return c.tag, err
}

// receive waits for the next packet.
func (c *connection) receive() (*packet, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(c.in, header[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(header[:])
	if size > packetMost {
		return nil, fmt.Errorf("%w: a packet of %d bytes", errProtocol, size)
	}
	if int(size) > cap(c.buffer) {
		c.buffer = make([]byte, size)
	}
	p := &packet{stream: binary.BigEndian.Uint32(header[4:]), data: c.buffer[:size]}
	if _, err := io.ReadFull(c.in, p.data); err != nil {
		return nil, err
	}
	if p.stream != none {
		return p, nil
	}
	p.args.rest = p.data
	p.command, p.tag = p.args.number(), p.args.number()
	return p, p.args.err
}
