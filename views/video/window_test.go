package video

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"go.uber.org/goleak"

	"parley/session/frame"
)

// windowVariable makes the test binary open a window instead of running
// tests. Only a real window draws shaders, and only the main goroutine of a
// program may own one.
const windowVariable = "PARLEY_VIDEO_WINDOW"

// softwareMode, behind the name of a window, has it convert on the CPU from when
// there are pictures in it.
const softwareMode = "-software"

const (
	windowWidth, windowHeight = 1400, 960
	windowTitle               = "parley video test"
	windowReady               = "ready"
)

func TestMain(m *testing.M) {
	// A window would start a bus of its own, which nobody ends.
	if err := os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"); err != nil {
		panic(err)
	}
	mode, software := strings.CutSuffix(os.Getenv(windowVariable), softwareMode)
	switch mode {
	case "cases":
		showCases(software)
	case "frames":
		showFrames(software)
	default:
		// The windowing driver starts a goroutine when it is linked in.
		goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
	}
}

// placed is where a case's tile lies in the window.
type placed struct {
	testCase
	x, y int
}

// place lays the cases out in rows.
func place() []placed {
	const gap = 10
	var out []placed
	x, y, row := gap, gap, 0
	for _, c := range testCases {
		if x+c.tileW > windowWidth {
			x, y, row = gap, y+row+gap, 0
		}
		out = append(out, placed{c, x, y})
		x, row = x+c.tileW+gap, max(row, c.tileH)
	}
	return out
}

// background shows through round corners and beside contained pictures.
var background = color.NRGBA{R: 40, G: 200, B: 90, A: 255}

func openWindow(fill func(*Presenter, *fyne.Container)) {
	a := app.NewWithID("io.parley.videotest")
	w := a.NewWindow(windowTitle)
	p := NewPresenter(Params{Dispatch: fyne.Do})
	content := container.NewWithoutLayout()
	back := canvas.NewRectangle(background)
	back.Resize(fyne.NewSize(windowWidth, windowHeight))
	content.Add(back)
	w.SetPadded(false)
	w.SetContent(content)
	w.Resize(fyne.NewSize(windowWidth, windowHeight))
	w.SetFixedSize(true)
	fill(p, content)
	w.ShowAndRun()
	p.Close()
}

// whilePaints says "ready" once the window has had time to paint, and ends
// the window with its parent. Software is told to convert on the CPU first.
func whilePaints(software *Presenter) {
	if software != nil {
		time.Sleep(300 * time.Millisecond)
		fyne.DoAndWait(software.UseSoftware)
	}
	time.Sleep(time.Second)
	fmt.Println(windowReady)
	_, _ = io.Copy(io.Discard, os.Stdin)
	fyne.Do(fyne.CurrentApp().Quit)
}

func showCases(software bool) {
	openWindow(func(p *Presenter, content *fyne.Container) {
		var pool frame.Pool
		for _, c := range place() {
			feed := p.NewFeed()
			tile := NewTile(feed, Options{Fit: c.d.fit, Mirror: c.d.mirror, CornerRadius: float32(c.d.radius)})
			content.Add(tile)
			tile.Move(fyne.NewPos(float32(c.x), float32(c.y)))
			tile.Resize(fyne.NewSize(float32(c.tileW), float32(c.tileH)))
			f, err := pool.Get(c.width, c.height)
			if err != nil {
				panic(err)
			}
			fillPattern(f)
			c.prepare(f)
			feed.Show(f)
			f.Release()
		}
		if !software {
			p = nil
		}
		go whilePaints(p)
	})
}

// showFrames runs pooled frames through one tile for a while, so that the
// same bytes and headers come round many times, then stops at a known grey.
// Then it closes that tile, and its slot goes to a second one.
func showFrames(software bool) {
	openWindow(func(p *Presenter, content *fyne.Container) {
		first, second := p.NewFeed(), p.NewFeed()
		add := func(feed *Feed, x float32) *Tile {
			tile := NewTile(feed, Options{})
			content.Add(tile)
			tile.Move(fyne.NewPos(x, 0))
			tile.Resize(fyne.NewSize(100, 100))
			return tile
		}
		one := add(first, 0)
		stays := p.NewFeed()
		add(stays, 400)
		go func() {
			time.Sleep(500 * time.Millisecond)
			if software {
				fyne.DoAndWait(p.UseSoftware)
			}
			var pool frame.Pool
			show := func(feed *Feed, grey byte) {
				f, err := pool.Get(64, 64)
				if err != nil {
					panic(err)
				}
				f.FullRange = true
				for _, plane := range []struct {
					bytes []byte
					level byte
				}{{f.Y, grey}, {f.U, 128}, {f.V, 128}} {
					for i := range plane.bytes {
						plane.bytes[i] = plane.level
					}
				}
				feed.Show(f)
				f.Release()
			}
			for i := range 200 {
				show(first, byte(i))
				show(stays, byte(255-i))
				time.Sleep(5 * time.Millisecond)
			}
			show(stays, 77)
			time.Sleep(200 * time.Millisecond)
			fyne.DoAndWait(func() {
				one.Close()
				content.Remove(one)
				add(second, 200)
			})
			show(second, 150)
			whilePaints(nil)
		}()
	})
}

