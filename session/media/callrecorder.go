package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"
	"gopkg.in/hraban/opus.v2"

	"parley/devices"
)

const (
	recordBitrate = 48000 // bit/s
	// recordCushion is how much of each side waits before it is written, in
	// samples: devices give and take theirs at once.
	recordCushion = devices.SampleRate / 10
	// recordMost is what may wait; what comes while a disk stands still for
	// longer is left out.
	recordMost = devices.SampleRate
	// recordBehind is how far the file may be behind the clock before the gap is
	// left out: the computer slept.
	recordBehind = 2 * time.Second
)

// CallRecorder writes what is heard, said and shared in a call to a file, as
// one channel of Opus in Ogg (RFC 7845). A side that gives nothing is silent.
type CallRecorder struct {
	heard, said, shared *elastic // each by the clock of its device
	cancel              context.CancelFunc
	done                chan struct{}

	// Of the goroutine; to be read after done.
	file    *os.File
	buffer  *bufio.Writer
	ogg     *oggwriter.OggWriter
	encoder *opus.Encoder
	limiter limiter
	frames  int
	err     error
}

// NewCallRecorder begins a recording in a new file.
func NewCallRecorder(path string) (*CallRecorder, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record the call: %w", err)
	}
	r, err := recordTo(file)
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(path))
	}
	return r, nil
}

// recordTo writes to a file, which it owns once it gives no error.
func recordTo(file *os.File) (*CallRecorder, error) {
	encoder, err := opus.NewEncoder(devices.SampleRate, 1, opus.AppAudio)
	if err != nil {
		return nil, fmt.Errorf("open the Opus encoder: %w", err)
	}
	if err := encoder.SetBitrate(recordBitrate); err != nil {
		return nil, fmt.Errorf("set up the Opus encoder: %w", err)
	}
	r := &CallRecorder{file: file, buffer: bufio.NewWriterSize(file, 64<<10), encoder: encoder, limiter: limiter{gain: 1}, done: make(chan struct{})}
	if r.ogg, err = oggwriter.NewWith(r.buffer, devices.SampleRate, 1); err != nil {
		return nil, fmt.Errorf("record the call: %w", err)
	}
	for _, side := range []**elastic{&r.heard, &r.said, &r.shared} {
		*side = newElastic(1, recordCushion, recordMost)
	}
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	go r.run(ctx)
	return r, nil
}

// Heard takes what the others say. It copies, on the speaker's thread.
func (r *CallRecorder) Heard(pcm []float32) { r.heard.push(pcm) }

// Said takes what the own microphone sends. It copies.
func (r *CallRecorder) Said(pcm []float32) { r.said.push(pcm) }

// Shared takes what the own computer plays, where that is shared. It copies.
func (r *CallRecorder) Shared(pcm []float32) { r.shared.push(pcm) }

// Done is closed when nothing more is written: after Close, or when the disk
// takes no more.
func (r *CallRecorder) Done() <-chan struct{} { return r.done }

// Close ends the file and tells how long the recording is.
func (r *CallRecorder) Close() (time.Duration, error) {
	r.cancel()
	<-r.done
	return time.Duration(r.frames) * 20 * time.Millisecond, r.err
}

func (r *CallRecorder) run(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	start, flushed := time.Now(), 0
	for ctx.Err() == nil && r.err == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		behind := time.Since(start) - time.Duration(r.frames)*20*time.Millisecond
		if behind > recordBehind {
			start = start.Add(behind)
			continue
		}
		for ; behind >= 20*time.Millisecond && r.err == nil; behind -= 20 * time.Millisecond {
			r.err = r.frame()
		}
		// A crash costs no more than a second.
		if r.frames-flushed >= 50 && r.err == nil {
			flushed, r.err = r.frames, r.buffer.Flush()
		}
	}
	r.err = errors.Join(r.err, r.ogg.Close(), r.buffer.Flush(), r.file.Close())
	if r.err != nil {
		r.err = fmt.Errorf("record the call: %w", r.err)
	}
}

// frame writes the next 20 ms.
func (r *CallRecorder) frame() error {
	var pcm [opusFrame]float32
	for _, side := range []*elastic{r.heard, r.said, r.shared} {
		side.mix(pcm[:])
	}
	r.limiter.apply(pcm[:])
	var out [maxOpusPacket]byte
	n, err := r.encoder.EncodeFloat32(pcm[:], out[:])
	if err != nil {
		return err
	}
	r.frames++
	return r.ogg.WriteRTP(&rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: uint16(r.frames), Timestamp: uint32(r.frames) * opusFrame},
		Payload: out[:n],
	})
}
