package e2e

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/devices/synthetic"
	"parley/session/chat"
)

// desk is a virtual display and a virtual sound card with two ears.
type desk struct {
	t       *testing.T
	display string
	env     []string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool", "import", "pulseaudio", "parec", "tesseract"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing: make setup installs it", tool)
		}
	}
	d := &desk{t: t}
	// The server picks a free display and tells it through a pipe.
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// One that starts over when its last client goes refuses the next one meanwhile.
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1600x1200x24", "-noreset")
	x.ExtraFiles = []*os.File{write}
	d.run(x)
	_ = write.Close()
	var number int
	if _, err := fmt.Fscanln(read, &number); err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	_ = read.Close()
	d.display = fmt.Sprintf(":%d", number)

	// A socket's path has to be short.
	folder, err := os.MkdirTemp("", "pa")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	socket := filepath.Join(folder, "s")
	pulse := exec.Command("pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n",
		"-L", "module-native-protocol-unix socket="+socket+" auth-anonymous=1",
		"-L", "module-null-sink sink_name=ear1 rate=48000 sink_properties=device.description=Ear1",
		"-L", "module-null-sink sink_name=ear2 rate=48000 sink_properties=device.description=Ear2")
	pulse.Env = append(os.Environ(), "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "PULSE_RUNTIME_PATH="+folder)
	d.run(pulse)
	d.env = []string{"DISPLAY=" + d.display, "WAYLAND_DISPLAY=", "PULSE_SERVER=unix:" + socket, "LANG=en_US.UTF-8", "XDG_CONFIG_HOME=" + folder}
	for range 100 {
		if d.command("pactl", "info").Run() == nil {
			return d
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("pulseaudio does not answer")
	return nil
}

// run runs a tool until the test ends.
func (d *desk) run(cmd *exec.Cmd) {
	d.t.Helper()
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func (d *desk) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), d.env...)
	// The threads of readers of pages wait for each other where there is much else to do.
	cmd.Env = append(cmd.Env, "OMP_THREAD_LIMIT=1")
	return cmd
}

