// Package stage is a room server with programs in its room, as benchmarks need it.
package stage

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

// Room is the room of a stage.
const Room = "bench"

// Stage is a server with the programs that were started beside it.
type Stage struct {
	Path     string // of Parley
	Folder   string // for what the programs keep
	Address  string // of the server
	Token    string // for the room, where the server asks for one
	programs []*Program
}

// New starts a server that is open to this machine; with a near address, one that
// listens there and wants tokens.
func New(ctx context.Context, path, near string) (*Stage, error) {
	s := &Stage{Path: path}
	var err error
	if s.Folder, err = os.MkdirTemp("", "parley-bench-*"); err != nil {
		return nil, err
	}
	data := filepath.Join(s.Folder, "server")
	args := []string{"serve", "--hosted", "--udp-port", "0", "--tcp-port", "0", "--data", data}
	if near == "" {
		args = append(args, "--open", "--listen", "127.0.0.1:0")
	} else {
		args = append(args, "--listen", near+":0")
	}
	server, err := s.Start(ctx, nil, path, args...)
	if err != nil {
		s.Close()
		return nil, err
	}
	ready, err := server.Wait(ctx, "ready")
	if err != nil {
		s.Close()
		return nil, err
	}
	s.Address, _ = ready["address"].(string)
	if near != "" {
		out, err := exec.CommandContext(ctx, path, "token", "--room", Room, "--data", data).Output()
		line, _, _ := strings.Cut(string(out), "\n")
		if s.Token = strings.TrimSpace(strings.TrimPrefix(line, "token:")); err != nil || s.Token == "" {
			s.Close()
			return nil, fmt.Errorf("make a token: %w", err)
		}
	}
	return s, nil
}

// Close ends the programs, and then the server.
func (s *Stage) Close() {
	for _, p := range s.programs[min(1, len(s.programs)):] {
		_ = p.Cmd.Process.Signal(syscall.SIGTERM)
		_ = p.Cmd.Wait()
	}
	// A server that was started for a desktop ends with its input.
	for _, p := range s.programs {
		_ = p.in.Close()
	}
	if len(s.programs) > 0 {
		_ = s.programs[0].Cmd.Wait()
	}
	_ = os.RemoveAll(s.Folder)
}

// Program is one that runs, and prints JSON lines.
type Program struct {
	Cmd *exec.Cmd
	in  io.WriteCloser

	mu     sync.Mutex
	lines  map[string]map[string]any // the last of each event
	change chan struct{}             // closed with the next line
	ended  bool
}

// Start starts a program.
func (s *Stage) Start(ctx context.Context, env []string, path string, args ...string) (*Program, error) {
	c := exec.CommandContext(ctx, path, args...)
	c.Env = append(os.Environ(), env...)
	c.Stderr = os.Stderr
	p := &Program{Cmd: c, lines: make(map[string]map[string]any), change: make(chan struct{})}
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

func (p *Program) read(out io.Reader) {
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

func (p *Program) note(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.change)
	p.change = make(chan struct{})
}

// Wait gives the last line of an event, once there is one.
func (p *Program) Wait(ctx context.Context, event string) (map[string]any, error) {
	for {
		p.mu.Lock()
		line, ended, change := p.lines[event], p.ended, p.change
		p.mu.Unlock()
		if line != nil {
			return line, nil
		}
		if ended {
			return nil, fmt.Errorf("%s ended before its %q", filepath.Base(p.Cmd.Path), event)
		}
		select {
		case <-change:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Say gives a program a line of commands.
func (p *Program) Say(command string) error {
	_, err := io.WriteString(p.in, command+"\n")
	return err
}

// Pid is the server's.
func (s *Stage) Pid() int { return s.programs[0].Cmd.Process.Pid }

// Join asks the server for a browser's way in.
func Join(ctx context.Context, address, credential, user string) (wire.JoinResponse, error) {
	return JoinRoom(ctx, address, credential, Room, user)
}

// JoinRoom asks for the way into a room.
func JoinRoom(ctx context.Context, address, credential, room, user string) (wire.JoinResponse, error) {
	response, _, err := JoinWithKey(ctx, address, credential, room, user)
	return response, err
}

// JoinWithKey asks for the way into a room, with the key that opens its chat.
func JoinWithKey(ctx context.Context, address, credential, room, user string) (response wire.JoinResponse, pair nkeys.KeyPair, err error) {
	if pair, err = nkeys.CreateUser(); err != nil {
		return response, nil, err
	}
	key, err := pair.PublicKey()
	if err != nil {
		return response, nil, err
	}
	response, err = ask(ctx, address, wire.JoinRequest{AppID: wire.LocalAppID, RoomID: room, User: wire.User{ID: user, Name: strings.ToUpper(user)}, Credential: wire.Credential{Token: credential}, ChatKey: key})
	return response, pair, err
}

func ask(ctx context.Context, address string, question wire.JoinRequest) (wire.JoinResponse, error) {
	var response wire.JoinResponse
	body, err := json.Marshal(question)
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
