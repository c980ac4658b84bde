// Command list measures the chat list in a real window, over a store with a
// million messages: what takes until a change is on the screen, and how many
// times a second the window is drawn meanwhile.
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/canvas"

	"parley/e2e/bench/corpus"
	"parley/e2e/bench/report"
	"parley/session/chat"
	chatview "parley/views/chat"
	"parley/views/chat/frames"
	"parley/views/i18n"
	"parley/views/theme"
)

// The window is so wide, and so high; a tall one has 40 bubbles with pictures
// and voices in view at once.
const width, usual, tall = 420, 720, 4000

func main() {
	many := flag.Int("messages", 1_000_000, "how many messages the room has")
	flag.Parse()
	app.SetMetadata(fyne.AppMetadata{ID: "io.parley.bench", Name: "Parley", Migrations: map[string]bool{"fyneDo": true}})
	a := app.NewWithID("io.parley.bench")
	a.Settings().SetTheme(theme.New(theme.Light))
	b := &bench{window: a.NewWindow("Parley: benchmark of the list"), many: *many}
	b.window.SetPadded(false)
	b.window.Resize(fyne.NewSize(width, usual))
	var (
		results []report.Result
		err     error
	)
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			results, err = b.measure(context.Background())
			fyne.Do(a.Quit)
		}()
	})
	b.window.ShowAndRun()
	if err == nil {
		err = report.Write("list", "make bench-list", results)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, r := range results {
		fmt.Printf("%-56s %10g %-8s %s\n", r.Name, r.Ours, r.Unit, r.Goal)
	}
}

type bench struct {
	window fyne.Window
	many   int
	room   *chat.RoomStore
	view   *chatview.View
	frames atomic.Int64 // how often the window was drawn
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func quantile(list []time.Duration, q float64) float64 {
	slices.Sort(list)
	return millis(list[min(int(q*float64(len(list))), len(list)-1)])
}

// drawn acts just before a frame, and gives how long it took until that frame
// was on the screen, and the acting alone.
func (b *bench) drawn(act func()) (all, alone time.Duration) {
	done := make(chan struct{})
	var animation *fyne.Animation
	animation = &fyne.Animation{Duration: time.Hour, RepeatCount: fyne.AnimationRepeatForever, Tick: func(float32) {
		animation.Stop()
		began := time.Now()
		act()
		alone = time.Since(began)
		fyne.Do(func() { // runs once the frame is drawn
			all = time.Since(began)
			close(done)
		})
	}}
	fyne.Do(animation.Start)
	<-done
	return all, alone
}

func (b *bench) measure(ctx context.Context) ([]report.Result, error) {
	folder, err := os.MkdirTemp("", "parley-bench-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	info, _, err := corpus.Store(ctx, filepath.Join(folder, "large"), b.many)
	if err != nil {
		return nil, err
	}
	store, err := chat.Open(ctx, filepath.Join(folder, "large"))
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if b.room, err = store.Room(ctx, info.Key()); err != nil {
		return nil, err
	}
	// The fonts of the scripts in the corpus are loaded by the first text that
	// needs them, whoever shows it: they are not counted as the list's.
	fyne.DoAndWait(func() { b.window.SetContent(canvas.NewText("Parley 你好 👋", color.Black)) })
	time.Sleep(time.Second)
	fyne.DoAndWait(func() {
		b.view = chatview.New(i18n.New("en"), chatview.Actions{Dispatch: fyne.Do, Record: func() {}})
		b.window.SetContent(b.view.CanvasObject())
		(&fyne.Animation{Duration: time.Hour, RepeatCount: fyne.AnimationRepeatForever, Tick: func(float32) { b.frames.Add(1) }}).Start()
	})
	time.Sleep(time.Second)
	empty := memory()
	results, err := b.pages(ctx)
	if err != nil {
		return nil, err
	}
	results = append(results, report.AtMost("memory over the empty room, after 40 pages each way", "MiB", memory()-empty, 50))
	return append(results, b.media()...), nil
}

// memory is what this process holds, in MiB.
func memory() float64 {
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return math.NaN()
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kib, err := strconv.ParseFloat(fields[1], 64)
			if err != nil {
				return math.NaN()
			}
			return kib / 1024
		}
	}
	return math.NaN()
}

func bubbles(page []chat.Message) []chatview.Message {
	list := make([]chatview.Message, len(page))
	for i, m := range page {
		list[i] = chatview.Message{ID: m.ID, Order: m.Order(), UserID: m.UserID, Name: m.Name, Text: m.Text, Time: m.Time, Status: chatview.Stored, Progress: -1}
	}
	return list
}

