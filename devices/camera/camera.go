// Package camera opens real cameras, by pion/mediadevices at the level of its
// drivers.
//
// Importing it lets the drivers look for cameras once: that is how they are
// made. They are opened by nobody but Open.
package camera

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	mediacamera "github.com/pion/mediadevices/pkg/driver/camera"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"parley/devices"
)

// closeWithin is how long a driver has to stop. One that waits for a frame
// that never comes would hold up whoever closes it.
const closeWithin = 2 * time.Second

// List tells which cameras are there.
func (f *Finder) List() []devices.Info { return describe(f.drivers()) }

func describe(drivers []driver.Driver) []devices.Info {
	var list []devices.Info
	for i, d := range drivers {
		label := d.Info().Label
		id, _, _ := strings.Cut(label, ";")
		list = append(list, devices.Info{Kind: devices.Camera, ID: id, Name: name(label), Default: i == 0})
	}
	return devices.Unique(list)
}

// Finder knows the cameras, and looks for them again when some may have come
// or gone. The zero Finder is ready.
type Finder struct {
	mu     sync.Mutex
	looked time.Time
	files  string // what stood in /dev then
}

// lookEvery is how often cameras are looked for where no file tells of them.
const lookEvery = 2 * time.Second

// drivers are those of the cameras, in an order that stays.
func (f *Finder) drivers() []driver.Driver {
	f.mu.Lock()
	defer f.mu.Unlock()
	if runtime.GOOS == "linux" {
		files, _ := filepath.Glob("/dev/video*") // only a bad pattern is an error
		if now := strings.Join(files, " "); now != f.files {
			f.files = now
			mediacamera.Initialize()
		}
	} else if time.Since(f.looked) > lookEvery {
		if !f.looked.IsZero() { // the import has looked
			mediacamera.Initialize()
		}
		f.looked = time.Now()
	}
	found := driver.GetManager().Query(func(d driver.Driver) bool {
		return driver.FilterVideoRecorder()(d) && d.Info().DeviceType == driver.Camera
	})
	slices.SortFunc(found, func(a, b driver.Driver) int {
		if a, b := a.Info(), b.Info(); a.Priority != b.Priority {
			return cmp.Compare(b.Priority, a.Priority)
		}
		return cmp.Compare(a.Info().Label, b.Info().Label)
	})
	return found
}

// name makes what a person knows a camera by of a driver's label. On Linux
// the label is a list of device files, and the kernel knows the name.
func name(label string) string {
	for _, part := range strings.Split(label, ";") {
		if !strings.HasPrefix(part, "video") {
			continue
		}
		data, err := os.ReadFile(filepath.Join("/sys/class/video4linux", filepath.Base(part), "name"))
		if err == nil {
			return strings.TrimSpace(string(data)) + " (" + part + ")"
		}
	}
	return label
}

// Camera is an open camera.
type Camera struct {
	driver driver.Driver
	frames chan *devices.Frame // holds the newest
	failed chan error
	closed chan struct{}
	once   sync.Once
	done   chan struct{}
}

// Open opens a camera by the name that List gave it, or the first one for
// devices.Default, in the format nearest to the one asked for.
func (f *Finder) Open(ctx context.Context, wanted string, format devices.VideoFormat) (*Camera, error) {
	drivers := f.drivers()
	for i, info := range describe(drivers) {
		if wanted == devices.Default || info.Name == wanted {
			return open(ctx, drivers[i], format)
		}
	}
	return nil, fmt.Errorf("camera %q: %w", wanted, devices.ErrNotFound)
}

func open(ctx context.Context, d driver.Driver, format devices.VideoFormat) (*Camera, error) {
	type opened struct {
		reader video.Reader
		err    error
	}
	result := make(chan opened, 1)
	go func() {
		reader, err := start(d, format)
		result <- opened{reader, err}
	}()
	select {
	case o := <-result:
		if o.err != nil {
			return nil, fmt.Errorf("camera %q: %w", name(d.Info().Label), o.err)
		}
		c := &Camera{driver: d, frames: make(chan *devices.Frame, 1), failed: make(chan error, 1),
			closed: make(chan struct{}), done: make(chan struct{})}
		go c.run(o.reader)
		return c, nil
	case <-ctx.Done():
		go func() {
			if o := <-result; o.err == nil {
				_ = d.Close()
			}
		}()
		return nil, fmt.Errorf("camera %q: %w", name(d.Info().Label), ctx.Err())
	}
}

