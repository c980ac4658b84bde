package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// cluster is several servers with one Redis.
type cluster struct {
	t     *testing.T
	keys  string
	nodes []*node
}

type node struct {
	name, address, metrics string
	config, data           string
	server                 *process
}

// start starts a node, or starts it again with what it had.
func (n *node) start(t *testing.T) {
	t.Helper()
	n.server = start(t, n.name, nil, binary, "serve", "--config", n.config, "--data", n.data)
}

// serving waits until a node is ready.
func (n *node) serving(t *testing.T) {
	t.Helper()
	n.server.wait("text", func(line map[string]any) bool {
		text, _ := line["text"].(string)
		return strings.HasPrefix(text, "Parley serves at")
	})
	for end := time.Now().Add(20 * time.Second); !n.ready(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s is not ready", n.name)
		}
	}
}

// clusterPorts finds TCP ports that nobody listens on.
func clusterPorts(t *testing.T, count int) []string {
	t.Helper()
	ports := make([]string, count)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, ports[i], _ = net.SplitHostPort(l.Addr().String())
	}
	return ports
}

// redis starts a Redis of our own, and tells its address.
func redis(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server: `make setup` installs it")
	}
	address := "127.0.0.1:" + clusterPorts(t, 1)[0]
	_, port, _ := net.SplitHostPort(address)
	start(t, "redis", nil, path, "--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no", "--daemonize", "no")
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			return address
		}
		if time.Now().After(end) {
			t.Fatal("Redis does not start")
		}
	}
}

// clusterKeys makes the keys that the servers of a cluster share.
func clusterKeys(t *testing.T) string {
	t.Helper()
	keys := t.TempDir()
	if status, said := run(t, "app", "list", "--data", keys); status != 0 {
		t.Fatal(said)
	}
	return keys
}

// startCluster starts three servers that keep the chat themselves, with TLS between them.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, keys: clusterKeys(t)}
	var routes []string
	for _, port := range clusterPorts(t, 3) {
		routes = append(routes, "127.0.0.1:"+port)
	}
	files := nodeCertificate(t)
	c.startNodes(3, func(i int) string {
		return fmt.Sprintf("nats: {cluster: {node: node%d, listen: %q, routes: [%s], tls: %s}}\n", i+1, routes[i], strings.Join(routes, ", "), files.parley())
	})
	return c
}

// startNodes starts servers whose chat is kept as the settings say.
func (c *cluster) startNodes(count int, chat func(i int) string) {
	t := c.t
	t.Helper()
	address, ports := redis(t), clusterPorts(t, 2*count)
	for i := range count {
		n := &node{name: fmt.Sprintf("node%d", i+1), address: "127.0.0.1:" + ports[i], metrics: "http://127.0.0.1:" + ports[count+i] + "/metrics"}
		n.config, n.data = filepath.Join(t.TempDir(), n.name+".yaml"), t.TempDir()
		text := fmt.Sprintf("listen: %s\nudp_port: 0\ntcp_port: 0\nmetrics: 127.0.0.1:%s\nkeys: %s\nredis: {address: %s}\n%s",
			n.address, ports[count+i], c.keys, address, chat(i))
		if err := os.WriteFile(n.config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		n.start(t)
		c.nodes = append(c.nodes, n)
	}
	for _, n := range c.nodes {
		n.serving(t)
	}
}

// join has somebody enter, whose token the servers' common keys sign.
func (c *cluster) join(b *balancer, room, name string, args ...string) *process {
	c.t.Helper()
	return peer(c.t, b.address, room, name, "--token-file", tokenFile(c.t, c.keys, room, name, args...))
}

// ready tells whether a node takes people.
func (n *node) ready() bool {
	client := http.Client{Timeout: time.Second}
	answer, err := client.Get("http://" + n.address + "/readyz")
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// balancer passes each connection to the first node that is ready.
type balancer struct {
	address string
	nodes   []*node
	work    sync.WaitGroup
}

func (c *cluster) balancer(order ...int) *balancer {
	c.t.Helper()
	b := &balancer{}
	for _, i := range order {
		b.nodes = append(b.nodes, c.nodes[i])
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	b.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	b.work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			b.work.Go(func() { b.pass(ctx, conn) })
		}
	})
	c.t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		b.work.Wait()
	})
	return b
}