// xdo drives the window as a person's hands would.
func (d *desk) xdo(args ...string) string {
	d.t.Helper()
	out, err := d.command("xdotool", args...).Output()
	if err != nil {
		d.t.Fatalf("xdotool %q: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

// window is an app on the desk.
type window struct {
	*process
	desk *desk
	id   string
	data string
	dark bool
}

// open starts the app and puts its window at a place of the display.
func (d *desk) open(name, place string, args ...string) *window {
	d.t.Helper()
	w := &window{desk: d, data: d.t.TempDir()}
	// Without a window manager windows are never in front for long: the small one
	// would come and go over what is looked at.
	if err := os.WriteFile(filepath.Join(w.data, "preferences.json"), []byte(`{"compact_off":true}`), 0o600); err != nil {
		d.t.Fatal(err)
	}
	w.start(name, args...)
	x, y, _ := strings.Cut(place, ",")
	d.xdo("windowmove", w.id, x, y)
	d.xdo("windowsize", w.id, "1000", "590")
	return w
}

// start starts the app on the window's data folder.
func (w *window) start(name string, args ...string) {
	w.desk.t.Helper()
	w.id = ""
	w.process = start(w.desk.t, name, w.desk.env, binary, append([]string{"--data", w.data, "--name", name, "--language", "en", "--theme", "light"}, args...)...)
	w.find()
}

// find waits until there is a window.
func (w *window) find() {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); w.id == "" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		out, _ := w.desk.command("xdotool", "search", "--onlyvisible", "--pid", fmt.Sprint(w.cmd.Process.Pid)).Output()
		w.id, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	}
	if w.id == "" {
		w.t.Fatalf("%s shows no window", w.name)
	}
}

// screenshot is what the window shows now. It is kept where the test fails.
func (w *window) screenshot() image.Image {
	w.t.Helper()
	out, err := w.desk.command("import", "-window", w.id, "png:-").Output()
	if err != nil {
		w.t.Fatalf("screenshot: %v", err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		w.t.Fatal(err)
	}
	if folder := os.Getenv("PARLEY_SCREENSHOTS"); folder != "" {
		_ = os.WriteFile(filepath.Join(folder, w.name+".png"), out, 0o600)
	}
	return img
}

// reads is the text in the window, as a reader of pages sees it.
func (w *window) reads() string {
	w.t.Helper()
	return w.readsAgain(0)
}

// contrast has what is near to black or white be that, every second time: a dialog over
// a window that is dimmed is taken for a picture otherwise, and not for text.
func (w *window) contrast(shot []byte, tries int) []byte {
	w.t.Helper()
	if tries%2 == 0 {
		return shot
	}
	change := w.desk.command("convert", "-", "-colorspace", "Gray", "-level", "30%,75%", "pgm:-")
	change.Stdin = bytes.NewReader(shot)
	out, err := change.Output()
	if err != nil {
		w.t.Fatalf("more contrast: %v", err)
	}
	return out
}

// readsAgain is one of several tries to read, in a form that tesseract knows.
func (w *window) readsAgain(tries int, form ...string) string {
	w.t.Helper()
	args := []string{"-window", w.id, "-resize", "200%"}
	if w.dark { // a page is dark on light
		args = append(args, "-negate")
	}
	shot, err := w.desk.command("import", append(args, "ppm:-")...).Output()
	if err != nil {
		w.t.Fatalf("screenshot: %v", err)
	}
	read := w.desk.command("tesseract", append([]string{"-", "-", "--psm", "11"}, form...)...)
	read.Stdin = bytes.NewReader(w.contrast(shot, tries))
	out, err := read.Output()
	if err != nil {
		w.t.Fatalf("tesseract: %v", err)
	}
	return string(out)
}

// sees waits until the window shows a text.
func (w *window) sees(text string) {
	w.t.Helper()
	var last string
	// A page of much text takes long to read, where there is much else to do.
	end := time.Now().Add(40 * time.Second)
	for tries := 0; tries < 4 || time.Now().Before(end); tries++ {
		if last = w.readsAgain(tries); reads(last, text) {
			return
		}
		time.Sleep(300 * time.Millisecond)
	}
	w.keep()
	w.t.Fatalf("%s does not show %q but:\n%s", w.name, text, last)
}

// reads reports whether a text is among what was recognised of a window, but for
// a letter in eight that was taken for another.
func reads(recognised, text string) bool {
	want := []rune(strings.ToLower(text))
	for line := range strings.Lines(strings.ToLower(recognised)) {
		// The row of distances of the text to what ends at each letter of the line.
		row := make([]int, len(want)+1)
		for i := range row {
			row[i] = i
		}
		for _, letter := range line {
			before := row[0]
			for i, w := range want {
				changed := before
				if w != letter {
					changed++
				}
				before = row[i+1]
				row[i+1] = min(changed, row[i+1]+1, row[i]+1)
			}
			if row[len(want)] <= len(want)/8 {
				return true
			}
		}
	}
	return false
}

func TestReads(t *testing.T) {
	for recognised, want := range map[string]bool{
		"GREETINGS FROM BOB":                          true,
		"al\n| C “GReerines FROM BOB :;\n227 +9806\n": true,
		"GREETINGS FROM ANN":                          false,
		"HELLO FROM BOB":                              false,
		"GREETINGS\nFROM BOB":                         false,
		"":                                            false,
	} {
		if got := reads(recognised, "GREETINGS FROM BOB"); got != want {
			t.Errorf("%q: %v", recognised, got)
		}
	}
}

// keep puts a screenshot where one can look at it.
func (w *window) keep() {
	out, err := w.desk.command("import", "-window", "root", "png:-").Output()
	if err == nil {
		_ = os.MkdirAll("artifacts", 0o755)
		_ = os.WriteFile(filepath.Join("artifacts", strings.ReplaceAll(w.t.Name(), "/", "-")+".png"), out, 0o600)
	}
}

// seesFrames waits for two pictures with different numbers.
func (w *window) seesFrames() {
	w.t.Helper()
	first, found := uint32(0), false
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		n, ok := synthetic.DecodeImage(w.screenshot())
		if ok && found && n != first { // a file begins again
			return
		}
		if ok && !found {
			first, found = n, true
		}
	}
	w.keep()
	w.t.Fatalf("%s shows no moving picture", w.name)
}

// hears records what an ear plays and looks for a voice.
func (d *desk) hears(sink, voice string) bool {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 3*time.Second)
	defer cancel()
	record := exec.CommandContext(ctx, "parec", "-d", sink+".monitor", "--rate=48000", "--channels=1", "--format=s16le", "--raw")
	record.Env = append(os.Environ(), d.env...)
	out, err := record.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := record.Start(); err != nil {
		d.t.Fatal(err)
	}
	data, _ := io.ReadAll(out)
	_ = record.Wait()
	return synthetic.HearsPilot(pcm(data), synthetic.Pilot(voice))
}

