package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"parley/session/wire"
)

// files serves the attachments of the rooms: uploads are collected in a folder
// until they are whole and their hash is right, then kept in the chat engine's
// object store.
type files struct {
	keys    *keys
	tenants *tenants
	uploads *uploads
	limits  Limits
	log     *slog.Logger
	// allowances are what users may still upload.
	allowances quotas
}

const (
	// transferIdle is how long a body may stand still.
	transferIdle = 20 * time.Second
	// uploadBytesOver is in how long a user may upload Limits.UploadBytes.
	uploadBytesOver = 10 * time.Minute
)

func (f *files) register(mux *http.ServeMux) {
	mux.HandleFunc("PUT "+wire.PathBlob, f.authorized(f.put))
	mux.HandleFunc("GET "+wire.PathBlob, f.authorized(f.get)) // and HEAD
}

// blob names an attachment of a room.
type blob struct {
	store *blobStore // of the AppID
	app   string
	room  string // as in subjects
	hash  string
	user  string // who asks, and under which AppID
}

var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (f *files) authorized(next func(http.ResponseWriter, *http.Request, blob)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			// A refusal does not wait for the body, however short it is.
			w.Header().Set("Connection", "close")
		}
		claims, t, ok := f.visitor(w, r)
		if !ok {
			return
		}
		b := blob{store: t.blobs, app: claims.AppID, room: r.PathValue("room"), hash: r.PathValue("sha256"), user: claims.AppID + "/" + claims.Subject}
		if !hashPattern.MatchString(b.hash) {
			refuse(w, http.StatusBadRequest, wire.ErrorResponse{Code: wire.CodeBadRequest, Field: "sha256", Message: "the name of an attachment is its SHA-256 in lower-case hex"})
			return
		}
		next(w, r, b)
	}
}

// visitor tells who asks for something of a room, by the token of one who was let
// in; otherwise it refuses.
func (f *files) visitor(w http.ResponseWriter, r *http.Request) (claims filesClaims, t *tenant, ok bool) {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		refuse(w, http.StatusUnauthorized, wire.ErrorResponse{Code: wire.CodeTokenRequired, Message: "what is of a room needs its token"})
		return claims, nil, false
	}
	claims, err := f.keys.verifyFiles(token)
	if err == nil {
		t, err = f.tenants.get(claims.AppID)
	}
	if err != nil {
		refuse(w, http.StatusUnauthorized, wire.ErrorResponse{Code: tokenCode(err), Message: err.Error()})
		return claims, nil, false
	}
	if r.PathValue("room") != wire.SubjectToken(claims.RoomID) {
		refuse(w, http.StatusForbidden, wire.ErrorResponse{Code: wire.CodeNotAllowed, Message: "the token is for another room"})
		return claims, nil, false
	}
	s, _, err := t.door.state(r.Context(), claims.RoomID)
	if err != nil {
		f.fail(w, "read the state of a room", err)
		return claims, nil, false
	}
	if s.ended(claims) {
		refuse(w, http.StatusUnauthorized, wire.ErrorResponse{Code: wire.CodeTokenExpired, Message: "the host has removed this user from the room"})
		return claims, nil, false
	}
	return claims, t, true
}

// passed tells what somebody who was let in before may do.
func (f *files) passed(ctx context.Context, request wire.JoinRequest) (wire.TokenClaims, error) {
	claims, err := f.keys.verifyFiles(request.Credential.Pass)
	switch {
	case err != nil:
		return wire.TokenClaims{}, err
	case claims.AppID != request.AppID:
		return wire.TokenClaims{}, ErrTokenApp
	case claims.RoomID != request.RoomID:
		return wire.TokenClaims{}, ErrTokenRoom
	case claims.Subject != request.User.ID:
		return wire.TokenClaims{}, ErrTokenUser
	}
	t, err := f.tenants.get(claims.AppID)
	if err != nil {
		return wire.TokenClaims{}, err
	}
	s, _, err := t.door.state(ctx, claims.RoomID)
	if err != nil {
		return wire.TokenClaims{}, err
	}
	if s.ended(claims) {
		return wire.TokenClaims{}, ErrTokenExpired
	}
	out := wire.TokenClaims{AppID: claims.AppID, RoomID: claims.RoomID, UserID: claims.Subject, Role: claims.Role, Privileges: []wire.Privilege{wire.PrivilegeLogin}}
	if claims.Publish {
		out.Privileges = append(out.Privileges, wire.PrivilegePublish)
	}
	return out, nil
}

