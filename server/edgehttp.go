package server

import (
	"net/http"
	"time"

	"parley/session/wire"
)

const (
	// headWithin is how long a handshake, and then the head of a request, may
	// take; bodyWithin a body, where nothing else is said; answerWithin the
	// reading of an answer.
	headWithin   = 5 * time.Second
	bodyWithin   = 10 * time.Second
	answerWithin = 30 * time.Second
	headMax      = 16 << 10
	idleWithin   = time.Minute
)

// guarded gives every request its time. Transfers of attachments, which may
// take long, set their own times as they go on.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(edgeKey{}).(*edgeConn); ok && c != nil {
			c.busy()
		}
		control, now := http.NewResponseController(w), time.Now()
		if r.Body != http.NoBody {
			// What a handler leaves is read to its end by the HTTP server.
			_ = control.SetReadDeadline(now.Add(bodyWithin))
		}
		reading := time.Time{} // without end, for the answer that follows an upload
		if r.Method != http.MethodPut {
			reading = now.Add(answerWithin)
		}
		_ = control.SetWriteDeadline(reading)
		next.ServeHTTP(w, r)
	})
}

// bodyless lets requests through to an engine that bring nothing: clients only
// open WebSockets there.
func bodyless(engine http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions:
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			refuse(w, http.StatusMethodNotAllowed, wire.ErrorResponse{Code: wire.CodeBadRequest, Message: "only GET is understood here"})
		case r.ContentLength != 0:
			refuse(w, http.StatusRequestEntityTooLarge, wire.ErrorResponse{Code: wire.CodeTooLarge, Message: "no body is expected here"})
		default:
			engine.ServeHTTP(w, r)
		}
	})
}
