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
	natTable  = "table ip nat {\n chain in { type nat hook prerouting priority -100; iifname \"wan0\" tcp dport { 7880, 7881 } dnat to " + serverIP + "; iifname \"wan0\" udp dport 7882 dnat to " + serverIP + "; }\n chain out { type nat hook postrouting priority 100; oifname \"wan0\" masquerade; }\n}\n"
)

// rules sets what a host's packet filter does.
func (n *network) rules(host, text string) {
	n.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", n.space(host), "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("nft: %v: %s", err, out)
	}
}

// TestServerBehindARouter has a server at an address that only its own network knows,
// and a router that forwards its ports: what it tells people is the router's address.
func TestServerBehindARouter(t *testing.T) {
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

	config := filepath.Join(t.TempDir(), "server.yaml")
	if err := os.WriteFile(config, []byte("public_ip: "+publicIP+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n.run("server", nil, "serve", "--hosted", "--data", n.data, "--config", config).wait("ready", always)
	token := n.run("server", nil, "token", "--room", n.room, "--data", n.data)
	line, _ := token.wait("text", always)["text"].(string)
	n.token = strings.TrimSpace(strings.TrimPrefix(line, "token:"))
	join := func(name string) *process {
		return n.run("outside", []string{"PARLEY_TOKEN=" + n.token}, "peer", "--server", publicIP+":"+serverPort, "--room", n.room, "--name", name, "--data", t.TempDir())
	}
	ann, bob := join("ann"), join("bob")
	ann.wait("first_video", is("stream_id", "bob"))
	bob.wait("first_video", is("stream_id", "ann"))
}