func (b *balancer) pass(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	for _, n := range b.nodes {
		if !n.ready() {
			continue
		}
		other, err := net.Dial("tcp", n.address)
		if err != nil {
			continue
		}
		defer other.Close()
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		defer stop()
		back := make(chan struct{})
		go func() {
			defer close(back)
			_, _ = io.Copy(conn, other)
			_ = conn.Close()
		}()
		_, _ = io.Copy(other, conn)
		_ = other.Close()
		<-back
		return
	}
}

// hosts finds the node that has the only call.
func (c *cluster) hosts() *node {
	c.t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		for _, n := range c.nodes {
			client := http.Client{Timeout: 2 * time.Second}
			answer, err := client.Get(n.metrics)
			if err != nil {
				continue
			}
			text, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			for line := range strings.Lines(string(text)) {
				if strings.HasPrefix(line, "livekit_participant_total{") && strings.HasSuffix(strings.TrimSpace(line), " 2") {
					return n
				}
			}
		}
	}
	c.t.Fatal("no node has the call")
	return nil
}

// stored opens the messages of a room as the program of somebody in it does, but
// sees what the server has.
func (c *cluster) stored(b *balancer, room string) jetstream.Stream {
	c.t.Helper()
	token, err := os.ReadFile(tokenFile(c.t, c.keys, room, "reader"))
	if err != nil {
		c.t.Fatal(err)
	}
	pair, err := nkeys.CreateUser()
	if err != nil {
		c.t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		c.t.Fatal(err)
	}
	body, err := json.Marshal(wire.JoinRequest{RoomID: room, User: wire.User{ID: "reader"}, Credential: wire.Credential{Token: string(token)}, ChatKey: public})
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := http.Post("http://"+b.address+wire.PathJoin, "application/json", bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	var joined wire.JoinResponse
	if err := json.NewDecoder(answer.Body).Decode(&joined); err != nil || answer.StatusCode != http.StatusOK {
		c.t.Fatalf("status %d, %v", answer.StatusCode, err)
	}
	conn, err := nats.Connect(joined.Chat.URL, nats.ProxyPath(joined.Chat.Path), nats.CustomInboxPrefix(joined.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return joined.Chat.JWT, nil }, pair.Sign))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		c.t.Fatal(err)
	}
	return answered(c.t, func() (jetstream.Stream, error) { return js.Stream(c.t.Context(), joined.Chat.Stream) })
}

