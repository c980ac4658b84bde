package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"parley/session/wire"
)

// Files are the attachments in the store's folder, each named by its hash. The
// longest unused go when they take more than the limit; those that are not on
// a server yet never do.
type Files struct {
	store  *Store
	folder string
	limit  atomic.Int64
}

// FilesLimit is how much attachments take on the disk by default, in bytes.
const FilesLimit = 1 << 30

// ErrFileMissing means that the store does not have the attachment.
var ErrFileMissing = errors.New("the file is not here")

// ErrFileSize means that a file is larger than what may be sent.
var ErrFileSize = fmt.Errorf("the file has over %d MiB", wire.FileMax>>20)

const (
	filesFolder = "files"
	partFolder  = "part" // what is being written, and downloads that broke off
	// partLife is how long a download that broke off can go on.
	partLife = 7 * 24 * time.Hour
)

func openFiles(ctx context.Context, s *Store) (*Files, error) {
	f := &Files{store: s, folder: filepath.Join(s.folder, filesFolder)}
	f.limit.Store(FilesLimit)
	if err := os.MkdirAll(filepath.Join(f.folder, partFolder), 0o700); err != nil {
		return nil, fmt.Errorf("open the attachments: %w", storeError(err))
	}
	parts, err := os.ReadDir(filepath.Join(f.folder, partFolder))
	if err != nil {
		return nil, fmt.Errorf("open the attachments: %w", err)
	}
	for _, part := range parts {
		if info, err := part.Info(); err == nil && (!isHash(part.Name()) || time.Since(info.ModTime()) > partLife) {
			_ = os.Remove(filepath.Join(f.folder, partFolder, part.Name()))
		}
	}
	var known bool
	if err := s.queryRow(ctx, "SELECT EXISTS (SELECT 1 FROM files)", nil, &known); err != nil {
		return nil, err
	}
	if !known {
		return f, f.adopt()
	}
	return f, nil
}

// adopt enters files that the database does not know of: it was set aside, or
// made anew.
func (f *Files) adopt() error {
	found, err := filepath.Glob(filepath.Join(f.folder, "??", "*"))
	if err != nil || len(found) == 0 {
		return err
	}
	return f.store.writer.do(false, func(x *tx) error {
		for _, path := range found {
			info, err := os.Stat(path)
			if err != nil || !isHash(filepath.Base(path)) {
				continue
			}
			if err := enter(x, filepath.Base(path), info.Size()); err != nil {
				return err
			}
		}
		return nil
	})
}

func enter(x *tx, sha string, size int64) error {
	_, err := x.exec("INSERT INTO files (sha256, size, used) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET used = excluded.used", sha, size, time.Now().UnixMilli())
	return err
}

// SetLimit changes how many bytes the attachments may take.
func (f *Files) SetLimit(ctx context.Context, bytes int64) error {
	f.limit.Store(bytes)
	return f.trim(ctx, "")
}

func (f *Files) path(sha string) string { return filepath.Join(f.folder, sha[:2], sha) }

// Path is where the attachment is, or ErrFileMissing.
func (f *Files) Path(sha string) (string, error) {
	if !isHash(sha) {
		return "", ErrFileMissing
	}
	if _, err := os.Stat(f.path(sha)); err != nil {
		return "", ErrFileMissing
	}
	return f.path(sha), nil
}

// Open opens the attachment for reading, and counts as a use.
func (f *Files) Open(sha string) (*os.File, error) {
	path, err := f.Path(sha)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the attachment: %w", err)
	}
	if err := f.store.writer.do(false, func(x *tx) error {
		_, err := x.exec("UPDATE files SET used = ? WHERE sha256 = ?", time.Now().UnixMilli(), sha)
		return err
	}); err != nil {
		file.Close()
		return nil, fmt.Errorf("open the attachment: %w", err)
	}
	return file, nil
}

// Add takes a copy of what r gives, at most limit bytes; more is ErrFileSize.
func (f *Files) Add(ctx context.Context, r io.Reader, limit int64) (sha string, size int64, err error) {
	return f.add(ctx, r, "", limit)
}

// AddKnown takes a copy of what r gives, when it is what the hash says, and
// ErrFileHash otherwise.
func (f *Files) AddKnown(ctx context.Context, r io.Reader, sha string, size int64) error {
	_, _, err := f.add(ctx, r, sha, size)
	return err
}

