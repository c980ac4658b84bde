package main

import (
	"context"
	"io"
	"runtime"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	fynetest "fyne.io/fyne/v2/test"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"parley/devices"
	"parley/e2e/bench/report"
	"parley/session/media"
	"parley/session/media/vpx"
	"parley/views/video"
)

const (
	frameGoTime   = 1.2 // ms
	framesWarm    = 120
	framesCounted = 900
	framePacket   = 1200 // bytes
)

// measureFrame has pictures of 720p go from RTP to where the painter takes them, as
// fast as they can, and takes off what the decoder needs.
func measureFrame(ctx context.Context, _ string) ([]report.Result, error) {
	pictures, err := encodePictures(ctx, sendWidth, sendHeight)
	if err != nil {
		return nil, err
	}
	payloader := codecs.VP8Payloader{EnablePictureID: true}
	var clip [][][]byte
	for _, data := range pictures {
		clip = append(clip, payloader.Payload(framePacket, data))
	}
	fynetest.NewApp()
	presenter := video.NewPresenter(video.Params{Dispatch: func(func()) {}})
	defer presenter.Close()
	feed := presenter.NewFeed()
	tile := video.NewTile(feed, video.Options{CornerRadius: 8})
	tile.Resize(fyne.NewSize(sendWidth, sendHeight))
	source := &packetSource{clip: clip, shown: make(chan struct{}, 1)}
	receiver, err := media.NewVideoReceiver(media.VideoReceiverConfig{
		MimeType: webrtc.MimeTypeVP8, Sync: media.NewLipSync(), RequestKeyFrame: func() {},
		Sink: media.VideoSinkFunc(func(f *devices.Frame) {
			feed.Show(f)
			presenter.Flush()
			source.shown <- struct{}{}
		}),
	})
	if err != nil {
		return nil, err
	}
	if err := receiver.Run(ctx, source); err != nil {
		return nil, err
	}
	decoding, err := decodingAlone(pictures)
	if err != nil {
		return nil, err
	}
	took := max(source.after.cpu-source.before.cpu-decoding, 0)
	return []report.Result{
		report.AtMost("a 720p picture from RTP to the painter, without the decoder", "ms", float64(took.Microseconds())/1000/framesCounted, frameGoTime),
		report.AtMost("the same, allocations", "", float64(source.after.allocations-source.before.allocations)/framesCounted, 0.5),
	}, nil
}

// decodingAlone is what the decoder takes for as many pictures.
func decodingAlone(pictures [][]byte) (time.Duration, error) {
	decoder, err := vpx.NewDecoder(vpx.VP8, new(devices.FramePool))
	if err != nil {
		return 0, err
	}
	defer decoder.Close()
	var before spending
	for n := range framesWarm + framesCounted {
		if n == framesWarm {
			before = spentSoFar()
		}
		f, err := decoder.Decode(pictures[n%len(pictures)])
		if err != nil {
			return 0, err
		}
		if f != nil {
			f.Release()
		}
	}
	return spentSoFar().cpu - before.cpu, nil
}

// spending is what this process took so far.
type spending struct {
	cpu         time.Duration
	allocations uint64
}

func spentSoFar() (s spending) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		s.cpu = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.allocations = m.Mallocs
	return s
}

// packetSource gives the packets of a picture when the one before was shown.
type packetSource struct {
	clip    [][][]byte
	shown   chan struct{}
	picture int
	part    int
	number  uint16
	// ring are the packets: those of a picture are kept until it is whole.
	ring          [1024]rtp.Packet
	before, after spending
}

// ReadRTP implements media.RTPReader.
func (s *packetSource) ReadRTP() (*rtp.Packet, error) {
	parts := s.clip[s.picture%len(s.clip)]
	if s.part == len(parts) {
		<-s.shown
		s.picture, s.part = s.picture+1, 0
		parts = s.clip[s.picture%len(s.clip)]
		switch s.picture {
		case framesWarm:
			s.before = spentSoFar()
		case framesWarm + framesCounted:
			s.after = spentSoFar()
			return nil, io.EOF
		}
	}
	p := &s.ring[s.number%uint16(len(s.ring))]
	*p = rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: s.number, Timestamp: uint32(s.picture) * 90000 / frameRate, Marker: s.part == len(parts)-1}, Payload: parts[s.part]}
	s.part++
	s.number++
	return p, nil
}
