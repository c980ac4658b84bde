package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
	"parley/e2e/bench/usage"
	"parley/e2e/y4m"
	"parley/session/media/vpx"
)

const (
	sendWidth, sendHeight = 1280, 720
	sendTime              = 10 // seconds of the clip, which goes on in a circle
	sendCPU               = 0.8
	// psnrSpread is what a PSNR differs by from run to run, in dB.
	psnrSpread = 0.3
)

// measureSending has a camera of 720p sent in three layers, of which somebody
// takes the largest.
func measureSending(ctx context.Context, path string) ([]report.Result, error) {
	c, err := newClip(ctx, sendTime*frameRate)
	if err != nil {
		return nil, err
	}
	defer c.close()
	ours, err := send(ctx, path, c, sendWithParley)
	if err != nil {
		return nil, fmt.Errorf("with Parley: %w", err)
	}
	theirs, err := send(ctx, path, c, sendWithChromium)
	if err != nil {
		return nil, fmt.Errorf("with Chromium: %w", err)
	}
	fmt.Fprintf(os.Stderr, "sending: %+v, Chromium %+v\n", ours, theirs)
	quality := report.Beside("sending 720p, PSNR at the receiver", "dB", ours.psnr, theirs.psnr)
	quality.Goal, quality.Holds = fmt.Sprintf("at least theirs - %g", psnrSpread), ours.psnr >= theirs.psnr-psnrSpread
	return []report.Result{
		report.Against("sending 720p in three layers, CPU", "% of a core", ours.CPU, theirs.CPU, sendCPU), quality,
		report.Beside("sending 720p, pictures of full size received", "Hz", ours.rate, theirs.rate),
		report.Beside("sending 720p, of the largest layer", "kb/s", ours.bits/1000, theirs.bits/1000),
	}, nil
}

// sent is how it went.
type sent struct {
	usage.Usage
	psnr float64 // of the luma, in dB
	rate float64 // pictures of full size a second
	bits float64 // a second
}

// sender has a clip sent by somebody called sender, and says whose use to observe.
type sender func(ctx context.Context, s *stage.Stage, clip string) (pid int, leaveRoot bool, err error)

func send(ctx context.Context, path string, c *clip, with sender) (sent, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return sent{}, err
	}
	defer s.Close()
	pid, leaveRoot, err := with(ctx, s, c.path)
	if err != nil {
		return sent{}, err
	}
	record := filepath.Join(s.Folder, "record")
	receiver, err := s.Start(ctx, nil, path, "peer", "--server", s.Address, "--room", stage.Room, "--name", "receiver", "--video", "none", "--audio", "none",
		"--record", record, "--data", filepath.Join(s.Folder, "receiver"))
	if err != nil {
		return sent{}, err
	}
	if _, err := receiver.Wait(ctx, "first_video"); err != nil {
		return sent{}, err
	}
	var out sent
	if _, err := usage.Observe(ctx, pid, leaveRoot, settleTime); err != nil { // the rate rises
		return sent{}, err
	}
	if out.Usage, err = usage.Observe(ctx, pid, leaveRoot, observeTime); err != nil {
		return sent{}, err
	}
	if err := receiver.Say("/leave"); err != nil {
		return sent{}, err
	}
	_ = receiver.Cmd.Wait()
	return out, c.compare(filepath.Join(record, "sender.ivf"), &out)
}

func sendWithParley(ctx context.Context, s *stage.Stage, clip string) (int, bool, error) {
	p, err := s.Start(ctx, []string{"PARLEY_TOKEN=" + s.Token}, s.Path, "peer", "--server", s.Address, "--room", stage.Room, "--name", "sender", "--video", "file:"+clip, "--audio", "none",
		"--data", filepath.Join(s.Folder, "sender"))
	if err != nil {
		return 0, false, err
	}
	_, err = p.Wait(ctx, "publisher_state")
	return p.Cmd.Process.Pid, false, err
}

