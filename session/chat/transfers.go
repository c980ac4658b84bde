package chat

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"time"

	"parley/session/wire"
)

// errCancelled means that the user took a message back while it went out.
var errCancelled = errors.New("cancelled")

// progressEvery is how often a transfer is told at most.
const progressEvery = 100 * time.Millisecond

// upload brings a message's attachment to the server.
func (c *Conversation) upload(w waiting, files *remote, f *File) error {
	done, err := c.room.uploaded(c.ctx, f.SHA256)
	if err != nil || done {
		return err
	}
	file, err := c.p.Store.Files().Open(f.SHA256)
	if err != nil {
		return err
	}
	defer file.Close()
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	c.setTransient(w.id, transient{status: StatusUploading, cancel: cancel})
	// Cancelled before there was something to cancel.
	if now, ok, err := c.room.nextWaiting(c.ctx); err != nil || !ok || now.id != w.id {
		return errors.Join(err, errCancelled)
	}
	c.tell(w)
	var told time.Time
	err = files.upload(ctx, file, f.SHA256, f.Size, func(n int64) {
		c.mu.Lock()
		if t, ok := c.transient[w.id]; ok {
			t.uploaded = n
			c.transient[w.id] = t
		}
		c.mu.Unlock()
		if now := time.Now(); now.Sub(told) >= progressEvery && n < f.Size {
			told = now
			c.tell(w)
		}
	})
	if err != nil {
		if ctx.Err() != nil && c.ctx.Err() == nil {
			return errCancelled
		}
		return err
	}
	return c.room.setUploaded(f.SHA256, true)
}

// uploadReason says why a message with an attachment fails for good, or is
// empty when the trouble may pass.
func uploadReason(err error) string {
	if errors.Is(err, ErrFileMissing) {
		return ReasonFileMissing
	}
	var r *refusal
	if !errors.As(err, &r) {
		return ""
	}
	switch r.status {
	case http.StatusRequestEntityTooLarge:
		return ReasonFileSize
	case http.StatusUnauthorized, http.StatusForbidden:
		return ReasonNotAllowed
	case http.StatusNotFound, http.StatusGone:
		return ReasonRoomGone
	default:
		return ReasonRefused
	}
}

// download is an attachment on its way in.
type download struct {
	messages []string // whose it is
	cancel   context.CancelFunc
}

// downloadsAtOnce bounds how many attachments come in at the same time.
const downloadsAtOnce = 3

// Download brings a message's attachment into the store, and tells how far it
// is. One that is here or on its way is left alone.
func (c *Conversation) Download(ctx context.Context, id string) error {
	m, ok, err := c.room.Message(ctx, id)
	if err != nil {
		return err
	}
	if !ok || m.File == nil {
		return ErrNoMessage
	}
	c.download(m)
	return nil
}

// fetchQuietly brings what is shown as soon as it is there.
func (c *Conversation) fetchQuietly(m Message) {
	if m.File == nil || m.Own || m.Kind == KindImage && m.File.Size > wire.PictureOutMax || m.Kind == KindFile {
		return
	}
	c.download(m)
}

func (c *Conversation) download(m Message) {
	f := *m.File
	if _, err := c.p.Store.Files().Path(f.SHA256); err == nil {
		c.notify(TransferChanged{MessageID: m.ID, SHA256: f.SHA256, Bytes: f.Size, Size: f.Size, Done: true})
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if d, ok := c.downloads[f.SHA256]; ok {
		d.messages = append(d.messages, m.ID)
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	d := &download{messages: []string{m.ID}, cancel: cancel}
	c.downloads[f.SHA256] = d
	c.work.Go(func() {
		defer cancel()
		err := c.bring(ctx, d, f)
		c.mu.Lock()
		delete(c.downloads, f.SHA256)
		c.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			c.p.Logger.Info("an attachment was not brought", "error", err)
		}
		if c.ctx.Err() == nil {
			size := f.Size
			if err != nil {
				size = 0
			}
			c.tellTransfer(d, TransferChanged{SHA256: f.SHA256, Bytes: size, Size: f.Size, Done: true, Err: err})
		}
	})
}

func (c *Conversation) tellTransfer(d *download, e TransferChanged) {
	c.mu.Lock()
	messages := append([]string(nil), d.messages...)
	c.mu.Unlock()
	for _, id := range messages {
		e.MessageID = id
		c.notify(e)
	}
}

// CancelDownload stops an attachment that is on its way in; what came of it is
// kept for the next time.
func (c *Conversation) CancelDownload(sha string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.downloads[sha]; ok {
		d.cancel()
	}
}

// bring downloads a file, as often as it takes while the trouble may pass.
func (c *Conversation) bring(ctx context.Context, d *download, f File) error {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	files := c.p.Store.Files()
	path := filepath.Join(files.folder, partFolder, f.SHA256)
	wait := retryFirst
	for {
		err := errOffline
		if _, remote := c.current(); remote != nil {
			var told time.Time
			err = remote.download(ctx, path, f.SHA256, f.Size, func(n int64) {
				if now := time.Now(); now.Sub(told) >= progressEvery {
					told = now
					c.tellTransfer(d, TransferChanged{SHA256: f.SHA256, Bytes: n, Size: f.Size})
				}
			})
		}
		var r *refusal
		switch {
		case err == nil:
			return files.place(ctx, path, f.SHA256, f.Size)
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrFileGone), errors.Is(err, ErrFileHash), errors.Is(err, ErrDiskFull), errors.As(err, &r), wait >= retryMost:
			return err
		}
		if !pause(ctx, wait) {
			return ctx.Err()
		}
		wait *= 2
	}
}
