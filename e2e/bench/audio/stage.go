package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// stage is a server and a sound card, with the programs that use them.
type stage struct {
	path     string // of Parley
	air      *air
	folder   string
	address  string
	token    string   // for the room, where the server asks for one
	far      *network // on which the one who hears is; nil for this machine
	programs []*program
}

// newStage starts a server; with far, one that the far end of that line reaches.
func newStage(ctx context.Context, path string, far *network) (*stage, error) {
	s := &stage{path: path, far: far}
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
	server, err := s.start(ctx, nil, path, args...)
	if err != nil {
		s.close()
		return nil, err
	}
	ready, err := server.wait(ctx, "ready")
	if err != nil {
		s.close()
		return nil, err
	}
	s.address, _ = ready["address"].(string)
	if far != nil {
		out, err := exec.CommandContext(ctx, path, "token", "--room", "bench", "--data", data).Output()
		line, _, _ := strings.Cut(string(out), "\n")
		if s.token = strings.TrimSpace(strings.TrimPrefix(line, "token:")); err != nil || s.token == "" {
			s.close()
			return nil, fmt.Errorf("make a token: %w", err)
		}
	}
	return s, nil
}

func (s *stage) close() {
	for _, p := range s.programs[min(1, len(s.programs)):] {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		_ = p.cmd.Wait()
	}
	// A server that was started for a desktop ends with its input.
	for _, p := range s.programs {
		_ = p.in.Close()
	}
	if len(s.programs) > 0 {
		_ = s.programs[0].cmd.Wait()
	}
	if s.air != nil {
		s.air.close()
	}
	_ = os.RemoveAll(s.folder)
}

// program is one that runs, and prints JSON lines.
type program struct {
	cmd *exec.Cmd
	in  io.WriteCloser

	mu     sync.Mutex
	lines  map[string]map[string]any // the last of each event
	change chan struct{}             // closed with the next line
	ended  bool
}

// start starts a program.
func (s *stage) start(ctx context.Context, env []string, path string, args ...string) (*program, error) {
	c := exec.CommandContext(ctx, path, args...)
	c.Env = append(os.Environ(), env...)
	c.Stderr = os.Stderr
	p := &program{cmd: c, lines: make(map[string]map[string]any), change: make(chan struct{})}
	var err error
	if p.in, err = c.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	s.programs = append(s.programs, p)
	go p.read(stdout)
	return p, nil
}

// startFar starts a program at the far end of the line.
func (s *stage) startFar(ctx context.Context, env []string, path string, args ...string) (*program, error) {
	return s.start(ctx, env, "ip", append([]string{"netns", "exec", s.far.space, path}, args...)...)
}

func (p *program) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := make(map[string]any)
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		event, _ := line["event"].(string)
		p.note(func() { p.lines[event] = line })
	}
	p.note(func() { p.ended = true })
}

func (p *program) note(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.change)
	p.change = make(chan struct{})
}

// wait gives the last line of an event, once there is one.
func (p *program) wait(ctx context.Context, event string) (map[string]any, error) {
	for {
		p.mu.Lock()
		line, ended, change := p.lines[event], p.ended, p.change
		p.mu.Unlock()
		if line != nil {
			return line, nil
		}
		if ended {
			return nil, fmt.Errorf("%s ended before its %q", filepath.Base(p.cmd.Path), event)
		}
		select {
		case <-change:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// say gives a program a line of commands.
func (p *program) say(command string) error {
	_, err := io.WriteString(p.in, command+"\n")
	return err
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