func sendWithChromium(ctx context.Context, s *stage.Stage, clip string) (int, bool, error) {
	return chromiumSends(ctx, s, clip)
}

// chromiumSends has a Chromium send a clip; more is of its environment.
func chromiumSends(ctx context.Context, s *stage.Stage, clip string, more ...string) (int, bool, error) {
	p, err := s.StartChromium(ctx, nil, "sender", append([]string{"PEER_CAMERA=" + clip, "PEER_MICROPHONE=none"}, more...)...)
	if err != nil {
		return 0, false, err
	}
	return p.Cmd.Process.Pid, true, nil
}

// clip is a file with numbered pictures, and their luma.
type clip struct {
	path    string
	numbers []uint32          // in their order
	luma    map[uint32][]byte // by number
}

// newClip writes a clip of some pictures to a new file. Close it after those who send it.
func newClip(ctx context.Context, pictures int) (*clip, error) {
	camera, err := synthetic.NewCamera("sender", devices.VideoFormat{Width: sendWidth, Height: sendHeight, FrameRate: frameRate})
	if err != nil {
		return nil, err
	}
	defer camera.Close()
	f, err := os.CreateTemp("", "parley-bench-*.y4m")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := &clip{path: f.Name(), luma: make(map[uint32][]byte)}
	if err := c.fill(ctx, camera, f, pictures); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *clip) close() { _ = os.Remove(c.path) }

func (c *clip) fill(ctx context.Context, camera devices.VideoSource, f io.Writer, pictures int) error {
	w := y4m.NewWriter(f, sendWidth, sendHeight, frameRate)
	for range pictures {
		picture, err := camera.ReadFrame(ctx)
		if err != nil {
			return err
		}
		number, ok := synthetic.DecodeFrame(picture)
		if !ok {
			return errors.New("a test picture has no number")
		}
		luma := make([]byte, 0, sendWidth*sendHeight)
		for y := range sendHeight {
			luma = append(luma, picture.Y[y*picture.StrideY:][:sendWidth]...)
		}
		c.luma[number] = luma
		c.numbers = append(c.numbers, number)
		w.Write(picture)
		picture.Release()
	}
	return w.Flush()
}

// compare reads what was received, of which the last observeTime counts.
func (c *clip) compare(path string, out *sent) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	decoder, err := vpx.NewDecoder(vpx.VP8, new(devices.FramePool))
	if err != nil {
		return err
	}
	defer decoder.Close()
	var all []float64
	var sizes []int
	for at := 32; at+12 <= len(data); {
		size := int(uint32(data[at]) | uint32(data[at+1])<<8 | uint32(data[at+2])<<16 | uint32(data[at+3])<<24)
		at += 12
		if at+size > len(data) {
			break
		}
		picture, err := decoder.Decode(data[at : at+size])
		at += size
		if err != nil || picture == nil {
			continue
		}
		if number, ok := synthetic.DecodeFrame(picture); ok && picture.Width == sendWidth && c.luma[number] != nil {
			all = append(all, psnr(picture, c.luma[number]))
			sizes = append(sizes, size)
		}
		picture.Release()
	}
	seconds := int(observeTime.Seconds())
	keep := min(len(all), seconds*frameRate)
	if keep == 0 {
		return fmt.Errorf("no picture of full size was received: %w", io.ErrUnexpectedEOF)
	}
	all, sizes = all[len(all)-keep:], sizes[len(sizes)-keep:]
	sum := 0
	for _, s := range sizes {
		sum += s
	}
	out.rate, out.bits = float64(keep)/float64(seconds), float64(sum*8)/float64(keep)*frameRate
	slices.Sort(all)
	out.psnr = all[len(all)/2]
	return nil
}

func psnr(f *devices.Frame, luma []byte) float64 {
	sum := 0.0
	for y := range f.Height {
		for x, v := range f.Y[y*f.StrideY:][:f.Width] {
			d := float64(v) - float64(luma[y*f.Width+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255/max(sum/float64(f.Width*f.Height), 1e-6))
}
