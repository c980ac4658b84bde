package instance

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/session/wire"
)

const link = "parley://127.0.0.1:7880/join?app=local&room=tea&token=T"

func claim(t *testing.T, data string) (*Instance, chan Request) {
	t.Helper()
	i, err := Claim(t.Context(), data, Request{}, slog.New(slog.DiscardHandler))
	if err != nil || i == nil {
		t.Fatalf("%v, %v", i, err)
	}
	heard := make(chan Request, 8)
	i.Serve(func(r Request) { heard <- r })
	return i, heard
}

func next(t *testing.T, heard chan Request) Request {
	t.Helper()
	select {
	case r := <-heard:
		return r
	case <-time.After(5 * time.Second):
		t.Fatal("nothing is heard")
		return Request{}
	}
}

func TestSecondStartIsHeard(t *testing.T) {
	// The second folder's name leaves no room for a socket in it.
	for name, data := range map[string]string{"short": t.TempDir(), "long": filepath.Join(t.TempDir(), strings.Repeat("d", 120))} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(data, 0o700); err != nil {
				t.Fatal(err)
			}
			i, heard := claim(t, data)
			for _, want := range []Request{{}, {Link: link}, {Server: "127.0.0.1:7880", Room: "tea", Name: "Ada", Token: "T", Join: true}} {
				second, err := Claim(t.Context(), data, want, slog.New(slog.DiscardHandler))
				if second != nil || err != nil {
					t.Fatalf("%v, %v", second, err)
				}
				if got := next(t, heard); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
			}
			other, _ := claim(t, t.TempDir())
			if err := errors.Join(other.Close(), i.Close()); err != nil {
				t.Error(err)
			}
			again, _ := claim(t, data)
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatACrashLeavesIsNoMatter(t *testing.T) {
	data := t.TempDir()
	for file, content := range map[string]string{
		lockFile: "", "instance.sock": "", addressFile: `{"network":"unix","address":"/nowhere","secret":"old"}`,
	} {
		if err := os.WriteFile(filepath.Join(data, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i, heard := claim(t, data)
	if _, err := Claim(t.Context(), data, Request{Link: link}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if got := next(t, heard); got.Link != link {
		t.Errorf("%+v", got)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
}

func TestStrangersAreNotHeard(t *testing.T) {
	data := t.TempDir()
	i, heard := claim(t, data)
	content, err := os.ReadFile(filepath.Join(data, addressFile))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(data, addressFile)); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	var at where
	if err := json.Unmarshal(content, &at); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"", "hello", `{"version":1,"secret":"guessed","request":{"link":"` + link + `"}}`, strings.Repeat("x", messageMost+1)} {
		conn, err := net.Dial(at.Network, at.Address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte(line))
		_ = conn.(interface{ CloseWrite() error }).CloseWrite()
		got := make([]byte, 8)
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		if n, err := conn.Read(got); err == nil {
			t.Errorf("%.20q is answered with %q", line, got[:n])
		}
		_ = conn.Close()
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
	if len(heard) > 0 {
		t.Errorf("%+v was heard", <-heard)
	}
}

// TestNextStartWaitsForTheEnd has a program that ends just then.
func TestNextStartWaitsForTheEnd(t *testing.T) {
	data := t.TempDir()
	i, heard := claim(t, data)
	i.Stop()
	time.AfterFunc(300*time.Millisecond, func() { _ = i.Close() })
	second, err := Claim(t.Context(), data, Request{Link: link}, slog.New(slog.DiscardHandler))
	if err != nil || second == nil {
		t.Fatalf("%v, %v", second, err)
	}
	if len(heard) > 0 {
		t.Error("the one that ends heard it")
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// TestNobodyAnswers has a first start that hangs.
func TestNobodyAnswers(t *testing.T) {
	data := t.TempDir()
	lock, taken, err := lockFolder(filepath.Join(data, lockFile))
	if err != nil || taken {
		t.Fatal(taken, err)
	}
	defer lock.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if i, err := Claim(ctx, data, Request{}, slog.New(slog.DiscardHandler)); i != nil || !errors.Is(err, ErrNotAnswering) {
		t.Errorf("%v, %v", i, err)
	}
}

// TestFirstStartTakesAnything has the window say what is wrong with the command
// line, and a second start say it itself.
func TestFirstStartTakesAnything(t *testing.T) {
	data := t.TempDir()
	wrong := Request{Room: "a b c"}
	i, err := Claim(t.Context(), data, wrong, slog.New(slog.DiscardHandler))
	if err != nil || i == nil {
		t.Fatalf("%v, %v", i, err)
	}
	heard := make(chan Request, 1)
	i.Serve(func(r Request) { heard <- r })
	if second, err := Claim(t.Context(), data, wrong, slog.New(slog.DiscardHandler)); second != nil || !errors.Is(err, wire.ErrCharacters) {
		t.Errorf("%v, %v", second, err)
	}
	if err := i.Close(); err != nil || len(heard) > 0 {
		t.Errorf("%v, %d heard", err, len(heard))
	}
}

func TestFolderWithoutLocks(t *testing.T) {
	if i, err := Claim(t.Context(), filepath.Join(t.TempDir(), "nowhere"), Request{}, slog.New(slog.DiscardHandler)); i != nil || !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v, %v", i, err)
	}
}

func TestRequestsAreChecked(t *testing.T) {
	for name, test := range map[string]struct {
		request Request
		wrong   bool
	}{
		"nothing":        {Request{}, false},
		"a link":         {Request{Link: link}, false},
		"a page":         {Request{Link: "https://example.org/"}, true},
		"a program":      {Request{Link: "file:///bin/sh"}, true},
		"a long room":    {Request{Room: strings.Repeat("r", 200)}, true},
		"a server":       {Request{Server: "host:1"}, false},
		"no server":      {Request{Server: "no such/address"}, true},
		"a long name":    {Request{Name: strings.Repeat("n", 300)}, true},
		"a large token":  {Request{Token: strings.Repeat("t", tokenMost+1)}, true},
		"two places":     {Request{Server: "host:1", Host: true}, true},
		"a room to host": {Request{Room: "tea", Host: true, Join: true}, false},
	} {
		if err := test.request.check(); (err != nil) != test.wrong {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, m := range []message{{version, "s", Request{}}, {version, "s", Request{Link: link, Join: true}}, {2, "", Request{}}} {
		line, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
		f.Add(append(line, '{'))
	}
	f.Add([]byte(`{"version":1,"secret":"s","request":{"other":1}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parse(data)
		if err != nil {
			return
		}
		// What was taken says the same again, and leads nowhere but to a room.
		line, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parse(line); err != nil || again != m {
			t.Fatalf("%+v, %v, was %+v", again, err, m)
		}
		if m.Request.Link != "" {
			if _, err := wire.ParseInvite(m.Request.Link); err != nil {
				t.Fatal(err)
			}
		}
	})
}