// answered asks again for a while: what a node took which is gone since is never
// answered.
func answered[T any](t *testing.T, ask func() (T, error)) T {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		answer, err := ask()
		if err == nil {
			return answer
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// leads finds the node that leads the messages of a room.
func (c *cluster) leads(stream jetstream.Stream) *node {
	c.t.Helper()
	name := leader(c.t, stream)
	for _, n := range c.nodes {
		if n.name == name {
			return n
		}
	}
	c.t.Fatalf("%q leads", name)
	return nil
}

// leader names who leads the messages of a room, which three keep.
func leader(t *testing.T, stream jetstream.Stream) string {
	t.Helper()
	info, err := stream.Info(t.Context())
	if err != nil || info.Cluster == nil {
		t.Fatalf("%+v, %v", info, err)
	}
	if info.Config.Replicas != 3 || len(info.Cluster.Replicas) != 2 {
		t.Errorf("%d replicas, others: %d", info.Config.Replicas, len(info.Cluster.Replicas))
	}
	return info.Cluster.Leader
}

// TestThreeNodes has two people enter at different servers of three, and one of
// those that they need end, first in order, then not.
func TestThreeNodes(t *testing.T) {
	began := time.Now()
	c := startCluster(t)
	t.Logf("ready after %v", time.Since(began).Round(time.Millisecond))
	const room = "far"
	first, second := c.balancer(0, 1, 2), c.balancer(1, 2, 0)
	ann := c.join(first, room, "ann", "--host")
	ann.wait("self", is("role", "host"))
	bob := c.join(second, room, "bob")
	see := func(moment time.Time) {
		t.Helper()
		for _, pair := range []struct {
			who   *process
			whose string
		}{{ann, "bob"}, {bob, "ann"}} {
			picture := pair.who.after(moment, 30*time.Second, "first_video", is("stream_id", pair.whose))
			pair.who.after(arrived(picture), 30*time.Second, "stats", func(line map[string]any) bool {
				return at(line, "play", 0, "stream_id") == pair.whose && number(line, "play", 0, "video", "fps") > 10 && number(line, "play", 0, "audio", "played_ms") > 500
			})
		}
	}
	see(began)
	t.Logf("a call after %v", time.Since(began).Round(time.Millisecond))

	// What a host decides at one server holds at the others.
	ann.say("/host lock")
	bob.wait("room_info", is("locked", true))
	locked := func() {
		t.Helper()
		for _, b := range []*balancer{first, second} {
			p := c.join(b, room, "carl")
			p.wait("room_state", func(line map[string]any) bool {
				text, _ := line["error"].(string)
				return strings.Contains(text, "locked")
			})
			<-p.ended
		}
	}
	locked()

	drained := c.hosts()
	moment := time.Now()
	if err := drained.server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	see(moment)
	t.Logf("%s had the call, which goes on elsewhere %v after it was told to end", drained.name, time.Since(moment).Round(time.Millisecond))
	locked()
	select {
	case <-drained.server.ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the node does not end when its calls are elsewhere")
	}
	if code := drained.server.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the node that was drained ends with status %d", code)
	}
	ann.say("/text with two nodes")
	bob.wait("message", func(line map[string]any) bool { return at(line, "envelope", "text") == "with two nodes" })
	drained.start(t)
	drained.serving(t)
	ann.say("/host unlock")

	stream := c.stored(c.balancer(2, 0, 1), room)
	const count = 60
	moment = time.Now()
	for i := range count {
		if i == count/3 {
			leader := c.leads(stream)
			leader.server.kill()
			t.Logf("%s, which led the messages, was killed", leader.name)
		}
		ann.say(fmt.Sprintf("/text a%02d", i))
		bob.say(fmt.Sprintf("/text b%02d", i))
		time.Sleep(50 * time.Millisecond)
	}
	arriveAll(t, moment, count, ann, bob)
	checkOnce(t, c.stored(c.balancer(2, 1, 0), room), count)
}

// arriveAll waits until people have what two of them wrote, and know it to be kept.
func arriveAll(t *testing.T, moment time.Time, count int, people ...*process) {
	t.Helper()
	for _, p := range people {
		for i := range count {
			for _, who := range []string{"a", "b"} {
				text := fmt.Sprintf("%s%02d", who, i)
				p.after(moment, time.Minute, "message", func(line map[string]any) bool {
					return at(line, "envelope", "text") == text && (line["status"] == "stored" || line["status"] == "seen")
				})
			}
		}
	}
	t.Logf("everybody has all messages %v after the first", time.Since(moment).Round(time.Millisecond))
}

// checkOnce reads what the server keeps: every message once.
func checkOnce(t *testing.T, stream jetstream.Stream, count int) {
	t.Helper()
	info := answered(t, func() (*jetstream.StreamInfo, error) { return stream.Info(t.Context()) })
	consumer := answered(t, func() (jetstream.Consumer, error) {
		return stream.OrderedConsumer(t.Context(), jetstream.OrderedConsumerConfig{})
	})
	ids, texts := make(map[string]int), make(map[string]int)
	for range info.State.Msgs {
		m := answered(t, func() (jetstream.Msg, error) { return consumer.Next(jetstream.FetchMaxWait(10 * time.Second)) })
		var envelope struct{ ID, Text string }
		if err := json.Unmarshal(m.Data(), &envelope); err != nil {
			t.Fatal(err)
		}
		ids[envelope.ID]++
		texts[envelope.Text]++
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("%s is kept %d times", id, n)
		}
	}
	for i := range count {
		for _, who := range []string{"a", "b"} {
			if text := fmt.Sprintf("%s%02d", who, i); texts[text] != 1 {
				t.Errorf("%s is kept %d times", text, texts[text])
			}
		}
	}
}
