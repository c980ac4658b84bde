package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

const (
	// joinBodyMax bounds the body of a join: IDs, a name and a token.
	joinBodyMax = 16 << 10
	joinTimeout = 10 * time.Second
	// mediaTokenLife is how long a media token opens new connections; the
	// engine renews it for those that are open.
	mediaTokenLife = 6 * time.Hour
)

// front is what the public port serves.
type front struct {
	s   *Server
	mux *http.ServeMux
}

func newFront(s *Server) (http.Handler, error) {
	page, err := newJoinPage(s.config.GetParley)
	if err != nil {
		return nil, fmt.Errorf("make the page of invites: %w", err)
	}
	f := &front{s: s, mux: http.NewServeMux()}
	f.mux.HandleFunc("POST "+wire.PathJoin, s.metrics.countJoins(s.gated(f.join)))
	f.mux.HandleFunc("GET "+wire.PathHealth, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	f.mux.Handle("GET "+wire.PathReady, newReadiness(s))
	if s.config.Metrics == MetricsPublic {
		f.mux.Handle("GET "+metricsPath, s.metrics.handler())
	}
	media, chat := s.staying(bodyless(s.media.proxy)), s.staying(bodyless(http.StripPrefix(wire.PathChat, s.chat.proxy)))
	f.mux.Handle(wire.PathRTC, media)
	f.mux.Handle(wire.PathRTC+"/", media)
	f.mux.Handle(wire.PathChat, chat)
	f.mux.Handle(wire.PathChat+"/", chat)
	f.mux.HandleFunc("GET "+wire.PathActions, f.actions)
	f.mux.HandleFunc("POST "+wire.PathActions, f.actions)
	f.mux.Handle("GET "+pathInvite, page)
	s.files.register(f.mux)
	return guarded(s.metrics.countUploads(f)), nil
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	f.mux.ServeHTTP(w, r)
}

// loopbackProxy passes requests, WebSockets among them, to an engine.
func loopbackProxy(target *url.URL) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
		},
		ModifyResponse: func(r *http.Response) error {
			// The media engine opens itself to the pages of every site.
			for name := range r.Header {
				if len(name) > 14 && name[:14] == "Access-Control" {
					r.Header.Del(name)
				}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			refuse(w, http.StatusBadGateway, wire.ErrorResponse{Code: wire.CodeUnavailable, Message: "the engine does not answer"})
		},
	}
}

func refuse(w http.ResponseWriter, status int, e wire.ErrorResponse) {
	if o, ok := w.(interface{ refused(wire.Code) }); ok {
		o.refused(e.Code)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(wire.EncodeError(e))
}

// decodeJoin reads and checks a join before anything else is done with it.
func decodeJoin(body []byte) (wire.JoinRequest, error) {
	var request wire.JoinRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return request, errors.New("the body is not the JSON of a join")
	}
	if request.AppID == "" {
		request.AppID = wire.LocalAppID
	}
	for _, err := range []error{wire.CheckAppID(request.AppID), wire.CheckRoomID(request.RoomID), wire.CheckUserID(request.User.ID), wire.CheckUserName(request.User.Name)} {
		if err != nil {
			return request, err
		}
	}
	if !nkeys.IsValidPublicUserKey(request.ChatKey) {
		return request, &wire.FieldError{Field: "chat_key", Err: wire.ErrCharacters}
	}
	return request, nil
}

