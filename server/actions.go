package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/oklog/ulid/v2"

	"parley/session/wire"
)

var (
	errNotHost = errors.New("only a host of the room can do that")
	errNobody  = errors.New("nobody of that name is here")
	errNoCall  = errors.New("there is no call in the room")
	errAction  = errors.New("there is no such action")
)

// actionMax bounds the body of an action.
const actionMax = 4 << 10

// actions serves what hosts do.
func (f *front) actions(w http.ResponseWriter, r *http.Request) {
	claims, t, ok := f.s.files.visitor(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), joinTimeout)
	defer cancel()
	if r.Method == http.MethodGet {
		info, _, err := t.door.info(ctx, claims.RoomID)
		if err != nil {
			f.failAction(w, err)
			return
		}
		if claims.Role != wire.RoleHost {
			info.Waiting = nil
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(info)
		return
	}
	if claims.Role != wire.RoleHost {
		refuse(w, http.StatusForbidden, wire.ErrorResponse{Code: wire.CodeNotAllowed, Message: errNotHost.Error()})
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(joinTimeout))
	var request wire.ActionRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, actionMax))
	if err != nil || json.Unmarshal(body, &request) != nil {
		refuse(w, http.StatusBadRequest, wire.ErrorResponse{Code: wire.CodeBadRequest, Message: "the body is not the JSON of an action"})
		return
	}
	if request.Action.OfUser() {
		err = errors.Join(wire.CheckUserID(request.User.ID), wire.CheckUserName(request.User.Name))
	}
	if err == nil {
		actor := wire.User{ID: claims.Subject, Name: claims.Name}
		err = f.s.act(ctx, t, claims.RoomID, actor, request)
	}
	if err != nil {
		f.failAction(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (f *front) failAction(w http.ResponseWriter, err error) {
	field := new(wire.FieldError)
	switch {
	case errors.As(err, &field):
		refuse(w, http.StatusBadRequest, wire.ErrorResponse{Code: wire.CodeBadRequest, Field: field.Field, Message: field.Error()})
	case errors.Is(err, errNobody), errors.Is(err, errNoCall):
		refuse(w, http.StatusNotFound, wire.ErrorResponse{Code: wire.CodeNotFound, Message: err.Error()})
	case errors.Is(err, errAction):
		refuse(w, http.StatusBadRequest, wire.ErrorResponse{Code: wire.CodeBadRequest, Field: "action", Message: err.Error()})
	default:
		f.s.config.Logger.Error("an action of a host failed", "error", err)
		refuse(w, http.StatusServiceUnavailable, wire.ErrorResponse{Code: wire.CodeUnavailable, Message: "that could not be done"})
	}
}

// act does what a host asks for, and tells everybody in the chat.
func (s *Server) act(ctx context.Context, t *tenant, roomID string, actor wire.User, request wire.ActionRequest) error {
	user := request.User
	d := t.door
	switch request.Action {
	case wire.ActionMute, wire.ActionStopVideo, wire.ActionLowerHand, wire.ActionRemove, wire.ActionBan, wire.ActionLock, wire.ActionLobbyOn, wire.ActionEnd:
		call, err := d.call(ctx, roomID)
		if err != nil {
			return err
		}
		if call == "" {
			return errNoCall
		}
	}
	var err error
	switch request.Action {
	case wire.ActionMute:
		err = d.muteTracks(ctx, roomID, user.ID, livekit.TrackSource_MICROPHONE)
	case wire.ActionStopVideo:
		err = d.muteTracks(ctx, roomID, user.ID, livekit.TrackSource_CAMERA, livekit.TrackSource_SCREEN_SHARE, livekit.TrackSource_SCREEN_SHARE_AUDIO)
	case wire.ActionLowerHand:
		// Not told in the chat: it is part of giving somebody the word.
		return d.lowerHand(ctx, roomID, user.ID)
	case wire.ActionRemove, wire.ActionBan:
		err = s.remove(ctx, t, roomID, user.ID, request.Action == wire.ActionBan)
	case wire.ActionLock, wire.ActionLobbyOn:
		err = d.close(ctx, roomID, request.Action == wire.ActionLock)
	case wire.ActionUnlock:
		_, err = d.change(ctx, roomID, func(s *roomState) { s.Locked = false })
	case wire.ActionLobbyOff:
		_, err = d.change(ctx, roomID, func(s *roomState) { s.Lobby = false })
	case wire.ActionAdmit:
		err = d.answer(ctx, roomID, user, true)
	case wire.ActionDeny:
		err = d.answer(ctx, roomID, user, false)
	case wire.ActionPasscode:
		hash := ""
		if request.Passcode != "" {
			if hash, err = s.passcodes.hash(ctx, request.Passcode); err != nil {
				return err
			}
		}
		_, err = d.change(ctx, roomID, func(s *roomState) { s.Passcode = hash })
	case wire.ActionEnd:
		// Told before: nobody is there to read it afterwards.
		if err := t.tell(ctx, roomID, actor, request); err != nil {
			return err
		}
		return d.end(ctx, roomID)
	default:
		return errAction
	}
	if err != nil {
		return err
	}
	if !request.Action.OfUser() || request.Action == wire.ActionAdmit || request.Action == wire.ActionDeny {
		if err := d.publish(ctx, roomID); err != nil {
			return err
		}
	}
	return t.tell(ctx, roomID, actor, request)
}

// people are those in the call.
func (d *door) people(ctx context.Context, roomID string) ([]*livekit.ParticipantInfo, error) {
	list, err := d.media.rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: string(mediaRoom(d.appID, roomID))})
	if err != nil {
		return nil, fmt.Errorf("look who is in the call: %w", err)
	}
	return list.Participants, nil
}

