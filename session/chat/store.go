package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the pure-Go SQLite driver "sqlite"
)

// RoomKey names a room in the local store: the same RoomID under another
// server or AppID is another room.
type RoomKey struct {
	Server string // the server's own ID, not its address
	AppID  string
	RoomID string
}

// Store is the local history: one SQLite database in the folder that the user
// chose. It is safe for concurrent use.
type Store struct {
	write *sql.DB // one connection: SQLite has one writer
	read  *sql.DB
}

// ErrNewerStore means that a newer Parley wrote this store.
var ErrNewerStore = errors.New("the message store was written by a newer Parley")

// storeFile is the database's name in its folder.
const storeFile = "messages.db"

// Open opens or creates the store in folder, whose permissions are made the
// user's own.
func Open(ctx context.Context, folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the message store: %w", err)
	}
	dsn := func(options url.Values) string {
		options["_pragma"] = append(options["_pragma"], "busy_timeout(5000)", "foreign_keys(1)")
		// An absolute path with slashes is what a file: URI takes on every system.
		path, err := filepath.Abs(filepath.Join(folder, storeFile))
		if err != nil {
			path = filepath.Join(folder, storeFile)
		}
		return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: options.Encode()}).String()
	}
	write, err := sql.Open("sqlite", dsn(url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)"},
		"_txlock": {"immediate"},
	}))
	if err != nil {
		return nil, fmt.Errorf("open the message store: %w", err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open the message store: %w", err), write.Close())
	}
	read, err := sql.Open("sqlite", dsn(url.Values{"_pragma": {"query_only(1)"}}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the message store: %w", err), write.Close())
	}
	read.SetMaxOpenConns(4)
	return &Store{write: write, read: read}, nil
}

// Close closes the store.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// migrations[i] leads from schema version i to i+1. They are never changed
// once released.
//
//nolint:gochecknoglobals // a constant in all but form
var migrations = [...]string{`
CREATE TABLE rooms (
	id       INTEGER PRIMARY KEY,
	server   TEXT NOT NULL,
	app      TEXT NOT NULL,
	room     TEXT NOT NULL,
	address  TEXT NOT NULL DEFAULT '',  -- where it was last reached
	visited  INTEGER NOT NULL DEFAULT 0, -- Unix ms
	stream   TEXT NOT NULL DEFAULT '',  -- when the server's stream was made: a new one counts from 1 again
	last_seq INTEGER NOT NULL DEFAULT 0, -- up to where the server's messages are here
	draft    TEXT NOT NULL DEFAULT '',
	read_id  TEXT NOT NULL DEFAULT '',
	UNIQUE (server, app, room)
) STRICT;
CREATE TABLE messages (
	room     INTEGER NOT NULL REFERENCES rooms(id) ON DELETE CASCADE,
	id       TEXT NOT NULL,
	seq      INTEGER,                   -- NULL until the server stored it
	user     TEXT NOT NULL,
	name     TEXT NOT NULL,
	own      INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	text     TEXT NOT NULL,
	status   INTEGER NOT NULL,
	reason   TEXT NOT NULL DEFAULT '',
	time     INTEGER NOT NULL,          -- Unix ms, the server's clock once stored
	sent     INTEGER NOT NULL,          -- Unix ms, the sender's clock
	envelope BLOB NOT NULL,             -- as it travelled, unknown fields included
	PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;
-- The order of a room: by the server's sequence, then what is not stored yet.
CREATE INDEX messages_order ON messages (room, coalesce(seq, 9223372036854775807), id);
CREATE INDEX messages_queued ON messages (room, id) WHERE status = 0;
CREATE TABLE attachments (
	sha256   TEXT PRIMARY KEY,
	size     INTEGER NOT NULL,
	mime     TEXT NOT NULL,
	path     TEXT NOT NULL DEFAULT '',
	uploaded INTEGER NOT NULL DEFAULT 0,
	used     INTEGER NOT NULL DEFAULT 0  -- Unix ms
) STRICT;
`}

func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("schema %d, this program knows %d: %w", version, len(migrations), ErrNewerStore)
	}
	for _, step := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
		return err
	}
	return tx.Commit()
}

func unixMS(ms int64) time.Time { return time.UnixMilli(ms) }
