package media

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/devices"
	"parley/session/media/vpx"
)

const (
	// keyFrameInterval is the shortest time between two asked for key frames.
	keyFrameInterval = 500 * time.Millisecond
	// How long the last picture may stand before it counts as frozen; a screen
	// sends the same one once a second.
	frozenAfter, frozenAfterScreen = time.Second, 3 * time.Second
)

// ErrCodec means that a track's codec can't be decoded.
var ErrCodec = errors.New("this kind of video can't be shown")

// CodecError is an ErrCodec that names the codec.
type CodecError struct{ MimeType string }

func (e *CodecError) Error() string { return ErrCodec.Error() + ": " + e.MimeType }

// Is makes it an ErrCodec.
func (e *CodecError) Is(target error) bool { return target == ErrCodec }

// Name is what people call the codec.
func (e *CodecError) Name() string {
	_, name, _ := strings.Cut(e.MimeType, "/")
	return name
}

// RTPReader is where packets come from; a *webrtc.TrackRemote is one, once its
// interceptor attributes are dropped.
type RTPReader interface {
	ReadRTP() (*rtp.Packet, error)
}

// CodecReader is an RTPReader whose codec may change: the media engine has a sender
// go over to another one when somebody comes who can't decode the first.
type CodecReader interface {
	RTPReader
	// MimeType is the codec of the packet that was read last.
	MimeType() string
}

// CanShow reports whether pictures of a codec can be decoded.
func CanShow(mimeType string) bool {
	_, _, ok := codecOf(mimeType)
	return ok
}

func codecOf(mimeType string) (codec vpx.Codec, read describe, ok bool) {
	switch {
	case strings.EqualFold(mimeType, webrtc.MimeTypeVP8):
		return vpx.VP8, describeVP8, true
	case strings.EqualFold(mimeType, webrtc.MimeTypeVP9):
		return vpx.VP9, describeVP9, true
	}
	return 0, nil, false
}

// VideoReceiver turns the RTP of one video track into frames.
type VideoReceiver struct {
	sink    VideoSink
	sync    *LipSync
	showing *showing
	decoder *vpx.Decoder
	// mimeType is what the decoder is for, payload the type of packets that have it.
	mimeType string
	payload  int // 0 before the first
	parts    assembler
	data     []byte // of a picture, used again

	frozenAfter time.Duration

	askKey  func()
	onFirst func(width, height int)
	lastAsk time.Time

	size   atomic.Int64
	frames atomic.Int64
	frozen atomic.Int64 // ns
	lost   atomic.Int64 // pictures, or parts of them, that can't be had
	coding atomic.Int64 // ns that the decoder took
	paused atomic.Bool  // nothing is to come
	freeze freezes
	shown  atomic.Int64 // when the last picture was, in Unix ns; 0 before the first and after a pause

	mu  sync.Mutex
	tap func(*rtp.Packet)
}

// VideoReceiverConfig says what a receiver works with.
type VideoReceiverConfig struct {
	MimeType string // "video/VP8" or "video/VP9"
	Screen   bool   // pictures come when something changes
	Sink     VideoSink
	// Sync keeps the pictures with their sound.
	Sync *LipSync
	// RequestKeyFrame asks the sender for a key frame (a PLI).
	RequestKeyFrame func()
	// FirstFrame is called once, when the first picture was given to Sink.
	FirstFrame func(width, height int)
}

// NewVideoReceiver makes a receiver; Run does the work. The error is a
// *CodecError for other codecs than VP8 and VP9.
func NewVideoReceiver(cfg VideoReceiverConfig) (*VideoReceiver, error) {
	r := &VideoReceiver{sink: cfg.Sink, sync: cfg.Sync, askKey: cfg.RequestKeyFrame, onFirst: cfg.FirstFrame, frozenAfter: frozenAfter}
	if err := r.use(cfg.MimeType); err != nil {
		return nil, err
	}
	if cfg.Screen {
		r.frozenAfter = frozenAfterScreen
	}
	return r, nil
}

// use begins with a codec; after an error it is the one before.
func (r *VideoReceiver) use(mimeType string) error {
	codec, read, ok := codecOf(mimeType)
	if !ok {
		return &CodecError{mimeType}
	}
	decoder, err := vpx.NewDecoder(codec, new(devices.FramePool))
	if err != nil {
		return err
	}
	if r.decoder != nil {
		_ = r.decoder.Close()
	}
	r.mimeType, r.decoder, r.parts = mimeType, decoder, assembler{describe: read}
	return nil
}

// Tap gives every packet to f before it is decoded; nil ends it.
func (r *VideoReceiver) Tap(f func(*rtp.Packet)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tap = f
}

