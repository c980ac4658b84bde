package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

// Why somebody does not come in.
var (
	errBanned = errors.New("the host has excluded this user until the call ends")
	errLocked = errors.New("the host has locked the room")
	errLobby  = errors.New("the host lets people in: wait")
	errDenied = errors.New("the host did not let this user in")
	errCrowd  = errors.New("too many people wait to be let in")
)

// roomState is what is kept of a room besides its messages.
type roomState struct {
	Passcode string `json:"passcode,omitempty"` // its hash
	// Removed are users whose tokens of before a time, in Unix ms, end.
	Removed map[string]int64 `json:"removed,omitempty"`
	// Call is the media engine's ID of the call that the rest is of.
	Call string `json:"call,omitempty"`
	// Moving is until when, in Unix ms, the next call is this one at another node.
	Moving   int64           `json:"moving,omitempty"`
	Locked   bool            `json:"locked,omitempty"`
	Lobby    bool            `json:"lobby,omitempty"`
	Banned   map[string]bool `json:"banned,omitempty"`
	Admitted map[string]bool `json:"admitted,omitempty"` // who comes in all the same
}

const (
	statesBucket = "ROOMS"
	lobbyBucket  = "LOBBY"
	stateTries   = 8
	// lobbyMost bounds those who wait before a room, peopleMost those that a state
	// names.
	lobbyMost  = 100
	peopleMost = 2000
)

// door keeps who comes into the rooms of an AppID.
type door struct {
	appID  string
	media  *mediaEngine
	states jetstream.KeyValue
	lobby  jetstream.KeyValue
}

func openDoor(ctx context.Context, kv buckets, media *mediaEngine, appID string) (*door, error) {
	d := &door{appID: appID, media: media}
	var err error
	if d.states, err = kv.open(ctx, jetstream.KeyValueConfig{Bucket: statesBucket, History: 1, Storage: jetstream.FileStorage}); err != nil {
		return nil, fmt.Errorf("open the states of the rooms: %w", err)
	}
	if d.lobby, err = kv.open(ctx, jetstream.KeyValueConfig{Bucket: lobbyBucket, History: 1, TTL: wire.LobbyLife, Storage: jetstream.MemoryStorage}); err != nil {
		return nil, fmt.Errorf("open the lobbies of the rooms: %w", err)
	}
	return d, nil
}

// state gives what is kept of a room, and its revision; 0 for nothing.
func (d *door) state(ctx context.Context, roomID string) (s roomState, revision uint64, err error) {
	entry, err := d.states.Get(ctx, wire.SubjectToken(roomID))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return s, 0, nil
	}
	if err == nil {
		revision, err = entry.Revision(), json.Unmarshal(entry.Value(), &s)
	}
	if err != nil {
		return s, 0, fmt.Errorf("read the state of the room: %w", err)
	}
	return s, revision, nil
}

// change changes the state of a room, whoever else does. What was of another call
// is gone by then.
func (d *door) change(ctx context.Context, roomID string, change func(*roomState)) (roomState, error) {
	key := wire.SubjectToken(roomID)
	call, err := d.call(ctx, roomID)
	if err != nil {
		return roomState{}, err
	}
	for range stateTries {
		var s roomState
		var revision uint64
		if s, revision, err = d.state(ctx, roomID); err != nil {
			return s, err
		}
		s.follow(call, time.Now())
		change(&s)
		s.prune(time.Now())
		var data []byte
		if data, err = json.Marshal(s); err != nil {
			return s, err
		}
		if revision == 0 {
			_, err = d.states.Create(ctx, key, data)
		} else {
			_, err = d.states.Update(ctx, key, data, revision)
		}
		if err == nil {
			return s, nil
		}
	}
	return roomState{}, fmt.Errorf("write the state of the room: %w", err)
}

// follow forgets what was of another call, unless it is the same at another node.
func (s *roomState) follow(call string, now time.Time) {
	switch {
	case s.Call == call:
	case s.Moving > now.UnixMilli():
		if call != "" {
			s.Call, s.Moving = call, 0
		}
	default:
		*s = roomState{Passcode: s.Passcode, Removed: s.Removed, Call: call}
	}
}

// ended tells whether a host removed the user after the claims were signed, which
// count in seconds.
func (s *roomState) ended(claims filesClaims) bool {
	since, removed := s.Removed[claims.Subject]
	return removed && (claims.IssuedAt == nil || claims.IssuedAt.Unix() <= since/1000)
}

// prune forgets tokens that have ended by themselves.
func (s *roomState) prune(now time.Time) {
	maps.DeleteFunc(s.Removed, func(_ string, since int64) bool { return now.Sub(time.UnixMilli(since)) > passLife })
	for _, people := range []map[string]bool{s.Banned, s.Admitted} {
		for user := range people {
			if len(people) <= peopleMost {
				break
			}
			delete(people, user)
		}
	}
}