func (f *front) join(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r)
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, wire.ErrorResponse{Code: wire.CodeTooLarge, Message: err.Error()})
		return
	}
	request, err := decodeJoin(body)
	if err != nil {
		e := wire.ErrorResponse{Code: wire.CodeBadRequest, Message: err.Error()}
		if field := new(wire.FieldError); errors.As(err, &field) {
			e.Field = field.Field
		}
		refuse(w, http.StatusBadRequest, e)
		return
	}
	if f.s.restarting(w, request) {
		return
	}
	began := time.Now()
	claims, err := f.authorize(r, request)
	if err != nil {
		// How long a refusal takes tells nothing about the reason.
		alike(r.Context(), began)
	}
	if err == nil {
		err = f.letIn(r.Context(), request, claims)
	}
	var response *wire.JoinResponse
	if err == nil {
		response, err = f.admit(r, request, claims)
	}
	if code := tokenCode(err); err != nil && code != wire.CodeUnavailable {
		e := wire.ErrorResponse{Code: code, Message: err.Error()}
		if errors.Is(err, ErrUnknownApp) {
			e.Message = ErrUnknownApp.Error()
		}
		f.s.config.Logger.Info("a join was refused", "code", e.Code, "from", f.s.edge.clientAddress(r))
		status := http.StatusForbidden
		if code == wire.CodeTooMany {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", "60")
		}
		refuse(w, status, e)
		return
	}
	if err != nil {
		f.s.config.Logger.Error("a join failed", "error", err)
		refuse(w, http.StatusServiceUnavailable, wire.ErrorResponse{Code: wire.CodeUnavailable, Message: "the room could not be opened"})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(response)
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > joinBodyMax {
		return nil, fmt.Errorf("the body has over %d bytes", joinBodyMax)
	}
	// A body that trickles in is cut off.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(joinTimeout))
	body := http.MaxBytesReader(w, r.Body, joinBodyMax)
	data := make([]byte, 0, 2<<10)
	for {
		if len(data) == cap(data) {
			data = slices.Grow(data, cap(data))
		}
		n, err := body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err != nil {
			if over := new(http.MaxBytesError); errors.As(err, &over) {
				return nil, fmt.Errorf("the body has over %d bytes", joinBodyMax)
			}
			return data, nil // what is not whole JSON is refused by the parser
		}
	}
}

var errTokenRequired = errors.New("this room needs an invite or a token")

func tokenCode(err error) wire.Code {
	switch {
	case errors.Is(err, errPasscodeRequired):
		return wire.CodePasscodeRequired
	case errors.Is(err, errPasscodeWrong):
		return wire.CodePasscodeWrong
	case errors.Is(err, errTooManyGuesses), errors.Is(err, errCrowd):
		return wire.CodeTooMany
	case errors.Is(err, errBanned):
		return wire.CodeBanned
	case errors.Is(err, errLocked):
		return wire.CodeLocked
	case errors.Is(err, errLobby):
		return wire.CodeLobby
	case errors.Is(err, errDenied):
		return wire.CodeDenied
	case errors.Is(err, errTokenRequired):
		return wire.CodeTokenRequired
	case errors.Is(err, ErrUnknownApp):
		return wire.CodeUnknownApp
	case errors.Is(err, ErrTokenExpired):
		return wire.CodeTokenExpired
	case errors.Is(err, ErrTokenPrivilege):
		return wire.CodeNotAllowed
	}
	for _, known := range []struct {
		err  error
		code wire.Code
	}{
		{ErrTokenMalformed, wire.CodeTokenMalformed}, {ErrTokenTooLarge, wire.CodeTokenTooLarge}, {ErrTokenUnsigned, wire.CodeTokenUnsigned},
		{ErrTokenAlgorithm, wire.CodeTokenAlgorithm}, {ErrTokenSignature, wire.CodeTokenSignature}, {ErrTokenNotYet, wire.CodeTokenNotYet},
		{ErrTokenRoom, wire.CodeTokenRoom}, {ErrTokenApp, wire.CodeTokenApp}, {ErrTokenUser, wire.CodeTokenUser},
	} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return wire.CodeUnavailable
}

// refuseAfter is more than any look at a token takes.
const refuseAfter = 5 * time.Millisecond

