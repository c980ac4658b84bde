package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"parley/app/hardware"
	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/report"
	"parley/e2e/bench/screen"
	"parley/e2e/bench/stage"
	"parley/session"
	"parley/session/chat"
)

const (
	glassDelay = 0.8
	// stripHeight is how many lines of the screen are read again and again.
	stripHeight = 8
	lookEvery   = 3 * time.Millisecond
	// glassClip is how many pictures the browser sends in a circle: as many as
	// make a picture's number tell which it was, at any delay to be expected.
	glassClip = 2 * frameRate
)

// measureGlass measures from when a camera of 720p gives a picture to when it is on
// the screen of somebody else, in a window of 1280x720.
func measureGlass(ctx context.Context, path string) ([]report.Result, error) {
	ours, err := glass(ctx, path, giveWithParley, watchWithParley)
	if err != nil {
		return nil, fmt.Errorf("with Parley: %w", err)
	}
	theirs, err := glass(ctx, path, giveWithChromium, watchWithChromium)
	if err != nil {
		return nil, fmt.Errorf("with Chromium: %w", err)
	}
	fmt.Fprintf(os.Stderr, "glass to glass: %d pictures, Chromium %d\n", len(ours), len(theirs))
	at := func(list []float64, q float64) float64 { return list[int(q*float64(len(list)-1))] }
	return []report.Result{
		report.Against("glass to glass, median", "ms", at(ours, 0.5), at(theirs, 0.5), glassDelay),
		report.Beside("glass to glass, 95 of 100", "ms", at(ours, 0.95), at(theirs, 0.95)),
		report.Beside("glass to glass, pictures on the screen", "Hz", float64(len(ours))/observeTime.Seconds(), float64(len(theirs))/observeTime.Seconds()),
	}, nil
}

// moment is when a picture of a number was made or seen.
type moment struct {
	number uint32
	at     time.Time
}

// giver has pictures sent into the room by somebody called sender, and says then
// when they were made.
type giver func(ctx context.Context, s *stage.Stage) (made func() ([]moment, error), end func(), err error)

// glass gives the delays in ms, from the shortest to the longest.
func glass(ctx context.Context, path string, give giver, watch watcher) ([]float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return nil, err
	}
	defer s.Close()
	d, err := screen.New()
	if err != nil {
		return nil, err
	}
	defer d.Close()
	made, end, err := give(ctx, s)
	if err != nil {
		return nil, err
	}
	defer end()
	if _, _, err := watch(ctx, s, d); err != nil {
		return nil, err
	}
	time.Sleep(settleTime)
	seen, err := watchNumbers(d, observeTime)
	if err != nil {
		return nil, err
	}
	all, err := made()
	if err != nil {
		return nil, err
	}
	var delays []float64
	for _, see := range seen {
		for _, make := range slices.Backward(all) {
			if make.number == see.number && make.at.Before(see.at) {
				delays = append(delays, float64(see.at.Sub(make.at).Microseconds())/1000)
				break
			}
		}
	}
	if len(delays) == 0 {
		return nil, errors.New("no picture that was made was seen")
	}
	slices.Sort(delays)
	return delays, nil
}

// watchNumbers finds the number of a picture on the display, and notes when it
// changes.
func watchNumbers(d *screen.Display, long time.Duration) ([]moment, error) {
	x11, err := xgb.NewConnDisplay(d.Name)
	if err != nil {
		return nil, err
	}
	defer x11.Close()
	screen := xproto.Setup(x11).DefaultScreen(x11)
	read := func(y, height int) (*image.RGBA, error) {
		reply, err := xproto.GetImage(x11, xproto.ImageFormatZPixmap, xproto.Drawable(screen.Root), 0, int16(y), screen.WidthInPixels, uint16(height), ^uint32(0)).Reply()
		if err != nil {
			return nil, err
		}
		// B G R and nothing, which tells black from white as well.
		return &image.RGBA{Pix: reply.Data, Stride: 4 * int(screen.WidthInPixels), Rect: image.Rect(0, 0, int(screen.WidthInPixels), height)}, nil
	}
	line := -1
	for tries := 0; line < 0; tries++ {
		all, err := read(0, int(screen.HeightInPixels))
		if err != nil {
			return nil, err
		}
		var lines []int
		for y := 0; y+stripHeight <= all.Rect.Dy(); y++ {
			strip := image.Rect(0, y, all.Rect.Dx(), y+stripHeight)
			if _, ok := synthetic.DecodeImage(all.SubImage(strip)); ok {
				lines = append(lines, y)
			}
		}
		switch {
		case len(lines) > 0:
			line = lines[len(lines)/2]
		case tries == 50:
			return nil, errors.New("no number is on the display")
		default:
			time.Sleep(100 * time.Millisecond)
		}
	}
	var seen []moment
	for began := time.Now(); time.Since(began) < long; time.Sleep(lookEvery) {
		strip, err := read(line, stripHeight)
		at := time.Now()
		if err != nil {
			return nil, err
		}
		number, ok := synthetic.DecodeImage(strip)
		if ok && (len(seen) == 0 || seen[len(seen)-1].number != number) {
			seen = append(seen, moment{number, at})
		}
	}
	return seen, nil
}