// get serves GET and HEAD, with ranges of one part.
func (f *files) get(w http.ResponseWriter, r *http.Request, b blob) {
	size, err := b.store.size(r.Context(), b)
	if errors.Is(err, errNoBlob) {
		w.Header().Set(wire.HeaderUploadOffset, strconv.FormatInt(f.uploads.offset(b), 10))
		refuse(w, http.StatusNotFound, wire.ErrorResponse{Code: wire.CodeNotFound, Message: "the room has no such attachment"})
		return
	}
	if err != nil {
		f.fail(w, "read an attachment", err)
		return
	}
	h := w.Header()
	h.Set("Accept-Ranges", "bytes")
	h.Set("ETag", `"`+b.hash+`"`)
	// Whatever it is, it is no page of this server.
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", "attachment")
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	from, to, partial, ok := parseRange(r.Header.Get("Range"), size)
	if !ok {
		h.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		refuse(w, http.StatusRequestedRangeNotSatisfiable, wire.ErrorResponse{Code: wire.CodeBadRequest, Message: "the attachment is shorter"})
		return
	}
	h.Set("Content-Length", strconv.FormatInt(to-from, 10))
	status := http.StatusOK
	if partial {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, size))
		status = http.StatusPartialContent
	}
	if r.Method == http.MethodHead {
		f.touch(r.Context(), b)
		w.WriteHeader(status)
		return
	}
	content, err := b.store.open(r.Context(), b)
	if err != nil {
		h.Del("Content-Length")
		f.fail(w, "read an attachment", err)
		return
	}
	defer content.Close()
	w.WriteHeader(status)
	out := &patient{w: w, control: http.NewResponseController(w)}
	_, err = io.CopyN(io.Discard, content, from)
	if err == nil {
		_, err = io.CopyN(out, content, to-from)
	}
	if err != nil {
		f.log.Debug("an attachment was not sent whole", "error", err)
	}
}

// parseRange reads "bytes=A-", "bytes=A-B" and "bytes=-N"; to is one past the
// end. Other ranges are as if none was asked for; ok is false for one that the
// size can't satisfy.
func parseRange(header string, size int64) (from, to int64, partial, ok bool) {
	spec, found := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !found || !dash || strings.Contains(spec, ",") {
		return 0, size, false, true
	}
	a, errA := strconv.ParseUint(first, 10, 62)
	b, errB := strconv.ParseUint(last, 10, 62)
	switch {
	case first == "" && errB == nil:
		if b == 0 {
			return 0, 0, false, false
		}
		return max(0, size-int64(b)), size, true, true
	case errA != nil || last != "" && errB != nil || last != "" && b < a:
		return 0, size, false, true
	case int64(a) >= size:
		return 0, 0, false, false
	case last == "":
		return int64(a), size, true, true
	default:
		return int64(a), min(int64(b)+1, size), true, true
	}
}

// patient gives a client that reads slowly time, one that does not read none.
type patient struct {
	w       io.Writer
	control *http.ResponseController
}

func (p *patient) Write(data []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(transferIdle)); err != nil {
		return 0, err
	}
	return p.w.Write(data)
}

// part is what a PUT brings: bytes from an offset on, up to the end.
type part struct{ offset, total int64 }

// parsePart reads Content-Range, "bytes A-B/TOTAL" up to the end, or
// "bytes */TOTAL" for nothing that is missing.
func parsePart(header string, length int64) (part, error) {
	bad := errors.New("Content-Range and Content-Length do not say which part of the attachment this is")
	if header == "" {
		if length < 0 {
			return part{}, bad
		}
		return part{0, length}, nil
	}
	spec, found := strings.CutPrefix(header, "bytes ")
	span, size, slash := strings.Cut(spec, "/")
	total, err := strconv.ParseUint(size, 10, 62)
	if !found || !slash || err != nil {
		return part{}, bad
	}
	if span == "*" {
		if length > 0 {
			return part{}, bad
		}
		return part{int64(total), int64(total)}, nil
	}
	first, last, _ := strings.Cut(span, "-")
	a, errA := strconv.ParseUint(first, 10, 62)
	b, errB := strconv.ParseUint(last, 10, 62)
	if errA != nil || errB != nil || b < a || b+1 != total || length != int64(b-a+1) {
		return part{}, bad
	}
	return part{int64(a), int64(total)}, nil
}

