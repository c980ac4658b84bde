package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
)

// The media engine alone: this program starts itself again with engineArgument and
// a port for its HTTP.
const (
	engineArgument = "media-engine-alone"
	engineKey      = "bench"
	engineSecret   = "a secret of the benchmark alone, which opens nothing else"
)

// runEngine is the media engine as the room server configures it, and nothing else.
func runEngine(port string) error {
	conf, err := config.NewConfig(fmt.Sprintf(`
port: %s
bind_addresses: [127.0.0.1]
rtc: {udp_port: %s, tcp_port: 0, use_external_ip: false, enable_loopback_candidate: true, congestion_control: {use_send_side_bwe: true}}
keys: {%s: %q}
room: {auto_create: true, empty_timeout: 60, departure_timeout: 20}
logging: {level: error}
`, port, port, engineKey, engineSecret), true, nil, nil)
	if err != nil {
		return err
	}
	node, err := routing.NewLocalNode(conf)
	if err != nil {
		return err
	}
	if err := prometheus.Init(string(node.NodeID()), livekit.NodeType_SERVER); err != nil {
		return err
	}
	engine, err := service.InitializeServer(conf, node)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, func() { engine.Stop(true) })
	return engine.Start()
}

// engineToken lets somebody into a room of the engine alone.
func engineToken(room, user string) (string, error) {
	return auth.NewAccessToken(engineKey, engineSecret).SetIdentity(user).SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: room}).ToJWT()
}
