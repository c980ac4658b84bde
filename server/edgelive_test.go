package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"parley/session/wire"
)

// resident is the memory of a server in MiB.
func (c *child) resident() int {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(c.cmd.Process.Pid) + "/statm")
	fields := strings.Fields(string(data))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize() >> 20
}

// dial opens a connection from an address of this machine.
func (c *child) dial(local string) net.Conn {
	c.t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}, Timeout: 5 * time.Second}
	conn, err := dialer.Dial("tcp", c.addr())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// ends waits until the other side ends a connection.
func ends(t *testing.T, conn net.Conn, within time.Duration) string {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(within))
	data, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("still open after %v, having said %q", within, data)
	}
	return string(data)
}

func TestSlowAndHugeRequestsEnd(t *testing.T) {
	t.Parallel()
	c := startChild(t, "")
	before := c.resident()
	var work sync.WaitGroup
	trickle := func(conn net.Conn, piece string, every time.Duration) {
		work.Go(func() {
			for range 40 {
				if _, err := io.WriteString(conn, piece); err != nil {
					return
				}
				time.Sleep(every)
			}
		})
	}
	head := c.dial("127.0.0.1")
	trickle(head, "GET / HTTP/1.1\r\nHost: x\r\nX: ", 500*time.Millisecond)
	for name, request := range map[string]string{
		"a path that is not there":    "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n",
		"a join":                      "POST " + wire.PathJoin + " HTTP/1.1\r\nHost: x\r\nContent-Length: 15000\r\n\r\n",
		"a join in pieces":            "POST " + wire.PathJoin + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"the media engine":            "POST " + wire.PathRTC + " HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n",
		"the media engine, by GET":    "GET " + wire.PathRTC + "/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n",
		"the chat engine in pieces":   "GET " + wire.PathChat + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"attachments without a token": "PUT /v1/rooms/x/blobs/x HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n",
	} {
		conn := c.dial("127.0.0.1")
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		piece := "x"
		if strings.Contains(request, "chunked") {
			piece = "1\r\nx\r\n"
		}
		trickle(conn, piece, 500*time.Millisecond)
		work.Go(func() {
			began := time.Now()
			said := ends(t, conn, 14*time.Second)
			status, _, _ := strings.Cut(said, "\r\n")
			t.Logf("%s: %q after %v", name, status, time.Since(began).Round(100*time.Millisecond))
		})
	}
	work.Go(func() { ends(t, head, 8*time.Second) })
	huge := c.dial("127.0.0.1")
	work.Go(func() {
		line := []byte("X-Filler: " + strings.Repeat("x", 8<<10) + "\r\n")
		_, err := io.WriteString(huge, "GET /healthz HTTP/1.1\r\nHost: x\r\n")
		sent := 0
		for sent < 100<<20 && err == nil {
			var n int
			n, err = huge.Write(line)
			sent += n
		}
		if err == nil {
			t.Error("100 MiB of headers were taken")
		}
		t.Logf("headers: cut off after %d KiB", sent>>10)
	})
	for range 10 {
		if a := c.get(wire.PathHealth); a.status != http.StatusOK {
			t.Errorf("status %d meanwhile", a.status)
		}
		time.Sleep(50 * time.Millisecond)
	}
	work.Wait()
	if after := c.resident(); after > before+32 {
		t.Errorf("from %d to %d MiB", before, after)
	}
}

func TestSilentConnectionsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	c := startChild(t, "limits: {connections: 300, connections_per_address: 200, waiting_connections: 100, waiting_connections_per_address: 50}\n")
	// More than may wait, and more than there are places, from one address and
	// from many; what was closed is opened again at once.
	stop := make(chan struct{})
	var work sync.WaitGroup
	var opened atomic.Int64
	for i := range 20 {
		local := "127.0.1.1"
		if i >= 10 {
			local = fmt.Sprintf("127.0.1.%d", i)
		}
		work.Go(func() {
			var conns []net.Conn
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}, Timeout: time.Second}
			for {
				select {
				case <-stop:
					for _, conn := range conns {
						_ = conn.Close()
					}
					return
				case <-time.After(10 * time.Millisecond):
				}
				if conn, err := dialer.Dial("tcp", c.addr()); err == nil {
					conns = append(conns, conn)
					opened.Add(1)
				}
			}
		})
	}
	time.Sleep(time.Second)
	// Others get in, also from the address that is abused.
	for _, local := range []string{"127.0.2.1", "127.0.2.2", "127.0.1.1"} {
		client := from(local)
		for range 10 {
			r, _ := request(t, "r", "ann")
			r.Credential.Token = c.token("r", "ann")
			body, _ := json.Marshal(r)
			a, err := fetch(client, http.MethodPost, c.url(wire.PathJoin), nil, bytes.NewReader(body))
			if err != nil || a.status != http.StatusOK {
				t.Errorf("from %s: status %d, %v", local, a.status, err)
			}
		}
	}
	close(stop)
	work.Wait()
	t.Logf("%d connections that said nothing", opened.Load())
}

func TestAThousandJoinsASecond(t *testing.T) {
	if testing.Short() {
		t.Skip("makes the machine busy for some seconds")
	}
	c := startChild(t, "metrics: 127.0.0.1:0\ntrusted_proxies: []\n")
	// Somebody is in a call.
	in, a := c.join("call", "ann")
	if in == nil {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	lost := make(chan struct{}, 1)
	lksdk.SetLogger(logger.GetDiscardLogger())
	callback := &lksdk.RoomCallback{OnReconnecting: func() { lost <- struct{}{} }, OnDisconnected: func() { lost <- struct{}{} }}
	room := lksdk.NewRoom(callback)
	if err := room.JoinWithToken(in.Media.URL, in.Media.Token, lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
		t.Fatal(err)
	}
	defer room.Disconnect()

	r, _ := request(t, "busy", "bob")
	wrong, _ := json.Marshal(r)
	r.Credential.Token = c.token("busy", "bob")
	right, _ := json.Marshal(r)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var (
		work            sync.WaitGroup
		results         sync.Map
		slowest, health atomic.Int64
	)
	clients := make([]*http.Client, 8)
	for i := range clients {
		clients[i] = from(fmt.Sprintf("127.0.3.%d", i+1))
		clients[i].Transport.(*http.Transport).DisableKeepAlives = false
		clients[i].Transport.(*http.Transport).MaxIdleConnsPerHost = 32
	}
	count := func(key string) {
		n, _ := results.LoadOrStore(key, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	asked := 0
	for i := 0; ctx.Err() == nil; i++ {
		for j := range 10 {
			body := wrong
			if j%2 == 0 {
				body = right
			}
			asked++
			work.Go(func() {
				began := time.Now()
				a, err := fetch(clients[(i+j)%len(clients)], http.MethodPost, c.url(wire.PathJoin), nil, bytes.NewReader(body))
				key := "error"
				if err == nil {
					key = strconv.Itoa(a.status) + " " + string(a.code())
				}
				count(key)
				slowest.Store(max(slowest.Load(), time.Since(began).Milliseconds()))
			})
		}
		if i%20 == 0 {
			work.Go(func() {
				began := time.Now()
				if a, err := fetch(from("127.0.4.1"), http.MethodGet, c.url(wire.PathHealth), nil, nil); err != nil || a.status != http.StatusOK {
					t.Errorf("somebody else: status %d, %v", a.status, err)
				}
				health.Store(max(health.Load(), time.Since(began).Milliseconds()))
			})
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	work.Wait()
	answered := 0
	results.Range(func(key, n any) bool {
		t.Logf("%v: %d", key, n.(*atomic.Int64).Load())
		if key != "error" {
			answered += int(n.(*atomic.Int64).Load())
		}
		return true
	})
	t.Logf("%d joins asked, %d answered in 5 s; the slowest %d ms, somebody else's question %d ms; %d MiB", asked, answered, slowest.Load(), health.Load(), c.resident())
	if answered < asked*9/10 {
		t.Error("not answered")
	}
	select {
	case <-lost:
		t.Error("the call was interrupted")
	default:
	}
	if again, a := c.join("later", "cleo"); again == nil {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}
