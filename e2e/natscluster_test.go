package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
)

// natsEnv has the test program be a NATS server, by a configuration file, so that one
// can be killed as a process.
const natsEnv = "PARLEY_TEST_NATS"

func runNATS(path string) int {
	options, err := natsd.ProcessConfigFile(path)
	if err == nil {
		var s *natsd.Server
		if s, err = natsd.NewServer(options); err == nil {
			s.ConfigureLogger()
			s.Start()
			s.WaitForShutdown()
			return 0
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// natsNode is one of the NATS servers of a cluster that Parley does not start.
type natsNode struct {
	name, config string
	server       *process
}

func (n *natsNode) start(t *testing.T) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	n.server = start(t, n.name, []string{natsEnv + "=" + n.config}, program)
}

// startNATSCluster starts three that trust the keys, with TLS wherever they speak, and
// gives Parley's settings for them.
func startNATSCluster(t *testing.T, keys string) (nodes []*natsNode, settings string) {
	t.Helper()
	files := nodeCertificate(t)
	status, trust := run(t, "app", "nats", "--data", keys)
	_, trust, printed := strings.Cut(trust, "operator: ")
	if status != 0 || !printed {
		t.Fatal(trust)
	}
	trust = "operator: " + trust
	ports := clusterPorts(t, 9)
	var routes, urls, sockets []string
	for i := range 3 {
		routes = append(routes, fmt.Sprintf("%q", "nats-route://127.0.0.1:"+ports[i]))
		urls = append(urls, "tls://127.0.0.1:"+ports[3+i])
		sockets = append(sockets, "https://127.0.0.1:"+ports[6+i])
	}
	for i := range 3 {
		n := &natsNode{name: fmt.Sprintf("nats%d", i+1)}
		folder := t.TempDir()
		n.config = filepath.Join(folder, "nats.conf")
		text := strings.ReplaceAll(trust, `"./accounts"`, fmt.Sprintf("%q", filepath.Join(folder, "accounts"))) + fmt.Sprintf(`
server_name: %s
listen: "127.0.0.1:%s"
tls: %s
websocket: {listen: "127.0.0.1:%s", tls: %s}
cluster: {name: chat, listen: "127.0.0.1:%s", routes: [%s], tls: %s}
jetstream: {store_dir: %q}
`, n.name, ports[3+i], files.nats(), ports[6+i], files.nats(), ports[i], strings.Join(routes, ", "), files.nats(), folder)
		if err := os.WriteFile(n.config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		n.start(t)
		nodes = append(nodes, n)
	}
	for i, n := range nodes {
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if conn, err := net.Dial("tcp", "127.0.0.1:"+ports[3+i]); err == nil {
				_ = conn.Close()
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s does not start", n.name)
			}
		}
	}
	return nodes, fmt.Sprintf("nats: {url: [%s], websocket: [%s], tls: %s}\n", strings.Join(urls, ", "), strings.Join(sockets, ", "), files.parley())
}

// TestANATSClusterThatIsThere has the chat of two servers be in three NATS servers, of
// which the one that leads the messages is killed while people write.
func TestANATSClusterThatIsThere(t *testing.T) {
	c := &cluster{t: t, keys: clusterKeys(t)}
	outside, settings := startNATSCluster(t, c.keys)
	c.startNodes(2, func(int) string { return settings })
	const room = "far"
	first, second := c.balancer(0, 1), c.balancer(1, 0)
	enter := func(b *balancer, name string) *process {
		return peer(t, b.address, room, name, "--token-file", tokenFile(t, c.keys, room, name), "--video", "none", "--audio", "none")
	}
	stream := c.stored(second, room) // the room is there when the others come
	ann, bob := enter(first, "ann"), enter(second, "bob")
	for _, p := range []*process{ann, bob} {
		p.wait("room_state", is("state", "connected"))
	}

	var killed *natsNode
	moment := time.Now()
	const count = 60
	for i := range count {
		if i == count/3 {
			name := leader(t, stream)
			for _, n := range outside {
				if n.name == name {
					killed = n
				}
			}
			if killed == nil {
				t.Fatalf("%q leads the messages", name)
			}
			killed.server.kill()
			t.Logf("%s, which led the messages, was killed", killed.name)
		}
		ann.say(fmt.Sprintf("/text a%02d", i))
		bob.say(fmt.Sprintf("/text b%02d", i))
		time.Sleep(50 * time.Millisecond)
	}
	arriveAll(t, moment, count, ann, bob)
	checkOnce(t, c.stored(first, room), count)

	// It comes back, and is given what it missed.
	killed.start(t)
	stream = c.stored(second, room)
	for end := time.Now().Add(time.Minute); !whole(t, stream); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not catch up", killed.name)
		}
	}
}

// whole tells whether all that keep a stream have all of it.
func whole(t *testing.T, stream jetstream.Stream) bool {
	t.Helper()
	info, err := stream.Info(t.Context())
	if err != nil || info.Cluster == nil || len(info.Cluster.Replicas) != 2 {
		return false
	}
	for _, replica := range info.Cluster.Replicas {
		if !replica.Current || replica.Offline || replica.Lag > 0 {
			return false
		}
	}
	return true
}
