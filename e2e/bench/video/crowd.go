package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"gopkg.in/hraban/opus.v2"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/stage"
	"parley/session/media/vpx"
)

const (
	frameRate = 30
	clipTime  = 3 // seconds, after which a clip begins anew
	// keyEvery is how many pictures there are from key frame to key frame: nobody
	// encodes one for who comes later.
	keyEvery = 30
)

// crowd are people who send what was encoded before: it costs next to nothing, so
// that many of them leave the machine to who receives.
type crowd struct {
	clip  encoded
	rooms []*lksdk.Room
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// encoded is what each of them sends, in a circle.
type encoded struct {
	width, height    int
	pictures, sounds [][]byte
}

func encodeClip(ctx context.Context, width, height int) (encoded, error) {
	e := encoded{width: width, height: height}
	var err error
	if e.pictures, err = encodePictures(ctx, width, height); err != nil {
		return e, err
	}
	e.sounds, err = encodeVoice()
	return e, err
}

// newCrowd has n people send pictures of a size, with their voices.
func newCrowd(ctx context.Context, s *stage.Stage, n, width, height int) (*crowd, error) {
	clip, err := encodeClip(ctx, width, height)
	if err != nil {
		return nil, err
	}
	c := &crowd{clip: clip}
	ctx, c.stop = context.WithCancel(ctx)
	for i := range n {
		if err := c.enter(ctx, s, fmt.Sprint("sender", i)); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (c *crowd) close() {
	c.stop()
	c.done.Wait()
	for _, room := range c.rooms {
		room.Disconnect()
	}
}

func (c *crowd) enter(ctx context.Context, s *stage.Stage, name string) error {
	response, err := stage.Join(ctx, s.Address, s.Token, name)
	if err != nil {
		return err
	}
	room := lksdk.NewRoom(&lksdk.RoomCallback{})
	if err := room.JoinWithContextAndToken(ctx, response.Media.URL, response.Media.Token, lksdk.WithAutoSubscribe(false),
		lksdk.WithDisableRegionDiscovery(), lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
		return err
	}
	c.rooms = append(c.rooms, room)
	video, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000})
	if err != nil {
		return err
	}
	audio, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		return err
	}
	if _, err := room.LocalParticipant.PublishTrack(video, &lksdk.TrackPublicationOptions{Source: livekit.TrackSource_CAMERA, VideoWidth: c.clip.width, VideoHeight: c.clip.height}); err != nil {
		return err
	}
	if _, err := room.LocalParticipant.PublishTrack(audio, &lksdk.TrackPublicationOptions{Source: livekit.TrackSource_MICROPHONE}); err != nil {
		return err
	}
	for track, samples := range map[*lksdk.LocalTrack][][]byte{video: c.clip.pictures, audio: c.clip.sounds} {
		every := time.Second / frameRate
		if track == audio {
			every = 20 * time.Millisecond
		}
		c.done.Go(func() { repeat(ctx, track, samples, every) })
	}
	return nil
}

// repeat sends samples in a circle.
func repeat(ctx context.Context, track *lksdk.LocalTrack, samples [][]byte, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; ; i = (i + 1) % len(samples) {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = track.WriteSample(media.Sample{Data: samples[i], Duration: every}, nil) // it is ending
		}
	}
}

func encodePictures(ctx context.Context, width, height int) ([][]byte, error) {
	camera, err := synthetic.NewCamera("sender", devices.VideoFormat{Width: width, Height: height, FrameRate: frameRate})
	if err != nil {
		return nil, err
	}
	defer camera.Close()
	encoder, err := vpx.NewEncoder(vpx.EncoderConfig{Width: width, Height: height, FrameRate: frameRate, Bitrate: width * height * 2})
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	var out [][]byte
	for i := range clipTime * frameRate {
		f, err := camera.ReadFrame(ctx)
		if err != nil {
			return nil, err
		}
		data, _, err := encoder.Encode(f, i%keyEvery == 0)
		f.Release()
		if err != nil {
			return nil, err
		}
		if len(data) > 0 {
			out = append(out, append([]byte(nil), data...))
		}
	}
	return out, nil
}

func encodeVoice() ([][]byte, error) {
	encoder, err := opus.NewEncoder(devices.SampleRate, 1, opus.AppVoIP)
	if err != nil {
		return nil, err
	}
	voice := make([]float32, clipTime*devices.SampleRate)
	synthetic.NewVoice("sender").Fill(voice)
	var out [][]byte
	for i := 0; i < len(voice); i += devices.SampleRate / 50 {
		data := make([]byte, 1500)
		n, err := encoder.EncodeFloat32(voice[i:i+devices.SampleRate/50], data)
		if err != nil {
			return nil, err
		}
		out = append(out, data[:n])
	}
	return out, nil
}
