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

// air is a sound server of our own with one virtual sound card of two channels:
// what is said on the left, and what is heard on the right. Both are recorded
// at once, sample by sample.
type air struct {
	folder, socket string
	server         *exec.Cmd
}

// Names on the card.
const (
	mouth      = "mouth"      // a sink: what is played to it is said
	microphone = "microphone" // a source: what is said
	ear        = "ear"        // a sink: what is played to it is heard
	nowhere    = "nowhere"    // a sink that nobody hears
)

func newAir() (*air, error) {
	folder, err := os.MkdirTemp("", "pa") // a socket's path has to be short
	if err != nil {
		return nil, err
	}
	a := &air{folder: folder, socket: filepath.Join(folder, "s")}
	modules := []string{
		"module-native-protocol-unix socket=" + a.socket + " auth-anonymous=1",
		"module-null-sink sink_name=nowhere rate=48000 channels=1",
		"module-null-sink sink_name=air rate=48000 channels=2 channel_map=front-left,front-right",
		"module-remap-sink sink_name=mouth sink_properties=device.description=mouth master=air channels=1 master_channel_map=front-left channel_map=mono remix=no",
		"module-remap-sink sink_name=ear sink_properties=device.description=ear master=air channels=1 master_channel_map=front-right channel_map=mono remix=no",
		"module-remap-source source_name=microphone source_properties=device.description=microphone master=air.monitor channels=1 master_channel_map=front-left channel_map=mono remix=no",
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
		info.Env = append(os.Environ(), a.environment(nowhere)...)
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

// environment makes a program speak into the microphone and play to a sink.
func (a *air) environment(sink string) []string {
	return []string{"PULSE_SERVER=unix:" + a.socket, "PULSE_SOURCE=" + microphone, "PULSE_SINK=" + sink, "HOME=" + a.folder}
}

// converse says a sound, and gives what was said and heard in that time.
func (a *air) converse(ctx context.Context, said []float32) (left, right []float32, err error) {
	path := filepath.Join(a.folder, "said.raw")
	data := make([]byte, 0, 2*len(said))
	for _, v := range said {
		data = binary.LittleEndian.AppendUint16(data, uint16(int16(min(max(v, -1), 1)*32767)))
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	recorder := exec.CommandContext(ctx, "parec", "-d", "air.monitor", "--rate=48000", "--channels=2", "--format=s16le", "--latency-msec=20")
	recorder.Env = append(os.Environ(), a.environment(nowhere)...)
	out, err := recorder.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := recorder.Start(); err != nil {
		return nil, nil, err
	}
	defer func() { _ = recorder.Wait() }()
	player := exec.CommandContext(ctx, "pacat", "-p", "-d", mouth, "--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=50", "--raw", path)
	player.Env = append(os.Environ(), a.environment(mouth)...)
	if err := player.Start(); err != nil {
		return nil, nil, err
	}
	defer func() { _ = player.Wait() }()
	recorded := make([]byte, 4*(len(said)+devices.SampleRate))
	if _, err := io.ReadFull(out, recorded); err != nil {
		return nil, nil, fmt.Errorf("record: %w", err)
	}
	cancel()
	for i := 0; i < len(recorded); i += 4 {
		left = append(left, float32(int16(binary.LittleEndian.Uint16(recorded[i:])))/32768)
		right = append(right, float32(int16(binary.LittleEndian.Uint16(recorded[i+2:])))/32768)
	}
	return left, right, nil
}
