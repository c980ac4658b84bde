package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"parley/devices"
)

// DemoOptions of RunDemo.
type DemoOptions struct {
	Data, Language, Theme, Version string
}

// guest is a synthetic person of the demo.
type guest struct {
	name  string
	lines []string
}

func guests(language string) []guest {
	if language == "zh" {
		return []guest{
			{"小林", []string{"大家好，听得到我吗？", "画面上的编号就是帧号，方便核对。", "👍"}},
			{"Maya", []string{"听得很清楚！", "我这边一切正常，延迟很低。", "那我们开始吧 🎉"}},
			{"Tom", []string{"大家下午好。", "稍等，我记一下要点。", "好的，没有问题。"}},
		}
	}
	return []guest{
		{"Lin", []string{"Hello everybody, can you hear me?", "The number in the picture counts its frames, so that one can check them.", "👍"}},
		{"Maya", []string{"Loud and clear!", "All well here: what I say arrives at once.", "Then let us begin 🎉"}},
		{"Tom", []string{"Good afternoon.", "One moment, I am taking notes.", "Fine with me."}},
	}
}

// RunDemo hosts a room with three synthetic people and shows it.
func RunDemo(ctx context.Context, o DemoOptions) error {
	if o.Data == "" {
		folder, err := os.MkdirTemp("", "parley-demo-*")
		if err != nil {
			return fmt.Errorf("make a folder for the demo: %w", err)
		}
		defer func() { _ = os.RemoveAll(folder) }()
		o.Data = folder
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	options := Options{
		Data: o.Data, Language: o.Language, Theme: o.Theme, Version: o.Version, Host: true, Join: true, Room: "demo", Name: "Ada",
		Camera: devices.Synthetic, Microphone: devices.Synthetic,
	}
	options.hosted = func(ctx context.Context, address, room string, token func(string) (string, error)) {
		var visits sync.WaitGroup
		for i, g := range guests(o.Language) {
			visits.Go(func() {
				_ = g.visit(ctx, self, filepath.Join(o.Data, fmt.Sprint("guest", i+1)), address, room, token, time.Duration(i)*700*time.Millisecond)
			})
		}
		visits.Wait()
	}
	return Run(ctx, options)
}

// visit starts the guest as a program of its own, has it talk, and waits for its end.
func (g guest) visit(ctx context.Context, self, data, address, room string, token func(string) (string, error), after time.Duration) error {
	signed, err := token("")
	if err != nil {
		return err
	}
	who := devices.Synthetic + ":" + g.name
	cmd := exec.CommandContext(ctx, self, "peer", "--server", address, "--room", room, "--name", g.name, "--video", who, "--audio", who, "--data", data, "--until-eof")
	cmd.Env = append(os.Environ(), TokenVariable+"="+signed)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	cmd.Cancel = stdin.Close // an interrupt is not to be had on every system
	cmd.WaitDelay = 3 * time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	g.say(ctx, stdin, after)
	return cmd.Wait()
}

// say types what the guest has to say, with pauses.
func (g guest) say(ctx context.Context, keyboard io.Writer, after time.Duration) {
	for _, line := range g.lines {
		select {
		case <-ctx.Done():
			return
		case <-time.After(1500*time.Millisecond + after):
		}
		if _, err := io.WriteString(keyboard, "/text "+line+"\n"); err != nil {
			return
		}
	}
}