func (d *door) muteTracks(ctx context.Context, roomID, userID string, sources ...livekit.TrackSource) error {
	people, err := d.people(ctx, roomID)
	if err != nil {
		return err
	}
	here := false
	var errs []error
	for _, p := range people {
		if p.Identity != userID {
			continue
		}
		here = true
		for _, track := range p.Tracks {
			for _, source := range sources {
				if track.Source == source && !track.Muted {
					_, err := d.media.rooms.MutePublishedTrack(ctx, &livekit.MuteRoomTrackRequest{
						Room: string(mediaRoom(d.appID, roomID)), Identity: userID, TrackSid: track.Sid, Muted: true,
					})
					errs = append(errs, err)
				}
			}
		}
	}
	if !here {
		return errNobody
	}
	return errors.Join(errs...)
}

func (d *door) lowerHand(ctx context.Context, roomID, userID string) error {
	people, err := d.people(ctx, roomID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(people, func(p *livekit.ParticipantInfo) bool { return p.Identity == userID }) {
		return errNobody
	}
	return setHand(ctx, d.media.rooms, d.appID, roomID, userID, "")
}

// close lets nobody else in, or only whom a host admits; who is in the call can
// come back to it.
func (d *door) close(ctx context.Context, roomID string, lock bool) error {
	people, err := d.people(ctx, roomID)
	if err != nil {
		return err
	}
	_, err = d.change(ctx, roomID, func(s *roomState) {
		s.Locked, s.Lobby = s.Locked || lock, s.Lobby || !lock
		if s.Admitted == nil {
			s.Admitted = make(map[string]bool)
		}
		for _, p := range people {
			s.Admitted[p.Identity] = true
		}
	})
	return err
}

// end ends the call for everybody. Clients would come back to a call that is merely
// gone: so they are removed, and told why before.
func (d *door) end(ctx context.Context, roomID string) error {
	name := string(mediaRoom(d.appID, roomID))
	people, err := d.people(ctx, roomID)
	if err != nil {
		return err
	}
	data, err := json.Marshal(wire.RoomInfo{Ended: true})
	if err != nil {
		return err
	}
	if _, err := d.media.rooms.UpdateRoomMetadata(ctx, &livekit.UpdateRoomMetadataRequest{Room: name, Metadata: string(data)}); err != nil {
		return fmt.Errorf("tell that the call ends: %w", err)
	}
	for _, p := range people {
		// Who left by themselves meanwhile can't be removed.
		_, _ = d.media.rooms.RemoveParticipant(ctx, &livekit.RoomParticipantIdentity{Room: name, Identity: p.Identity})
	}
	if _, err := d.media.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: name}); err != nil {
		return fmt.Errorf("end the call: %w", err)
	}
	return nil
}

