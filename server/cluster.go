package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Redis is where the media engines of a cluster find each other's calls.
type Redis struct {
	Address  string `yaml:"address"`
	Username string `yaml:"username"`
	Password string `yaml:"password"`
	DB       int    `yaml:"db"`
	TLS      bool   `yaml:"tls"`

	SentinelMaster    string   `yaml:"sentinel_master"`
	SentinelAddresses []string `yaml:"sentinel_addresses"`
	SentinelUsername  string   `yaml:"sentinel_username"`
	SentinelPassword  string   `yaml:"sentinel_password"`
}

func (r Redis) enabled() bool { return r.Address != "" || len(r.SentinelAddresses) > 0 }

// document is the media engine's own form of it.
func (r Redis) document() map[string]any {
	return map[string]any{
		"address": r.Address, "username": r.Username, "password": r.Password, "db": r.DB, "use_tls": r.TLS,
		"sentinel_master_name": r.SentinelMaster, "sentinel_addresses": r.SentinelAddresses,
		"sentinel_username": r.SentinelUsername, "sentinel_password": r.SentinelPassword,
	}
}

// NATS says how the chat is kept by several nodes.
type NATS struct {
	Cluster NATSCluster `yaml:"cluster"`
	// URL are the addresses of a chat engine that runs by itself, and WebSocket those
	// where it speaks to people's programs, through this server.
	URL       []string `yaml:"url"`
	WebSocket []string `yaml:"websocket"`
	TLS       NodeTLS  `yaml:"tls"`
	// Replicas is how many nodes keep each message.
	Replicas int `yaml:"replicas"`
}

// NATSCluster is one of the chat engines that the nodes start themselves.
type NATSCluster struct {
	Name   string   `yaml:"name"`
	Node   string   `yaml:"node"`   // this node's name; empty: the machine's
	Listen string   `yaml:"listen"` // address for the other nodes
	Routes []string `yaml:"routes"` // addresses of the nodes, this one may be among them
	TLS    NodeTLS  `yaml:"tls"`
}

const (
	defaultReplicas    = 3
	defaultClusterName = "parley"
	// clusterStart is how long a node waits for enough others to be there.
	clusterStart = 3 * time.Minute
	// clusterTry is how long the cluster may take to answer one question.
	clusterTry = 3 * time.Second
	// routeHandshake bounds the TLS handshake between two nodes.
	routeHandshake = 5 * time.Second
)

func (n NATS) clustered() bool { return n.Cluster.Listen != "" }

// remote tells whether the chat engine runs by itself.
func (n NATS) remote() bool { return len(n.URL) > 0 }

// replicas is how many nodes keep a message.
func (n NATS) replicas() int {
	switch {
	case !n.clustered() && !n.remote():
		return 1
	case n.Replicas == 0:
		return defaultReplicas
	default:
		return n.Replicas
	}
}

// clustered tells whether this server is one of several.
func (cfg Config) clustered() bool { return cfg.Redis.enabled() }

// startWithin bounds what a server waits for as it starts.
func (cfg Config) startWithin() time.Duration {
	if cfg.clustered() {
		return clusterStart
	}
	return chatStart
}

// configure has the chat engine be a node of a cluster. The nodes know each other
// by what only they have, their keys.
func (n NATSCluster) configure(options *natsd.Options, k *keys, log *slog.Logger) error {
	host, text, err := net.SplitHostPort(n.Listen)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	if options.ServerName = n.Node; n.Node == "" {
		if options.ServerName, err = os.Hostname(); err != nil {
			return fmt.Errorf("name this node: %w", err)
		}
	}
	// The engine begins its routes only when it listens for clients, of which none
	// come there.
	options.DontListen, options.Host, options.Port = false, "127.0.0.1", -1
	password := k.routePassword()
	options.Cluster = natsd.ClusterOpts{Name: n.Name, Host: host, Port: port, Username: routeUser, Password: password, NoAdvertise: true, PoolSize: -1}
	if n.Name == "" {
		options.Cluster.Name = defaultClusterName
	}
	if n.TLS.enabled() {
		if options.Cluster.TLSConfig, err = n.TLS.config("nats.cluster.tls", log); err != nil {
			return err
		}
		options.Cluster.TLSTimeout = routeHandshake.Seconds()
	}
	for _, route := range n.Routes {
		options.Routes = append(options.Routes, &url.URL{Scheme: "nats-route", User: url.UserPassword(routeUser, password), Host: route})
	}
	return nil
}

