package chat

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations[i] leads from schema version i to i+1. They are never changed
// once released.
//
//nolint:gochecknoglobals // a constant in all but form
var migrations = [...]func(context.Context, *sql.Tx) error{createSchema, widenSchema}

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
	for _, step := range migrations[max(version, 0):] {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	if version == len(migrations) {
		// A look into the table that is read first: damage shows at the start.
		var id int64
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(num), 0) FROM items").Scan(&id); err != nil {
			return err
		}
		return nil
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
		return err
	}
	return tx.Commit()
}

func createSchema(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
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
) STRICT;`)
	return err
}

// widenSchema brings what edits, reactions, receipts, search, attachments and
// histories with gaps need.
func widenSchema(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `
ALTER TABLE rooms ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;          -- how many streams came before this one
ALTER TABLE rooms ADD COLUMN first_seq INTEGER NOT NULL DEFAULT 1;      -- the oldest that the server still keeps
ALTER TABLE rooms ADD COLUMN read_ord INTEGER NOT NULL DEFAULT 0;       -- up to here the user read
ALTER TABLE rooms ADD COLUMN receipt TEXT NOT NULL DEFAULT '';          -- the last receipt that the server has
ALTER TABLE rooms ADD COLUMN scroll_id TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN scroll_offset REAL NOT NULL DEFAULT 0;
CREATE TABLE items (
	num      INTEGER PRIMARY KEY,                -- by time: the order of what a search finds
	room     INTEGER NOT NULL REFERENCES rooms(id) ON DELETE CASCADE,
	id       TEXT NOT NULL,
	seq      INTEGER NOT NULL DEFAULT 0,         -- the server's; 0 until stored
	ord      INTEGER NOT NULL,                   -- the order of the room, see order.go
	user     TEXT NOT NULL,
	own      INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	shown    INTEGER NOT NULL,                   -- it has a bubble
	target   TEXT NOT NULL DEFAULT '',
	status   INTEGER NOT NULL,
	reason   TEXT NOT NULL DEFAULT '',
	time     INTEGER NOT NULL,                   -- Unix ms, the server's clock once stored
	sent     INTEGER NOT NULL,                   -- Unix ms, the sender's clock
	heard    INTEGER NOT NULL DEFAULT 0,
	changes  TEXT NOT NULL DEFAULT '',           -- what edits, reactions and a delete made of it, JSON
	envelope BLOB NOT NULL                       -- as it travelled, unknown fields included
) STRICT;
INSERT INTO items (num, room, id, seq, ord, user, own, kind, shown, status, reason, time, sent, envelope)
	SELECT row_number() OVER (ORDER BY time, room, id), room, id, coalesce(seq, 0),
		CASE WHEN seq IS NULL THEN 4611686018427387904 + row_number() OVER (ORDER BY id) ELSE seq * 256 END,
		user, own, kind, kind NOT IN ('edit', 'delete', 'reaction', 'receipt'), status, reason, time, sent, envelope
	FROM messages;
DROP TABLE messages;
CREATE UNIQUE INDEX items_id ON items (room, id);
CREATE INDEX items_order ON items (room, ord, own) WHERE shown = 1;
CREATE INDEX items_time ON items (room, time, ord) WHERE shown = 1;
CREATE INDEX items_target ON items (room, target) WHERE target <> '';
CREATE INDEX items_waiting ON items (room, ord) WHERE status = 0;
-- What is said, in the words of search.go; its rows are those of items.
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2');
-- Which of the server's sequences are here: gaps between them can be filled.
CREATE TABLE spans (
	room  INTEGER NOT NULL REFERENCES rooms(id) ON DELETE CASCADE,
	first INTEGER NOT NULL,
	last  INTEGER NOT NULL,
	PRIMARY KEY (room, first)
) STRICT, WITHOUT ROWID;
INSERT INTO spans SELECT id, 1, last_seq FROM rooms WHERE last_seq > 0;
-- Up to where others have seen the room.
CREATE TABLE seen (
	room INTEGER NOT NULL REFERENCES rooms(id) ON DELETE CASCADE,
	user TEXT NOT NULL,
	id   TEXT NOT NULL,
	ord  INTEGER NOT NULL, -- 0 while that message is not here
	PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
DROP TABLE attachments;
-- The files of the folder, by the hash of what is in them.
CREATE TABLE files (
	sha256 TEXT PRIMARY KEY,
	size   INTEGER NOT NULL,
	used   INTEGER NOT NULL -- Unix ms: the longest unused goes first
) STRICT, WITHOUT ROWID;
CREATE INDEX files_used ON files (used);
-- Files that a room's server may not have: they are kept whatever the limit.
CREATE TABLE uploads (
	room   INTEGER NOT NULL REFERENCES rooms(id) ON DELETE CASCADE,
	sha256 TEXT NOT NULL,
	done   INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (room, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_file ON uploads (sha256);`); err != nil {
		return err
	}
	return indexAll(ctx, tx)
}

// indexAll puts every text into the index of the search.
func indexAll(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "SELECT num, envelope FROM items WHERE shown = 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	type entry struct {
		num   int64
		words string
	}
	var entries []entry
	for rows.Next() {
		var (
			num      int64
			envelope []byte
		)
		if err := rows.Scan(&num, &envelope); err != nil {
			return err
		}
		if e, err := ParseEnvelope(envelope); err == nil {
			if words := searchable(e, e.Text); words != "" {
				entries = append(entries, entry{num, words})
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := tx.ExecContext(ctx, "INSERT INTO words (rowid, text) VALUES (?, ?)", e.num, e.words); err != nil {
			return err
		}
	}
	return nil
}