// giveWithParley sends from this process, with the engine of Parley's programs.
func giveWithParley(ctx context.Context, s *stage.Stage) (func() ([]moment, error), func(), error) {
	store, err := chat.Open(ctx, filepath.Join(s.Folder, "sender"))
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.DiscardHandler)
	cameras := &notedCameras{Opener: hardware.New(log)}
	engine, err := session.NewEngine(session.Profile{Server: s.Address, Devices: cameras, Store: store, Logger: log}, func(session.Event) {})
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	end := func() { _ = errors.Join(engine.Close(), store.Close()) }
	engine.UseCamera(devices.Synthetic)
	engine.UseMicrophone(devices.None)
	engine.UseSpeaker(devices.None)
	engine.EnableCamera(true)
	err = engine.LoginRoom(ctx, stage.Room, session.User{ID: "sender", Name: "Sender"}, session.Credential{Token: s.Token})
	if err == nil {
		err = engine.StartPublishing("sender", session.Sources{Camera: true})
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return cameras.all, end, nil
}

// notedCameras are synthetic cameras, of whose pictures it is known when they were
// made.
type notedCameras struct {
	devices.Opener
	mu   sync.Mutex
	made []moment
}

func (n *notedCameras) OpenCamera(_ context.Context, name string, _ devices.VideoFormat) (devices.VideoSource, error) {
	camera, err := synthetic.NewCamera(name, devices.VideoFormat{Width: sendWidth, Height: sendHeight, FrameRate: frameRate})
	return notedCamera{camera, n}, err
}

func (n *notedCameras) all() ([]moment, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.made), nil
}

type notedCamera struct {
	*synthetic.Camera
	notes *notedCameras
}

func (c notedCamera) ReadFrame(ctx context.Context) (*devices.Frame, error) {
	f, err := c.Camera.ReadFrame(ctx)
	if err != nil {
		return nil, err
	}
	number := uint32((f.Timestamp*frameRate + time.Second/2) / time.Second)
	c.notes.mu.Lock()
	c.notes.made = append(c.notes.made, moment{number % synthetic.FrameNumbers, time.Now()})
	c.notes.mu.Unlock()
	return f, nil
}

// giveWithChromium has a page send pictures that it has in memory.
func giveWithChromium(ctx context.Context, s *stage.Stage) (func() ([]moment, error), func(), error) {
	c, err := newClip(ctx, glassClip)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.StartChromium(ctx, nil, "sender", "PEER_CLIP="+c.path, "PEER_CAMERA=none", "PEER_MICROPHONE=none")
	if err != nil {
		c.close()
		return nil, nil, err
	}
	made := func() ([]moment, error) {
		time.Sleep(2 * time.Second) // it tells once a second
		line, err := p.Wait(ctx, "made")
		if err != nil {
			return nil, err
		}
		list, _ := line["pictures"].([]any)
		all := make([]moment, 0, len(list))
		for _, entry := range list {
			pair, _ := entry.([]any)
			if len(pair) != 2 {
				return nil, fmt.Errorf("the browser tells %v of a picture", entry)
			}
			index, _ := pair[0].(float64)
			ms, _ := pair[1].(float64)
			all = append(all, moment{c.numbers[int(index)], time.UnixMicro(int64(ms * 1000))})
		}
		return all, nil
	}
	return made, c.close, nil
}