func start(d driver.Driver, format devices.VideoFormat) (video.Reader, error) {
	if err := d.Open(); err != nil {
		switch {
		case errors.Is(err, os.ErrPermission):
			return nil, fmt.Errorf("%w: %w", devices.ErrDenied, err)
		case strings.Contains(err.Error(), "busy"):
			return nil, fmt.Errorf("%w: %w", devices.ErrBusy, err)
		}
		return nil, err
	}
	best, ok := nearest(d.Properties(), format)
	recorder, is := d.(driver.VideoRecorder)
	if !ok || !is {
		return nil, errors.Join(devices.ErrFormat, d.Close())
	}
	reader, err := recorder.VideoRecord(best)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return reader, nil
}

// nearest chooses the format whose size is closest to the one asked for, and
// among those the one with enough frames.
func nearest(all []prop.Media, want devices.VideoFormat) (prop.Media, bool) {
	var best prop.Media
	least := math.Inf(1)
	for _, p := range all {
		if p.Width <= 0 || p.Height <= 0 || p.Width > devices.MaxFrameSide || p.Height > devices.MaxFrameSide {
			continue
		}
		distance := math.Abs(math.Log(float64(p.Width)/float64(want.Width))) + math.Abs(math.Log(float64(p.Height)/float64(want.Height)))
		if missing := float64(want.FrameRate) - float64(p.FrameRate); p.FrameRate > 0 && missing > 0 {
			distance += missing / float64(want.FrameRate)
		}
		if distance < least {
			best, least = p, distance
		}
	}
	if best.FrameRate == 0 {
		best.FrameRate = float32(want.FrameRate)
	}
	return best, !math.IsInf(least, 1)
}

// run copies frames out of the driver's buffer, which it uses again.
func (c *Camera) run(reader video.Reader) {
	defer close(c.done)
	var pool devices.FramePool
	began := time.Now()
	for {
		img, release, err := reader.Read()
		if err != nil {
			c.failed <- err
			return
		}
		f, err := convert(&pool, img)
		release()
		if err != nil {
			c.failed <- err
			return
		}
		f.Timestamp = time.Since(began)
		select {
		case <-c.closed:
			f.Release()
			return
		case old := <-c.frames:
			old.Release()
		default:
		}
		c.frames <- f
	}
}

// ReadFrame waits for the next picture.
func (c *Camera) ReadFrame(ctx context.Context) (*devices.Frame, error) {
	select {
	case f := <-c.frames:
		return f, nil
	case err := <-c.failed:
		c.failed <- err // for the next reader too
		select {
		case <-c.closed:
			return nil, devices.ErrClosed
		default:
			return nil, fmt.Errorf("camera %q stopped: %w", name(c.driver.Info().Label), err)
		}
	case <-c.closed:
		return nil, devices.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close frees the camera.
func (c *Camera) Close() error {
	var err error
	c.once.Do(func() {
		close(c.closed)
		result := make(chan error, 1)
		go func() {
			result <- c.driver.Close()
			<-c.done
			select {
			case f := <-c.frames:
				f.Release()
			default:
			}
		}()
		select {
		case err = <-result:
		case <-time.After(closeWithin):
			err = errors.New("the camera does not stop")
		}
	})
	return err
}

// convert copies any YCbCr picture into I420.
func convert(pool *devices.FramePool, img image.Image) (*devices.Frame, error) {
	src, ok := img.(*image.YCbCr)
	if !ok {
		return nil, fmt.Errorf("pictures of type %T: %w", img, devices.ErrFormat)
	}
	b := src.Rect
	f, err := pool.Get(b.Dx(), b.Dy())
	if err != nil {
		return nil, err
	}
	for y := range f.Height {
		start := src.YOffset(b.Min.X, b.Min.Y+y)
		copy(f.Y[y*f.StrideY:][:f.Width], src.Y[start:])
	}
	w, h := f.ChromaWidth(), f.ChromaHeight()
	for y := range h {
		sy := b.Min.Y + min(2*y, f.Height-1)
		u, v := f.U[y*f.StrideUV:][:w], f.V[y*f.StrideUV:][:w]
		if src.SubsampleRatio == image.YCbCrSubsampleRatio420 || src.SubsampleRatio == image.YCbCrSubsampleRatio422 {
			start := src.COffset(b.Min.X, sy)
			copy(u, src.Cb[start:])
			copy(v, src.Cr[start:])
			continue
		}
		for x := range w {
			i := src.COffset(b.Min.X+min(2*x, f.Width-1), sy)
			u[x], v[x] = src.Cb[i], src.Cr[i]
		}
	}
	return f, nil
}
