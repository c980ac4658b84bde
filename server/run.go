package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"go.yaml.in/yaml/v3"
)

// File is the configuration file of `parley serve`. A flag that is given wins
// over its key.
type File struct {
	Listen  string `yaml:"listen"`
	Data    string `yaml:"data"`
	Open    bool   `yaml:"open"`
	UDPPort *int   `yaml:"udp_port"`
	TCPPort *int   `yaml:"tcp_port"`
	Limits  Limits `yaml:"limits"`
	// PassLife is how long chat and attachments are open by one join.
	PassLife time.Duration `yaml:"pass_life"`
}

// Apply puts the file's keys into cfg, but for those that given says a flag
// was given for.
func (f File) Apply(cfg *Config, given func(flag string) bool) {
	if f.Listen != "" && !given("listen") {
		cfg.Listen = f.Listen
	}
	if !given("open") {
		cfg.Open = cfg.Open || f.Open
	}
	cfg.Limits, cfg.PassLife = f.Limits, f.PassLife
	if f.UDPPort != nil && !given("udp-port") {
		cfg.UDPPort = *f.UDPPort
	}
	if f.TCPPort != nil && !given("tcp-port") {
		cfg.TCPPort = *f.TCPPort
	}
}

// passLeast leaves time to renew.
const passLeast = 5 * time.Second

// configMax bounds a configuration file before it is parsed.
const configMax = 1 << 20

// LoadFile reads a configuration file. Unknown keys are errors.
func LoadFile(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("read the configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, configMax+1))
	if err != nil {
		return File{}, fmt.Errorf("read the configuration: %w", err)
	}
	return parseFile(data)
}

func parseFile(data []byte) (File, error) {
	if len(data) > configMax {
		return File{}, fmt.Errorf("read the configuration: over %d bytes", configMax)
	}
	var file File
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return File{}, fmt.Errorf("read the configuration: %w", err)
	}
	if file.PassLife != 0 && file.PassLife < passLeast {
		return File{}, fmt.Errorf("read the configuration: pass_life %v: it has to be %v or more", file.PassLife, passLeast)
	}
	for _, port := range []*int{file.UDPPort, file.TCPPort} {
		if port != nil && (*port < 0 || *port > 65535) {
			return File{}, fmt.Errorf("read the configuration: %d is no port", *port)
		}
	}
	return file, nil
}

// Ready is the line that a hosting app reads from the server's output.
type Ready struct {
	Event   string `json:"event"` // "ready"
	Address string `json:"address"`
	UDPPort int    `json:"udp_port"`
	TCPPort int    `json:"tcp_port"`
	StartMS int64  `json:"start_ms"`
}

// RunOptions of Run.
type RunOptions struct {
	// Machine makes the output one JSON line, Ready, instead of words.
	Machine bool
	// UntilEOF, where set, ends the server when it has no more to read: a
	// server that an app hosts ends with the app, however that ends.
	UntilEOF io.Reader
	Output   io.Writer
	// Hint is the --data flag as it was given, for the command that is
	// suggested.
	Hint string
}

// closeWithin bounds the end of a server.
const closeWithin = 5 * time.Second

// Run starts a server, says so, and closes it when ctx is done.
func Run(ctx context.Context, cfg Config, o RunOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began := time.Now()
	s, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	took := time.Since(began)
	udp, tcp := s.MediaPorts()
	if o.Machine {
		line, err := json.Marshal(Ready{Event: "ready", Address: s.Address(), UDPPort: udp, TCPPort: tcp, StartMS: took.Milliseconds()})
		if err == nil {
			_, err = fmt.Fprintf(o.Output, "%s\n", line)
		}
		if err != nil {
			cfg.Logger.Warn("nobody reads the server's output", "error", err)
		}
	} else {
		_, _ = fmt.Fprintf(o.Output, "Parley serves at %s (media: UDP %d, TCP %d), ready after %d ms.\n", s.Addr(), udp, tcp, took.Milliseconds())
		if cfg.Open {
			_, _ = fmt.Fprintf(o.Output, "Open to everybody on this machine: parley --server %s --room hello --name NAME --join\n", s.Address())
		} else {
			hint := ""
			if o.Hint != "" {
				hint = fmt.Sprintf(" --data %q", o.Hint)
			}
			_, _ = fmt.Fprintf(o.Output, "Invite somebody: parley token --room hello --ttl 1h --server ADDRESS%s\n", hint)
		}
	}
	if o.UntilEOF != nil {
		// Ends with the process at the latest: a read of a pipe can't be stopped.
		go func() {
			_, _ = io.Copy(io.Discard, o.UntilEOF)
			cancel()
		}()
	}
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-s.Failed():
	}
	closing, done := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer done()
	if err := s.Close(closing); err != nil {
		cfg.Logger.Log(closing, slog.LevelWarn, "the server did not close in order", "error", err)
	}
	return failure
}
