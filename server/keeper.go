package server

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/oklog/ulid/v2"
)

// keeper says which of several nodes keeps house for an AppID: the one whose name is
// in a bucket that forgets it, unless it is renewed.
type keeper struct {
	bucket jetstream.KeyValue // nil for a node alone
	name   string

	mu       sync.Mutex
	revision uint64 // of our entry, 0 for none
}

const (
	houseBucket = "HOUSE"
	houseKey    = "keeper"
	// houseLife is several times what lies between two looks.
	houseLife = 5 * time.Minute
)

func openKeeper(ctx context.Context, kv buckets, alone bool) (*keeper, error) {
	k := &keeper{name: ulid.Make().String()}
	if alone {
		return k, nil
	}
	var err error
	k.bucket, err = kv.open(ctx, jetstream.KeyValueConfig{Bucket: houseBucket, TTL: houseLife, History: 1, Storage: jetstream.MemoryStorage})
	if err != nil {
		return nil, fmt.Errorf("open who keeps house: %w", err)
	}
	return k, nil
}

// mine tells whether it is this node, which it stays as long as it asks.
func (k *keeper) mine(ctx context.Context) bool {
	if k.bucket == nil {
		return true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, clusterTry)
	defer cancel()
	var err error
	if k.revision > 0 {
		if k.revision, err = k.bucket.Update(ctx, houseKey, []byte(k.name), k.revision); err == nil {
			return true
		}
	}
	k.revision, err = k.bucket.Create(ctx, houseKey, []byte(k.name))
	if err != nil {
		k.revision = 0
	}
	return err == nil
}
