package server

import (
	"net"
	"path/filepath"
	"testing"
	"time"
)

// TestTheServiceManagerIsTold listens as systemd does for a unit with Type=notify.
func TestTheServiceManagerIsTold(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Skipf("no such sockets here: %v", err)
	}
	defer manager.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	startChild(t, "")
	data := make([]byte, 64)
	_ = manager.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := manager.Read(data); err != nil || string(data[:n]) != "READY=1" {
		t.Errorf("told %q, %v", data[:n], err)
	}
}
