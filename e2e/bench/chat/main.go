// Command chat measures the conversation: from send to shown between two
// clients of a real server, and the store with a million messages.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"parley/app/hardware"
	"parley/e2e/bench/corpus"
	"parley/e2e/bench/report"
	"parley/session"
	"parley/session/chat"
	"parley/session/chat/archive"
	"parley/session/chat/picture"
)

func main() {
	program := flag.String("parley", "bin/parley", "the program that serves")
	many := flag.Int("messages", 1_000_000, "how many messages the large room has")
	flag.Parse()
	results, err := measure(context.Background(), *program, *many)
	if err == nil {
		err = report.Write("chat", "make bench-chat", results)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, r := range results {
		fmt.Printf("%-44s %10g %-4s %s\n", r.Name, r.Ours, r.Unit, r.Goal)
	}
}

func measure(ctx context.Context, program string, many int) (results []report.Result, err error) {
	folder, err := os.MkdirTemp("", "parley-bench-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	talk, err := measureTalk(ctx, program, folder)
	if err != nil {
		return nil, err
	}
	store, err := measureStore(ctx, folder, many)
	return append(talk, store...), err
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile sorts the list.
func quantile(list []time.Duration, q float64) float64 {
	slices.Sort(list)
	return millis(list[min(int(q*float64(len(list))), len(list)-1)])
}

// person is a client, and what it is shown.
type person struct {
	engine   *session.Engine
	store    *chat.Store
	messages chan chat.Message
	files    chan chat.TransferChanged
}

func newPerson(ctx context.Context, address, name, folder string) (*person, error) {
	p := &person{messages: make(chan chat.Message, 10_000), files: make(chan chat.TransferChanged, 1000)}
	var err error
	if p.store, err = chat.Open(ctx, folder); err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	p.engine, err = session.NewEngine(session.Profile{Server: address, Devices: hardware.New(log), Store: p.store, Logger: log}, func(e session.Event) {
		if e, ok := e.(session.ChatEvent); ok {
			switch e := e.Event.(type) {
			case chat.MessageChanged:
				p.messages <- e.Message
			case chat.TransferChanged:
				p.files <- e
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return p, p.engine.LoginRoom(ctx, "bench", session.User{ID: name, Name: name}, session.Credential{})
}

func (p *person) end() { _ = errors.Join(p.engine.Close(), p.store.Close()) }

func measureTalk(ctx context.Context, program, folder string) ([]report.Result, error) {
	config := filepath.Join(folder, "server.yaml")
	if err := os.WriteFile(config, []byte("limits: {messages_per_minute: 1000000}\n"), 0o600); err != nil {
		return nil, err
	}
	server := exec.CommandContext(ctx, program, "serve", "--hosted", "--open", "--config", config, "--listen", "127.0.0.1:0", "--udp-port", "0", "--tcp-port", "0",
		"--data", filepath.Join(folder, "server"))
	stdin, err := server.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	defer func() { _ = errors.Join(stdin.Close(), server.Wait()) }()
	var ready struct{ Address string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil {
		return nil, err
	}
	ann, err := newPerson(ctx, ready.Address, "ann", filepath.Join(folder, "ann"))
	if err != nil {
		return nil, err
	}
	defer ann.end()
	bob, err := newPerson(ctx, ready.Address, "bob", filepath.Join(folder, "bob"))
	if err != nil {
		return nil, err
	}
	defer bob.end()
	texts, err := sendTexts(ctx, ann, bob, 1000)
	if err != nil {
		return nil, err
	}
	pictures, err := sendPictures(ctx, ann, bob, 10)
	if err != nil {
		return nil, err
	}
	return []report.Result{
		report.AtMost("text, send to shown, median", "ms", quantile(texts, 0.5), 5),
		report.AtMost("text, send to shown, 99 of 100", "ms", quantile(texts, 0.99), 30),
		report.AtMost("picture of 2 MiB, click to shown, median", "ms", quantile(pictures, 0.5), 400),
		report.AtMost("picture of 2 MiB, click to shown, slowest", "ms", quantile(pictures, 1), 400),
	}, nil
}

func sendTexts(ctx context.Context, from, to *person, n int) ([]time.Duration, error) {
	var took []time.Duration
	for i := range n {
		began := time.Now()
		sent, err := from.engine.Conversation().SendText(ctx, chat.Draft{Text: fmt.Sprint("message ", i)})
		if err != nil {
			return nil, err
		}
		for m := range to.messages {
			if m.ID == sent.ID {
				break
			}
		}
		took = append(took, time.Since(began))
		time.Sleep(5 * time.Millisecond)
	}
	return took, nil
}

// photograph is a JPEG of about 2 MiB: soft shapes with the grain of a camera.
func photograph(seed uint64) ([]byte, error) {
	const w, h = 3300, 2475
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	r := rand.New(rand.NewPCG(seed, 1))
	for y := range h {
		for x := range w {
			img.Y[y*img.YStride+x] = byte(60 + 100*x/w + 50*y/h + r.IntN(24))
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(120+i%13), byte(130+i/7%11)
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 86})
	return b.Bytes(), err
}

func sendPictures(ctx context.Context, from, to *person, n int) ([]time.Duration, error) {
	var took []time.Duration
	for i := range n {
		data, err := photograph(uint64(i))
		if err != nil {
			return nil, err
		}
		if i == 0 {
			fmt.Fprintf(os.Stderr, "a picture of %.2f MiB\n", float64(len(data))/(1<<20))
		}
		began := time.Now()
		prepared, err := picture.Prepare(ctx, bytes.NewReader(data), "photo.jpg")
		if err != nil {
			return nil, err
		}
		sent, err := from.engine.Conversation().SendPicture(ctx, prepared, false, chat.Draft{})
		if err != nil {
			return nil, err
		}
		for e := range to.files {
			if e.MessageID == sent.ID && e.Done {
				if e.Err != nil {
					return nil, e.Err
				}
				break
			}
		}
		// Shown is decoded.
		path, err := to.store.Files().Path(sent.File.SHA256)
		if err != nil {
			return nil, err
		}
		shown, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if _, _, err := image.Decode(bytes.NewReader(shown)); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// vocabulary is words as often as in a language: the second half as often as
// the first, the tenth a tenth (Zipf's law). The commonest are short; every
func measureStore(ctx context.Context, folder string, many int) ([]report.Result, error) {
	info, all, err := corpus.Store(ctx, filepath.Join(folder, "large"), many)
	if err != nil {
		return nil, err
	}
	size, err := os.Stat(filepath.Join(folder, "large", "messages.db"))
	if err != nil {
		return nil, err
	}
	results, err := measureLarge(ctx, filepath.Join(folder, "large"), info, all)
	if err != nil {
		return nil, err
	}
	results = append(results, report.Figure(fmt.Sprintf("store of %d messages", many), "MiB", float64(size.Size())/(1<<20)))
	imported, err := measureImport(ctx, folder, info, all[:min(100_000, many)])
	return append(results, imported...), err
}

// slowSearch is what is worth being named.
const slowSearch = 50 * time.Millisecond

func measureLarge(ctx context.Context, folder string, info chat.RoomInfo, all []chat.Record) ([]report.Result, error) {
	began := time.Now()
	store, err := chat.Open(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	room, err := store.Room(ctx, info.Key())
	if err != nil {
		return nil, err
	}
	if _, err := room.Newest(ctx, 50); err != nil {
		return nil, err
	}
	newest := time.Since(began)
	var pages, searches []time.Duration
	for range 500 {
		var e struct{ ID string }
		if err := json.Unmarshal(all[rand.IntN(len(all))].Envelope, &e); err != nil {
			return nil, err
		}
		began := time.Now()
		if page, err := room.Around(ctx, e.ID, 50); err != nil || len(page) != 50 {
			return nil, fmt.Errorf("%d messages around %s: %w", len(page), e.ID, err)
		}
		pages = append(pages, time.Since(began))
	}
	for _, query := range corpus.Queries() {
		began := time.Now()
		if _, err := room.Search(ctx, query, 50); err != nil {
			return nil, err
		}
		took := time.Since(began)
		if searches = append(searches, took); took > slowSearch {
			fmt.Fprintf(os.Stderr, "search for %q: %v\n", query, took)
		}
	}
	n := len(all)
	return []report.Result{
		report.AtMost(fmt.Sprintf("open a store of %d, newest page", n), "ms", millis(newest), 20),
		report.AtMost("page anywhere, median", "ms", quantile(pages, 0.5), 10),
		report.AtMost("page anywhere, 99 of 100", "ms", quantile(pages, 0.99), 10),
		report.AtMost("search, median", "ms", quantile(searches, 0.5), 100),
		report.AtMost("search, slowest", "ms", quantile(searches, 1), 100),
	}, nil
}

func measureImport(ctx context.Context, folder string, info chat.RoomInfo, all []chat.Record) ([]report.Result, error) {
	var none []report.Result
	from, err := chat.Open(ctx, filepath.Join(folder, "from"))
	if err != nil {
		return none, err
	}
	defer from.Close()
	for i := 0; i < len(all); i += 500 {
		if _, err := from.Restore(ctx, info, all[i:min(i+500, len(all))]); err != nil {
			return none, err
		}
	}
	if _, err := archive.Export(ctx, from, filepath.Join(folder, "export"), archive.English(), nil); err != nil {
		return none, err
	}
	to, err := chat.Open(ctx, filepath.Join(folder, "to"))
	if err != nil {
		return none, err
	}
	defer to.Close()
	// Somebody reads meanwhile.
	room, err := to.Room(ctx, info.Key())
	if err != nil {
		return none, err
	}
	reads := make(chan []time.Duration, 1)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		var took []time.Duration
		for reading.Err() == nil {
			began := time.Now()
			if _, err := room.Newest(ctx, 50); err != nil {
				break
			}
			took = append(took, time.Since(began))
			time.Sleep(5 * time.Millisecond)
		}
		reads <- took
	}()
	began := time.Now()
	result, err := archive.Import(ctx, to, filepath.Join(folder, "export"), nil)
	if err != nil || result.Messages != len(all) {
		return none, fmt.Errorf("imported %+v: %w", result, err)
	}
	took := time.Since(began)
	stop()
	return []report.Result{
		report.AtMost(fmt.Sprintf("import of %d messages", len(all)), "s", took.Seconds(), 10),
		report.AtMost("a page while that is written, slowest", "ms", quantile(<-reads, 1), 50),
	}, nil
}
