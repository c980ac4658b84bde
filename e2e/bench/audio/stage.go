package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// stage is a server and a sound card, with the programs that use them.
type stage struct {
	air      *air
	folder   string
	address  string
	token    string   // for the room, where the server asks for one
	far      *network // on which the one who hears is; nil for this machine
	programs []*exec.Cmd
	inputs   []io.Closer
}

// newStage starts a server; with far, one that the far end of that line reaches.
func newStage(ctx context.Context, program string, far *network) (*stage, error) {
	s := &stage{far: far}
	var err error
	if s.folder, err = os.MkdirTemp("", "parley-bench-*"); err != nil {
		return nil, err
	}
	if s.air, err = newAir(); err != nil {
		return nil, err
	}
	data := filepath.Join(s.folder, "server")
	args := []string{"serve", "--hosted", "--udp-port", "0", "--tcp-port", "0", "--data", data}
	if far == nil {
		args = append(args, "--open", "--listen", "127.0.0.1:0")
	} else {
		args = append(args, "--listen", nearAddress+":0")
	}
	lines, err := s.start(ctx, nil, program, args...)
	if err != nil {
		s.close()
		return nil, err
	}
	var ready struct{ Address string }
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &ready) != nil {
		s.close()
		return nil, errors.New("the server does not start")
	}
	s.address = ready.Address
	go drain(lines)
	if far != nil {
		out, err := exec.CommandContext(ctx, program, "token", "--room", "bench", "--data", data).Output()
		line, _, _ := strings.Cut(string(out), "\n")
		if s.token = strings.TrimSpace(strings.TrimPrefix(line, "token:")); err != nil || s.token == "" {
			s.close()
			return nil, fmt.Errorf("make a token: %w", err)
		}
	}
	return s, nil
}

func drain(lines *bufio.Scanner) {
	for lines.Scan() {
	}
}

func (s *stage) close() {
	for _, p := range s.programs[min(1, len(s.programs)):] {
		_ = p.Process.Signal(syscall.SIGTERM)
		_ = p.Wait()
	}
	for _, in := range s.inputs {
		_ = in.Close()
	}
	if len(s.programs) > 0 {
		_ = s.programs[0].Wait()
	}
	if s.air != nil {
		s.air.close()
	}
	_ = os.RemoveAll(s.folder)
}

// start starts a program and gives the lines that it prints.
func (s *stage) start(ctx context.Context, env []string, path string, args ...string) (*bufio.Scanner, error) {
	c := exec.CommandContext(ctx, path, args...)
	c.Env = append(os.Environ(), env...)
	c.Stderr = os.Stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	s.programs, s.inputs = append(s.programs, c), append(s.inputs, stdin)
	return bufio.NewScanner(stdout), nil
}

// startFar starts a program where the one who hears is.
func (s *stage) startFar(ctx context.Context, env []string, path string, args ...string) (*bufio.Scanner, error) {
	if s.far == nil {
		return s.start(ctx, env, path, args...)
	}
	return s.start(ctx, env, "ip", append([]string{"netns", "exec", s.far.space, path}, args...)...)
}

// until waits for a line with an event, and reads on.
func until(lines *bufio.Scanner, event string) error {
	for lines.Scan() {
		var line struct{ Event string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Event == event {
			go drain(lines)
			return nil
		}
	}
	return fmt.Errorf("it ended before its %q", event)
}

type starter func(ctx context.Context, env []string, path string, args ...string) (*bufio.Scanner, error)

func parleys(ctx context.Context, program string, s *stage, processed bool) error {
	processing := "none"
	if processed {
		processing = "echo,noise,gain"
	}
	peer := func(start starter, name, sink string, args ...string) (*bufio.Scanner, error) {
		return start(ctx, append(s.air.environment(sink), "PARLEY_TOKEN="+s.token), program, append([]string{"peer", "--server", s.address, "--room", "bench", "--name", name,
			"--data", filepath.Join(s.folder, name), "--video", "none", "--processing", processing}, args...)...)
	}
	speaks, err := peer(s.start, "ann", nowhere, "--audio", "", "--speaker", "")
	if err != nil {
		return err
	}
	if err := until(speaks, "publisher_state"); err != nil {
		return err
	}
	hears, err := peer(s.startFar, "bob", ear, "--audio", "none", "--speaker", "")
	if err != nil {
		return err
	}
	return until(hears, "first_audio")
}

func chromiums(ctx context.Context, _ string, s *stage, processed bool) error {
	for _, who := range []struct {
		start                  starter
		name, sink, microphone string
	}{{s.start, "ann", nowhere, "real"}, {s.startFar, "bob", ear, "none"}} {
		response, err := join(ctx, s.address, s.token, who.name)
		if err != nil {
			return err
		}
		token := filepath.Join(s.folder, who.name)
		if err := os.WriteFile(token, []byte(response.Media.Token), 0o600); err != nil {
			return err
		}
		env := append(s.air.environment(who.sink), "PEER_CAMERA=none", "PEER_MICROPHONE="+who.microphone, fmt.Sprint("PEER_PROCESSING=", processed))
		lines, err := who.start(ctx, env, "node", "e2e/chromium/peer.mjs", response.Media.URL, token, "600")
		if err != nil {
			return err
		}
		if err := until(lines, "joined"); err != nil {
			return err
		}
	}
	return nil
}

// join asks the server for a browser's way in.
func join(ctx context.Context, address, credential, user string) (wire.JoinResponse, error) {
	var response wire.JoinResponse
	pair, err := nkeys.CreateUser()
	if err != nil {
		return response, err
	}
	key, err := pair.PublicKey()
	if err != nil {
		return response, err
	}
	body, err := json.Marshal(wire.JoinRequest{AppID: wire.LocalAppID, RoomID: "bench", User: wire.User{ID: user, Name: strings.ToUpper(user)}, Credential: wire.Credential{Token: credential}, ChatKey: key})
	if err != nil {
		return response, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+wire.PathJoin, bytes.NewReader(body))
	if err != nil {
		return response, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return response, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&response); err != nil {
		return response, err
	}
	if response.Media.Token == "" {
		return response, fmt.Errorf("the server answers with status %d", answer.StatusCode)
	}
	return response, nil
}
