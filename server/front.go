package server

import (
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

func newFront(s *Server) http.Handler {
	f := &front{s: s, mux: http.NewServeMux()}
	f.mux.HandleFunc("POST "+wire.PathJoin, f.join)
	f.mux.HandleFunc("GET "+wire.PathHealth, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	f.mux.Handle(wire.PathRTC, s.media.proxy)
	f.mux.Handle(wire.PathRTC+"/", s.media.proxy)
	f.mux.Handle(wire.PathChat, http.StripPrefix(wire.PathChat, s.chat.proxy))
	f.mux.Handle(wire.PathChat+"/", http.StripPrefix(wire.PathChat, s.chat.proxy))
	s.files.register(f.mux)
	return f
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
	for _, err := range []error{wire.CheckRoomID(request.RoomID), wire.CheckUserID(request.User.ID), wire.CheckUserName(request.User.Name)} {
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
	claims, err := f.authorize(request)
	if err != nil {
		e := wire.ErrorResponse{Code: tokenCode(err), Message: err.Error()}
		if errors.Is(err, ErrUnknownApp) {
			e.Message = ErrUnknownApp.Error()
		}
		f.s.config.Logger.Info("a join was refused", "code", e.Code)
		refuse(w, http.StatusForbidden, e)
		return
	}
	response, err := f.admit(r, request, claims)
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
	case errors.Is(err, errTokenRequired):
		return wire.CodeTokenRequired
	case errors.Is(err, ErrUnknownApp):
		return wire.CodeUnknownApp
	case errors.Is(err, ErrTokenExpired):
		return wire.CodeTokenExpired
	case errors.Is(err, ErrTokenPrivilege):
		return wire.CodeNotAllowed
	default:
		return wire.CodeTokenInvalid
	}
}

// authorize decides who may come in.
func (f *front) authorize(request wire.JoinRequest) (wire.TokenClaims, error) {
	secret, err := f.s.apps.Secret(request.AppID)
	if err != nil {
		return wire.TokenClaims{}, err
	}
	if request.Credential.Token == "" {
		if !f.s.config.Open {
			return wire.TokenClaims{}, errTokenRequired
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
	if err := f.s.chat.openRoom(r.Context(), request.RoomID); err != nil {
		return nil, err
	}
	publish := slices.Contains(claims.Privileges, wire.PrivilegePublish)
	chat, err := f.s.chat.admit(request.RoomID, request.User.ID, request.ChatKey, publish)
	if err != nil {
		return nil, err
	}
	secret, err := f.s.apps.Secret(request.AppID)
	if err != nil {
		return nil, err
	}
	yes, no, role := true, false, wire.RoleMember
	if !publish {
		role = wire.RoleListener
	}
	grant := &auth.VideoGrant{RoomJoin: true, Room: request.RoomID, CanPublish: &publish, CanSubscribe: &yes, CanPublishData: &publish, CanUpdateOwnMetadata: &no}
	media, err := auth.NewAccessToken(request.AppID, secret).SetIdentity(request.User.ID).SetName(request.User.Name).
		SetVideoGrant(grant).SetAttributes(map[string]string{wire.AttributeRole: string(role)}).SetValidFor(mediaTokenLife).ToJWT()
	if err != nil {
		return nil, fmt.Errorf("sign the media token: %w", err)
	}
	attachments, err := signFiles(request.AppID, secret, request.RoomID, request.User.ID, time.Now())
	if err != nil {
		return nil, err
	}
	scheme := "" // and "s" where there is TLS
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
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
		Files:  wire.FilesEndpoint{URL: "http" + scheme + "://" + host, Token: attachments},
		Limits: wire.Limits{TextBytes: wire.TextMax, MessagesPerMinute: f.s.config.Limits.MessagesPerMinute},
	}, nil
}
