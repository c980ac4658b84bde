package server

import (
	"log/slog"
	"time"

	"parley/session/wire"
)

// Config of a server.
type Config struct {
	// Listen is the address of the one TCP port for everything but media;
	// port 0 picks a free one. Empty means DefaultListen.
	Listen string
	// Data is the folder for keys, secrets and messages.
	Data string
	// Open lets everybody in without a credential. It is refused for any
	// address but loopback.
	Open bool
	// UDPPort carries media, TCPPort is its fallback; 0 picks free ones.
	UDPPort, TCPPort int
	// PublicIP is the address at which clients reach the media ports, where
	// this machine does not have it itself; empty means its first own one.
	PublicIP string
	TLS      TLS
	TURN     TURN
	// Metrics is the address of the metrics, MetricsPublic, or empty for none.
	Metrics string
	// Drain is how long calls may go on after the server was told to end.
	Drain time.Duration
	// TrustedProxies are addresses and networks whose X-Forwarded headers are
	// believed; nil means this machine.
	TrustedProxies []string
	// Limits of what users may do; zero fields mean the defaults.
	Limits Limits
	// PassLife is how long chat and attachments are open by one join; programs
	// renew it before. Zero means a day.
	PassLife  time.Duration
	Logger    *slog.Logger
	Retention Retention
	// RetainEvery is how often it is looked after; zero means every minute.
	RetainEvery time.Duration
	// GetParley is the address where people get the program, which the page of
	// invites names; empty means none.
	GetParley string
	// Keys is the folder of the keys and AppIDs, which the nodes of a cluster
	// have the same of; empty means Data.
	Keys  string
	Redis Redis
	NATS  NATS
}

// keysFolder is where the keys and AppIDs are.
func (cfg Config) keysFolder() string {
	if cfg.Keys != "" {
		return cfg.Keys
	}
	return cfg.Data
}

// Limits of each user.
type Limits struct {
	MessagesPerMinute int   `yaml:"messages_per_minute"`
	UploadsPerMinute  int   `yaml:"uploads_per_minute"`
	UploadBytes       int64 `yaml:"upload_bytes"` // in ten minutes

	// Of the public port: see edge.
	Connections           int `yaml:"connections"`
	ConnectionsPerAddress int `yaml:"connections_per_address"`
	Waiting               int `yaml:"waiting_connections"`
	WaitingPerAddress     int `yaml:"waiting_connections_per_address"`
	JoinsAtOnce           int `yaml:"joins_at_once"`
}

func (l Limits) withDefaults() Limits {
	if l.MessagesPerMinute <= 0 {
		l.MessagesPerMinute = wire.MessagesAMinute
	}
	if l.UploadsPerMinute <= 0 {
		l.UploadsPerMinute = 120
	}
	if l.UploadBytes <= 0 {
		l.UploadBytes = 1 << 30
	}
	if l.Connections <= 0 {
		// A WebSocket costs three file descriptors, and some are needed besides.
		l.Connections = min(8192, openFiles()/4)
	}
	if l.ConnectionsPerAddress <= 0 {
		l.ConnectionsPerAddress = 1024
	}
	if l.Waiting <= 0 {
		l.Waiting = 1024
	}
	if l.WaitingPerAddress <= 0 {
		l.WaitingPerAddress = 128
	}
	if l.JoinsAtOnce <= 0 {
		l.JoinsAtOnce = 64
	}
	return l
}

// The ports where none are named.
const (
	DefaultListen  = ":7880"
	DefaultUDPPort = 7882
	DefaultTCPPort = 7881
)
