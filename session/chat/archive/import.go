package archive

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"parley/session/chat"
	"parley/session/wire"
)

// Limits of an import.
const (
	manifestMax = 16 << 20
	roomsMax    = 10_000
	// lineMax bounds a row: an envelope and what is beside it.
	lineMax = chat.EnvelopeMax + 4<<10
	// ratioMost is how much smaller a ZIP may make what is in it, beyond
	// ratioFrom bytes.
	ratioMost = 200
	ratioFrom = 10 << 20
)

// Result is what an import brought.
type Result struct {
	Messages int // that were not here
	Files    int
	// Skipped rows can't be read, Missing files are not in the export or are
	// not what their name says.
	Skipped, Missing int
}

// Import adds what an export holds to the store: path is its folder, or a ZIP
// of it. What is here already stays as it is, and an import that ends early
// can be done again. progress may be nil.
func Import(ctx context.Context, store *chat.Store, path string, progress Progress) (Result, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Result{}, fmt.Errorf("import: %w", err)
	}
	if info.IsDir() {
		// A root gives nothing outside of the folder, links included.
		root, err := os.OpenRoot(path)
		if err != nil {
			return Result{}, fmt.Errorf("import: %w", err)
		}
		defer root.Close()
		return importFrom(ctx, store, root.FS(), progress)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return Result{}, fmt.Errorf("import: %w: %w", ErrFormat, err)
	}
	defer z.Close()
	for _, f := range z.File {
		if f.UncompressedSize64 > ratioFrom && f.UncompressedSize64/max(f.CompressedSize64, 1) > ratioMost {
			return Result{}, fmt.Errorf("import: %w", ErrTooLarge)
		}
	}
	return importFrom(ctx, store, z, progress)
}

func importFrom(ctx context.Context, store *chat.Store, from fs.FS, progress Progress) (Result, error) {
	var result Result
	m, err := readManifest(from)
	if err != nil {
		return result, fmt.Errorf("import: %w", err)
	}
	meter := &meter{progress: progress}
	for _, r := range m.Rooms {
		meter.total += max(r.Messages, 0)
	}
	for i, r := range m.Rooms {
		in := &importer{store: store, from: from, result: &result, info: r.RoomInfo, seen: make(map[string]bool), meter: meter}
		if err := in.room(ctx, roomFolder(i)); err != nil {
			return result, fmt.Errorf("import room %d: %w", i+1, err)
		}
	}
	return result, nil
}

func readManifest(from fs.FS) (manifest, error) {
	var m manifest
	file, err := from.Open(manifestFile)
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, manifestMax+1))
	if err != nil || len(data) > manifestMax {
		return m, fmt.Errorf("%w: its table of contents can't be read", ErrFormat)
	}
	if err := json.Unmarshal(data, &m); err != nil || m.Format != formatName || m.Version < 1 {
		return m, ErrFormat
	}
	if m.Version > formatVersion {
		return m, ErrNewer
	}
	if len(m.Rooms) > roomsMax {
		return m, ErrTooLarge
	}
	for _, r := range m.Rooms {
		if err := wire.CheckRoomID(r.RoomID); err != nil {
			return m, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		const textMost = 1 << 10
		if len(r.Server) > textMost || len(r.AppID) > textMost || len(r.Address) > textMost || len(r.Stream) > textMost || len(r.ReadID) > textMost || len(r.Draft) > wire.TextMax {
			return m, fmt.Errorf("%w: a room with a name of over %d bytes", ErrFormat, textMost)
		}
	}
	return m, nil
}

type importer struct {
	store  *chat.Store
	from   fs.FS
	result *Result
	info   chat.RoomInfo
	seen   map[string]bool // files
	meter  *meter
}

func (in *importer) room(ctx context.Context, folder string) error {
	file, err := in.from.Open(folder + "/" + messagesFile)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 64<<10), lineMax)
	batch := make([]chat.Record, 0, recordsAtOnce)
	for lines.Scan() {
		line := bytes.TrimSuffix(bytes.TrimSpace(lines.Bytes()), []byte(","))
		if len(line) == 0 || line[0] == '[' && len(line) == 1 || line[0] == ']' {
			continue
		}
		rec, ok := parseRecord(line)
		if !ok {
			in.result.Skipped++
			continue
		}
		if batch = append(batch, rec); len(batch) == recordsAtOnce {
			if err := in.add(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("%w: a row of over %d bytes", ErrTooLarge, lineMax)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the messages: %w", err)
	}
	if err := in.add(ctx, batch); err != nil {
		return err
	}
	return in.store.RestoreReading(ctx, in.info)
}

func parseRecord(line []byte) (rec chat.Record, ok bool) {
	if json.Unmarshal(line, &rec) != nil || wire.CheckUserID(rec.UserID) != nil || len(rec.Reason) > 64 {
		return rec, false
	}
	return rec, true
}

// add stores rows; where they can't all be read, each is tried alone.
func (in *importer) add(ctx context.Context, batch []chat.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in.meter.add(len(batch))
	if len(batch) == 0 {
		return nil
	}
	n, err := in.store.Restore(ctx, in.info, batch)
	in.result.Messages += n
	switch {
	case err == nil:
	case len(batch) == 1 && (errors.Is(err, chat.ErrEnvelope) || errors.Is(err, chat.ErrEnvelopeSize)):
		in.result.Skipped++
		return nil
	case len(batch) > 1 && (errors.Is(err, chat.ErrEnvelope) || errors.Is(err, chat.ErrEnvelopeSize)):
		for i := range batch {
			if err := in.add(ctx, batch[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	default:
		return err
	}
	for _, rec := range batch {
		if e, err := chat.ParseEnvelope(rec.Envelope); err == nil && e.File != nil {
			if err := in.media(ctx, e.File); err != nil {
				return err
			}
		}
	}
	return nil
}

// media brings a file that a message names.
func (in *importer) media(ctx context.Context, f *chat.File) error {
	if in.seen[f.SHA256] {
		return nil
	}
	in.seen[f.SHA256] = true
	if _, err := in.store.Files().Path(f.SHA256); err == nil {
		return nil
	}
	file, err := in.from.Open(mediaFolder + "/" + mediaName(f.SHA256, f.MIME))
	if err != nil {
		in.result.Missing++
		return nil // it may be on the server
	}
	defer file.Close()
	switch err := in.store.Files().AddKnown(ctx, file, f.SHA256, f.Size); {
	case errors.Is(err, chat.ErrFileHash), errors.Is(err, chat.ErrFileSize):
		in.result.Missing++
	case err != nil:
		return err
	default:
		in.result.Files++
	}
	return nil
}