// call gives the media engine's ID of the call in a room, empty where none is.
func (d *door) call(ctx context.Context, roomID string) (string, error) {
	list, err := d.media.rooms.ListRooms(ctx, &livekit.ListRoomsRequest{Names: []string{string(mediaRoom(d.appID, roomID))}})
	if err != nil {
		return "", fmt.Errorf("look for the call: %w", err)
	}
	if len(list.Rooms) == 0 {
		return "", nil
	}
	return list.Rooms[0].Sid, nil
}

// enter says whether somebody whose credential is right comes in.
func (d *door) enter(ctx context.Context, roomID string, user wire.User, role wire.Role) error {
	s, _, err := d.state(ctx, roomID)
	if err != nil {
		return err
	}
	if !s.Locked && !s.Lobby && len(s.Banned) == 0 {
		return nil
	}
	call, err := d.call(ctx, roomID)
	if err != nil {
		return err
	}
	s.follow(call, time.Now())
	switch {
	case s.Banned[user.ID]:
		return errBanned
	case role == wire.RoleHost, s.Admitted[user.ID]:
		return nil
	case s.Locked:
		return errLocked
	case s.Lobby:
		return d.wait(ctx, roomID, user)
	default:
		return nil
	}
}

// waiter is who waits in a lobby.
type waiter struct {
	User   wire.User `json:"user"`
	Denied bool      `json:"denied,omitempty"`
}

func lobbyKey(roomID, userID string) string {
	return wire.SubjectToken(roomID) + "." + wire.SubjectToken(userID)
}

// wait has somebody wait in the lobby, for wire.LobbyLife.
func (d *door) wait(ctx context.Context, roomID string, user wire.User) error {
	key := lobbyKey(roomID, user.ID)
	entry, err := d.lobby.Get(ctx, key)
	known := err == nil
	if known {
		var w waiter
		if json.Unmarshal(entry.Value(), &w) == nil && w.Denied {
			return errDenied
		}
	}
	data, err := json.Marshal(waiter{User: user})
	if err != nil {
		return err
	}
	if !known {
		waiting, err := d.waiting(ctx, roomID)
		if err != nil {
			return err
		}
		if len(waiting) >= lobbyMost {
			return errCrowd
		}
	}
	if _, err := d.lobby.Put(ctx, key, data); err != nil {
		return fmt.Errorf("wait in the lobby: %w", err)
	}
	if !known {
		if err := d.publish(ctx, roomID); err != nil {
			return err
		}
	}
	return errLobby
}

// waiting lists who waits.
func (d *door) waiting(ctx context.Context, roomID string) ([]wire.User, error) {
	watch, err := d.lobby.Watch(ctx, wire.SubjectToken(roomID)+".*", jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("read the lobby: %w", err)
	}
	defer func() { _ = watch.Stop() }()
	var users []wire.User
	for {
		select {
		case entry := <-watch.Updates():
			if entry == nil { // that was all
				return users, nil
			}
			var w waiter
			if json.Unmarshal(entry.Value(), &w) == nil && !w.Denied && len(users) < lobbyMost {
				users = append(users, w.User)
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// info is how a room is kept, and whether there is a call in it.
func (d *door) info(ctx context.Context, roomID string) (info wire.RoomInfo, inCall bool, err error) {
	s, _, err := d.state(ctx, roomID)
	if err != nil {
		return info, false, err
	}
	call, err := d.call(ctx, roomID)
	if err != nil {
		return info, false, err
	}
	s.follow(call, time.Now())
	info = wire.RoomInfo{Locked: s.Locked, Lobby: s.Lobby, Passcode: s.Passcode != ""}
	if s.Lobby {
		if info.Waiting, err = d.waiting(ctx, roomID); err != nil {
			return info, false, err
		}
		info.Count = len(info.Waiting)
	}
	return info, call != "", nil
}

// publish tells everybody in the call, if there is one, how the room is kept. Who
// waits is for hosts, who ask.
func (d *door) publish(ctx context.Context, roomID string) error {
	info, inCall, err := d.info(ctx, roomID)
	if err != nil || !inCall {
		return err
	}
	info.Waiting = nil
	data, err := json.Marshal(info)
	if err != nil {
		return err
	}
	_, err = d.media.rooms.UpdateRoomMetadata(ctx, &livekit.UpdateRoomMetadataRequest{Room: string(mediaRoom(d.appID, roomID)), Metadata: string(data)})
	if err != nil {
		return fmt.Errorf("tell how the room is kept: %w", err)
	}
	return nil
}
