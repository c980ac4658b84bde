package nearby

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// Errors of Prove and Ask.
var (
	// ErrNotProved means that who answers is not the server that was announced.
	ErrNotProved = errors.New("another server answers than the one that was announced")
	// ErrRefused means that the host did not let one in.
	ErrRefused = errors.New("the host did not let you in")
)

const (
	pathDoor = "/v1/door"
	// askFor is how long a host has to answer.
	askFor = time.Minute
	// asksMost is how many may wait for an answer at once.
	asksMost    = 4
	doorBodyMax = 4 << 10
	proveFor    = 3 * time.Second
	nonceLength = 32
)

// request is what a visitor says at the door.
type request struct {
	Nonce string    `json:"nonce"`
	Room  string    `json:"room,omitempty"`
	User  wire.User `json:"user"`
	// Passcode is for rooms that have one.
	Passcode string `json:"passcode,omitempty"`
}

// answer to a request.
type answer struct {
	// Proof is the server's signature under what statement makes of the nonce.
	Proof string `json:"proof"`
	Token string `json:"token,omitempty"`
}

// statement is what a server signs: that it is at this address, now. The address
// is in it so that somebody else can't pass the question on and the answer back.
func statement(nonce string, ip netip.Addr, port int) []byte {
	return fmt.Appendf(nil, "parley door\n%s\n%s\n%d", nonce, ip.Unmap().WithZone(""), port)
}

// DoorParams of a Door. All are required.
type DoorParams struct {
	Room string
	Port int // of the room's server
	// Sign signs as the server.
	Sign func([]byte) ([]byte, error)
	// Admit tells whether a visitor is let in; ctx ends when they give up.
	Admit func(ctx context.Context, visitor wire.User) bool
	// Token signs a token for a user.
	Token  func(userID string) (string, error)
	Logger *slog.Logger
}

// Door is where those who found a room on the network come to: it proves that the
// room's server is the one that was announced, and passes on the wish to come in.
type Door struct {
	params   DoorParams
	listener net.Listener
	http     *http.Server
	asking   chan struct{}
	work     sync.WaitGroup
}

// OpenDoor opens a door on a free port.
func OpenDoor(p DoorParams) (*Door, error) {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		return nil, fmt.Errorf("open the door: %w", err)
	}
	d := &Door{params: p, listener: l, asking: make(chan struct{}, asksMost)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+pathDoor, d.serve)
	d.http = &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 10 * time.Second, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(p.Logger.Handler(), slog.LevelDebug),
	}
	d.work.Go(func() { _ = d.http.Serve(l) })
	return d, nil
}

// Port is where the door is.
func (d *Door) Port() int {
	if at, is := d.listener.Addr().(*net.TCPAddr); is {
		return at.Port
	}
	return 0
}

// Close shuts the door, before whoever waits.
func (d *Door) Close() {
	_ = d.http.Close()
	d.work.Wait()
}

func (d *Door) serve(w http.ResponseWriter, r *http.Request) {
	here, is := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	// It is for the local network, whatever else comes to this port.
	if !is || err != nil || !attached(net.IP(from.Addr().Unmap().AsSlice())) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var q request
	line := http.NewResponseController(w)
	_ = line.SetReadDeadline(time.Now().Add(5 * time.Second))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, doorBodyMax))
	if err != nil || json.Unmarshal(body, &q) != nil || len(q.Nonce) != nonceLength {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_ = line.SetReadDeadline(time.Time{}) // or the wait for an answer ends with it
	var a answer
	if q.Room != "" {
		if q.Room != d.params.Room || wire.CheckUserID(q.User.ID) != nil || wire.CheckUserName(q.User.Name) != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		select {
		case d.asking <- struct{}{}:
			defer func() { <-d.asking }()
		default:
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), askFor)
		defer cancel()
		if !d.params.Admit(ctx, wire.User{ID: q.User.ID, Name: printable(q.User.Name)}) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if a.Token, err = d.params.Token(q.User.ID); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
	}
	proof, err := d.params.Sign(statement(q.Nonce, here.AddrPort().Addr(), d.params.Port))
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	a.Proof = base64.StdEncoding.EncodeToString(proof)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(a)
}

// Prove checks that a room's server is the one that its ID says, and that the one
// who holds that ID's key says to be at this address. Before that, nothing that is
// secret may be sent there.
func Prove(ctx context.Context, r Room) error {
	ctx, cancel := context.WithTimeout(ctx, proveFor)
	defer cancel()
	_, err := knock(ctx, r, request{})
	return err
}

// Ask asks the host of a room to be let in, and waits for what they decide.
func Ask(ctx context.Context, r Room, user wire.User) (token string, err error) {
	if err := Prove(ctx, r); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, askFor+proveFor)
	defer cancel()
	a, err := knock(ctx, r, request{Room: r.RoomID, User: user})
	if errors.Is(err, context.DeadlineExceeded) {
		err = ErrRefused
	}
	return a.Token, err
}

func knock(ctx context.Context, r Room, q request) (answer, error) {
	host, number, err := net.SplitHostPort(r.Address)
	if err != nil {
		return answer{}, fmt.Errorf("go to the door: %w", err)
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return answer{}, fmt.Errorf("go to the door: %w", err)
	}
	port, err := strconv.Atoi(number)
	if err != nil {
		return answer{}, fmt.Errorf("go to the door: %w", err)
	}
	q.Nonce = rand.Text() + rand.Text()
	q.Nonce = q.Nonce[:nonceLength]
	body, err := json.Marshal(q)
	if err != nil {
		return answer{}, fmt.Errorf("go to the door: %w", err)
	}
	a, err := post(ctx, net.JoinHostPort(host, strconv.Itoa(r.Door)), body)
	if err != nil {
		return answer{}, err
	}
	proof, err := base64.StdEncoding.DecodeString(a.Proof)
	if err != nil {
		return answer{}, ErrNotProved
	}
	key, err := nkeys.FromPublicKey(r.ServerID)
	if err != nil || key.Verify(statement(q.Nonce, ip, port), proof) != nil {
		return answer{}, ErrNotProved
	}
	return a, nil
}

// post goes to a door, by no proxy: it is on this network.
func post(ctx context.Context, address string, body []byte) (answer, error) {
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	u := url.URL{Scheme: "http", Host: address, Path: pathDoor}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("go to the door: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := client.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("go to the door: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusForbidden, http.StatusTooManyRequests:
		return answer{}, ErrRefused
	default:
		return answer{}, fmt.Errorf("go to the door: status %d: %w", response.StatusCode, ErrNotProved)
	}
	var a answer
	if err := json.NewDecoder(io.LimitReader(response.Body, doorBodyMax)).Decode(&a); err != nil {
		return answer{}, fmt.Errorf("go to the door: %w", ErrNotProved)
	}
	return a, nil
}