// display starts an X server of its own and returns its name.
func display(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"Xvfb", "import"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the shader needs a display to draw on: %v", err)
		}
	}
	const name = ":42"
	server := exec.Command("Xvfb", name, "-screen", "0", fmt.Sprintf("%dx%dx24", windowWidth, windowHeight), "-nolisten", "tcp")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	})
	for range 100 {
		if _, err := os.Stat("/tmp/.X11-unix/X" + name[1:]); err == nil {
			return name
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the X server did not come up")
	return ""
}

// screenshot runs the window called mode until it painted, and reads it back.
func screenshot(t *testing.T, mode string) *image.RGBA {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	env := append(os.Environ(), "DISPLAY="+display(t), windowVariable+"="+mode, "FYNE_SCALE=1", "LANG=en_US.UTF-8")
	window := exec.CommandContext(ctx, os.Args[0])
	window.Env = env
	// A file, not a buffer: it is read while the window still writes.
	log, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	window.Stderr = log
	complaints := func() string {
		said, err := os.ReadFile(log.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(said)
	}
	stdin, err := window.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := window.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := window.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = window.Wait()
	})
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || strings.TrimSpace(line) != windowReady {
		t.Fatalf("the window said %q: %v\n%s", line, err, complaints())
	}
	var raw []byte
	for range 10 { // the window of a busy machine is not there yet, or is black
		grab := exec.CommandContext(ctx, "import", "-window", windowTitle, "-depth", "8", "rgb:-")
		grab.Env = env
		raw, err = grab.Output()
		if n := len(raw); err == nil && n >= 3 && raw[n-2] == background.G {
			break
		}
		time.Sleep(time.Second)
	}
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("screenshot: %v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	if len(raw) != windowWidth*windowHeight*3 {
		t.Fatalf("screenshot has %d bytes, want %d", len(raw), windowWidth*windowHeight*3)
	}
	if said := complaints(); strings.Contains(said, "shader") {
		t.Fatalf("the window complains:\n%s", said)
	}
	img := image.NewRGBA(image.Rect(0, 0, windowWidth, windowHeight))
	for i := range windowWidth * windowHeight {
		copy(img.Pix[4*i:], raw[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	return img
}

func TestShaderMatchesReference(t *testing.T) {
	if testing.Short() {
		t.Skip("opens a window")
	}
	for _, mode := range []string{"", softwareMode} {
		t.Run("cases"+mode, func(t *testing.T) { checkCases(t, screenshot(t, "cases"+mode)) })
	}
}

func checkCases(t *testing.T, img *image.RGBA) {
	back := [3]float64{float64(background.R), float64(background.G), float64(background.B)}
	for _, c := range place() {
		t.Run(c.name, func(t *testing.T) {
			f := c.frame(t)
			worst, where, over := 0.0, image.Point{}, 0
			for y := range c.tileH {
				for x := range c.tileW {
					rgb, alpha := reference(f, c.d, c.tileW, c.tileH, x, y)
					got := img.RGBAAt(c.x+x, c.y+y)
					here := 0.0
					for i, v := range []uint8{got.R, got.G, got.B} {
						want := rgb[i]*alpha + back[i]*(1-alpha)
						here = max(here, math.Abs(float64(v)-want))
					}
					if here > 2 {
						over++
					}
					if here > worst {
						worst, where = here, image.Pt(x, y)
					}
				}
			}
			t.Logf("largest difference %.2f at %v", worst, where)
			if over > 0 {
				t.Errorf("%d pixels differ by up to %.2f levels, want at most 2", over, worst)
			}
		})
	}
	if got := img.RGBAAt(windowWidth-1, windowHeight-1); got != color.RGBA(background) {
		t.Errorf("the background is %v, want %v: a tile drew outside itself, or the window is scaled", got, background)
	}
}

func TestShaderShowsTheLastFrame(t *testing.T) {
	if testing.Short() {
		t.Skip("opens a window")
	}
	for _, mode := range []string{"", softwareMode} {
		t.Run("frames"+mode, func(t *testing.T) { checkFrames(t, screenshot(t, "frames"+mode)) })
	}
}

func checkFrames(t *testing.T, img *image.RGBA) {
	if got, want := img.RGBAAt(250, 50), (color.RGBA{150, 150, 150, 255}); got != want {
		t.Errorf("the second tile shows %v, want its own %v", got, want)
	}
	if got, want := img.RGBAAt(450, 50), (color.RGBA{77, 77, 77, 255}); got != want {
		t.Errorf("the tile that stayed shows %v, want its last frame %v", got, want)
	}
	if got := img.RGBAAt(50, 50); got != color.RGBA(background) {
		t.Errorf("where a tile was closed there is %v, want the background", got)
	}
}