// put takes an attachment, or what is missing of it. All that can be refused is
// refused before the body is read.
func (f *files) put(w http.ResponseWriter, r *http.Request, b blob) {
	p, err := parsePart(r.Header.Get("Content-Range"), r.ContentLength)
	if err != nil {
		refuse(w, http.StatusBadRequest, wire.ErrorResponse{Code: wire.CodeBadRequest, Field: "content_range", Message: err.Error()})
		return
	}
	if p.total > wire.FileMax {
		refuse(w, http.StatusRequestEntityTooLarge, wire.ErrorResponse{Code: wire.CodeTooLarge, Message: fmt.Sprintf("an attachment has at most %d bytes", wire.FileMax)})
		return
	}
	switch _, err := b.store.size(r.Context(), b); {
	case err == nil:
		f.touch(r.Context(), b)
		w.WriteHeader(http.StatusNoContent) // it is here
		return
	case !errors.Is(err, errNoBlob):
		f.fail(w, "look for an attachment", err)
		return
	}
	if err := f.uploads.begin(b, p); err != nil {
		f.refuseUpload(w, b, err)
		return
	}
	defer f.uploads.release(b)
	if wait := f.allow(r.Context(), b.user, p.total-p.offset); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		refuse(w, http.StatusTooManyRequests, wire.ErrorResponse{Code: wire.CodeTooMany, Message: "too many attachments at once"})
		return
	}
	w.Header().Del("Connection")
	path, err := f.uploads.take(r.Context(), w, r.Body, b, p)
	if err == nil {
		err = f.keep(r.Context(), path, b)
	}
	if err != nil {
		f.refuseUpload(w, b, err)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// touch keeps an attachment for the message that somebody is about to send.
func (f *files) touch(ctx context.Context, b blob) {
	if err := b.store.touch(ctx, b, time.Now()); err != nil && ctx.Err() == nil {
		f.log.Warn("an attachment may go before its message comes", "error", err)
	}
}

func (f *files) refuseUpload(w http.ResponseWriter, b blob, err error) {
	switch {
	case errors.Is(err, errUploadBusy), errors.Is(err, errUploadOffset):
		w.Header().Set(wire.HeaderUploadOffset, strconv.FormatInt(f.uploads.offset(b), 10))
		refuse(w, http.StatusConflict, wire.ErrorResponse{Code: wire.CodeBusy, Message: err.Error()})
	case errors.Is(err, errUploadHash):
		refuse(w, http.StatusUnprocessableEntity, wire.ErrorResponse{Code: wire.CodeBadHash, Message: err.Error()})
	case errors.Is(err, errUploadsMany):
		refuse(w, http.StatusTooManyRequests, wire.ErrorResponse{Code: wire.CodeTooMany, Message: err.Error()})
	default:
		f.fail(w, "take an attachment", err)
	}
}

// keep brings a finished upload to the store.
func (f *files) keep(ctx context.Context, path string, b blob) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	err = b.store.put(ctx, b, file)
	// Windows removes nothing that is open.
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Remove(path)
}

func (f *files) fail(w http.ResponseWriter, what string, err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		f.log.Debug("a transfer broke off", "error", err)
	} else {
		f.log.Error("could not "+what, "error", err)
	}
	refuse(w, http.StatusServiceUnavailable, wire.ErrorResponse{Code: wire.CodeUnavailable, Message: "the attachment could not be stored or read"})
}

// allow takes one upload from the user's allowance, or says how long to wait.
func (f *files) allow(ctx context.Context, user string, bytes int64) time.Duration {
	return f.allowances.take(ctx,
		quota{name: "uploads " + user, take: 1, most: int64(f.limits.UploadsPerMinute), over: time.Minute},
		quota{name: "bytes " + user, take: bytes, most: f.limits.UploadBytes, over: uploadBytesOver})
}
