package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/shirou/gopsutil/v4/process"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
	"parley/session/media/vpx"
)

const (
	audience       = 30
	audienceRounds = 3
	audienceSettle = 5 * time.Second
	audienceLook   = 15 * time.Second
	audienceFPS    = 30
	audienceRate   = 1_500_000
	audienceMost   = 1.05 // of the engine alone, or more by what runs differ,
	audienceCap    = 1.1  // and never more than this
	// audienceLeast is how much of what is sent has to arrive, or nothing was
	// measured.
	audienceLeast = 0.95
)

// pictures are encoded once: what is measured is not who sends.
type pictures [][]byte

func encodePictures() (pictures, error) {
	const width, height = 1280, 720
	encoder, err := vpx.NewEncoder(vpx.EncoderConfig{Width: width, Height: height, FrameRate: audienceFPS, Bitrate: audienceRate})
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	camera, err := synthetic.NewCamera("speaker", devices.VideoFormat{Width: width, Height: height, FrameRate: audienceFPS})
	if err != nil {
		return nil, err
	}
	defer camera.Close()
	var (
		list  pictures
		pool  devices.FramePool
		began = time.Now()
	)
	for i := range 3 * audienceFPS {
		frame, err := pool.Get(width, height)
		if err != nil {
			return nil, err
		}
		moment := began.Add(time.Duration(i) * time.Second / audienceFPS)
		frame.Timestamp = moment.Sub(began)
		camera.Draw(frame, int64(i), moment)
		data, _, err := encoder.Encode(frame, i == 0)
		frame.Release()
		if err != nil {
			return nil, err
		}
		list = append(list, slices.Clone(data))
	}
	return list, nil
}

// hall is a call of one who sends and many who receive.
type hall struct {
	rooms    []*lksdk.Room
	received atomic.Int64 // bytes of pictures, by all
	sent     atomic.Int64
	cancel   context.CancelFunc
	sending  sync.WaitGroup
}

// admission tells where and with what somebody enters.
type admission func(ctx context.Context, user string) (url, token string, err error)

func openHall(ctx context.Context, list pictures, in admission) (h *hall, err error) {
	h = &hall{}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	enter := func(user string, callback *lksdk.RoomCallback) (*lksdk.Room, error) {
		url, token, err := in(ctx, user)
		if err != nil {
			return nil, err
		}
		room := lksdk.NewRoom(callback)
		if err := room.JoinWithContextAndToken(ctx, url, token, lksdk.WithDisableRegionDiscovery(), lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
			return nil, err
		}
		h.rooms = append(h.rooms, room)
		return room, nil
	}
	speaker, err := enter("speaker", &lksdk.RoomCallback{})
	if err != nil {
		return nil, err
	}
	video, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000})
	if err != nil {
		return nil, err
	}
	if _, err := speaker.LocalParticipant.PublishTrack(video, &lksdk.TrackPublicationOptions{Name: "camera", VideoWidth: 1280, VideoHeight: 720}); err != nil {
		return nil, err
	}
	sound, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		return nil, err
	}
	if _, err := speaker.LocalParticipant.PublishTrack(sound, &lksdk.TrackPublicationOptions{Name: "voice"}); err != nil {
		return nil, err
	}
	for i := range audience {
		callback := &lksdk.RoomCallback{ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackSubscribed: func(t *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
				go h.receive(t) // ends with the room
			},
		}}
		if _, err := enter(fmt.Sprint("listener", i), callback); err != nil {
			return nil, err
		}
	}
	sending, cancel := context.WithCancel(ctx)
	h.cancel = cancel
	h.sending.Go(func() { h.send(sending, video, list) })
	h.sending.Go(func() { h.talk(sending, sound) })
	return h, nil
}

func (h *hall) receive(t *webrtc.TrackRemote) {
	buffer := make([]byte, 1500)
	for {
		n, _, err := t.Read(buffer)
		if err != nil {
			return
		}
		if t.Kind() == webrtc.RTPCodecTypeVideo {
			h.received.Add(int64(n))
		}
	}
}

func (h *hall) send(ctx context.Context, track *lksdk.LocalTrack, list pictures) {
	tick := time.NewTicker(time.Second / audienceFPS)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			data := list[i%len(list)]
			if track.WriteSample(media.Sample{Data: data, Duration: time.Second / audienceFPS}, nil) == nil {
				h.sent.Add(int64(len(data)))
			}
		}
	}
}

