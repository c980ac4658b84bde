package archive

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"parley/session/chat"
)

// room is a room in the manifest. Its folder is named by its place there.
type room struct {
	chat.RoomInfo
	Messages int `json:"messages"`
}

func roomFolder(i int) string { return fmt.Sprintf("room-%d", i+1) }

// pageMessages is how many messages one page of HTML shows.
const pageMessages = 1000

// recordsAtOnce is how many rows are read or written at once.
const recordsAtOnce = 500

// Progress is told how much of all is done, 0 to 1, from the goroutine that does it.
type Progress func(done float64)

// meter counts towards a total, and tells.
type meter struct {
	progress    Progress
	done, total int
}

func (m *meter) add(n int) {
	m.done += n
	if m.progress != nil && m.total > 0 {
		m.progress(min(float64(m.done)/float64(m.total), 1))
	}
}

// Export writes the whole store into a folder that is empty or does not exist.
// Attachments that are not here are left out; they count in missing. progress may
// be nil.
func Export(ctx context.Context, store *chat.Store, folder string, labels Labels, progress Progress) (missing int, err error) {
	if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
		return 0, fmt.Errorf("export: the folder is not empty: %w", os.ErrExist)
	}
	if err := os.MkdirAll(filepath.Join(folder, mediaFolder), 0o700); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	rooms, err := store.Rooms(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := store.Count(ctx)
	if err != nil {
		return 0, err
	}
	meter := &meter{progress: progress, total: 2 * rows} // as rows, and on pages
	m := manifest{Format: formatName, Version: formatVersion}
	for i, info := range rooms {
		e := &exporter{store: store, folder: folder, room: filepath.Join(folder, roomFolder(i)), labels: labels, info: info, meter: meter}
		n, err := e.export(ctx)
		missing += e.missing
		if err != nil {
			return missing, fmt.Errorf("export room %s: %w", info.RoomID, err)
		}
		m.Rooms = append(m.Rooms, room{RoomInfo: info, Messages: n})
	}
	if err := writeIndex(filepath.Join(folder, indexFile), m, labels); err != nil {
		return missing, fmt.Errorf("export: %w", err)
	}
	// Last of all: a folder without it is no export.
	data, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return missing, fmt.Errorf("export: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, manifestFile), data, 0o600); err != nil {
		return missing, fmt.Errorf("export: %w", err)
	}
	meter.add(meter.total) // changes of messages are on no page
	return missing, nil
}

type exporter struct {
	store   *chat.Store
	folder  string
	room    string
	labels  Labels
	info    chat.RoomInfo
	missing int
	meter   *meter
}

func (e *exporter) export(ctx context.Context) (n int, err error) {
	if err := os.MkdirAll(e.room, 0o700); err != nil {
		return 0, err
	}
	history, err := e.store.Room(ctx, e.info.Key())
	if err != nil {
		return 0, err
	}
	if n, err = e.records(ctx, history); err != nil {
		return n, err
	}
	return n, e.pages(ctx, history)
}

// records writes the rows, one a line.
func (e *exporter) records(ctx context.Context, history *chat.RoomStore) (n int, err error) {
	file, err := os.OpenFile(filepath.Join(e.room, messagesFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	separator := "[\n"
	var last chat.Record
	for {
		records, err := history.Records(ctx, last, recordsAtOnce)
		if err != nil {
			return n, err
		}
		for _, rec := range records {
			line, err := json.Marshal(rec)
			if err != nil {
				return n, err
			}
			_, _ = w.WriteString(separator)
			_, _ = w.Write(line) // errors stay with the writer until Flush
			separator = ",\n"
		}
		n += len(records)
		e.meter.add(len(records))
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if len(records) < recordsAtOnce {
			break
		}
		last = records[len(records)-1]
	}
	if n == 0 {
		_, _ = w.WriteString("[")
	}
	_, _ = w.WriteString("\n]\n")
	return n, w.Flush()
}

// pages writes the messages as they are shown.
func (e *exporter) pages(ctx context.Context, history *chat.RoomStore) error {
	page, err := history.Newest(ctx, 1)
	if err != nil || len(page) == 0 {
		return errors.Join(err, writePage(filepath.Join(e.room, pageName(0)), pageData{Labels: e.labels, Room: e.info.RoomID}))
	}
	messages, err := history.From(ctx, chat.Message{}, pageMessages)
	for number := 0; err == nil; number++ {
		data := pageData{Labels: e.labels, Room: e.info.RoomID, Number: number}
		for _, m := range messages {
			entry := entry{Message: m}
			if m.File != nil {
				if entry.Media, err = e.media(m.File); err != nil {
					return err
				}
			}
			data.Messages = append(data.Messages, entry)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		var next []chat.Message
		if len(messages) == pageMessages {
			if next, err = history.From(ctx, messages[len(messages)-1], pageMessages); err != nil {
				return err
			}
		}
		data.More = len(next) > 0
		e.meter.add(len(messages))
		if err := writePage(filepath.Join(e.room, pageName(number)), data); err != nil || !data.More {
			return err
		}
		messages = next
	}
	return err
}

// media copies an attachment, and gives its path as seen from the room's pages.
func (e *exporter) media(f *chat.File) (string, error) {
	name := mediaName(f.SHA256, f.MIME)
	link, to := "../"+mediaFolder+"/"+name, filepath.Join(e.folder, mediaFolder, name)
	if _, err := os.Stat(to); err == nil {
		return link, nil
	}
	from, err := e.store.Files().Open(f.SHA256)
	if errors.Is(err, chat.ErrFileMissing) {
		e.missing++
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer from.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(out, from)
	return link, errors.Join(err, out.Close())
}
