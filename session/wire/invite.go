package wire

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Scheme is the URL scheme of an invite link that opens the app directly.
const Scheme = "parley"

// inviteMax bounds a link before it is parsed: a token is under 1 KiB.
const inviteMax = 8 << 10

// ErrNotInvite means that a text is not an invite link.
var ErrNotInvite = errors.New("this is not an invite link")

// Invite is where to go and with what: the content of an invite link,
// parley://HOST:PORT/join?app=A&room=R&token=T, with the token left out for an
// open server, and &server=ID where the server's address may change. Of a server
// with TLS the link is https://HOST/join#app=A&..., which a browser can open: it
// keeps what is behind the # to itself, and the page that it gets makes of it
// parley://HOST/join?tls=1&app=A&... for the app.
type Invite struct {
	Server string // HOST:PORT, or https://HOST[:PORT] for a server with TLS
	AppID  string
	RoomID string
	Token  string
	// ServerID is the server's, where the link names it: by it a server is found
	// that is at another address by now.
	ServerID string
}

// String renders the link.
func (i Invite) String() string {
	q := url.Values{"app": {i.AppID}, "room": {i.RoomID}}
	if i.Token != "" {
		q.Set("token", i.Token)
	}
	if i.ServerID != "" {
		q.Set("server", i.ServerID)
	}
	if host, secure := strings.CutPrefix(i.Server, "https://"); secure {
		u := url.URL{Scheme: "https", Host: host, Path: "/join"}
		return u.String() + "#" + q.Encode()
	}
	u := url.URL{Scheme: Scheme, Host: i.Server, Path: "/join", RawQuery: q.Encode()}
	return u.String()
}

// ParseInvite reads a link that String rendered. White space around it, as
// copying leaves it, is ignored. Errors wrap ErrNotInvite, or are those of the
// room's ID.
func ParseInvite(link string) (Invite, error) {
	if len(link) > inviteMax {
		return Invite{}, fmt.Errorf("%w: over %d bytes", ErrNotInvite, inviteMax)
	}
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil {
		// The parser's own error repeats the link, which may hold a token.
		return Invite{}, ErrNotInvite
	}
	if u.Scheme != Scheme && u.Scheme != "https" || u.Host == "" || u.Path != "/join" || u.User != nil {
		return Invite{}, ErrNotInvite
	}
	text := u.RawQuery // of https links, as they were once made
	if u.Fragment != "" && u.Scheme != Scheme {
		text = u.EscapedFragment()
	}
	q, err := url.ParseQuery(text)
	if err != nil {
		return Invite{}, ErrNotInvite
	}
	invite := Invite{Server: u.Host, AppID: q.Get("app"), RoomID: q.Get("room"), Token: q.Get("token")}
	if id := q.Get("server"); IsServerID(id) {
		invite.ServerID = id
	}
	if u.Scheme == "https" || q.Get("tls") == "1" {
		invite.Server = "https://" + u.Host
	}
	if invite.AppID == "" {
		invite.AppID = LocalAppID
	}
	if err := CheckRoomID(invite.RoomID); err != nil {
		return Invite{}, err
	}
	return invite, nil
}

// DefaultPort is the server's port where an address names none.
const DefaultPort = "7880"

// ServerURL turns an address as a person types it (HOST, HOST:PORT, [V6]:PORT,
// http://..., https://...) into the base URL of a server. Plain addresses are
// http. The error is a *FieldError of "server".
func ServerURL(address string) (*url.URL, error) {
	bad := func(err error) (*url.URL, error) {
		return nil, &FieldError{Field: "server", Err: err}
	}
	address = strings.TrimSpace(address)
	if address == "" {
		return bad(ErrEmpty)
	}
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		scheme, rest = "http", address
	}
	if scheme != "http" && scheme != "https" {
		return bad(ErrCharacters)
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, "/?#@ \t\\") {
		return bad(ErrCharacters)
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		host, port = strings.Trim(rest, "[]"), DefaultPort
		if scheme == "https" {
			port = "443"
		}
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return bad(ErrCharacters)
		}
	}
	if host == "" || port == "" {
		return bad(ErrEmpty)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return bad(ErrCharacters)
	}
	return &url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port)}, nil
}

// serverIDLength is that of a public key as a server's ID has it.
const serverIDLength = 56

// IsServerID reports whether id has the form of a server's ID: base32 of its
// public key, which begins with O.
func IsServerID(id string) bool {
	if len(id) != serverIDLength || id[0] != 'O' {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// ServerAddress is a base URL as a person would type it, for ServerURL.
func ServerAddress(server *url.URL) string {
	if server.Scheme == "https" {
		return server.String()
	}
	return server.Host
}
