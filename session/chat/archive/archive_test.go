package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/session/chat"
)

func open(t testing.TB) *chat.Store {
	t.Helper()
	s, err := chat.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func info() chat.RoomInfo {
	return chat.RoomInfo{Server: "S", AppID: "local", RoomID: "standup", Address: "host:7880", Stream: "one", Draft: "half a", Visited: 5}
}

func envelope(kind chat.Kind, change func(*chat.Envelope)) chat.Envelope {
	e := chat.Envelope{Version: 1, ID: ulid.Make().String(), Kind: kind, Name: "Bob <b>B</b>", Sent: time.UnixMilli(1_700_000_000_000).UTC()}
	change(&e)
	return e
}

func record(seq uint64, user string, e chat.Envelope) chat.Record {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	r := chat.Record{UserID: user, Own: user == "ann", Seq: seq, Status: "stored", TimeMS: 1_700_000_000_000 + int64(seq)*1000, Envelope: data}
	if seq == 0 {
		r.Status = "queued"
	}
	return r
}

const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)> "quoted" & 'single' ` + "\u202Egpj"

// filled is a store with one of everything.
func filled(t testing.TB) *chat.Store {
	t.Helper()
	ctx := t.Context()
	s := open(t)
	picture := []byte("not really a picture")
	sha, size, err := s.Files().Add(ctx, bytes.NewReader(picture), 1000)
	if err != nil {
		t.Fatal(err)
	}
	first := envelope(chat.KindText, func(e *chat.Envelope) { e.Text = hostile })
	gone := envelope(chat.KindText, func(e *chat.Envelope) { e.Text = "SECRET" })
	records := []chat.Record{
		record(1, "bob", first),
		record(2, "ann", envelope(chat.KindText, func(e *chat.Envelope) {
			e.Text, e.Reply = "second", &chat.Reply{ID: first.ID, UserID: "bob", Name: "Bob", Kind: chat.KindText, Text: hostile}
		})),
		record(3, "bob", envelope(chat.KindImage, func(e *chat.Envelope) {
			e.File = &chat.File{SHA256: sha, Size: size, MIME: "image/jpeg", Name: "p.jpg", Width: 4, Height: 4}
		})),
		record(4, "bob", envelope(chat.KindFile, func(e *chat.Envelope) {
			e.File = &chat.File{SHA256: strings.Repeat("ab", 32), Size: 5, MIME: "text/html", Name: `"><script>x</script>.html`}
		})),
		record(5, "bob", gone),
		record(6, "bob", envelope(chat.KindDelete, func(e *chat.Envelope) { e.Target = gone.ID })),
		record(7, "bob", envelope(chat.KindEdit, func(e *chat.Envelope) { e.Target, e.Text = first.ID, hostile+" edited" })),
		record(8, "ann", envelope(chat.KindReaction, func(e *chat.Envelope) { e.Target, e.Reaction = first.ID, "👍" })),
		{UserID: "bob", Seq: 9, Status: "stored", TimeMS: 1_700_000_009_000, Envelope: json.RawMessage(`{"v":7,"id":"` + ulid.Make().String() + `","kind":"hologram","x":[1]}`)},
		record(0, "ann", envelope(chat.KindText, func(e *chat.Envelope) { e.Text = "waits" })),
	}
	i := info()
	i.ReadID = first.ID
	if n, err := s.Restore(ctx, i, records); err != nil || n != len(records) {
		t.Fatal(n, err)
	}
	if err := s.RestoreReading(ctx, i); err != nil {
		t.Fatal(err)
	}
	return s
}