func (h *hall) talk(ctx context.Context, track *lksdk.LocalTrack) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			// What is in it nobody looks at.
			_ = track.WriteSample(media.Sample{Data: make([]byte, 80), Duration: 20 * time.Millisecond}, nil)
		}
	}
}

func (h *hall) close() {
	if h.cancel != nil {
		h.cancel()
	}
	h.sending.Wait()
	for _, room := range h.rooms {
		room.Disconnect()
	}
}

// look measures the processor time of a process while the hall is full, in percent
// of one core.
func (h *hall) look(ctx context.Context, pid int) (float64, error) {
	p, err := process.NewProcessWithContext(ctx, int32(pid))
	if err != nil {
		return 0, err
	}
	if err := pause(ctx, audienceSettle); err != nil {
		return 0, err
	}
	sent, received := h.sent.Load(), h.received.Load()
	before, err := p.TimesWithContext(ctx)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := pause(ctx, audienceLook); err != nil {
		return 0, err
	}
	took := time.Since(began)
	after, err := p.TimesWithContext(ctx)
	if err != nil {
		return 0, err
	}
	sent, received = h.sent.Load()-sent, h.received.Load()-received
	if float64(received) < audienceLeast*audience*float64(sent) {
		return 0, fmt.Errorf("of %d bytes sent to each of %d, %d arrived in all", sent, audience, received)
	}
	return 100 * (after.User + after.System - before.User - before.System) / took.Seconds(), nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// measureMedia has one send to thirty through the room server, and through the media
// engine alone, in turns.
func measureMedia(ctx context.Context, path string) ([]report.Result, error) {
	lksdk.SetLogger(logger.GetDiscardLogger())
	list, err := encodePictures()
	if err != nil {
		return nil, err
	}
	var ours, theirs []float64
	for range audienceRounds {
		cpu, err := throughServer(ctx, path, list)
		if err != nil {
			return nil, fmt.Errorf("the room server: %w", err)
		}
		ours = append(ours, cpu)
		if cpu, err = throughEngine(ctx, list); err != nil {
			return nil, fmt.Errorf("the media engine alone: %w", err)
		}
		theirs = append(theirs, cpu)
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	spread := max(ours[len(ours)-1]-ours[0], theirs[len(theirs)-1]-theirs[0])
	us, them := ours[len(ours)/2], theirs[len(theirs)/2]
	// What is less than runs of the same program differ by can't be measured.
	allowed := max(audienceMost*them, min(them+spread, audienceCap*them))
	r := report.Beside(fmt.Sprintf("server, CPU of 1 who sends 720p to %d", audience), "% of a core", us, them)
	r.Goal, r.Holds = fmt.Sprintf("at most %.1f", allowed), us <= allowed
	return []report.Result{
		r,
		report.Figure("server, the same, what differs from run to run", "% of a core", spread),
	}, nil
}

func throughServer(ctx context.Context, path string, list pictures) (float64, error) {
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return 0, err
	}
	defer s.Close()
	h, err := openHall(ctx, list, func(ctx context.Context, user string) (url, token string, err error) {
		response, err := stage.JoinRoom(ctx, s.Address, "", "hall", user)
		return response.Media.URL, response.Media.Token, err
	})
	if err != nil {
		return 0, err
	}
	defer h.close()
	return h.look(ctx, s.Pid())
}

func throughEngine(ctx context.Context, list pictures) (float64, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	engine := exec.CommandContext(ctx, self, engineArgument, port)
	engine.Stderr = os.Stderr
	if err := engine.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = engine.Process.Signal(syscall.SIGTERM)
		_ = engine.Wait()
	}()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			break
		}
		if time.Now().After(end) {
			return 0, fmt.Errorf("it does not start: %w", err)
		}
	}
	h, err := openHall(ctx, list, func(_ context.Context, user string) (url, token string, err error) {
		token, err = engineToken("hall", user)
		return "ws://" + address, token, err
	})
	if err != nil {
		return 0, err
	}
	defer h.close()
	return h.look(ctx, engine.Process.Pid)
}
