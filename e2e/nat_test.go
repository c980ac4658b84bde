package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The router's addresses, and that of the people, who know of the server's own network
// nothing (RFC 5737).
const (
	routerIP  = subnet + "2"
	publicIP  = "203.0.113.1"
	outsideIP = "203.0.113.2"
	natTable  = "table ip nat {\n chain in { type nat hook prerouting priority -100; iifname \"wan0\" tcp dport { 443, 7880, 7881 } dnat to " + serverIP + "; iifname \"wan0\" udp dport 7882 dnat to " + serverIP + "; }\n chain out { type nat hook postrouting priority 100; oifname \"wan0\" masquerade; }\n}\n"
)

// onlyHTTPS lets a host's programs open connections to port 443, and nothing else out.
const onlyHTTPS = "table ip only {\n chain out { type filter hook output priority 0; policy drop; tcp dport 443 accept; }\n}\n"

// rules sets what a host's packet filter does.
func (n *network) rules(host, text string) {
	n.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", n.space(host), "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("nft: %v: %s", err, out)
	}
}

// behindRouter is a network whose server has an address that only its own network knows, and a router
// that forwards its ports for the host beyond it, outside. The router's public address
// leads the server itself nowhere, as at many routers.
func behindRouter(t *testing.T) *network {
	t.Helper()
	if _, err := exec.LookPath("nft"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("nft is not installed")
		}
		t.Skip("nft is not installed: make setup installs it")
	}
	n := newNetwork(t)
	n.host("router", routerIP)
	n.host("outside", subnet+"3")
	// The people's line leads to the router, not to the switch.
	n.ip("-n", n.space("outside"), "link", "del", "eth0")
	n.ip("link", "add", "eth0", "netns", n.space("outside"), "type", "veth", "peer", "name", "wan0", "netns", n.space("router"))
	for _, end := range [][3]string{{"outside", "eth0", outsideIP}, {"router", "wan0", publicIP}} {
		n.ip("-n", n.space(end[0]), "addr", "add", end[2]+"/24", "dev", end[1])
		n.ip("-n", n.space(end[0]), "link", "set", end[1], "up")
	}
	n.ip("-n", n.space("server"), "route", "add", "default", "via", routerIP)
	n.ip("netns", "exec", n.space("router"), "sysctl", "-qw", "net.ipv4.ip_forward=1")
	n.rules("router", natTable)
	n.resolve("outside", publicIP)
	return n
}

// serveAs starts the server with a configuration, and has a token for its room.
func (n *network) serveAs(settings string) {
	n.t.Helper()
	config := filepath.Join(n.t.TempDir(), "server.yaml")
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		n.t.Fatal(err)
	}
	n.run("server", nil, "serve", "--hosted", "--data", n.data, "--config", config).wait("ready", always)
	token := n.run("server", nil, "token", "--room", n.room, "--data", n.data)
	line, _ := token.wait("text", always)["text"].(string)
	n.token = strings.TrimSpace(strings.TrimPrefix(line, "token:"))
}

// fromOutside has somebody beyond the router join.
func (n *network) fromOutside(name, server string, env ...string) *process {
	n.t.Helper()
	env = append(env, "PARLEY_TOKEN="+n.token)
	return n.run("outside", env, "peer", "--server", server, "--room", n.room, "--name", name, "--data", n.t.TempDir())
}

// TestServerBehindARouter has a server at an address that only its own network knows:
// what it tells people is the router's address.
func TestServerBehindARouter(t *testing.T) {
	n := behindRouter(t)
	n.serveAs("public_ip: " + publicIP + "\n")
	address := publicIP + ":" + serverPort
	ann, bob := n.fromOutside("ann", address), n.fromOutside("bob", address)
	ann.wait("first_video", is("stream_id", "bob"))
	bob.wait("first_video", is("stream_id", "ann"))
}

// TestTURNBehindARouter has people whose network lets nothing but HTTPS out call by a
// server behind a router. It relays to its own media port, though the address that it
// tells of this leads it nowhere.
func TestTURNBehindARouter(t *testing.T) {
	n := behindRouter(t)
	n.rules("outside", onlyHTTPS)
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	certificate(t, cert, key, serverName)
	n.serveAs("public_ip: " + publicIP + "\nlisten: ':443'\ntls: {cert: " + cert + ", key: " + key + "}\nturn: {domain: " + serverName + "}\n")
	trust := "SSL_CERT_FILE=" + cert
	ann, bob := n.fromOutside("ann", "https://"+serverName, trust), n.fromOutside("bob", "https://"+serverName, trust)
	for _, p := range []*process{ann, bob} {
		line := p.wait("first_video", always)
		t.Logf("%s: first picture %v ms after joining", p.name, line["since_join_ms"])
		p.wait("first_audio", always)
		p.wait("stats", func(line map[string]any) bool {
			return number(line, "play", 0, "video", "fps") > 20 && number(line, "play", 0, "audio", "played_ms") > 3000
		})
	}
}
