package server

import (
	"fmt"
	"io"
	"strings"
	"time"

	"parley/session/wire"
)

// IssueOptions of Issue.
type IssueOptions struct {
	Data       string // the server's folder
	AppID      string
	Room, User string
	TTL        time.Duration
	Privileges []string // "login", "publish"
	Host       bool     // the token is a host's
	Server     string   // the address for the invite link
}

// ttlMost bounds how long a token may be good for.
const ttlMost = 366 * 24 * time.Hour

// Issue signs a token and prints it, and the invite link that carries it.
func Issue(o IssueOptions, out io.Writer) error {
	token, err := issue(o, time.Now())
	if err != nil {
		return err
	}
	invite := wire.Invite{Server: o.Server, AppID: o.AppID, RoomID: o.Room, Token: token}
	_, err = fmt.Fprintf(out, "token:  %s\ninvite: %s\n", token, invite)
	return err
}

func issue(o IssueOptions, now time.Time) (string, error) {
	if o.TTL <= 0 || o.TTL > ttlMost {
		return "", fmt.Errorf("a token for %v: it has to be good for a while, and for %v at most", o.TTL, ttlMost)
	}
	var privileges []wire.Privilege
	for _, p := range o.Privileges {
		switch p := wire.Privilege(strings.TrimSpace(p)); p {
		case wire.PrivilegeLogin, wire.PrivilegePublish:
			privileges = append(privileges, p)
		default:
			return "", fmt.Errorf("privilege %q: there are login and publish", p)
		}
	}
	apps, err := LoadApps(o.Data)
	if err != nil {
		return "", err
	}
	secret, err := apps.Secret(o.AppID)
	if err != nil {
		return "", err
	}
	var role wire.Role
	if o.Host {
		role = wire.RoleHost
	}
	return SignToken(wire.TokenClaims{
		Role: role, AppID: o.AppID, RoomID: o.Room, UserID: o.User, Privileges: privileges, IssuedAt: now.Unix(), Expires: now.Add(o.TTL).Unix(),
	}, secret)
}
