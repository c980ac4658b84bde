// Package instance has one window for each data folder: a second start of the
// program hands what it was asked for to the first, and ends.
package instance

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Errors of Claim.
var (
	// ErrNotAnswering means that another program has the folder and says nothing.
	ErrNotAnswering = errors.New("another Parley has this data folder open, and does not answer")
	// ErrUnavailable means that the folder's file system has no locks or sockets: it
	// is not known whether this is the only start.
	ErrUnavailable = errors.New("other starts can't be told apart")
)

const (
	lockFile    = "instance.lock"
	addressFile = "instance.json"
	// patience is how long the first may take: it may be starting itself.
	patience = 5 * time.Second
	// answerTime bounds one conversation at the socket.
	answerTime = 2 * time.Second
	answer     = "ok\n"
	// talksMost bounds the conversations at once.
	talksMost = 8
)

// where is what the first start leaves for the second, readable for its user only.
type where struct {
	Network string `json:"network"`
	Address string `json:"address"`
	Secret  string `json:"secret"`
}

// Instance is the program that has the data folder.
type Instance struct {
	lock     *os.File
	data     string
	folder   string // made for the socket; empty where it is in the data folder
	secret   string
	listener net.Listener
	log      *slog.Logger

	ended context.Context
	end   context.CancelFunc
	work  sync.WaitGroup
	slots chan struct{}
}

// Claim takes the data folder. Where a program has it already, that gets the
// request, and first is nil with no error.
func Claim(ctx context.Context, data string, request Request, log *slog.Logger) (first *Instance, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		lock, taken, err := lockFolder(filepath.Join(data, lockFile))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if !taken {
			return begin(lock, data, log)
		}
		// The window of a first start says what can't be; another's is not bothered.
		if err := request.check(); err != nil {
			return nil, err
		}
		// The other may be starting as well, or be about to end.
		if err = tell(ctx, data, request); err == nil {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrNotAnswering, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func begin(lock *os.File, data string, log *slog.Logger) (*Instance, error) {
	i := &Instance{lock: lock, data: data, log: log, secret: rand.Text(), slots: make(chan struct{}, talksMost)}
	if err := i.listen(); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrUnavailable, err), i.release())
	}
	i.ended, i.end = context.WithCancel(context.Background())
	return i, nil
}

// listen opens the socket, and says where it is. What a crash left is of no
// account: the lock went with the process.
func (i *Instance) listen() error {
	listener, folder, err := listen(i.data)
	if err != nil {
		return err
	}
	i.listener, i.folder = listener, folder
	content, err := json.Marshal(where{listener.Addr().Network(), listener.Addr().String(), i.secret})
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(i.data, ".instance-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), filepath.Join(i.data, addressFile))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

// Serve tells act, on a goroutine of its own, what later starts want. It is called
// once.
func (i *Instance) Serve(act func(Request)) {
	i.work.Go(func() {
		for {
			conn, err := i.listener.Accept()
			if i.ended.Err() != nil {
				if err == nil {
					_ = conn.Close()
				}
				return
			}
			if err != nil {
				i.log.Warn("a second start can't be heard", "error", err)
				select { // of files, say: there may be some again
				case <-i.ended.Done():
				case <-time.After(answerTime):
				}
				continue
			}
			select {
			case i.slots <- struct{}{}:
			default:
				_ = conn.Close()
				continue
			}
			i.work.Go(func() {
				defer func() { <-i.slots }()
				defer conn.Close()
				request, err := i.hear(conn)
				if err != nil {
					i.log.Warn("a second start was not understood", "error", err)
					return
				}
				act(request)
			})
		}
	})
}

// hear takes one message from a connection and answers it.
func (i *Instance) hear(conn net.Conn) (Request, error) {
	if err := conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return Request{}, err
	}
	stop := context.AfterFunc(i.ended, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	data, err := io.ReadAll(io.LimitReader(conn, messageMost+1))
	if err != nil {
		return Request{}, err
	}
	m, err := parse(data)
	if err != nil {
		return Request{}, err
	}
	if subtle.ConstantTimeCompare([]byte(m.Secret), []byte(i.secret)) != 1 {
		return Request{}, fmt.Errorf("%w: another secret", errMessage)
	}
	_, err = io.WriteString(conn, answer)
	return m.Request, err
}

// Stop hears nothing more: a later start waits for the folder.
func (i *Instance) Stop() {
	i.end()
	_ = i.listener.Close()
}

// Close lets another program have the folder.
func (i *Instance) Close() error {
	i.Stop()
	i.work.Wait()
	return i.release()
}

func (i *Instance) release() error {
	_ = os.Remove(filepath.Join(i.data, addressFile))
	var err error
	if i.folder != "" {
		err = os.RemoveAll(i.folder)
	}
	return errors.Join(err, i.lock.Close()) // the lock goes last: the rest belongs to who has it
}

// tell gives the first start a request.
func tell(ctx context.Context, data string, request Request) error {
	content, err := os.ReadFile(filepath.Join(data, addressFile))
	if err != nil {
		return err
	}
	var at where
	if err := json.Unmarshal(content, &at); err != nil {
		return fmt.Errorf("read where the first start is: %w", err)
	}
	line, err := json.Marshal(message{version, at.Secret, request})
	if err != nil {
		return err
	}
	conn, err := dial(ctx, at)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	if _, err := conn.Write(line); err != nil {
		return err
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		if err := half.CloseWrite(); err != nil {
			return err
		}
	}
	got, err := io.ReadAll(io.LimitReader(conn, int64(len(answer))))
	if err == nil && string(got) != answer {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// dial opens a connection to nothing but this computer.
func dial(ctx context.Context, at where) (net.Conn, error) {
	switch at.Network {
	case "unix":
	case "tcp":
		host, _, err := net.SplitHostPort(at.Address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return nil, errors.New("the first start is not on this computer")
		}
	default:
		return nil, errors.New("the first start can't be reached that way")
	}
	return (&net.Dialer{Timeout: answerTime}).DialContext(ctx, at.Network, at.Address)
}
