package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"parley/session/wire"
)

// remote is the attachments of a room as its server has them.
type remote struct {
	endpoint wire.FilesEndpoint
	roomID   string
	http     *http.Client
}

// Errors of a transfer.
var (
	// ErrFileGone means that the server does not have the attachment any more.
	ErrFileGone = errors.New("the server does not have the file any more")
	// ErrFileHash means that what came is not what was sent.
	ErrFileHash = errors.New("the file was damaged on the way")
)

// refusal is an answer that asking again will not change.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return fmt.Sprintf("the server says %d: %s", r.status, r.message) }

// transferIdle is how long a transfer may stand still.
const transferIdle = 20 * time.Second

func newRemote(endpoint wire.FilesEndpoint, roomID string) *remote {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: transferIdle, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	return &remote{endpoint: endpoint, roomID: roomID, http: &http.Client{Transport: transport}}
}

// close ends what is kept for the next transfer; one that runs goes on. A nil
// remote has nothing.
func (r *remote) close() {
	if r != nil {
		r.http.CloseIdleConnections()
	}
}

func (r *remote) request(ctx context.Context, method, sha string, body io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.endpoint.URL+wire.BlobPath(r.roomID, sha), body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.endpoint.Token)
	return request, nil
}

// check turns an answer that is not 2xx into an error.
func check(response *http.Response) error {
	if response.StatusCode/100 == 2 {
		return nil
	}
	var e wire.ErrorResponse
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil || json.Unmarshal(body, &e) != nil {
		e.Message = http.StatusText(response.StatusCode)
	}
	switch {
	case response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusConflict || response.StatusCode == http.StatusRequestTimeout || response.StatusCode >= 500:
		return fmt.Errorf("the server says %d: %s", response.StatusCode, e.Message)
	default:
		return &refusal{response.StatusCode, e.Message}
	}
}

// idler cancels a transfer that stands still.
type idler struct {
	timer  *time.Timer
	cancel context.CancelFunc
}

func withIdle(ctx context.Context) (context.Context, *idler) {
	ctx, cancel := context.WithCancel(ctx)
	return ctx, &idler{timer: time.AfterFunc(transferIdle, cancel), cancel: cancel}
}

func (i *idler) moved() { i.timer.Reset(transferIdle) }
func (i *idler) stop()  { i.timer.Stop(); i.cancel() }

// counted tells how many bytes passed.
type counted struct {
	io.Reader
	add func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if n > 0 {
		c.add(int64(n))
	}
	return n, err
}

// upload puts an attachment on the server, from where an earlier try ended.
func (r *remote) upload(ctx context.Context, file io.ReadSeeker, sha string, size int64, progress func(int64)) error {
	ctx, idle := withIdle(ctx)
	defer idle.stop()
	head, err := r.request(ctx, http.MethodHead, sha, nil)
	if err != nil {
		return err
	}
	response, err := r.http.Do(head)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	response.Body.Close()
	if response.StatusCode == http.StatusOK {
		progress(size)
		return nil
	}
	if response.StatusCode != http.StatusNotFound {
		return check(response)
	}
	offset, err := strconv.ParseInt(response.Header.Get(wire.HeaderUploadOffset), 10, 64)
	if err != nil || offset < 0 || offset > size {
		offset = 0
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	done := offset
	progress(done)
	body := &counted{Reader: io.LimitReader(file, size-offset), add: func(n int64) {
		idle.moved()
		done += n
		progress(done)
	}}
	put, err := r.request(ctx, http.MethodPut, sha, body)
	if err != nil {
		return err
	}
	put.ContentLength = size - offset
	if size == offset {
		put.Body = http.NoBody
	}
	put.Header.Set("Content-Type", "application/octet-stream")
	put.Header.Set("Content-Range", contentRange(offset, size))
	response, err = r.http.Do(put)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	defer response.Body.Close()
	return check(response)
}

func contentRange(offset, size int64) string {
	if offset == size {
		return fmt.Sprintf("bytes */%d", size)
	}
	return fmt.Sprintf("bytes %d-%d/%d", offset, size-1, size)
}

// download brings an attachment into a file, after what is there of it, and
// checks the whole of it.
func (r *remote) download(ctx context.Context, path, sha string, size int64, progress func(int64)) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("download: %w", storeError(err))
	}
	defer file.Close()
	hash := sha256.New()
	done, err := io.Copy(hash, file)
	if err != nil || done > size {
		hash.Reset()
		done = 0
		if err := errors.Join(file.Truncate(0), seekTo(file, 0)); err != nil {
			return fmt.Errorf("download: %w", err)
		}
	}
	if done < size {
		ctx, idle := withIdle(ctx)
		defer idle.stop()
		get, err := r.request(ctx, http.MethodGet, sha, nil)
		if err != nil {
			return err
		}
		if done > 0 {
			get.Header.Set("Range", fmt.Sprintf("bytes=%d-", done))
		}
		response, err := r.http.Do(get)
		if err != nil {
			return fmt.Errorf("download: %w", err)
		}
		defer response.Body.Close()
		if response.StatusCode == http.StatusNotFound {
			return ErrFileGone
		}
		if err := check(response); err != nil {
			return err
		}
		if response.StatusCode != http.StatusPartialContent && done > 0 {
			hash.Reset()
			done = 0
			if err := errors.Join(file.Truncate(0), seekTo(file, 0)); err != nil {
				return fmt.Errorf("download: %w", err)
			}
		}
		progress(done)
		body := &counted{Reader: io.LimitReader(response.Body, size-done+1), add: func(n int64) {
			idle.moved()
			done += n
			progress(min(done, size))
		}}
		if _, err := io.Copy(io.MultiWriter(file, hash), body); err != nil {
			return fmt.Errorf("download: %w", storeError(err))
		}
	}
	if done != size || hex.EncodeToString(hash.Sum(nil)) != sha {
		if done >= size { // not merely cut short
			_ = errors.Join(file.Close(), os.Remove(path)) // in this order: Windows removes nothing that is open
			return ErrFileHash
		}
		return fmt.Errorf("download: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

func seekTo(file io.Seeker, offset int64) error {
	_, err := file.Seek(offset, io.SeekStart)
	return err
}