// content is all that a store shows of the room.
func content(t testing.TB, s *chat.Store) []chat.Message {
	t.Helper()
	r, err := s.Room(t.Context(), info().Key())
	if err != nil {
		t.Fatal(err)
	}
	page, err := r.Newest(t.Context(), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestExportComesBackWhole(t *testing.T) {
	ctx := t.Context()
	s := filled(t)
	folder := filepath.Join(t.TempDir(), "export")
	var told []float64
	stopped, stop := context.WithCancel(ctx)
	if _, err := Export(stopped, s, filepath.Join(t.TempDir(), "stopped"), English(), func(float64) { stop() }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if missing, err := Export(ctx, s, folder, English(), func(done float64) { told = append(told, done) }); err != nil || missing != 1 || len(told) == 0 || told[len(told)-1] < 0.99 {
		t.Fatalf("%d missing, %v", missing, err)
	}
	if _, err := Export(ctx, s, folder, English(), nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("into a folder that is not empty: %v", err)
	}
	// As a folder, and as a ZIP of it.
	packed := filepath.Join(t.TempDir(), "export.zip")
	pack(t, folder, packed)
	for _, path := range []string{folder, packed} {
		other := open(t)
		result, err := Import(ctx, other, path, nil)
		if err != nil || result != (Result{Messages: 10, Files: 1, Missing: 1}) {
			t.Fatalf("%+v, %v", result, err)
		}
		if got, want := content(t, other), content(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v\nwant\n%+v", got, want)
		}
		rooms, err := other.Rooms(ctx)
		if err != nil || rooms[0].Draft != "half a" || rooms[0].ReadID == "" {
			t.Errorf("%+v %v", rooms, err)
		}
		again, err := Import(ctx, other, path, nil)
		if err != nil || again.Messages != 0 || len(content(t, other)) != len(content(t, s)) {
			t.Errorf("twice: %+v, %v", again, err)
		}
		r, err := other.Room(ctx, info().Key())
		if err != nil {
			t.Fatal(err)
		}
		if found, err := r.Search(ctx, "edited", 5); err != nil || len(found) != 1 {
			t.Errorf("%v %v", found, err)
		}
	}
}

func pack(t *testing.T, folder, path string) {
	t.Helper()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z := zip.NewWriter(out)
	if err := z.AddFS(os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPagesAreHarmless(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "export")
	if _, err := Export(t.Context(), filled(t), folder, English(), nil); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "room-1", "messages-1.html"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for _, bad := range []string{"<script", "<img src=x", "<b>B", "\u202E", "SECRET"} {
		if strings.Contains(page, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	for _, good := range []string{"&lt;script&gt;", "second", "Message deleted", "needs a newer", "👍 1", "edited", "not saved here"} {
		if !strings.Contains(page, good) {
			t.Errorf("%q is not in the page", good)
		}
	}
	media := regexp.MustCompile(`img src="\.\./(media/[0-9a-f]{64}\.jpg)"`).FindStringSubmatch(page)
	if media == nil {
		t.Fatal("no picture")
	}
	if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(media[1]))); err != nil {
		t.Error(err)
	}
}

func TestPagesFollowEachOther(t *testing.T) {
	s := open(t)
	var records []chat.Record
	for i := range 2*pageMessages + 1 {
		records = append(records, record(uint64(i+1), "bob", envelope(chat.KindText, func(e *chat.Envelope) { e.Text = fmt.Sprint("m", i) })))
	}
	if _, err := s.Restore(t.Context(), info(), records); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "export")
	if _, err := Export(t.Context(), s, folder, English(), nil); err != nil {
		t.Fatal(err)
	}
	total := 0
	for i, links := range []int{2, 3, 2} {
		data, err := os.ReadFile(filepath.Join(folder, "room-1", pageName(i)))
		if err != nil {
			t.Fatal(err)
		}
		total += strings.Count(string(data), "<article")
		nav := string(data[:bytes.Index(data, []byte("</nav>"))])
		if got := strings.Count(nav, "<a "); got != links {
			t.Errorf("page %d has %d links", i, got)
		}
	}
	if total != len(records) {
		t.Errorf("%d messages on the pages", total)
	}
}

func exportOf(rooms string, files map[string]string) fstest.MapFS {
	out := fstest.MapFS{manifestFile: {Data: []byte(`{"format":"parley-export","version":1,"rooms":[` + rooms + `]}`)}}
	for name, data := range files {
		out[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return out
}

func TestBadImports(t *testing.T) {
	const standup = `{"server":"S","app":"local","room":"standup"}`
	good, err := json.Marshal(record(1, "bob", envelope(chat.KindText, func(e *chat.Envelope) { e.Text = "good" })))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		from    fs.FS
		want    error
		skipped int
		kept    int
	}{
		"nothing":        {from: fstest.MapFS{}, want: ErrFormat},
		"something else": {from: fstest.MapFS{manifestFile: {Data: []byte(`{"format":"other","version":1}`)}}, want: ErrFormat},
		"newer":          {from: fstest.MapFS{manifestFile: {Data: []byte(`{"format":"parley-export","version":2}`)}}, want: ErrNewer},
		"climbing room":  {from: exportOf(`{"room":"../../x"}`, nil), want: ErrFormat},
		"no messages":    {from: exportOf(standup, nil), want: ErrFormat},
		"endless row":    {from: exportOf(standup, map[string]string{"room-1/messages.json": "[\n" + strings.Repeat("x", lineMax+10)}), want: ErrTooLarge},
		"bad rows": {from: exportOf(standup, map[string]string{"room-1/messages.json": "[\n{},\nnonsense,\n" + string(good) +
			",\n{\"user\":\"bob\",\"seq\":1,\"status\":\"stored\",\"envelope\":{\"v\":1}},\n{\"user\":\"../x\",\"envelope\":{}},\n" +
			`{"user":"bob","status":"queued","envelope":` + string(record(0, "bob", envelope(chat.KindText, func(e *chat.Envelope) { e.Text = "x" })).Envelope) + "}\n]\n"}),
			skipped: 5, kept: 1},
	} {
		s := open(t)
		result, err := importFrom(t.Context(), s, test.from, nil)
		if !errors.Is(err, test.want) || result.Skipped != test.skipped || len(content(t, s)) != test.kept {
			t.Errorf("%s: %+v, %d kept, %v", name, result, len(content(t, s)), err)
		}
	}
}

func TestMediaIsWhatItsHashSays(t *testing.T) {
	right := []byte("the right bytes")
	sum := sha256.Sum256(right)
	sha := hex.EncodeToString(sum[:])
	row, err := json.Marshal(record(1, "bob", envelope(chat.KindFile, func(e *chat.Envelope) {
		e.File = &chat.File{SHA256: sha, Size: int64(len(right)), Name: "x"}
	})))
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]Result{
		string(right):                 {Messages: 1, Files: 1},
		"the wrong bytes":             {Messages: 1, Missing: 1},
		strings.Repeat("more ", 1000): {Messages: 1, Missing: 1},
	} {
		s := open(t)
		result, err := importFrom(t.Context(), s, exportOf(`{"server":"S","app":"local","room":"standup"}`, map[string]string{
			"room-1/messages.json": "[\n" + string(row) + "\n]\n", "media/" + sha + ".bin": data,
		}), nil)
		if err != nil || result != want {
			t.Errorf("%.20q: %+v, %v", data, result, err)
		}
	}
}

func TestBombAndClimbingAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bomb.zip")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(out)
	w, err := z.Create("room-1/messages.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(w, zeros{}, 200<<20); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Import(t.Context(), open(t), path, nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("bomb: %v", err)
	}
	// A link that leads out of the folder.
	folder, secret := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(`{"format":"parley-export","version":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(folder, manifestFile)); err != nil {
		t.Skip(err)
	}
	if _, err := Import(t.Context(), open(t), folder, nil); !errors.Is(err, ErrFormat) {
		t.Errorf("link: %v", err)
	}
	if _, err := Import(t.Context(), open(t), secret, nil); !errors.Is(err, ErrFormat) {
		t.Errorf("not a ZIP: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func FuzzImport(f *testing.F) {
	s := filled(f)
	folder := filepath.Join(f.TempDir(), "export")
	if _, err := Export(context.Background(), s, folder, English(), nil); err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{manifestFile, "room-1/messages.json"} {
		data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name == manifestFile, data)
	}
	f.Fuzz(func(t *testing.T, first bool, data []byte) {
		from := exportOf(`{"server":"S","app":"local","room":"standup"}`, map[string]string{"room-1/messages.json": "[]"})
		if first {
			from[manifestFile].Data = data
		} else {
			from["room-1/messages.json"].Data = data
		}
		other := open(t)
		if _, err := importFrom(t.Context(), other, from, nil); err == nil {
			content(t, other)
		}
	})
}

func BenchmarkImport10000(b *testing.B) {
	var records []chat.Record
	for i := range 10_000 {
		records = append(records, record(uint64(i+1), "bob", envelope(chat.KindText, func(e *chat.Envelope) { e.Text = fmt.Sprint("message number ", i, " 这是第几条消息") })))
	}
	for b.Loop() {
		s := open(b)
		for i := 0; i < len(records); i += recordsAtOnce {
			if _, err := s.Restore(b.Context(), info(), records[i:i+recordsAtOnce]); err != nil {
				b.Fatal(err)
			}
		}
	}
}