// pages opens the room, goes to its oldest message, and reads on from there.
func (b *bench) pages(ctx context.Context) (results []report.Result, err error) {
	const page = 50
	var opened, oldest, prepended []time.Duration
	step := func(into *[]time.Duration, read func() ([]chat.Message, error), show func([]chatview.Message)) {
		began := time.Now()
		messages, readErr := read()
		took := time.Since(began)
		if readErr != nil {
			err = readErr
			return
		}
		drawn, _ := b.drawn(func() { show(bubbles(messages)) })
		*into = append(*into, took+drawn)
	}
	for range 20 {
		step(&opened, func() ([]chat.Message, error) { return b.room.Newest(ctx, page) },
			func(m []chatview.Message) { b.view.Reset(m, chatview.Opening{}) })
		step(&oldest, func() ([]chat.Message, error) { return b.room.At(ctx, time.Time{}, page) },
			func(m []chatview.Message) { b.view.Reset(m, chatview.Opening{At: m[0].ID, More: true}) })
	}
	var down, up []time.Duration
	for range 40 {
		step(&down, func() ([]chat.Message, error) { return b.room.After(ctx, b.view.Newest(), page) },
			func(m []chatview.Message) { b.view.Append(true, m...); b.view.ScrollBy(1e6) })
	}
	step(&opened, func() ([]chat.Message, error) { return b.room.Newest(ctx, page) },
		func(m []chatview.Message) { b.view.Reset(m, chatview.Opening{}) })
	for range 40 {
		step(&up, func() ([]chat.Message, error) { return b.room.Before(ctx, b.view.Oldest(), page) },
			func(m []chatview.Message) { b.view.Prepend(m...); b.view.ScrollBy(-1e6) })
	}
	step(&prepended, func() ([]chat.Message, error) { return b.room.Before(ctx, b.view.Oldest(), 1000) },
		func(m []chatview.Message) { b.view.Prepend(m...) })
	if err != nil {
		return nil, err
	}
	return []report.Result{
		report.AtMost(fmt.Sprintf("open a room of %d, newest page on the screen, first time", b.many), "ms", millis(opened[0]), 100),
		report.AtMost("the same, again, median", "ms", quantile(opened[1:], 0.5), 100),
		report.AtMost("jump to the oldest, on the screen, first time", "ms", millis(oldest[0]), 50),
		report.AtMost("the same, again, median", "ms", quantile(oldest[1:], 0.5), 50),
		report.Figure("a page more at the end, on the screen, median", "ms", quantile(down, 0.5)),
		report.Figure("a page more at the beginning, on the screen, median", "ms", quantile(up, 0.5)),
		report.Figure("1000 messages more at the beginning, on the screen", "ms", quantile(prepended, 1)),
	}, nil
}

func picture(w, h int, seed byte) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{byte(x) + seed, byte(y), seed, 255})
		}
	}
	return img
}

// media scrolls through pictures and voice messages, and has messages come.
func (b *bench) media() []report.Result {
	wave := make([]byte, 64)
	for i := range wave {
		wave[i] = byte(i * 37)
	}
	var list []chatview.Message
	for i := range 400 {
		m := chatview.Message{ID: fmt.Sprintf("m%04d", i), UserID: fmt.Sprint("u", i/4%3), Name: "Somebody", Order: int64(i + 1), Time: time.Now().Add(time.Duration(i-400) * 10 * time.Second), Status: chatview.Stored, Progress: -1}
		if i%2 == 0 {
			m.Kind, m.Width, m.Height, m.Image = frames.Picture, 640, 160, picture(640, 160, byte(i))
		} else {
			m.Kind, m.Duration, m.Waveform = frames.Voice, time.Duration(i%60)*time.Second, wave
		}
		list = append(list, m)
	}
	b.resize(tall)
	b.drawn(func() { b.view.Reset(list, chatview.Opening{}) })
	var steps, shown []time.Duration
	by := float32(-37)
	for i := range 600 {
		if i%150 == 149 {
			by = -by
		}
		all, alone := b.drawn(func() { b.view.ScrollBy(by) })
		steps, shown = append(steps, alone), append(shown, all)
	}
	results := []report.Result{
		report.AtMost("scroll step with 20 pictures and 20 voices in view, 99 of 100", "ms", quantile(steps, 0.99), 4),
		report.Figure("the same, on the screen, median", "ms", quantile(shown, 0.5)),
	}
	b.resize(usual)
	idle := math.Round(10*b.refreshes(2*time.Second, 0)) / 10
	busy := b.refreshes(5*time.Second, 100)
	share := report.Result{Name: "refreshes a second while 100 messages a second come", Unit: "Hz", Ours: math.Round(busy*10) / 10, Peer: &idle, Goal: "60 Hz, as without messages", Holds: busy >= 0.97*idle}
	ratio := math.Round(100*busy/idle) / 100
	share.Ratio = &ratio
	return append(results, share)
}

func (b *bench) resize(height float32) {
	fyne.DoAndWait(func() { b.window.Resize(fyne.NewSize(width, height)) })
	time.Sleep(500 * time.Millisecond)
}

// refreshes counts how often the window is drawn a second, while so many
// messages come.
func (b *bench) refreshes(d time.Duration, perSecond int) float64 {
	before, began := b.frames.Load(), time.Now()
	for n := 0; time.Since(began) < d; {
		if perSecond == 0 {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		due := int(time.Since(began).Seconds() * float64(perSecond))
		for ; n < due; n++ {
			m := chatview.Message{ID: fmt.Sprintf("n%04d", n), UserID: fmt.Sprint("u", n/3%3), Name: "Somebody", Order: int64(1000 + n), Time: time.Now(), Text: "A message that comes with many others, " + strconv.Itoa(n), Status: chatview.Stored, Progress: -1}
			fyne.Do(func() { b.view.Update(m) })
		}
		time.Sleep(time.Millisecond)
	}
	return float64(b.frames.Load()-before) / time.Since(began).Seconds()
}
