package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"parley/session/wire"
)

// RoomInfo is how a room is kept: locked, with a lobby, with a passcode.
type RoomInfo = wire.RoomInfo

// RoomInfoChanged fires when a host changes how the room is kept, when somebody
// comes to wait in its lobby, and after each login. Who waits is not in it: hosts
// ask with Engine.RoomInfo.
type RoomInfoChanged struct{ Info RoomInfo }

// LobbyEntered fires while a login waits for a host to let the user in.
type LobbyEntered struct{ RoomID string }

// SilencedByHost fires when a host muted the microphone, or turned the camera off.
// It is so by then; the user can turn them on again.
type SilencedByHost struct{ Microphone, Camera bool }

func (RoomInfoChanged) event() {}
func (LobbyEntered) event()    {}
func (SilencedByHost) event()  {}

// Act does what a host can, such as muting somebody. The server refuses it to
// others: ErrNotAllowed.
func (e *Engine) Act(ctx context.Context, request wire.ActionRequest) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("act as a host: %w", err)
	}
	_, err = e.askRoom(ctx, http.MethodPost, body)
	return err
}

// RoomInfo asks how the room is kept, and, for a host, who waits in the lobby.
func (e *Engine) RoomInfo(ctx context.Context) (RoomInfo, error) {
	var info RoomInfo
	data, err := e.askRoom(ctx, http.MethodGet, nil)
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(data, &info); err != nil {
		return info, fmt.Errorf("ask how the room is kept: %w", ErrServerUnknown)
	}
	return info, nil
}

func (e *Engine) askRoom(ctx context.Context, method string, body []byte) ([]byte, error) {
	const what = "act as a host"
	l, err := e.loggedIn(what)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	address := l.server.Load().JoinPath(wire.ActionsPath(l.roomID)).String()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, ErrServerAddress)
	}
	pass := l.pass.Load()
	if pass == nil {
		return nil, fmt.Errorf("%s: not logged in: %w", what, ErrState)
	}
	r.Header.Set("Authorization", "Bearer "+*pass)
	answer, err := unshared().Do(r)
	if err != nil {
		return nil, failure(ctx, what, l.server.Load(), err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, joinAnswerMax))
	if err != nil {
		return nil, failure(ctx, what, l.server.Load(), err)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return nil, refusal(what, answer.StatusCode, data)
	}
	return data, nil
}

// info is what the media engine says of the room: the server's word, and yet not
// taken on trust.
func (v *visit) info() (info RoomInfo, ok bool) {
	text := v.room.Metadata()
	if len(text) > joinAnswerMax || text != "" && json.Unmarshal([]byte(text), &info) != nil {
		return RoomInfo{}, false
	}
	info.Waiting = nil
	return info, true
}

// readRoomInfo tells it, on the loop.
func (e *Engine) readRoomInfo(v *visit) {
	l := e.login
	if l == nil || l.visit != v {
		return
	}
	if info, ok := v.info(); ok {
		e.events.post(RoomInfoChanged{Info: info})
	}
}

// silenced looks whether a track of ours was muted by a host, on the loop.
func (e *Engine) silenced(v *visit, pub lksdk.TrackPublication) {
	l := e.login
	if l == nil || l.visit != v || !pub.IsMuted() {
		return
	}
	switch pub.Source() {
	case livekit.TrackSource_MICROPHONE:
		if e.microphone.sounding() {
			e.microphone.mute(true)
			e.events.post(SilencedByHost{Microphone: true})
		}
	case livekit.TrackSource_CAMERA:
		if e.camera.active() {
			e.camera.enable(false)
			e.events.post(SilencedByHost{Camera: true})
		}
	case livekit.TrackSource_SCREEN_SHARE:
		e.spawn(func() { _ = e.StopSharing() }) // it may have ended by itself
	}
	e.wakePublisher()
}

// admission asks to be let in, and waits in the lobby where the room has one. What
// the server gave before comes first: an invite may have ended meanwhile.
func (e *Engine) admission(l *login, chatKey string) (*wire.JoinResponse, error) {
	request := wire.JoinRequest{AppID: l.appID, RoomID: l.roomID, User: l.user, Credential: l.credential, ChatKey: chatKey}
	if pass := l.pass.Load(); pass != nil {
		again := request
		again.Credential = wire.Credential{Pass: *pass}
		if response, err := join(l.ctx, l.server.Load(), again); err == nil || !refused(err) {
			return response, err
		}
	}
	for told := false; ; told = true {
		response, err := join(l.ctx, l.server.Load(), request)
		if !isLobby(err) {
			return response, err
		}
		if !told {
			e.events.post(LobbyEntered{RoomID: l.roomID})
		}
		select {
		case <-time.After(wire.LobbyEvery):
		case <-l.ctx.Done():
			return nil, l.ctx.Err()
		}
	}
}

// renew keeps what opens the room good, for as long as the login lasts: media
// renews its own.
func (e *Engine) renew(l *login, v *visit, every time.Duration) {
	if every <= 0 {
		return
	}
	timer := time.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-v.gone:
			return
		case <-timer.C:
		}
		next := every
		if err := e.renewOnce(l); err != nil {
			if l.ctx.Err() != nil {
				return
			}
			e.log.Warn("what opens the room was not renewed", "error", err)
			next = min(every, renewRetry)
		}
		timer.Reset(next)
	}
}

// renewRetry is the wait after a renewal that failed.
const renewRetry = 30 * time.Second

func (e *Engine) renewOnce(l *login) error {
	key, public, err := newChatKey()
	if err != nil {
		return err
	}
	response, err := e.admission(l, public)
	if err != nil {
		return err
	}
	l.keep(response)
	return l.conversation.Load().Connect(l.ctx, response.Chat, response.Files, key)
}

// keep remembers what lets the user in again.
func (l *login) keep(response *wire.JoinResponse) {
	pass := response.Files.Token
	l.pass.Store(&pass)
}

func failure(ctx context.Context, what string, server *url.URL, err error) error {
	return fmt.Errorf("%s: %w", what, joinFailure(ctx, server, err))
}