// Run reads until the track ends or ctx is done, and frees the decoder. A
// reader that waits has to be ended by its owner.
func (r *VideoReceiver) Run(ctx context.Context, reader RTPReader) error {
	defer func() { _ = r.decoder.Close() }()
	codec, _ := reader.(CodecReader)
	r.showing = startShowing(ctx, r.sink)
	defer r.showing.end()
	// The SFU forwards from wherever the sender is: without a key frame there
	// is nothing to see, so ask at once.
	r.requestKeyFrame()
	for ctx.Err() == nil {
		p, err := reader.ReadRTP()
		if err != nil {
			if errors.Is(err, io.EOF) || ctx.Err() != nil {
				return nil
			}
			return err
		}
		if codec != nil && !r.follow(codec, p) {
			continue
		}
		padding := blank(p)
		if !padding {
			r.mu.Lock()
			if r.tap != nil {
				r.tap(p)
			}
			r.mu.Unlock()
		}
		r.take(p, padding, time.Now())
	}
	return nil
}

// follow goes over to the codec of a packet, and reports whether it can be decoded.
func (r *VideoReceiver) follow(codec CodecReader, p *rtp.Packet) bool {
	if r.payload == int(p.PayloadType) {
		return true
	}
	if mimeType := codec.MimeType(); !strings.EqualFold(mimeType, r.mimeType) {
		if r.use(mimeType) != nil {
			return false // the last picture stays
		}
		r.lastAsk = time.Time{}
		r.requestKeyFrame()
	}
	r.payload = int(p.PayloadType)
	return true
}

// blank reports whether a packet is padding alone, which probes a line, and begins
// a track. The media engine puts zeros before the padding at times.
func blank(p *rtp.Packet) bool {
	if len(p.Payload) == 0 {
		return true
	}
	return p.Padding && !slices.ContainsFunc(p.Payload[:len(p.Payload)-1], func(b byte) bool { return b != 0 })
}

// take takes a packet, and shows the pictures that it makes whole.
func (r *VideoReceiver) take(p *rtp.Packet, padding bool, now time.Time) {
	if err := r.parts.push(p, padding, now); err != nil {
		r.lost.Add(1)
		r.requestKeyFrame()
	}
	for {
		data, timestamp, skipped, ok := r.parts.next(r.data[:0], now)
		r.data = data[:0]
		if !ok {
			break
		}
		r.lost.Add(int64(skipped))
		if len(data) > 0 {
			r.show(data, timestamp)
		}
	}
	if r.parts.stuck(now) {
		r.requestKeyFrame()
	}
}

func (r *VideoReceiver) show(data []byte, timestamp uint32) {
	began := time.Now()
	f, err := r.decoder.Decode(data)
	now := time.Now()
	r.coding.Add(int64(now.Sub(began)))
	if err != nil {
		r.requestKeyFrame()
		return
	}
	if f == nil {
		return
	}
	// What can't be decoded ends no standstill.
	if gap := r.stood(now); gap > r.frozenAfter {
		r.frozen.Add(int64(gap))
	}
	if r.shown.Load() == 0 {
		r.freeze.pause()
	}
	r.freeze.picture(now)
	if !r.paused.Load() {
		r.shown.Store(now.UnixNano())
	}
	width, height := f.Width, f.Height
	r.size.Store(int64(width)<<32 | int64(height))
	r.showing.show(f, r.sync.Due(timestamp, now))
	if r.frames.Add(1) == 1 && r.onFirst != nil {
		r.onFirst(width, height)
	}
}

// Paused says whether nothing is to come, because nobody looks: the picture that
// stands then is not frozen.
func (r *VideoReceiver) Paused(on bool) {
	r.paused.Store(on)
	r.shown.Store(0)
}

// stood is for how long the last picture stands, 0 where none is due.
func (r *VideoReceiver) stood(now time.Time) time.Duration {
	shown := r.shown.Load()
	if shown == 0 || r.paused.Load() {
		return 0
	}
	return time.Duration(now.UnixNano() - shown)
}

func (r *VideoReceiver) requestKeyFrame() {
	if now := time.Now(); now.Sub(r.lastAsk) >= keyFrameInterval {
		r.lastAsk = now
		r.askKey()
	}
}

// VideoStats is what a receiver got so far.
type VideoStats struct {
	Width, Height int
	Frames, Lost  int64
	Decoding      time.Duration // that all took
	Frozen        time.Duration // so far
	Stands        bool          // the last picture is frozen
	// Freezes is how long pictures stood longer than they should, so far, as
	// browsers count it (totalFreezesDuration); Frozen is what a person is told.
	Freezes time.Duration
}

// Stats may be called on any goroutine.
func (r *VideoReceiver) Stats() VideoStats {
	size := r.size.Load()
	return VideoStats{Width: int(size >> 32), Height: int(size & 0xffffffff), Frames: r.frames.Load(), Lost: r.lost.Load(), Decoding: time.Duration(r.coding.Load()),
		Frozen: time.Duration(r.frozen.Load()), Stands: r.stood(time.Now()) > r.frozenAfter, Freezes: r.freeze.duration()}
}
