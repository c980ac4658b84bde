package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"parley/devices"
)

// air is a sound server of our own with one virtual sound card, whose channels
// are what is said and heard at two places. All are recorded at once, sample by
// sample.
type air struct {
	folder, socket string
	server         *exec.Cmd
}

// Names on the card. What is played to a mouth is said into the microphone of
// its place.
const (
	mouth       = "mouth"
	microphone  = "microphone"
	ear         = "ear"
	mouth2      = "mouth2"
	microphone2 = "microphone2"
	ear2        = "ear2"
	nowhere     = "nowhere" // a sink that nobody hears
)

// Channels of the card.
const (
	atMouth = iota
	atEar
	atMouth2
	atEar2
	channels
)

// places are the card's channels as the sound server calls them.
const places = "front-left,front-right,rear-left,rear-right"

func newAir() (*air, error) {
	folder, err := os.MkdirTemp("", "pa") // a socket's path has to be short
	if err != nil {
		return nil, err
	}
	a := &air{folder: folder, socket: filepath.Join(folder, "s")}
	sink := func(name, channel string) string {
		return fmt.Sprintf("module-remap-sink sink_name=%s sink_properties=device.description=%s master=air channels=1 master_channel_map=%s channel_map=mono remix=no", name, name, channel)
	}
	source := func(name, channel string) string {
		return fmt.Sprintf("module-remap-source source_name=%s source_properties=device.description=%s master=air.monitor channels=1 master_channel_map=%s channel_map=mono remix=no", name, name, channel)
	}
	modules := []string{
		"module-native-protocol-unix socket=" + a.socket + " auth-anonymous=1",
		"module-null-sink sink_name=nowhere rate=48000 channels=1",
		"module-null-sink sink_name=air rate=48000 channels=4 channel_map=" + places,
		sink(mouth, "front-left"), sink(ear, "front-right"), sink(mouth2, "rear-left"), sink(ear2, "rear-right"),
		source(microphone, "front-left"), source(microphone2, "rear-left"),
	}
	args := []string{"--daemonize=no", "--exit-idle-time=-1", "-n", "--disallow-exit"}
	for _, m := range modules {
		args = append(args, "-L", m)
	}
	a.server = exec.Command("pulseaudio", args...)
	a.server.Env = append(os.Environ(), "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "PULSE_RUNTIME_PATH="+folder)
	if err := a.server.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	for range 100 {
		time.Sleep(50 * time.Millisecond)
		info := exec.Command("pactl", "list", "short", "sources")
		info.Env = append(os.Environ(), a.environment(microphone, nowhere)...)
		if info.Run() == nil {
			return a, nil
		}
	}
	a.close()
	return nil, errors.New("pulseaudio does not answer")
}

func (a *air) close() {
	_ = a.server.Process.Kill()
	_ = a.server.Wait()
	_ = os.RemoveAll(a.folder)
}

// environment makes a program hear a source and play to a sink.
func (a *air) environment(source, sink string) []string {
	if source == "" {
		source = microphone
	}
	return []string{"PULSE_SERVER=unix:" + a.socket, "PULSE_SOURCE=" + source, "PULSE_SINK=" + sink, "HOME=" + a.folder}
}

// command runs a tool of the sound server.
func (a *air) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, append(args, "--rate=48000", "--format=s16le", "--raw")...)
	c.Env = append(os.Environ(), a.environment(microphone, nowhere)...)
	return c
}

// record gives a source's sound until ctx is done.
func (a *air) record(ctx context.Context, source string, count int) (io.Reader, error) {
	args := []string{"-d", source, fmt.Sprint("--channels=", count), "--latency-msec=20"}
	if count == channels {
		args = append(args, "--channel-map="+places)
	}
	c := a.command(ctx, "parec", args...)
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	go func() { _ = c.Wait() }()
	return out, nil
}

// say plays a sound once.
func (a *air) say(ctx context.Context, sink string, said []float32) error {
	path := filepath.Join(a.folder, "said.raw")
	if err := os.WriteFile(path, words(said), 0o600); err != nil {
		return err
	}
	c := a.command(ctx, "pacat", "-p", "-d", sink, "--channels=1", "--latency-msec=50", path)
	if err := c.Start(); err != nil {
		return err
	}
	go func() { _ = c.Wait() }()
	return nil
}

// words are samples of 16 bits.
func words(pcm []float32) []byte {
	data := make([]byte, 0, 2*len(pcm))
	for _, v := range pcm {
		data = binary.LittleEndian.AppendUint16(data, uint16(int16(min(max(v, -1), 1)*32767)))
	}
	return data
}

// converse says a sound at the first place, and gives what was there on each
// channel in that time and a second more.
func (a *air) converse(ctx context.Context, said []float32) (sound [channels][]float32, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, err := a.record(ctx, "air.monitor", channels)
	if err != nil {
		return sound, err
	}
	if err := a.say(ctx, mouth, said); err != nil {
		return sound, err
	}
	recorded := make([]byte, 2*channels*(len(said)+devices.SampleRate))
	if _, err := io.ReadFull(out, recorded); err != nil {
		return sound, fmt.Errorf("record: %w", err)
	}
	for i := 0; i < len(recorded); i += 2 {
		c := i / 2 % channels
		sound[c] = append(sound[c], float32(int16(binary.LittleEndian.Uint16(recorded[i:])))/32768)
	}
	return sound, nil
}
