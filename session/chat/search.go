package chat

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// searchable is what a message can be found by, as words for the index.
func searchable(e Envelope, text string) string {
	if !e.Supported() {
		return ""
	}
	if e.File != nil && e.Kind == KindFile {
		text += " " + e.File.Name
	}
	return words(text)
}

// unspaced reports whether r is of a script that puts no spaces between words.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// words prepares text for the index. The index splits at spaces, which
// Chinese, Japanese and Thai do not have: their runs are given as overlapping
// pairs, and the last character alone, so that every part of a run is found as
// a phrase of pairs, and a single character as the beginning of one.
func words(text string) string {
	var b strings.Builder
	var last rune
	for _, r := range norm.NFKC.String(text) {
		switch {
		case unspaced(r):
			if last != 0 {
				b.WriteRune(last)
				b.WriteRune(r)
			}
			b.WriteByte(' ')
			last = r
			continue
		case last != 0:
			b.WriteRune(last)
			b.WriteByte(' ')
			last = 0
		}
		b.WriteRune(r)
	}
	if last != 0 {
		b.WriteRune(last)
	}
	return strings.TrimSpace(b.String())
}

// match turns what a person types into a query of the index: every part has to
// be there, the last word may be unfinished. It is empty when there is nothing
// to look for. Everything is quoted: no input is a query of its own.
func match(query string) string {
	var terms []string
	unfinished := false // the last term is a word that may go on
	for _, field := range strings.FieldsFunc(norm.NFKC.String(query), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	}) {
		// Runs of either sort within the field.
		var run []rune
		flush := func() {
			if len(run) == 0 {
				return
			}
			if unspaced(run[0]) {
				terms, unfinished = append(terms, phrase(run)), false
			} else {
				terms, unfinished = append(terms, `"`+string(run)+`"`), true
			}
			run = run[:0]
		}
		for _, r := range field {
			if len(run) > 0 && unspaced(run[0]) != unspaced(r) {
				flush()
			}
			run = append(run, r)
		}
		flush()
		if len(terms) > termsMax {
			break
		}
	}
	if len(terms) > termsMax {
		terms, unfinished = terms[:termsMax], false
	}
	if unfinished {
		terms[len(terms)-1] += "*"
	}
	return strings.Join(terms, " ")
}

// termsMax bounds what one search looks for.
const termsMax = 16

func phrase(run []rune) string {
	if len(run) == 1 {
		return `"` + string(run) + `"*`
	}
	pairs := make([]string, 0, len(run)-1)
	for i := range run[:min(len(run)-1, 64)] {
		pairs = append(pairs, string(run[i:i+2]))
	}
	return `"` + strings.Join(pairs, " ") + `"`
}

// Found is a message that a search found, and its room.
type Found struct {
	Key     RoomKey
	Message Message
}

// Search finds messages in all rooms, newest first.
func (s *Store) Search(ctx context.Context, query string, limit int) ([]Found, error) {
	return s.search(ctx, 0, query, limit)
}

// Search finds messages of this room, newest first.
func (r *RoomStore) Search(ctx context.Context, query string, limit int) ([]Message, error) {
	found, err := r.store.search(ctx, r.id, query, limit)
	messages := make([]Message, len(found))
	for i, f := range found {
		messages[i] = f.Message
	}
	return messages, err
}

func (s *Store) search(ctx context.Context, room int64, query string, limit int) ([]Found, error) {
	terms := match(query)
	if terms == "" {
		return nil, nil
	}
	rows, err := s.query(ctx, "SELECT "+itemColumns+`, r.id, r.server, r.app, r.room FROM words
		JOIN items i ON i.num = words.rowid JOIN rooms r ON r.id = i.room
		WHERE words MATCH ?1 AND (?2 = 0 OR i.room = ?2) ORDER BY words.rowid DESC LIMIT ?3`, terms, room, limit)
	if err != nil {
		return nil, wrap("search messages", err)
	}
	defer rows.Close()
	var found []Found
	for rows.Next() {
		var (
			f  Found
			id int64
		)
		m, err := scanItem(func(into ...any) error {
			return rows.Scan(append(into, &id, &f.Key.Server, &f.Key.AppID, &f.Key.RoomID)...)
		})
		if err != nil {
			return nil, wrap("search messages", err)
		}
		m.RoomID = f.Key.RoomID
		f.Message = m
		found = append(found, f)
	}
	return found, wrap("search messages", storeError(rows.Err()))
}
