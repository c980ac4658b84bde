package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"parley/session/wire"
)

const (
	// dialTimeout is how long the way to the server may take, and joinTimeout how long
	// it has for an answer: nodes of a cluster may have to agree on a new room first.
	dialTimeout = 4 * time.Second
	joinTimeout = 12 * time.Second
	// joinAnswerMax bounds the answer before it is parsed.
	joinAnswerMax = 64 << 10
)

// join asks the server to let the user in. Errors wrap one of the ErrServer...,
// ErrToken... or ErrNotAllowed values.
func join(ctx context.Context, server *url.URL, request wire.JoinRequest) (*wire.JoinResponse, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.JoinPath(wire.PathJoin).String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("join: %w", ErrServerAddress)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := unshared().Do(r)
	if err != nil {
		return nil, joinFailure(ctx, server, err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, joinAnswerMax))
	if err != nil {
		return nil, joinFailure(ctx, server, err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, refusal("join", answer.StatusCode, data)
	}
	var response wire.JoinResponse
	if err := json.Unmarshal(data, &response); err != nil || response.Media.URL == "" || response.Chat.URL == "" {
		return nil, fmt.Errorf("join at %s: %w", server.Host, ErrServerUnknown)
	}
	return &response, nil
}

// unshared is a client for one request, with a connection of its own: the
// server's address may have changed since the last one, and nothing is left
// idle after it.
func unshared() *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, DisableKeepAlives: true}}
}

func joinFailure(ctx context.Context, server *url.URL, err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("join at %s: %w: no such host", server.Host, ErrServerUnreachable)
	case ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("join at %s: %w", server.Host, ErrServerTimeout)
	default:
		return fmt.Errorf("join at %s: %w: %w", server.Host, ErrServerUnreachable, err)
	}
}

func refusal(what string, status int, body []byte) error {
	var e wire.ErrorResponse
	if json.Unmarshal(body, &e) != nil || e.Code == "" {
		if status >= http.StatusInternalServerError { // what stands before a server that is down
			return fmt.Errorf("%s: status %d: %w", what, status, ErrServerUnreachable)
		}
		return fmt.Errorf("%s: status %d: %w", what, status, ErrServerUnknown)
	}
	return fmt.Errorf("%s: %w: %w", what, reasonOf(e.Code), &e)
}

// reasonOf gives the error of a code.
func reasonOf(code wire.Code) error {
	switch code {
	case wire.CodeTokenExpired:
		return ErrTokenExpired
	case wire.CodeTokenRequired:
		return ErrTokenRequired
	case wire.CodeTokenRoom, wire.CodeTokenApp:
		return ErrTokenRoom
	case wire.CodeTokenNotYet:
		return ErrTokenNotYet
	case wire.CodeTokenMalformed, wire.CodeTokenTooLarge, wire.CodeTokenUnsigned, wire.CodeTokenAlgorithm, wire.CodeTokenSignature, wire.CodeTokenUser,
		wire.CodeTokenInvalid, wire.CodeUnknownApp:
		return ErrTokenInvalid
	case wire.CodeDraining:
		return ErrServerRestarting
	case wire.CodeUnavailable:
		return ErrServerUnreachable
	case wire.CodePasscodeRequired:
		return ErrPasscodeRequired
	case wire.CodePasscodeWrong:
		return ErrPasscodeWrong
	case wire.CodeTooMany:
		return ErrTooMany
	case wire.CodeLocked:
		return ErrRoomLocked
	case wire.CodeBanned:
		return ErrBanned
	case wire.CodeDenied:
		return ErrDenied
	default:
		return ErrNotAllowed
	}
}

// isLobby reports whether the server says to wait for a host.
func isLobby(err error) bool {
	var e *wire.ErrorResponse
	return errors.As(err, &e) && e.Code == wire.CodeLobby
}