func (f *Files) add(ctx context.Context, r io.Reader, want string, limit int64) (sha string, size int64, err error) {
	temp, err := os.CreateTemp(filepath.Join(f.folder, partFolder), "new-*")
	if err != nil {
		return "", 0, fmt.Errorf("keep the attachment: %w", storeError(err))
	}
	defer func() {
		temp.Close()
		_ = os.Remove(temp.Name()) // gone already when all went well
	}()
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(temp, hash), io.LimitReader(r, limit+1))
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return "", 0, fmt.Errorf("keep the attachment: %w", storeError(err))
	}
	sha = hex.EncodeToString(hash.Sum(nil))
	if size > limit {
		return "", 0, ErrFileSize
	}
	if want != "" && sha != want {
		return "", 0, ErrFileHash
	}
	// It may be the only copy: it has to be on the disk before a message says so.
	if err := temp.Sync(); err != nil {
		return "", 0, fmt.Errorf("keep the attachment: %w", storeError(err))
	}
	if err := temp.Close(); err != nil {
		return "", 0, fmt.Errorf("keep the attachment: %w", storeError(err))
	}
	return sha, size, f.place(ctx, temp.Name(), sha, size)
}

// place moves a finished file to where its hash says.
func (f *Files) place(ctx context.Context, from, sha string, size int64) error {
	if err := os.MkdirAll(filepath.Dir(f.path(sha)), 0o700); err != nil {
		return fmt.Errorf("keep the attachment: %w", storeError(err))
	}
	if err := os.Rename(from, f.path(sha)); err != nil {
		// Windows does not replace a file that somebody reads: it is the same one.
		if _, there := f.Path(sha); there != nil {
			return fmt.Errorf("keep the attachment: %w", storeError(err))
		}
	}
	if err := f.store.writer.do(false, func(x *tx) error { return enter(x, sha, size) }); err != nil {
		return fmt.Errorf("keep the attachment: %w", err)
	}
	return f.trim(ctx, sha)
}

// trim removes the longest unused files while all take too much: only those
// that a server has, and never keep.
func (f *Files) trim(ctx context.Context, keep string) error {
	for {
		var total int64
		if err := f.store.queryRow(ctx, "SELECT coalesce(sum(size), 0) FROM files", nil, &total); err != nil {
			return fmt.Errorf("trim the attachments: %w", err)
		}
		if total <= f.limit.Load() {
			return nil
		}
		var removed string
		var size int64
		err := f.store.writer.do(false, func(x *tx) error {
			removed = ""
			// What no server has is not in uploads as done, or not at all when no
			// message was written about it yet: those are young.
			found, err := x.row(`SELECT sha256, size FROM files WHERE sha256 <> ? AND used < ?
				AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.sha256 = files.sha256 AND u.done = 0) ORDER BY used LIMIT 1`,
				[]any{keep, time.Now().Add(-unwrittenLife).UnixMilli()}, &removed, &size)
			if err != nil || !found {
				return err
			}
			_, err = x.exec("DELETE FROM files WHERE sha256 = ?", removed)
			return err
		})
		if err != nil {
			return fmt.Errorf("trim the attachments: %w", err)
		}
		if removed == "" {
			return nil // nothing that may go
		}
		if err := os.Remove(f.path(removed)); err != nil && !errors.Is(err, os.ErrNotExist) {
			// Windows deletes nothing that is open: then it is in use, and not trimmed for now.
			if err := f.store.writer.do(false, func(x *tx) error { return enter(x, removed, size) }); err != nil {
				return fmt.Errorf("trim the attachments: %w", err)
			}
		}
	}
}

// unwrittenLife is how long a file is safe between its coming and the message
// that is about it.
const unwrittenLife = time.Minute

// uploaded reports whether the room's server has the file.
func (r *RoomStore) uploaded(ctx context.Context, sha string) (done bool, err error) {
	err = r.store.queryRow(ctx, "SELECT coalesce(max(done), 0) FROM uploads WHERE room = ? AND sha256 = ?", []any{r.id, sha}, &done)
	return done, wrap("read the uploads", err)
}

func (r *RoomStore) setUploaded(sha string, done bool) error {
	return r.set("note the upload", "UPDATE uploads SET done = ? WHERE room = ? AND sha256 = ?", done, r.id, sha)
}

// releaseUpload forgets an upload that no waiting message needs.
func (r *RoomStore) releaseUpload(x *tx, sha string) error {
	needed := false
	err := x.rows("SELECT envelope FROM items WHERE room = ? AND status = 0", []any{r.id}, func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		if e, err := ParseEnvelope(data); err == nil && e.File != nil && e.File.SHA256 == sha {
			needed = true
		}
		return nil
	})
	if err != nil || needed {
		return err
	}
	_, err = x.exec("DELETE FROM uploads WHERE room = ? AND sha256 = ? AND done = 0", r.id, sha)
	return err
}
