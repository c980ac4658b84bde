package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite" // the pure-Go SQLite driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// RoomKey names a room in the local store: the same RoomID under another
// server or AppID is another room.
type RoomKey struct {
	Server string // the server's own ID, not its address
	AppID  string
	RoomID string
}

// Store is the local history: one folder that the user chose, with a SQLite
// database and the attachments. It holds no absolute paths: the folder can be
// moved. It is safe for concurrent use.
type Store struct {
	folder string
	write  *sql.DB // one connection: SQLite has one writer
	read   *sql.DB
	writer *writer
	files  *Files
	aside  *SetAside

	mu         sync.Mutex
	statements map[string]*sql.Stmt // of read
}

// SetAside tells that a database could not be used and was moved out of the
// way. The rooms fill again from their servers.
type SetAside struct {
	Path string // where it is now
	Err  error  // ErrNewerStore or ErrCorruptStore
}

// Errors of the store.
var (
	// ErrNewerStore means that a newer Parley wrote this store.
	ErrNewerStore = errors.New("the message store was written by a newer Parley")
	// ErrCorruptStore means that the database can't be read.
	ErrCorruptStore = errors.New("the message store is damaged")
	// ErrDiskFull means that nothing could be written: free some space.
	ErrDiskFull = errors.New("the disk is full")
	// ErrNoMessage means that the store does not have the message.
	ErrNoMessage = errors.New("there is no such message")
)

const (
	storeFile = "messages.db"
	// corruptMark is left beside a database that turned out to be damaged while
	// it was open; the next start sets it aside.
	corruptMark = "messages.damaged"
	readers     = 4
)

// Open opens or creates the store in folder, whose permissions are made the
// user's own. A database that is damaged, or that a newer Parley wrote, is set
// aside: see Store.SetAside.
func Open(ctx context.Context, folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the message store: %w", storeError(err))
	}
	var aside *SetAside
	if _, err := os.Stat(filepath.Join(folder, corruptMark)); err == nil {
		if aside, err = setAside(folder, ErrCorruptStore); err != nil {
			return nil, fmt.Errorf("open the message store: %w", err)
		}
	}
	s, err := open(ctx, folder)
	if errors.Is(err, ErrNewerStore) || errors.Is(err, ErrCorruptStore) {
		if aside, err = setAside(folder, err); err == nil {
			s, err = open(ctx, folder)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the message store: %w", err)
	}
	s.aside = aside
	return s, nil
}

// openDatabase is the one place that opens the database's file; encryption at
// rest will have its key here.
func openDatabase(folder string, options url.Values) (*sql.DB, error) {
	options["_pragma"] = append(options["_pragma"], "busy_timeout(5000)", "foreign_keys(1)", "cache_size(-16000)")
	// An absolute path with slashes is what a file: URI takes on every system.
	path, err := filepath.Abs(filepath.Join(folder, storeFile))
	if err != nil {
		return nil, err
	}
	name := filepath.ToSlash(path)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // C:/...
	}
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: name}).EscapedPath(), RawQuery: options.Encode()}).String())
}

func open(ctx context.Context, folder string) (*Store, error) {
	write, err := openDatabase(folder, url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)"},
		"_txlock": {"immediate"},
	})
	if err != nil {
		return nil, storeError(err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(storeError(err), write.Close())
	}
	read, err := openDatabase(folder, url.Values{"_pragma": {"query_only(1)"}})
	if err != nil {
		return nil, errors.Join(storeError(err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	conn, err := write.Conn(ctx)
	if err != nil {
		return nil, errors.Join(storeError(err), read.Close(), write.Close())
	}
	s := &Store{folder: folder, write: write, read: read, statements: make(map[string]*sql.Stmt)}
	s.writer = newWriter(conn, s.damaged)
	if s.files, err = openFiles(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// setAside moves the database away and says where to.
func setAside(folder string, cause error) (*SetAside, error) {
	name := "messages-damaged-"
	if errors.Is(cause, ErrNewerStore) {
		name = "messages-newer-"
	}
	name += time.Now().UTC().Format("20060102-150405.000") + ".db"
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(filepath.Join(folder, storeFile+suffix), filepath.Join(folder, name+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("set the old database aside: %w", err)
		}
	}
	if err := os.Remove(filepath.Join(folder, corruptMark)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("set the old database aside: %w", err)
	}
	return &SetAside{Path: filepath.Join(folder, name), Err: cause}, nil
}

// SetAside tells what Open moved out of the way, or nil.
func (s *Store) SetAside() *SetAside { return s.aside }

// Folder is where the store is.
func (s *Store) Folder() string { return s.folder }

// Files are the store's attachments.
func (s *Store) Files() *Files { return s.files }

// Close finishes what is being written and closes the store.
func (s *Store) Close() error {
	s.writer.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for query, st := range s.statements {
		st.Close()
		delete(s.statements, query)
	}
	return errors.Join(s.read.Close(), s.writer.conn.Close(), s.write.Close())
}

// damaged leaves the mark for the next start.
func (s *Store) damaged() {
	_ = os.WriteFile(filepath.Join(s.folder, corruptMark), nil, 0o600)
}

// query runs a statement that is prepared once.
func (s *Store) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := s.statement(ctx, query)
	if err != nil {
		return nil, storeError(err)
	}
	rows, err := st.QueryContext(ctx, args...)
	return rows, storeError(err)
}

func (s *Store) queryRow(ctx context.Context, query string, args []any, into ...any) error {
	st, err := s.statement(ctx, query)
	if err != nil {
		return storeError(err)
	}
	return storeError(st.QueryRowContext(ctx, args...).Scan(into...))
}

func (s *Store) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.statements[query]; ok {
		return st, nil
	}
	st, err := s.read.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.statements[query] = st
	return st, nil
}

// storeError gives the errors of the database and the disk that callers decide
// on their types.
func storeError(err error) error {
	if e := new(sqlite.Error); errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return fmt.Errorf("%w: %w", ErrDiskFull, err)
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("%w: %w", ErrCorruptStore, err)
		case sqlite3.SQLITE_IOERR:
			// The -shm file can't grow: SQLite has no word of its own for it.
			if e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE || e.Code() == sqlite3.SQLITE_IOERR_WRITE {
				return fmt.Errorf("%w: %w", ErrDiskFull, err)
			}
		}
	}
	if diskFull(err) {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return err
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func unixMS(ms int64) time.Time { return time.UnixMilli(ms) }