// stored reads the texts of a window's message store.
func (w *window) stored(room string) []string {
	w.t.Helper()
	store, err := chat.Open(w.t.Context(), filepath.Join(w.data, "history"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	recents, err := store.Recents(w.t.Context(), 10)
	if err != nil {
		w.t.Fatal(err)
	}
	var texts []string
	for _, r := range recents {
		if r.Key.RoomID != room {
			continue
		}
		history, err := store.Room(w.t.Context(), r.Key)
		if err != nil {
			w.t.Fatal(err)
		}
		page, err := history.Newest(w.t.Context(), 50)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, m := range page {
			texts = append(texts, m.UserID+": "+m.Text)
		}
	}
	return texts
}

// write clicks into the composer at the window's lower right, and types.
func (w *window) write(text string) {
	w.t.Helper()
	w.desk.xdo("windowfocus", "--sync", w.id)
	w.desk.xdo("mousemove", "--window", w.id, "800", "562")
	time.Sleep(200 * time.Millisecond) // as a hand does, on what it is over by then
	w.desk.xdo("click", "1")
	time.Sleep(300 * time.Millisecond)
	w.desk.xdo("type", "--delay", "15", text)
	w.desk.xdo("key", "Return")
}

// TestTwoWindows is a call and a chat between two windows on one computer, one
// of which hosts: each sees the other's moving picture, plays the other's
// voice, and shows and stores both texts.
func TestTwoWindows(t *testing.T) {
	d := newDesk(t)
	ann := d.open("Ann", "0,0", "--host", "--room", "tea", "--join",
		"--camera", "synthetic:ann", "--microphone", "synthetic:ann", "--speaker", "Ear1")
	ann.sees("tea")
	address := ann.hostAddress()
	token := ann.token("tea")
	bob := d.open("Bob", "0,600", "--server", address, "--room", "tea", "--join", "--token-file", token,
		"--camera", "synthetic:bob", "--microphone", "synthetic:bob", "--speaker", "Ear2")
	bob.sees("tea")
	ann.seesFrames()
	bob.seesFrames()
	if !d.hears("ear1", "bob") {
		t.Error("Ann's speaker does not play Bob's voice")
	}
	if !d.hears("ear2", "ann") {
		t.Error("Bob's speaker does not play Ann's voice")
	}
	ann.write("HELLO FROM ANN")
	bob.sees("HELLO FROM ANN")
	bob.write("GREETINGS FROM BOB")
	ann.sees("GREETINGS FROM BOB")
	for _, w := range []*window{ann, bob} {
		if texts := w.stored("tea"); len(texts) != 2 || !strings.HasSuffix(texts[0], ": HELLO FROM ANN") || !strings.HasSuffix(texts[1], ": GREETINGS FROM BOB") {
			t.Errorf("%s has stored %q", w.name, texts)
		}
	}
	if code := bob.stop(); code != 0 {
		t.Errorf("Bob ends with status %d", code)
	}
	ann.sees("1 person")
}

// hostAddress finds the hosted server: its front listens on the default port,
// or on another that the process tells.
func (w *window) hostAddress() string {
	w.t.Helper()
	children, err := exec.Command("pgrep", "-P", fmt.Sprint(w.cmd.Process.Pid)).Output()
	if err != nil {
		w.t.Fatalf("%s hosts nothing: %v", w.name, err)
	}
	pid := strings.Fields(string(children))[0]
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		for _, port := range listening(w.t, pid) {
			if healthy("127.0.0.1:" + port) {
				return "127.0.0.1:" + port
			}
		}
	}
	w.t.Fatal("the hosted server does not answer")
	return ""
}

// token signs a token as the host's invite does.
func (w *window) token(room string) string {
	w.t.Helper()
	out, err := exec.Command(binary, "token", "--room", room, "--data", w.data).Output()
	if err != nil {
		w.t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	path := filepath.Join(w.t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(strings.TrimSpace(strings.TrimPrefix(line, "token:"))), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// TestFailuresAreSentences shows that a failed join says what and why in the
// window, keeps what was typed, and does not hang.
func TestFailuresAreSentences(t *testing.T) {
	d := newDesk(t)
	address, _ := serve(t)
	for _, test := range []struct{ name, server, room, says string }{
		{"nobody listens", "127.0.0.1:1", "tea", "can't be reached"},
		{"no address", "no such/address", "tea", "not a server address"},
		{"no token", address, "tea", "needs an invite"},
		{"a long room", address, strings.Repeat("r", 130), "name is too long"},
		{"spaces in the room", address, "a b c", "characters that can't be used"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := &desk{t: t, display: d.display, env: d.env}
			w := d.open("Kim", "0,0", "--server", test.server, "--room", test.room, "--join", "--camera", "none", "--microphone", "none")
			began := time.Now()
			w.sees(test.says)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			if test.room == "tea" {
				w.sees("tea") // what was typed is still there
			}
			if code := w.stop(); code != 0 {
				t.Errorf("status %d", code)
			}
		})
	}
}