// answer admits who waits in the lobby, or does not.
func (d *door) answer(ctx context.Context, roomID string, user wire.User, admit bool) error {
	key := lobbyKey(roomID, user.ID)
	if _, err := d.lobby.Get(ctx, key); errors.Is(err, jetstream.ErrKeyNotFound) {
		return errNobody
	} else if err != nil {
		return fmt.Errorf("read the lobby: %w", err)
	}
	if admit {
		if _, err := d.change(ctx, roomID, func(s *roomState) {
			if s.Admitted == nil {
				s.Admitted = make(map[string]bool)
			}
			s.Admitted[user.ID] = true
		}); err != nil {
			return err
		}
		return d.lobby.Delete(ctx, key)
	}
	data, err := json.Marshal(waiter{User: user, Denied: true})
	if err != nil {
		return err
	}
	_, err = d.lobby.Put(ctx, key, data) // until it ends by itself
	return err
}

// remove ends the call, the chat and the attachments of somebody.
func (s *Server) remove(ctx context.Context, t *tenant, roomID, userID string, ban bool) error {
	d := t.door
	people, err := d.people(ctx, roomID)
	if err != nil {
		return err
	}
	here := false
	for _, p := range people {
		here = here || p.Identity == userID
	}
	if !here && !ban {
		return errNobody
	}
	// The order lets nobody slip in again between two steps.
	if _, err := d.change(ctx, roomID, func(s *roomState) {
		if s.Removed == nil {
			s.Removed = make(map[string]int64)
		}
		s.Removed[userID] = time.Now().UnixMilli()
		delete(s.Admitted, userID)
		if ban {
			if s.Banned == nil {
				s.Banned = make(map[string]bool)
			}
			s.Banned[userID] = true
		}
	}); err != nil {
		return err
	}
	if err := t.revocations.end(ctx, roomID, userID); err != nil {
		return err
	}
	if !here {
		return nil
	}
	_, err = d.media.rooms.RemoveParticipant(ctx, &livekit.RoomParticipantIdentity{Room: string(mediaRoom(d.appID, roomID)), Identity: userID})
	return err
}

// notice is a notice's envelope; see docs/chat-protocol.md.
type notice struct {
	Version int        `json:"v"`
	ID      string     `json:"id"`
	Kind    string     `json:"kind"`
	Name    string     `json:"name,omitempty"`
	Sent    time.Time  `json:"sent"`
	Text    string     `json:"text"` // for programs that do not know the code
	Code    string     `json:"notice"`
	About   *wire.User `json:"about,omitempty"`
}

// tell puts what a host did into the chat, under the host's own name.
func (t *tenant) tell(ctx context.Context, roomID string, actor wire.User, request wire.ActionRequest) error {
	id := ulid.Make().String()
	n := notice{Version: 1, ID: id, Kind: "notice", Name: actor.Name, Sent: time.Now().UTC(), Code: string(request.Action), Text: actionWords(request)}
	if request.Action.OfUser() {
		n.About = &wire.User{ID: request.User.ID, Name: request.User.Name}
	}
	if request.Action == wire.ActionPasscode && request.Passcode == "" {
		n.Code = wire.NoticePasscodeOff
	}
	data, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if err := t.openRoom(ctx, roomID); err != nil {
		return err
	}
	m := &nats.Msg{Subject: wire.ChatSubject(roomID, actor.ID), Data: data, Header: nats.Header{}}
	if _, err := t.js.PublishMsg(ctx, m, jetstream.WithMsgID(id)); err != nil {
		return fmt.Errorf("tell what the host did: %w", err)
	}
	return nil
}

func actionWords(request wire.ActionRequest) string {
	name := request.User.Name
	if name == "" {
		name = request.User.ID
	}
	switch request.Action {
	case wire.ActionMute:
		return "muted " + name
	case wire.ActionStopVideo:
		return "stopped the video of " + name
	case wire.ActionRemove:
		return "removed " + name
	case wire.ActionBan:
		return "excluded " + name + " until the call ends"
	case wire.ActionLock:
		return "locked the room"
	case wire.ActionUnlock:
		return "unlocked the room"
	case wire.ActionLobbyOn:
		return "lets people in from now on"
	case wire.ActionLobbyOff:
		return "opened the room to everybody with an invite"
	case wire.ActionAdmit:
		return "let " + name + " in"
	case wire.ActionDeny:
		return "did not let " + name + " in"
	case wire.ActionPasscode:
		if request.Passcode == "" {
			return "removed the passcode of the room"
		}
		return "set a passcode for the room"
	default:
		return "ended the call"
	}
}