const routeUser = "parley"

// routePassword lets the nodes of a cluster in.
func (k *keys) routePassword() string {
	mac := hmac.New(sha256.New, []byte(k.media))
	_, _ = mac.Write([]byte("parley routes"))
	return hex.EncodeToString(mac.Sum(nil))
}

// patiently does something that needs a majority of the nodes, until it succeeds,
// fails for another reason, or ctx ends.
func patiently(ctx context.Context, do func(context.Context) error) error {
	return persist(ctx, passing, do)
}

// persist does something again as long as worth says so of its error.
func persist(ctx context.Context, worth func(error) bool, do func(context.Context) error) error {
	for {
		try, cancel := context.WithTimeout(ctx, clusterTry)
		err := do(try)
		cancel()
		if err == nil || ctx.Err() != nil || !worth(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(clusterTry / 10):
		}
	}
}

// passing tells an error that ends when enough nodes are there.
func passing(err error) bool {
	for _, known := range []error{
		context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders,
		jetstream.ErrNoStreamResponse, jetstream.ErrJetStreamNotEnabled, nats.ErrNoStreamResponse, nats.ErrJetStreamNotEnabled,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	code := natsd.ErrorIdentifier(0)
	var (
		api jetstream.JetStreamError
		old nats.JetStreamError // of what the library still does the old way
	)
	switch {
	case errors.As(err, &api) && api.APIError() != nil:
		code = natsd.ErrorIdentifier(api.APIError().ErrorCode)
	case errors.As(err, &old) && old.APIError() != nil:
		code = natsd.ErrorIdentifier(old.APIError().ErrorCode)
	}
	switch code {
	case natsd.JSStreamNotFoundErr: // one that was just made
		return true
	case natsd.JSClusterNoPeersErrF, natsd.JSClusterNotAvailErr, natsd.JSClusterNotLeaderErr, natsd.JSClusterNotActiveErr,
		natsd.JSInsufficientResourcesErr, natsd.JSStreamStoreFailedF, natsd.JSClusterPeerNotMemberErr:
		return true
	}
	return false
}

// ErrNoKeys means a node of a cluster that would make keys of its own.
var ErrNoKeys = errors.New("the nodes of a cluster need the same keys: make them once, with `parley app list --data FOLDER`, copy the folder to each node, and name it as keys in the configuration")

// sharedKeys checks that the keys are there.
func sharedKeys(folder string) error {
	for _, name := range []string{keysFile, appsFile} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("%w: %w", ErrNoKeys, err)
		}
	}
	return nil
}

// buckets opens the key-value buckets of an AppID.
type buckets struct {
	js       jetstream.JetStream
	replicas int
}

// open opens a bucket, and makes it where it is not there.
func (b buckets) open(ctx context.Context, config jetstream.KeyValueConfig) (kv jetstream.KeyValue, err error) {
	config.Replicas = b.replicas
	err = patiently(ctx, func(ctx context.Context) error {
		if b.replicas == 1 {
			kv, err = b.js.CreateOrUpdateKeyValue(ctx, config)
			return err
		}
		kv, err = b.openReplicated(ctx, config)
		return err
	})
	return kv, err
}

// openReplicated has the node that leads a bucket answer for it: any other may be
// behind, and let somebody in who was just banned.
func (b buckets) openReplicated(ctx context.Context, config jetstream.KeyValueConfig) (jetstream.KeyValue, error) {
	name := "KV_" + config.Bucket
	stream, err := b.js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if _, err = b.js.CreateKeyValue(ctx, config); err != nil && !errors.Is(err, jetstream.ErrBucketExists) {
			return nil, err
		}
		stream, err = b.js.Stream(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	now := stream.CachedInfo().Config
	want := now
	want.AllowDirect, want.Replicas, want.MaxAge, want.MaxMsgSize = false, config.Replicas, config.TTL, now.MaxMsgSize
	if now.AllowDirect || now.Replicas != want.Replicas || now.MaxAge != want.MaxAge {
		if _, err := b.js.UpdateStream(ctx, want); err != nil {
			return nil, err
		}
	}
	return b.js.KeyValue(ctx, config.Bucket)
}
