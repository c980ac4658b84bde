package impair_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley/e2e/impair"
)

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// within runs f on a thread in a network namespace.
func within(t *testing.T, space string, f func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		handle, err := os.Open("/run/netns/" + space)
		if err == nil {
			err = unix.Setns(int(handle.Fd()), unix.CLONE_NEWNET)
			_ = handle.Close()
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestLine counts datagrams from one namespace to another.
func TestLine(t *testing.T) {
	space := func(i int) string { return fmt.Sprintf("parley-line-%d-%d", os.Getpid(), i) }
	if out, err := exec.Command("ip", "netns", "add", space(0)).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("network namespaces are needed: %v: %s", err, out)
		}
		t.Skipf("network namespaces can't be made here: %s", out)
	}
	t.Cleanup(func() { ip(t, "netns", "del", space(0)) })
	ip(t, "netns", "add", space(1))
	t.Cleanup(func() { ip(t, "netns", "del", space(1)) })
	ports := [2]string{}
	for i := range 2 {
		ports[i] = fmt.Sprintf("pl%d-%d", os.Getpid()%100000, i)
		far := fmt.Sprintf("fl%d-%d", os.Getpid()%100000, i)
		ip(t, "link", "add", ports[i], "type", "veth", "peer", "name", far)
		for _, name := range []string{ports[i], far} {
			if err := impair.Plain(name); err != nil {
				t.Fatal(err)
			}
		}
		ip(t, "link", "set", far, "netns", space(i))
		ip(t, "link", "set", ports[i], "up")
		ip(t, "-n", space(i), "addr", "add", fmt.Sprintf("10.78.0.%d/24", i+1), "dev", far)
		ip(t, "-n", space(i), "link", "set", far, "up")
	}
	line, err := impair.New(ports[0], ports[1])
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	var from, to net.PacketConn
	within(t, space(0), func() (err error) {
		from, err = net.ListenPacket("udp4", "10.78.0.1:0")
		return err
	})
	defer from.Close()
	within(t, space(1), func() (err error) {
		to, err = net.ListenPacket("udp4", "10.78.0.2:7000")
		return err
	})
	defer to.Close()
	count := func(n int) (arrived int, slowest time.Duration) {
		began := make(map[byte]time.Time)
		go func() {
			for i := range n {
				_, _ = from.WriteTo([]byte{byte(i)}, to.LocalAddr())
				time.Sleep(time.Millisecond)
			}
		}()
		start := time.Now()
		for i := range n {
			began[byte(i)] = start.Add(time.Duration(i) * time.Millisecond)
		}
		data := make([]byte, 10)
		for {
			_ = to.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			if _, _, err := to.ReadFrom(data); err != nil {
				return arrived, slowest
			}
			arrived++
			slowest = max(slowest, time.Since(began[data[0]]))
		}
	}
	count(10) // the addresses are resolved
	if arrived, _ := count(200); arrived < 199 {
		t.Errorf("%d of 200 arrive on a good line", arrived)
	}
	line.Impair(impair.Way{Loss: 0.2, Delay: 100 * time.Millisecond}, impair.Way{})
	if arrived, slowest := count(200); arrived < 130 || arrived > 185 || slowest < 100*time.Millisecond {
		t.Errorf("%d of 200 arrive within %v on a line that loses 20 %% and takes 100 ms", arrived, slowest)
	}
}
