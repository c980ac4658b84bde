package server

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"parley/session/wire"
)

// Cost of a passcode's hash: argon2id as OWASP's Password Storage Cheat Sheet has
// it, 19 MiB and two passes.
const (
	argonMemory  = 19 << 10 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
	argonPrefix  = "$argon2id$v=19$m=19456,t=2,p=1$"
	// hashesAtOnce bounds the memory that guessing costs.
	hashesAtOnce = 4
)

// Guessing: each address has some tries a minute in a room, and all addresses
// together have some more.
const (
	guessesOfOne = 6
	guessesOfAll = 60
)

var (
	errPasscodeRequired = errors.New("the room needs its passcode")
	errPasscodeWrong    = errors.New("the passcode is not the room's")
	errTooManyGuesses   = errors.New("too many passcodes were tried; wait a minute")
)

// passcodes hashes and compares them, and bounds how many are tried.
type passcodes struct {
	slots chan struct{}
	tries quotas
}

func newPasscodes(tries quotas) *passcodes {
	return &passcodes{slots: make(chan struct{}, hashesAtOnce), tries: tries}
}

func (p *passcodes) key(ctx context.Context, passcode string, salt []byte) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.slots }()
	return argon2.IDKey([]byte(passcode), salt, argonTime, argonMemory, argonThreads, argonKey), nil
}

// hash gives what is stored of a passcode; the error is a *wire.FieldError for one
// that can't be.
func (p *passcodes) hash(ctx context.Context, passcode string) (string, error) {
	switch {
	case len(passcode) > wire.PasscodeMax:
		return "", &wire.FieldError{Field: "passcode", Limit: wire.PasscodeMax, Err: wire.ErrTooLong}
	case len(passcode) < wire.PasscodeMin:
		return "", &wire.FieldError{Field: "passcode", Err: fmt.Errorf("has fewer than %d characters", wire.PasscodeMin)}
	case !utf8.ValidString(passcode):
		return "", &wire.FieldError{Field: "passcode", Err: wire.ErrCharacters}
	}
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	key, err := p.key(ctx, passcode, salt)
	if err != nil {
		return "", err
	}
	encode := base64.RawStdEncoding.EncodeToString
	return argonPrefix + encode(salt) + "$" + encode(key), nil
}

// check compares a passcode with what is stored.
func (p *passcodes) check(ctx context.Context, stored, passcode string) error {
	parts, found := strings.CutPrefix(stored, argonPrefix)
	first, second, _ := strings.Cut(parts, "$")
	salt, err := base64.RawStdEncoding.DecodeString(first)
	want, err2 := base64.RawStdEncoding.DecodeString(second)
	if !found || err != nil || err2 != nil || len(want) != argonKey {
		return errors.New("what is stored of the passcode can't be read")
	}
	if len(passcode) > wire.PasscodeMax {
		return errPasscodeWrong
	}
	key, err := p.key(ctx, passcode, salt)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(key, want) != 1 {
		return errPasscodeWrong
	}
	return nil
}

// guess takes a try from those of an address, for a room of an AppID.
func (p *passcodes) guess(ctx context.Context, appID, roomID, address string) error {
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	if ip := net.ParseIP(address); ip != nil && ip.To4() == nil {
		address = ip.Mask(net.CIDRMask(64, 128)).String() // a household has that many addresses
	}
	room := "guess " + appID + "/" + roomID
	if p.tries.take(ctx,
		quota{name: room + " " + address, take: 1, most: guessesOfOne, over: time.Minute},
		quota{name: room, take: 1, most: guessesOfAll, over: time.Minute}) > 0 {
		return errTooManyGuesses
	}
	return nil
}
