package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// subnet is that of every network: each has a bridge of its own, so that they
// do not meet.
const subnet = "10.77.0."

const (
	serverIP   = subnet + "1"
	serverPort = "7880"
	serverName = "room.test" // resolved by the hosts file of a host
)

// network is a switch with hosts on it, each in a namespace of its own.
type network struct {
	t      *testing.T
	prefix string
	room   string
	data   string // of the server
	token  string
	next   atomic.Int32 // last byte of an address
}

// newNetwork makes a network with a server's host and a room. Where namespaces
// can't be made the test is skipped, except in CI, where it fails.
func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{t: t, prefix: fmt.Sprintf("parley-%d-%s-", os.Getpid(), strings.ToLower(strings.TrimPrefix(t.Name(), "Test"))), room: "line", data: t.TempDir()}
	n.next.Store(10)
	if out, err := exec.Command("ip", "netns", "add", n.space("switch")).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("network namespaces are needed: %v: %s", err, out)
		}
		t.Skipf("network namespaces can't be made here (root and iproute2 are needed): %s", out)
	}
	t.Cleanup(func() { n.ip("netns", "del", n.space("switch")) })
	n.ip("-n", n.space("switch"), "link", "add", "br0", "type", "bridge", "forward_delay", "0", "stp_state", "0")
	n.ip("-n", n.space("switch"), "link", "set", "br0", "up")
	n.host("server", serverIP)
	return n
}

func (n *network) space(host string) string { return n.prefix + host }

func (n *network) ip(args ...string) {
	n.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		n.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// host plugs a host into the switch.
func (n *network) host(name, address string) {
	n.t.Helper()
	space := n.space(name)
	n.ip("netns", "add", space)
	hosts := filepath.Join("/etc/netns", space)
	n.t.Cleanup(func() {
		n.ip("netns", "del", space)
		_ = os.RemoveAll(hosts)
	})
	if err := os.MkdirAll(hosts, 0o755); err != nil {
		n.t.Fatal(err)
	}
	n.resolve(name, serverIP)
	n.ip("link", "add", "eth0", "netns", space, "type", "veth", "peer", "name", port(name), "netns", n.space("switch"))
	n.ip("-n", space, "link", "set", "lo", "up")
	n.ip("-n", space, "addr", "add", address+"/24", "dev", "eth0")
	n.ip("-n", space, "link", "set", "eth0", "up")
	n.ip("-n", n.space("switch"), "link", "set", port(name), "master", "br0", "up")
}

// port is the switch's end of a host's line.
func port(host string) string { return "p-" + host }

// resolve says what the server's name means on a host.
func (n *network) resolve(host, address string) {
	n.t.Helper()
	// Written in place: a running program has this very file bound over its own.
	text := fmt.Sprintf("127.0.0.1 localhost\n%s %s\n", address, serverName)
	if err := os.WriteFile(filepath.Join("/etc/netns", n.space(host), "hosts"), []byte(text), 0o600); err != nil {
		n.t.Fatal(err)
	}
}

// A way to take a host from the network, and to bring it back.
type outage struct{ gone, back func(n *network, host string) }

var (
	// swallowed drops all packets, and nothing tells the host.
	swallowed = outage{
		gone: func(n *network, host string) { n.ip("-n", n.space("switch"), "link", "set", port(host), "nomaster") },
		back: func(n *network, host string) {
			n.ip("-n", n.space("switch"), "link", "set", port(host), "master", "br0")
		},
	}
	// unplugged takes the host's interface down.
	unplugged = outage{
		gone: func(n *network, host string) { n.ip("-n", n.space(host), "link", "set", "eth0", "down") },
		back: func(n *network, host string) { n.ip("-n", n.space(host), "link", "set", "eth0", "up") },
	}
)

// run starts the program on a host.
func (n *network) run(host string, env []string, args ...string) *process {
	n.t.Helper()
	return start(n.t, host, env, "ip", append([]string{"netns", "exec", n.space(host), binary}, args...)...)
}

// serve starts the server, and waits until it is ready.
func (n *network) serve() *process {
	n.t.Helper()
	server := n.run("server", nil, "serve", "--hosted", "--data", n.data)
	server.wait("ready", always)
	if n.token == "" {
		token := n.run("server", nil, "token", "--room", n.room, "--data", n.data)
		line, _ := token.wait("text", always)["text"].(string)
		n.token = strings.TrimSpace(strings.TrimPrefix(line, "token:"))
	}
	return server
}

// peer starts a participant on a host of its own.
func (n *network) peer(name string, args ...string) *process {
	n.t.Helper()
	n.host(name, subnet+fmt.Sprint(n.next.Add(1)))
	args = append([]string{"peer", "--server", serverName + ":" + serverPort, "--room", n.room, "--name", name, "--data", n.t.TempDir()}, args...)
	return n.run(name, []string{"PARLEY_TOKEN=" + n.token}, args...)
}

// after waits for a line that was printed later than a moment.
func (p *process) after(moment time.Time, limit time.Duration, event string, match func(map[string]any) bool) map[string]any {
	p.t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, line := range p.since(moment) {
			if line["event"] == event && match(line) {
				return line
			}
		}
		select {
		case <-p.ended:
			p.t.Fatalf("%s ended before its %s", p.name, event)
		default:
		}
	}
	p.t.Fatalf("%s: no %s within %v", p.name, event, limit)
	return nil
}

// since gives the lines that were printed later than a moment.
func (p *process) since(moment time.Time) []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, line := range p.lines {
		if arrived(line).After(moment) {
			return p.lines[i:]
		}
	}
	return nil
}

// arrived is when a line was read.
func arrived(line map[string]any) time.Time {
	at, _ := line["arrived"].(time.Time)
	return at
}