// alike waits until a refusal has taken as long as all others.
func alike(ctx context.Context, began time.Time) {
	timer := time.NewTimer(time.Until(began.Add(refuseAfter)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// roleOf is what somebody is in the room.
func roleOf(claims wire.TokenClaims) wire.Role {
	switch {
	case claims.Role == wire.RoleHost:
		return wire.RoleHost
	case slices.Contains(claims.Privileges, wire.PrivilegePublish):
		return wire.RoleMember
	default:
		return wire.RoleListener
	}
}

// letIn asks the room's door.
func (f *front) letIn(ctx context.Context, request wire.JoinRequest, claims wire.TokenClaims) error {
	t, err := f.s.tenants.get(request.AppID)
	if err != nil {
		return err
	}
	return t.door.enter(ctx, request.RoomID, request.User, roleOf(claims))
}

// passcode lets in who knows the room's.
func (f *front) passcode(r *http.Request, request wire.JoinRequest) error {
	t, err := f.s.tenants.get(request.AppID)
	if err != nil {
		return err
	}
	s, _, err := t.door.state(r.Context(), request.RoomID)
	switch {
	case err != nil:
		return err
	case s.Passcode == "" && f.s.config.Open:
		return nil
	case s.Passcode == "":
		return errTokenRequired
	case request.Credential.Passcode == "":
		return errPasscodeRequired
	}
	if err := f.s.passcodes.guess(r.Context(), request.AppID, request.RoomID, f.s.edge.clientAddress(r).String()); err != nil {
		return err
	}
	return f.s.passcodes.check(r.Context(), s.Passcode, request.Credential.Passcode)
}

// authorize decides who may come in.
func (f *front) authorize(r *http.Request, request wire.JoinRequest) (wire.TokenClaims, error) {
	secret, unknown := f.s.apps.Secret(request.AppID)
	if unknown != nil {
		// As long as with a secret that is wrong.
		_, _ = VerifyToken(request.Credential.Token, f.s.keys.media, request.AppID, request.RoomID, request.User.ID)
		return wire.TokenClaims{}, unknown
	}
	if request.Credential.Pass != "" {
		return f.s.files.passed(r.Context(), request)
	}
	if request.Credential.Token == "" {
		if err := f.passcode(r, request); err != nil {
			return wire.TokenClaims{}, err
		}
		return wire.TokenClaims{
			AppID: request.AppID, RoomID: request.RoomID, UserID: request.User.ID,
			Privileges: []wire.Privilege{wire.PrivilegeLogin, wire.PrivilegePublish},
		}, nil
	}
	return VerifyToken(request.Credential.Token, secret, request.AppID, request.RoomID, request.User.ID)
}

// admit makes what opens the room's media and chat, and nothing else.
func (f *front) admit(r *http.Request, request wire.JoinRequest, claims wire.TokenClaims) (*wire.JoinResponse, error) {
	t, err := f.s.tenants.get(request.AppID)
	if err != nil {
		return nil, err
	}
	if err := t.openRoom(r.Context(), request.RoomID); err != nil {
		return nil, err
	}
	publish := slices.Contains(claims.Privileges, wire.PrivilegePublish)
	chat, err := t.admit(r.Context(), request.RoomID, request.User.ID, request.ChatKey, publish)
	if err != nil {
		return nil, err
	}
	yes, no, role := true, false, roleOf(claims)
	grant := &auth.VideoGrant{RoomJoin: true, Room: string(mediaRoom(request.AppID, request.RoomID)), CanPublish: &publish, CanSubscribe: &yes, CanPublishData: &publish, CanUpdateOwnMetadata: &no}
	media, err := auth.NewAccessToken(mediaKey, f.s.keys.media).SetIdentity(request.User.ID).SetName(request.User.Name).
		SetVideoGrant(grant).SetAttributes(map[string]string{wire.AttributeRole: string(role)}).SetValidFor(mediaTokenLife).ToJWT()
	if err != nil {
		return nil, fmt.Errorf("sign the media token: %w", err)
	}
	attachments, err := f.s.keys.signFiles(request.AppID, request.RoomID, request.User, role, publish, time.Now(), f.s.config.PassLife)
	if err != nil {
		return nil, err
	}
	scheme := "" // and "s" where there is TLS
	if r.TLS != nil || f.s.edge.fromProxy(r) && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "s"
	}
	host := r.Host
	if host == "" {
		if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
			host = local.String()
		}
	}
	base := "ws" + scheme + "://" + host
	chat.URL, chat.Path = base, wire.PathChat
	return &wire.JoinResponse{
		ServerID: f.s.keys.ID, RoomID: request.RoomID, User: request.User, Role: role,
		Media: wire.MediaEndpoint{URL: base, Token: media}, Chat: chat,
		Files:      wire.FilesEndpoint{URL: "http" + scheme + "://" + host, Token: attachments},
		RenewAfter: int((f.s.config.PassLife * 4 / 5).Seconds()),
		Limits:     wire.Limits{TextBytes: wire.TextMax, MessagesPerMinute: f.s.config.Limits.MessagesPerMinute},
	}, nil
}
