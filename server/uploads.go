package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"parley/session/wire"
)

// uploads are the attachments that are not whole yet, one file each: an upload
// that broke off goes on where it ended.
type uploads struct {
	folder string

	mu   sync.Mutex
	busy map[string]bool // paths
}

// Errors of an upload.
var (
	errUploadBusy   = errors.New("the same attachment is being uploaded")
	errUploadOffset = errors.New("the upload goes on from another offset")
	errUploadHash   = errors.New("the attachment does not have the hash that it is named by")
	errUploadsMany  = errors.New("the room has too many unfinished uploads")
)

const (
	// uploadLife is how long an upload that broke off can go on.
	uploadLife = 24 * time.Hour
	// uploadsMost bounds the unfinished uploads of a room.
	uploadsMost = 64
)

func openUploads(folder string) (*uploads, error) {
	u := &uploads{folder: folder, busy: make(map[string]bool)}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the uploads: %w", err)
	}
	return u, u.prune(time.Now())
}

// prune removes uploads that nobody goes on with.
func (u *uploads) prune(now time.Time) error {
	old, err := filepath.Glob(filepath.Join(u.folder, "*", "*"))
	if err != nil {
		return fmt.Errorf("prune the uploads: %w", err)
	}
	for _, path := range old {
		if info, err := os.Stat(path); err == nil && now.Sub(info.ModTime()) > uploadLife && u.lock(path) {
			_ = os.Remove(path)
			u.unlock(path)
		}
	}
	return nil
}

func (u *uploads) path(b blob) string {
	return filepath.Join(u.folder, wire.SubjectToken(b.app)+"."+b.room, b.hash)
}

// offset is how many bytes are here.
func (u *uploads) offset(b blob) int64 {
	info, err := os.Stat(u.path(b))
	if err != nil {
		return 0
	}
	return info.Size()
}

func (u *uploads) lock(path string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy[path] {
		return false
	}
	u.busy[path] = true
	return true
}

func (u *uploads) unlock(path string) {
	u.mu.Lock()
	delete(u.busy, path)
	u.mu.Unlock()
}

// begin locks an upload, which release unlocks, where the part fits to what is
// here. After an error it is not locked.
func (u *uploads) begin(b blob, p part) (err error) {
	path := u.path(b)
	if !u.lock(path) {
		return errUploadBusy
	}
	defer func() {
		if err != nil {
			u.unlock(path)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	switch have := u.offset(b); {
	case have != p.offset:
		return errUploadOffset
	case have == 0:
		siblings, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			return err
		}
		if len(siblings) >= uploadsMost {
			return errUploadsMany
		}
	}
	return nil
}

func (u *uploads) release(b blob) { u.unlock(u.path(b)) }

// take reads a part of a locked upload, and gives the file when it is whole
// and right. After an error what came is kept for the next try.
func (u *uploads) take(ctx context.Context, w http.ResponseWriter, body io.Reader, b blob, p part) (path string, err error) {
	path = u.path(b)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if _, err := file.Seek(p.offset, io.SeekStart); err != nil {
		return "", err
	}
	in := &punctual{r: body, control: http.NewResponseController(w), ctx: ctx}
	if n, err := io.Copy(file, io.LimitReader(in, p.total-p.offset)); err != nil || n < p.total-p.offset {
		return "", errors.Join(err, io.ErrUnexpectedEOF)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	if hex.EncodeToString(hash.Sum(nil)) != b.hash {
		_ = errors.Join(file.Close(), os.Remove(path)) // in this order: Windows removes nothing that is open
		return "", errUploadHash
	}
	return path, nil
}

// punctual reads a body that must not stand still.
type punctual struct {
	r       io.Reader
	control *http.ResponseController
	ctx     context.Context //nolint:containedctx // lives as long as one request
}

func (p *punctual) Read(data []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	if err := p.control.SetReadDeadline(time.Now().Add(transferIdle)); err != nil {
		return 0, err
	}
	return p.r.Read(data)
}
