package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/devices/synthetic"
)

// tour takes the pictures of docs/tour.md, of windows of one size.
type tour struct {
	*desk
	folder string
}

const tourWidth, tourHeight = 1100, 720

// TestTour takes the pictures of docs/tour.md, in the folder that PARLEY_TOUR names:
// see `make screenshots`. Each picture waits for what it is to show.
func TestTour(t *testing.T) {
	folder := os.Getenv("PARLEY_TOUR")
	if folder == "" {
		t.Skip("PARLEY_TOUR names no folder for the pictures")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Run("demo", func(t *testing.T) { (&tour{newDesk(t), folder}).demo(t) })
	t.Run("chinese", func(t *testing.T) { (&tour{newDesk(t), folder}).chinese(t) })
	t.Run("room", func(t *testing.T) { (&tour{newDesk(t), folder}).room(t) })
	t.Run("join", func(t *testing.T) { (&tour{newDesk(t), folder}).join(t) })
	t.Run("error", func(t *testing.T) { (&tour{newDesk(t), folder}).problem(t) })
}

// demo shows a call of four in the dark, and the statistics of it.
func (r *tour) demo(t *testing.T) {
	w := r.openDemo(t, "en", "dark")
	r.take(w, "call")
	r.xdo("key", "ctrl+shift+i")
	w.sees("Statistics")
	w.sees("Decoding")
	w.shows("what every row has", func(image.Image) bool { return strings.Count(w.reads(), "ms") > 8 })
	r.take(w, "statistics")
}

// chinese shows the demo's call in Chinese.
func (r *tour) chinese(t *testing.T) {
	w := r.openDemo(t, "zh", "light")
	r.take(w, "chinese")
}

// room shows what is in a call, in the light.
func (r *tour) room(t *testing.T) {
	address, _ := serve(t, "--open")
	guests := make(map[string]*process)
	for _, name := range []string{"Lin", "Maya", "Tom"} {
		guests[name] = peer(t, address, "demo", name, "--video", "synthetic:"+name, "--audio", "synthetic:"+name)
		guests[name].wait("publisher_state", is("state", "publishing"))
	}
	said := func(name, command, what string) {
		t.Helper()
		guests[name].say(command)
		guests["Tom"].wait("message", func(line map[string]any) bool {
			return line["status"] == "stored" && strings.Contains(fmt.Sprint(line["envelope"]), what)
		})
	}
	said("Lin", "/text Hello everybody, can you hear me?", "Hello everybody")
	said("Maya", "/text Loud and clear!", "Loud and clear")
	said("Tom", "/text Good afternoon.", "Good afternoon")

	w := r.start(t, "light", "--server", address, "--room", "demo", "--join")
	w.sees("Invite")
	w.sees("Good afternoon")
	w.shows("four people", tiles(4))

	// The picture that is sent is the first of the tour.
	picture := filepath.Join(r.folder, "call.png")
	sound := filepath.Join(t.TempDir(), "voice.wav")
	voice := make([]float32, 2*48000)
	synthetic.NewVoice("Tom").Fill(voice)
	words := wav(1, 1, 48000, 16, func(i int) uint32 { return uint32(int16(32000 * voice[i])) })
	if err := os.WriteFile(sound, words, 0o600); err != nil {
		t.Fatal(err)
	}
	said("Maya", "/image "+picture, "call.png")
	said("Tom", "/voice "+sound, "voice")
	r.calm(w, func(a, b image.Image) bool { return same(a, b, image.Rect(750, 60, tourWidth, 660)) })
	r.take(w, "chat")
	r.click(w, 808, 694)
	w.sees("Smileys")
	r.take(w, "emoji")
	r.xdo("key", "Escape")

	r.xdo("key", "ctrl+p")
	w.sees("Ada (you)")
	before := yellow(w.screenshot())
	guests["Maya"].say("/hand")
	w.shows("Maya's hand", func(img image.Image) bool { return yellow(img) > before+200 })
	r.calm(w, func(a, b image.Image) bool { return yellow(a) == yellow(b) })
	before = yellow(w.screenshot())
	guests["Lin"].say("/wave 👍")
	guests["Tom"].say("/wave 👍")
	var waving image.Image // is gone again soon
	w.shows("thumbs", func(img image.Image) bool {
		waving = img
		return yellow(img) > before+500
	})
	r.save(w, "people", waving)
	guests["Maya"].say("/hand down")
	r.xdo("key", "ctrl+p")

	guests["Lin"].say("/share synthetic")
	guests["Tom"].wait("streams", func(line map[string]any) bool { return at(line, "added", 0, "stream_id") == "Lin-screen" })
	w.sees("Lin is sharing their screen")
	r.take(w, "screen")
	guests["Lin"].say("/share off")
	w.shows("four people again", tiles(4))

	r.xdo("key", "ctrl+comma")
	w.sees("Appearance")
	r.take(w, "settings")
	r.click(w, 240, 120)
	w.sees("Your voice")
	r.take(w, "devices")
}

// join shows what comes before and after a call: the view to join, and a room that
// is read without a call.
func (r *tour) join(t *testing.T) {
	address, _ := serve(t, "--open")
	lin := peer(t, address, "demo", "Lin", "--video", "none", "--audio", "none", "--say", "Hello everybody, can you hear me?")
	lin.wait("message", is("status", "stored"))
	w := r.start(t, "light", "--server", address, "--room", "demo", "--join")
	w.sees("Hello everybody")
	r.click(w, 620, 694) // leaves
	w.sees("Recent rooms")
	r.take(w, "join")
	x, y := w.place("Read")
	r.click(w, x, y)
	w.sees("Messages on this computer")
	r.take(w, "reading")
}

// problem shows what a join that fails says.
func (r *tour) problem(t *testing.T) {
	w := r.start(t, "light", "--server", "127.0.0.1:1", "--room", "demo", "--join")
	w.sees("can't be reached")
	r.take(w, "error")
}

// start opens the window of Ada.
func (r *tour) start(t *testing.T, theme string, args ...string) *window {
	t.Helper()
	w := r.open("Ada", "0,0", append([]string{"--camera", "synthetic:Ada", "--microphone", "synthetic:Ada", "--speaker", "Ear1", "--theme", theme}, args...)...)
	r.ready(w)
	return w
}

// openDemo opens the window of `parley demo`, and waits until everybody has said
// what they say.
func (r *tour) openDemo(t *testing.T, language, theme string) *window {
	t.Helper()
	w := &window{desk: r.desk, data: t.TempDir()}
	w.process = start(t, "demo", r.env, binary, "demo", "--data", w.data, "--language", language, "--theme", theme)
	w.find()
	w.dark = theme == "dark"
	r.ready(w)
	w.shows("four people", tiles(4))
	for end := time.Now().Add(30 * time.Second); len(w.stored("demo")) < 9; time.Sleep(300 * time.Millisecond) {
		if time.Now().After(end) {
			w.keep()
			t.Fatalf("of what the demo's people say there is only %q", w.stored("demo"))
		}
	}
	return w
}

// ready has a window at its place, with the keyboard, and the mouse out of the way.
func (r *tour) ready(w *window) {
	r.xdo("windowmove", w.id, "0", "0")
	r.xdo("windowsize", "--sync", w.id, fmt.Sprint(tourWidth), fmt.Sprint(tourHeight))
	r.xdo("windowfocus", "--sync", w.id)
	r.xdo("mousemove", "1500", "1100")
}

// click presses what is at a place of the window, and takes the mouse away again.
func (r *tour) click(w *window, x, y int) {
	r.xdo("mousemove", "--window", w.id, fmt.Sprint(x), fmt.Sprint(y))
	time.Sleep(300 * time.Millisecond) // as a hand does, on what it is over by then
	r.xdo("mousedown", "1")
	time.Sleep(150 * time.Millisecond)
	r.xdo("mouseup", "1")
	r.xdo("mousemove", "1500", "1100")
}

// calm waits until what the window shows is alike for a second.
func (r *tour) calm(w *window, alike func(a, b image.Image) bool) {
	w.t.Helper()
	var last image.Image
	since := time.Now()
	w.shows("what stays", func(img image.Image) bool {
		if last == nil || !alike(last, img) {
			since = time.Now()
		}
		last = img
		return time.Since(since) > time.Second
	})
}

// same reports whether a part of two pictures is the same.
func same(a, b image.Image, part image.Rectangle) bool {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

// place is where the window shows a word.
func (w *window) place(word string) (x, y int) {
	w.t.Helper()
	for line := range strings.Lines(w.readsAgain(0, "tsv")) {
		cells := strings.Fields(line)
		if len(cells) != 12 || cells[11] != word {
			continue
		}
		var box [4]int // left, top, width and height
		for i := range box {
			var err error
			if box[i], err = strconv.Atoi(cells[6+i]); err != nil {
				w.t.Fatal(err)
			}
		}
		return (box[0] + box[2]/2) / 2, (box[1] + box[3]/2) / 2
	}
	w.keep()
	w.t.Fatalf("%s does not show %q", w.name, word)
	return 0, 0
}

// take keeps what the window shows.
func (r *tour) take(w *window, name string) {
	w.t.Helper()
	time.Sleep(500 * time.Millisecond) // what moves or fades in takes 200 ms at most
	r.save(w, name, w.screenshot())
}

// save keeps a picture of the window, with few colours: that makes it small.
func (r *tour) save(w *window, name string, img image.Image) {
	w.t.Helper()
	var whole bytes.Buffer
	if err := png.Encode(&whole, img); err != nil {
		w.t.Fatal(err)
	}
	path := filepath.Join(r.folder, name+".png")
	reduce := r.command("convert", "png:-", "-strip", "-dither", "None", "-colors", "256", "-define", "png:compression-level=9", "png8:"+path)
	reduce.Stdin = &whole
	if out, err := reduce.CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v: %s", name, err, out)
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(kept))
	if err != nil || config.Width != tourWidth || config.Height != tourHeight {
		w.t.Errorf("%s is %dx%d (%v)", name, config.Width, config.Height, err)
	}
}

// tiles reports whether that many synthetic people are shown: each holds a bar that
// is black for the most part.
func tiles(n int) func(image.Image) bool {
	return func(img image.Image) bool {
		bars := 0
		for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
			run := 0
			for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
				if red, green, blue, _ := img.At(x, y).RGBA(); red|green|blue < 0x0a00 {
					run++
					continue
				}
				if run > 30 && run < 200 {
					bars++
				}
				run = 0
			}
		}
		return bars > n*10
	}
}
