// Package vpx binds the parts of libvpx that a call needs: a realtime VP8
// encoder, and a VP8 and VP9 decoder into pooled I420 frames.
//
// The encoder of pion/mediadevices sets neither speed nor threads and takes
// six times as long; its decoder allocates every frame and ends at the first
// broken one. See docs/decisions/0002-libvpx-binding.md.
package vpx

/*
#cgo pkg-config: vpx
#include <stdlib.h>
#include <string.h>
#include <vpx/vpx_encoder.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vp8dx.h>

typedef struct {
	vpx_codec_ctx_t ctx;
	vpx_codec_enc_cfg_t cfg;
} parley_encoder;

static int parley_encoder_open(parley_encoder **out, int width, int height, int kbps,
		int threads, int speed, int screen) {
	parley_encoder *e = calloc(1, sizeof *e);
	if (!e) return VPX_CODEC_MEM_ERROR;
	int err = vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &e->cfg, 0);
	if (err) { free(e); return err; }
	e->cfg.g_w = width;
	e->cfg.g_h = height;
	e->cfg.g_timebase.num = 1;
	e->cfg.g_timebase.den = 90000;
	e->cfg.g_threads = threads;
	e->cfg.g_lag_in_frames = 0;
	e->cfg.g_pass = VPX_RC_ONE_PASS;
	e->cfg.g_error_resilient = 0;
	e->cfg.rc_end_usage = VPX_CBR;
	e->cfg.rc_target_bitrate = kbps;
	e->cfg.rc_min_quantizer = 2;
	e->cfg.rc_max_quantizer = 56;
	e->cfg.rc_undershoot_pct = 100;
	e->cfg.rc_overshoot_pct = 15;
	e->cfg.rc_buf_initial_sz = 500;
	e->cfg.rc_buf_optimal_sz = 600;
	e->cfg.rc_buf_sz = 1000;
	e->cfg.rc_dropframe_thresh = 30;
	e->cfg.rc_resize_allowed = 0;
	e->cfg.kf_mode = VPX_KF_AUTO;
	e->cfg.kf_max_dist = 3000;
	err = vpx_codec_enc_init(&e->ctx, vpx_codec_vp8_cx(), &e->cfg, 0);
	if (err) { free(e); return err; }
	vpx_codec_control(&e->ctx, VP8E_SET_CPUUSED, speed);
	vpx_codec_control(&e->ctx, VP8E_SET_STATIC_THRESHOLD, screen ? 100 : 1);
	vpx_codec_control(&e->ctx, VP8E_SET_SCREEN_CONTENT_MODE, screen ? 1 : 0);
	vpx_codec_control(&e->ctx, VP8E_SET_NOISE_SENSITIVITY, 0);
	vpx_codec_control(&e->ctx, VP8E_SET_TOKEN_PARTITIONS, VP8_ONE_TOKENPARTITION);
	// A key frame may take nine average frames' bits: more would fill the
	// receiver's buffer, less makes a scene change smear.
	vpx_codec_control(&e->ctx, VP8E_SET_MAX_INTRA_BITRATE_PCT, 900);
	*out = e;
	return 0;
}

static int parley_encoder_bitrate(parley_encoder *e, int kbps) {
	if ((int)e->cfg.rc_target_bitrate == kbps) return 0;
	e->cfg.rc_target_bitrate = kbps;
	return vpx_codec_enc_config_set(&e->ctx, &e->cfg);
}

static int parley_encoder_speed(parley_encoder *e, int speed) {
	return vpx_codec_control(&e->ctx, VP8E_SET_CPUUSED, speed);
}

static int parley_encode(parley_encoder *e, unsigned char *y, unsigned char *u, unsigned char *v,
		int stride_y, int stride_uv, long long pts, long duration, int key,
		void **data, size_t *size, int *is_key) {
	vpx_image_t img;
	memset(&img, 0, sizeof img);
	img.fmt = VPX_IMG_FMT_I420;
	img.w = img.d_w = e->cfg.g_w;
	img.h = img.d_h = e->cfg.g_h;
	img.x_chroma_shift = img.y_chroma_shift = 1;
	img.bps = 12;
	img.bit_depth = 8;
	img.planes[VPX_PLANE_Y] = y;
	img.planes[VPX_PLANE_U] = u;
	img.planes[VPX_PLANE_V] = v;
	img.stride[VPX_PLANE_Y] = stride_y;
	img.stride[VPX_PLANE_U] = stride_uv;
	img.stride[VPX_PLANE_V] = stride_uv;
	*data = NULL;
	*size = 0;
	int err = vpx_codec_encode(&e->ctx, &img, pts, duration, key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME);
	if (err) return err;
	vpx_codec_iter_t iter = NULL;
	const vpx_codec_cx_pkt_t *pkt;
	while ((pkt = vpx_codec_get_cx_data(&e->ctx, &iter))) {
		if (pkt->kind == VPX_CODEC_CX_FRAME_PKT) {
			*data = pkt->data.frame.buf;
			*size = pkt->data.frame.sz;
			*is_key = (pkt->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
			break;
		}
	}
	return 0;
}

static void parley_encoder_close(parley_encoder *e) {
	vpx_codec_destroy(&e->ctx);
	free(e);
}

typedef struct {
	vpx_codec_ctx_t ctx;
	const vpx_image_t *img;
	int vp9;
} parley_decoder;

static int parley_decoder_open(parley_decoder **out, int vp9, int threads) {
	parley_decoder *d = calloc(1, sizeof *d);
	if (!d) return VPX_CODEC_MEM_ERROR;
	vpx_codec_dec_cfg_t cfg;
	memset(&cfg, 0, sizeof cfg);
	cfg.threads = threads;
	d->vp9 = vp9;
	int err = vpx_codec_dec_init(&d->ctx, vp9 ? vpx_codec_vp9_dx() : vpx_codec_vp8_dx(), &cfg, 0);
	if (err) { free(d); return err; }
	*out = d;
	return 0;
}

// The size of a VP8 key frame, before anything is allocated for it.
static int parley_peek(const unsigned char *data, unsigned size, unsigned *w, unsigned *h, unsigned *key) {
	vpx_codec_stream_info_t si;
	memset(&si, 0, sizeof si);
	si.sz = sizeof si;
	int err = vpx_codec_peek_stream_info(vpx_codec_vp8_dx(), data, size, &si);
	*w = si.w; *h = si.h; *key = si.is_kf;
	return err;
}

static int parley_decode(parley_decoder *d, const unsigned char *data, unsigned size,
		unsigned *w, unsigned *h, int *full_range, int *bt709) {
	d->img = NULL;
	int err = vpx_codec_decode(&d->ctx, data, size, NULL, 0);
	if (err) return err;
	vpx_codec_iter_t iter = NULL;
	const vpx_image_t *img;
	while ((img = vpx_codec_get_frame(&d->ctx, &iter))) d->img = img;
	if (!d->img) { *w = *h = 0; return 0; }
	if (d->img->fmt != VPX_IMG_FMT_I420) return VPX_CODEC_UNSUP_BITSTREAM;
	*w = d->img->d_w;
	*h = d->img->d_h;
	*full_range = d->img->range == VPX_CR_FULL_RANGE;
	*bt709 = d->img->cs == VPX_CS_BT_709;
	return 0;
}

static void copy_plane(unsigned char *dst, int dst_stride, const unsigned char *src, int src_stride, int w, int h) {
	for (int row = 0; row < h; row++) memcpy(dst + (size_t)row * dst_stride, src + (size_t)row * src_stride, w);
}

static void parley_decoder_copy(parley_decoder *d, unsigned char *y, unsigned char *u, unsigned char *v,
		int stride_y, int stride_uv) {
	int w = d->img->d_w, h = d->img->d_h, cw = (w + 1) / 2, ch = (h + 1) / 2;
	copy_plane(y, stride_y, d->img->planes[VPX_PLANE_Y], d->img->stride[VPX_PLANE_Y], w, h);
	copy_plane(u, stride_uv, d->img->planes[VPX_PLANE_U], d->img->stride[VPX_PLANE_U], cw, ch);
	copy_plane(v, stride_uv, d->img->planes[VPX_PLANE_V], d->img->stride[VPX_PLANE_V], cw, ch);
}

static void parley_decoder_close(parley_decoder *d) {
	vpx_codec_destroy(&d->ctx);
	free(d);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"parley/devices"
)

// ErrClosed is returned by an encoder or decoder after Close.
var ErrClosed = errors.New("the video codec is closed")

func codecError(what string, code C.int) error {
	return fmt.Errorf("%s: %s", what, C.GoString(C.vpx_codec_err_to_string(C.vpx_codec_err_t(code))))
}

// EncoderConfig describes a VP8 encoder.
type EncoderConfig struct {
	Width, Height int // pixels
	FrameRate     int // frames a second expected; the real one follows the timestamps
	Bitrate       int // bits a second
	Threads       int // 0 for one
	Speed         int // libvpx's cpu-used, 0 to 16; 0 means DefaultSpeed
	Screen        bool
}

// DefaultSpeed is the realtime speed at which a 720p frame takes about 6 ms
// of one core.
const DefaultSpeed = 8

// Encoder is a realtime VP8 encoder for pictures of one size. It is not safe
// for concurrent use.
type Encoder struct {
	c             *C.parley_encoder
	width, height int
	duration      C.long
	lastPTS       int64
}

// NewEncoder opens an encoder. The error is ErrFormat for impossible sizes.
func NewEncoder(cfg EncoderConfig) (*Encoder, error) {
	if cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > devices.MaxFrameSide || cfg.Height > devices.MaxFrameSide {
		return nil, fmt.Errorf("encode %dx%d: %w", cfg.Width, cfg.Height, devices.ErrFormat)
	}
	e := &Encoder{width: cfg.Width, height: cfg.Height, lastPTS: -1}
	e.duration = C.long(90000 / max(cfg.FrameRate, 1))
	speed := cfg.Speed
	if speed == 0 {
		speed = DefaultSpeed
	}
	screen := C.int(0)
	if cfg.Screen {
		screen = 1
	}
	// Negative values let the encoder use the whole range of its realtime
	// speeds without changing them by itself.
	if code := C.parley_encoder_open(&e.c, C.int(cfg.Width), C.int(cfg.Height), C.int(max(cfg.Bitrate/1000, 1)),
		C.int(max(cfg.Threads, 1)), C.int(-speed), screen); code != 0 {
		return nil, codecError("open the VP8 encoder", code)
	}
	return e, nil
}

// Encode encodes one frame of the encoder's size. The data belongs to the
// encoder and is valid until the next call; it is empty when rate control
// dropped the frame.
func (e *Encoder) Encode(f *devices.Frame, keyFrame bool) (data []byte, isKey bool, err error) {
	if e.c == nil {
		return nil, false, ErrClosed
	}
	if f.Width != e.width || f.Height != e.height {
		return nil, false, fmt.Errorf("encode a frame of %dx%d as %dx%d: %w", f.Width, f.Height, e.width, e.height, devices.ErrFormat)
	}
	pts := int64(f.Timestamp) * 9 / 100000 // nanoseconds to 1/90000 s
	if pts <= e.lastPTS {
		pts = e.lastPTS + 1 // libvpx refuses a timestamp that does not grow
	}
	e.lastPTS = pts
	var (
		buf       unsafe.Pointer
		size      C.size_t
		key, want C.int
	)
	if keyFrame {
		want = 1
	}
	code := C.parley_encode(e.c, (*C.uchar)(&f.Y[0]), (*C.uchar)(&f.U[0]), (*C.uchar)(&f.V[0]),
		C.int(f.StrideY), C.int(f.StrideUV), C.longlong(pts), e.duration, want, &buf, &size, &key)
	if code != 0 {
		return nil, false, codecError("encode VP8", code)
	}
	if size == 0 {
		return nil, false, nil
	}
	return unsafe.Slice((*byte)(buf), int(size)), key != 0, nil
}

// SetBitrate changes the target, in bits a second.
func (e *Encoder) SetBitrate(bitrate int) error {
	if e.c == nil {
		return ErrClosed
	}
	if code := C.parley_encoder_bitrate(e.c, C.int(max(bitrate/1000, 1))); code != 0 {
		return codecError("set the VP8 bit rate", code)
	}
	return nil
}

// SetSpeed changes libvpx's cpu-used, 0 to 16.
func (e *Encoder) SetSpeed(speed int) error {
	if e.c == nil {
		return ErrClosed
	}
	if code := C.parley_encoder_speed(e.c, C.int(-speed)); code != 0 {
		return codecError("set the VP8 speed", code)
	}
	return nil
}

// Close frees the encoder.
func (e *Encoder) Close() error {
	if e.c != nil {
		C.parley_encoder_close(e.c)
		e.c = nil
	}
	return nil
}

// Codec is a codec that can be decoded.
type Codec int

// The codecs of NewDecoder.
const (
	VP8 Codec = iota
	VP9
)

// MaxPixels bounds a decoded picture: 4096 by 2304.
const MaxPixels = 4096 * 2304

// ErrTooLarge means a picture over MaxPixels.
var ErrTooLarge = fmt.Errorf("the picture has over %d pixels", MaxPixels)

// Decoder decodes VP8 or VP9 into pooled frames. It is not safe for
// concurrent use. After an error it goes on with the next key frame.
type Decoder struct {
	c     *C.parley_decoder
	codec Codec
	pool  *devices.FramePool
	// What C answers: variables would be allocated for each picture.
	w, h, key   C.uint
	full, bt709 C.int
	// Of VP9: a superframe's frames, and one with its index.
	frames [maxSuperframe][]byte
	alone  []byte
}

// NewDecoder opens a decoder that takes its frames from pool.
func NewDecoder(codec Codec, pool *devices.FramePool) (*Decoder, error) {
	d := &Decoder{codec: codec, pool: pool}
	if code := C.parley_decoder_open(&d.c, d.vp9(), 1); code != 0 {
		return nil, codecError("open the video decoder", code)
	}
	return d, nil
}

func (d *Decoder) vp9() C.int {
	if d.codec == VP9 {
		return 1
	}
	return 0
}

// Decode decodes one encoded frame, of VP9 also a superframe, of which the last is
// the picture. The caller releases the returned frame, which is nil when the data
// shows no picture of its own.
func (d *Decoder) Decode(data []byte) (*devices.Frame, error) {
	if d.c == nil {
		return nil, ErrClosed
	}
	if len(data) == 0 {
		return nil, codecError("decode", C.VPX_CODEC_CORRUPT_FRAME)
	}
	if d.codec == VP9 {
		return d.decodeVP9(data)
	}
	if C.parley_peek((*C.uchar)(&data[0]), C.uint(len(data)), &d.w, &d.h, &d.key) == 0 && uint64(d.w)*uint64(d.h) > MaxPixels {
		return nil, ErrTooLarge
	}
	if err := d.decode(data); err != nil {
		return nil, err
	}
	return d.picture()
}

// decodeVP9 gives libvpx one frame after the other, each with an index that says
// that it is alone: it would look for more behind one that has none, of sizes that
// nobody checked.
func (d *Decoder) decodeVP9(data []byte) (*devices.Frame, error) {
	count, err := splitSuperframe(data, &d.frames)
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	for _, frame := range d.frames[:count] {
		width, height, err := vp9Size(frame)
		if err != nil {
			return nil, fmt.Errorf("decode: %w", err)
		}
		if uint64(width)*uint64(height) > MaxPixels {
			return nil, ErrTooLarge
		}
		d.alone = AppendSuperframeIndex(append(d.alone[:0], frame...), len(frame))
		if err := d.decode(d.alone); err != nil {
			return nil, err
		}
	}
	return d.picture()
}

func (d *Decoder) decode(data []byte) error {
	if code := C.parley_decode(d.c, (*C.uchar)(&data[0]), C.uint(len(data)), &d.w, &d.h, &d.full, &d.bt709); code != 0 {
		return codecError("decode", code)
	}
	return nil
}

// picture copies what was decoded last.
func (d *Decoder) picture() (*devices.Frame, error) {
	if d.w == 0 || d.h == 0 {
		return nil, nil
	}
	if uint64(d.w)*uint64(d.h) > MaxPixels {
		return nil, ErrTooLarge
	}
	f, err := d.pool.Get(int(d.w), int(d.h))
	if err != nil {
		return nil, err
	}
	f.FullRange, f.BT709 = d.full != 0, d.bt709 != 0
	C.parley_decoder_copy(d.c, (*C.uchar)(&f.Y[0]), (*C.uchar)(&f.U[0]), (*C.uchar)(&f.V[0]), C.int(f.StrideY), C.int(f.StrideUV))
	return f, nil
}

// Close frees the decoder. Frames that it returned stay valid.
func (d *Decoder) Close() error {
	if d.c != nil {
		C.parley_decoder_close(d.c)
		d.c = nil
	}
	return nil
}
