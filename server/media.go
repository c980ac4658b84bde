package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	redisLiveKit "github.com/livekit/protocol/redis"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/redis/go-redis/v9"
	"go.yaml.in/yaml/v3"
)

// mediaEngine is the embedded LiveKit.
type mediaEngine struct {
	server   *service.LivekitServer
	proxy    *httputil.ReverseProxy
	rooms    *lksdk.RoomServiceClient
	address  string // of its own HTTP, for us
	udp, tcp int
	turn     *turnServer // nil without
	node     routing.LocalNode
	redis    redis.UniversalClient // nil for one node alone
	ended    chan struct{}         // closed when the engine is
	err      error                 // why it ended; read it after ended
}

// mediaKey names the one key of the media engine. It does not keep the rooms of
// two keys apart, nor take a new key while it runs: mediaRoom keeps AppIDs apart.
const mediaKey = "parley"

// mediaStart bounds the start; it takes about a tenth of a second.
const mediaStart = 10 * time.Second

func startMedia(ctx context.Context, cfg Config, k *keys) (*mediaEngine, error) {
	m := &mediaEngine{ended: make(chan struct{})}
	var err error
	if m.udp, err = freeUDP(cfg.UDPPort, "sound and picture", "--udp-port"); err != nil {
		return nil, err
	}
	if m.tcp, err = freeTCP("", cfg.TCPPort, "sound and picture where UDP is blocked", "--tcp-port"); err != nil {
		return nil, err
	}
	port, err := freeTCP("127.0.0.1", 0, "the media engine", "")
	if err != nil {
		return nil, err
	}
	rtc := map[string]any{
		"node_ip":                   cfg.PublicIP, // empty: the first address of this machine
		"udp_port":                  m.udp,
		"tcp_port":                  m.tcp,
		"use_external_ip":           false,
		"enable_loopback_candidate": true,
		// The Go SDK sends no REMB, which the default waits for.
		"congestion_control": map[string]any{"use_send_side_bwe": true},
	}
	var way netip.Addr
	if cfg.PublicIP != "" {
		way = wayTo(cfg.PublicIP)
		useOnly(rtc, way)
	}
	settings := map[string]any{
		"port":           port,
		"bind_addresses": []string{"127.0.0.1"},
		"rtc":            rtc,
		"keys":           map[string]string{mediaKey: k.media},
		"room":           map[string]any{"auto_create": true, "empty_timeout": 60, "departure_timeout": 20},
	}
	if cfg.Redis.enabled() {
		settings["redis"] = cfg.Redis.document()
	}
	document, err := yaml.Marshal(settings)
	if err != nil {
		return nil, fmt.Errorf("configure the media engine: %w", err)
	}
	conf, err := config.NewConfig(string(document), true, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("configure the media engine: %w", err)
	}
	// Left empty, this sends every client to a public STUN server: a stranger
	// who would learn of each call, and a name that an offline network waits for.
	conf.RTC.STUNServers = []string{net.JoinHostPort(conf.RTC.NodeIP.PrimaryIP(), strconv.Itoa(m.udp))}
	if cfg.TURN.Domain != "" {
		m.turn = newTURN()
		m.turn.configure(conf, cfg.TURN)
	}
	// The engine's own chatter is for its developers.
	logger.SetLogger(logger.LogRLogger(logr.FromSlogHandler(quiet{cfg.Logger.Handler()})), "media")
	if m.node, err = routing.NewLocalNode(conf); err != nil {
		return nil, fmt.Errorf("start the media engine: %w", err)
	}
	// Without this the first connection panics.
	if err := prometheus.Init(string(m.node.NodeID()), livekit.NodeType_SERVER); err != nil {
		return nil, fmt.Errorf("start the media engine: %w", err)
	}
	if m.server, err = service.InitializeServer(conf, m.node); err != nil {
		return nil, fmt.Errorf("start the media engine: %w", err)
	}
	go func() {
		defer close(m.ended)
		m.err = m.server.Start()
	}()
	deadline := time.NewTimer(mediaStart)
	defer deadline.Stop()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for !m.server.IsRunning() {
		select {
		case <-m.ended:
			return nil, fmt.Errorf("start the media engine: %w", m.err)
		case <-deadline.C:
			return nil, errors.New("start the media engine: it did not become ready")
		case <-ctx.Done():
			m.close()
			return nil, fmt.Errorf("start the media engine: %w", ctx.Err())
		case <-poll.C:
		}
	}
	if cfg.Redis.enabled() {
		if m.redis, err = redisLiveKit.GetRedisClient(&conf.Redis); err != nil {
			m.close()
			return nil, fmt.Errorf("start the media engine: %w", err)
		}
	}
	if m.turn != nil {
		if err = m.relay(conf.RTC.NodeIP.PrimaryIP(), way); err != nil {
			m.close()
			return nil, err
		}
	}
	m.address = "http://127.0.0.1:" + strconv.Itoa(port)
	m.rooms = lksdk.NewRoomServiceClient(m.address, mediaKey, k.media)
	m.proxy = loopbackProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:" + strconv.Itoa(port)})
	return m, nil
}

// relay has TURN pass on to the media port, at the address that people know. way is
// this machine's address that leads there, where it has not that one itself.
func (m *mediaEngine) relay(known string, way netip.Addr) error {
	ip, err := netip.ParseAddr(known)
	if err != nil {
		return fmt.Errorf("start TURN: %w", err)
	}
	if !way.IsValid() {
		way = ip
	}
	port := uint16(m.udp) //nolint:gosec // a port
	return m.turn.start(netip.AddrPortFrom(ip.Unmap(), port), netip.AddrPortFrom(way.Unmap(), port))
}

// endRooms ends the calls of an AppID.
func (m *mediaEngine) endRooms(ctx context.Context, appID string) error {
	list, err := m.rooms.ListRooms(ctx, &livekit.ListRoomsRequest{})
	if err != nil {
		return fmt.Errorf("list the calls: %w", err)
	}
	var errs []error
	for _, room := range list.Rooms {
		if strings.HasPrefix(room.Name, string(mediaRoom(appID, ""))) {
			_, err := m.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: room.Name})
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// close ends all calls.
func (m *mediaEngine) close() {
	if m.turn != nil {
		m.turn.close()
	}
	// Stop does nothing until the engine runs, and then waits for itself.
	for deadline := time.Now().Add(mediaStart); !m.server.IsRunning() && time.Now().Before(deadline); {
		select {
		case <-m.ended:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	m.server.Stop(true)
	<-m.ended
	if m.redis != nil {
		_ = m.redis.Close()
	}
}

// quiet lets warnings and errors through.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }

// useOnly has the engine use no other address of this machine. It calls all that it
// uses by the public address, takes one of those that are alike then, whichever comes
// first, and does not listen for calls at the others.
func useOnly(rtc map[string]any, local netip.Addr) {
	rtc["enable_loopback_candidate"] = local.IsLoopback()
	if local.IsValid() {
		rtc["ips"] = map[string]any{"includes": []string{netip.PrefixFrom(local, local.BitLen()).String()}}
	}
}

// wayTo is the address of this machine that leads to another; not valid where none does.
func wayTo(address string) netip.Addr {
	to, err := net.Dial("udp", net.JoinHostPort(address, "9")) // sends nothing
	if err != nil {
		return netip.Addr{}
	}
	defer to.Close()
	local, err := netip.ParseAddrPort(to.LocalAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return local.Addr().Unmap().WithZone("")
}
