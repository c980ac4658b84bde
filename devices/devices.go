// Package devices names what Parley captures from and plays to: cameras,
// screens, microphones and speakers. This package holds the contracts and the I420
// frame; the packages below it hold the devices themselves:
//
//   - devices/camera: real cameras
//   - devices/screen: real screens and windows
//   - devices/sound: real microphones and speakers
//   - devices/synthetic: a test picture and a voice-like sound made on the spot
//   - devices/file: Y4M, IVF and WAV files played as if they were devices
//   - devices/system: chooses among all of these by name
package devices

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind tells what a device is for.
type Kind int

// The kinds of device.
const (
	Camera Kind = iota + 1
	Microphone
	Speaker
)

func (k Kind) String() string {
	switch k {
	case Camera:
		return "camera"
	case Microphone:
		return "microphone"
	case Speaker:
		return "speaker"
	default:
		return "device"
	}
}

// Names that choose a device which is not hardware. They are accepted
// wherever a device name is.
const (
	// Default is whatever the system prefers at the moment of opening.
	Default = ""
	// None is no device: a camera or microphone that is not there, a speaker
	// that plays to nobody but keeps time.
	None = "none"
	// Synthetic is the test picture or the voice-like sound.
	Synthetic = "synthetic"
	// FilePrefix is followed by the path of a Y4M, IVF or WAV file.
	FilePrefix = "file:"
)

// Errors that callers decide on. Each is wrapped with the device's name.
var (
	// ErrNotFound means that no device of that name, or none at all, exists.
	ErrNotFound = errors.New("no such device")
	// ErrBusy means that another program holds the device.
	ErrBusy = errors.New("the device is used by another program")
	// ErrDenied means that the system does not let Parley use the device.
	ErrDenied = errors.New("the system does not allow the use of the device")
	// ErrFormat means that the device or file delivers nothing Parley can use.
	ErrFormat = errors.New("the device has no usable format")
	// ErrStalled means that an open device delivers nothing.
	ErrStalled = errors.New("the device delivers nothing")
	// ErrSilent means that a microphone delivers zeros and nothing else.
	ErrSilent = errors.New("the microphone delivers silence")
	// ErrClosed is returned by reads of a source that was closed.
	ErrClosed = errors.New("the device is closed")
)

// Info describes a device that could be opened.
type Info struct {
	// Kind of the device.
	Kind Kind
	// ID stays the same when the device is plugged in again, under another name
	// as well; Name is what a person reads. Open takes the name. No two devices
	// of a kind have the same.
	ID, Name string
	// Default is set on the device that the system prefers.
	Default bool
}

// Unique makes the names of a list differ, by numbers behind those that come
// again.
func Unique(list []Info) []Info {
	seen := make(map[string]int, len(list))
	for i := range list {
		seen[list[i].Name]++
		if n := seen[list[i].Name]; n > 1 {
			list[i].Name = fmt.Sprintf("%s (%d)", list[i].Name, n)
		}
	}
	return list
}

// Hardware reports whether a name is of a device that can be plugged in and
// out.
func Hardware(name string) bool {
	return name != None && name != Synthetic && !strings.HasPrefix(name, Synthetic+":") && !strings.HasPrefix(name, FilePrefix)
}

// VideoFormat is what is asked of a camera; it delivers the nearest it has.
type VideoFormat struct {
	Width, Height int // pixels
	FrameRate     int // frames a second
}

// The one sound format inside Parley: 48 kHz, mono, float32 in [-1, 1], in
// periods of 10 ms.
const (
	SampleRate    = 48000
	PeriodSamples = SampleRate / 100
	Period        = 10 * time.Millisecond
)

// VideoSource delivers pictures until it is closed.
type VideoSource interface {
	// ReadFrame waits for the next picture. The caller owns the returned
	// reference and releases it. A late reader gets the newest picture: none
	// are queued. After Close, or when the device is gone, it returns an error.
	ReadFrame(ctx context.Context) (*Frame, error)
	// Close stops the device; it may be called while ReadFrame waits.
	Close() error
}

// AudioSource delivers sound until it is closed.
type AudioSource interface {
	// ReadPeriod fills dst (PeriodSamples long) with the next 10 ms and waits
	// for it where needed.
	ReadPeriod(ctx context.Context, dst []float32) error
	// Close stops the device; it may be called while ReadPeriod waits.
	Close() error
}

// Render fills dst (any length) with the next samples to be played. It is
// called on the device's own thread: it neither blocks nor allocates, and it
// fills what it has nothing for with zeros.
type Render func(dst []float32)

// AudioOutput is an open speaker. One whose device is gone calls Render no
// more.
type AudioOutput interface {
	// Close stops the speaker; Render is not called after it returned.
	Close() error
}

// Opener lists and opens devices by name. Names are those of Info, or
// Default, None, Synthetic, or FilePrefix with a path.
type Opener interface {
	// List tells which real devices of a kind are there. It may take a while.
	List(ctx context.Context, kind Kind) ([]Info, error)
	OpenCamera(ctx context.Context, name string, format VideoFormat) (VideoSource, error)
	OpenMicrophone(ctx context.Context, name string) (AudioSource, error)
	OpenSpeaker(ctx context.Context, name string, render Render) (AudioOutput, error)
}
