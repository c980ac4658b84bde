package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go/jetstream"
)

// revocations end chat tokens before their time: those of somebody who was removed
// from a room. What is revoked is kept in a bucket that every node watches.
type revocations struct {
	chat   *chatEngine
	name   string // of the account
	public string

	keys    jetstream.KeyValue // lobbyKey -> the chat keys that the user came with
	revoked jetstream.KeyValue // chat key -> nothing
	watch   jetstream.KeyWatcher
	work    sync.WaitGroup
}

const (
	keysBucket    = "KEYS"
	revokedBucket = "REVOKED"
	// keysMost is how many chat keys of one user in one room are known: each login
	// makes one.
	keysMost = 64
)

func openRevocations(ctx context.Context, kv buckets, chat *chatEngine, public, name string) (*revocations, error) {
	r := &revocations{chat: chat, name: name, public: public}
	var err error
	for _, b := range []struct {
		name string
		kv   *jetstream.KeyValue
	}{{keysBucket, &r.keys}, {revokedBucket, &r.revoked}} {
		config := jetstream.KeyValueConfig{Bucket: b.name, History: 1, TTL: passLife, Storage: jetstream.FileStorage}
		if *b.kv, err = kv.open(ctx, config); err != nil {
			return nil, fmt.Errorf("open the ended chat tokens: %w", err)
		}
	}
	if err = patiently(ctx, func(context.Context) error {
		r.watch, err = r.revoked.WatchAll(context.Background(), jetstream.IgnoreDeletes())
		return err
	}); err != nil {
		return nil, fmt.Errorf("open the ended chat tokens: %w", err)
	}
	ready := make(chan struct{})
	r.work.Go(func() { r.follow(ready) })
	select {
	case <-ready:
		return r, nil
	case <-ctx.Done():
		r.close()
		return nil, ctx.Err()
	}
}

func (r *revocations) close() {
	_ = r.watch.Stop()
	r.work.Wait()
}

// follow tells the chat engine what is revoked; ready is closed when it knows what
// was before.
func (r *revocations) follow(ready chan struct{}) {
	until := make(map[string]time.Time)
	known := false
	for entry := range r.watch.Updates() {
		if entry == nil {
			known = true
			if len(until) > 0 {
				r.apply(until)
			}
			close(ready)
			continue
		}
		until[entry.Key()] = entry.Created()
		if known {
			r.apply(until)
		}
	}
	if !known {
		close(ready)
	}
}

func (r *revocations) apply(until map[string]time.Time) {
	for key, at := range until {
		if time.Since(at) > passLife {
			delete(until, key)
		}
	}
	if err := r.chat.revoke(r.public, r.name, until); err != nil {
		r.chat.log.Error("an ended chat token may still open its room", "error", err)
	}
}

// note remembers the chat key that somebody comes into a room with.
func (r *revocations) note(ctx context.Context, roomID, userID, key string) error {
	name := lobbyKey(roomID, userID)
	for range stateTries {
		keys, revision, err := r.read(ctx, name)
		if err != nil {
			return err
		}
		if slices.Contains(keys, key) {
			return nil
		}
		keys = append(keys, key)
		data, err := json.Marshal(keys[max(0, len(keys)-keysMost):])
		if err != nil {
			return err
		}
		if revision == 0 {
			_, err = r.keys.Create(ctx, name, data)
		} else {
			_, err = r.keys.Update(ctx, name, data, revision)
		}
		if err == nil {
			return nil
		}
	}
	return errors.New("note the chat key: too many come in under one name")
}

func (r *revocations) read(ctx context.Context, name string) (keys []string, revision uint64, err error) {
	entry, err := r.keys.Get(ctx, name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, 0, nil
	}
	if err == nil {
		revision, err = entry.Revision(), json.Unmarshal(entry.Value(), &keys)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the chat keys: %w", err)
	}
	return keys, revision, nil
}

// end ends the chat tokens of a user in a room, with the connections by them.
func (r *revocations) end(ctx context.Context, roomID, userID string) error {
	name := lobbyKey(roomID, userID)
	keys, _, err := r.read(ctx, name)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if _, err := r.revoked.Put(ctx, key, nil); err != nil {
			return fmt.Errorf("end a chat token: %w", err)
		}
	}
	return r.keys.Delete(ctx, name)
}

// revoke ends the tokens of chat keys that were signed before a time.
func (c *chatEngine) revoke(public, name string, until map[string]time.Time) error {
	claims := c.keys.accountClaims(public, name, jwt.NoLimit)
	for key, at := range until {
		claims.RevokeAt(key, at.Add(time.Second)) // tokens count in seconds
	}
	return c.update(claims)
}
