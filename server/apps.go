package server

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// Apps are the tenants of a server. The file that they are kept in may be changed
// by another process: see Reload.
type Apps struct {
	path string

	mu   sync.RWMutex
	byID map[string]appKeys
	read fileState // what byID was read from
}

// appKeys are the keys of an AppID.
type appKeys struct {
	// Secret signs tokens. It is what a company's own backend has.
	Secret string `json:"secret"`
	// Account is the seed of the chat engine's account, which never leaves the
	// server.
	Account string `json:"account"`
}

// account gives the pair of the account, and its public half.
func (k appKeys) account() (pair nkeys.KeyPair, public string, err error) {
	if pair, err = nkeys.FromSeed([]byte(k.Account)); err == nil {
		public, err = pair.PublicKey()
	}
	return pair, public, err
}

// fileState tells whether a file was written since.
type fileState struct{ modified, size int64 }

const (
	appsFile = "apps.json"
	// secretBytes makes a secret of 43 characters.
	secretBytes = 32
	// appsMax bounds the file before it is parsed.
	appsMax = 16 << 20
)

// Errors of AppIDs.
var (
	ErrUnknownApp = errors.New("no such AppID")
	ErrAppExists  = errors.New("the AppID exists already")
)

// LoadApps reads the tenants of a data folder. At the first start it makes
// the one called wire.LocalAppID.
func LoadApps(folder string) (*Apps, error) {
	a := &Apps{path: filepath.Join(folder, appsFile)}
	_, err := a.Reload()
	if !errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	a.byID = make(map[string]appKeys)
	_, err = a.Add(wire.LocalAppID)
	return a, err
}

// Reload reads the file if it changed, and tells whether it did. What is there
// stays after an error.
func (a *Apps) Reload() (changed bool, err error) {
	info, err := os.Stat(a.path)
	if err != nil {
		return false, fmt.Errorf("read the AppIDs: %w", err)
	}
	state := fileState{info.ModTime().UnixNano(), info.Size()}
	a.mu.Lock()
	defer a.mu.Unlock()
	if state == a.read {
		return false, nil
	}
	if info.Size() > appsMax {
		return false, fmt.Errorf("read the AppIDs: %s has over %d bytes", a.path, appsMax)
	}
	data, err := os.ReadFile(a.path)
	if err != nil {
		return false, fmt.Errorf("read the AppIDs: %w", err)
	}
	byID, old, err := parseApps(data, filepath.Dir(a.path))
	if err != nil {
		return false, fmt.Errorf("read the AppIDs: %s %w", a.path, err)
	}
	a.byID, a.read = byID, state
	if old {
		return true, a.write()
	}
	return true, nil
}

var errAppsDamaged = errors.New("is damaged: restore it from a backup, or remove it to begin anew")

// parseApps reads the file of AppIDs. In the old form an AppID has a secret alone,
// and the one account is kept with the folder's keys.
func parseApps(data []byte, folder string) (byID map[string]appKeys, old bool, err error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil || len(raw) == 0 {
		return nil, false, errAppsDamaged
	}
	byID = make(map[string]appKeys, len(raw))
	for id, value := range raw {
		var keys appKeys
		if json.Unmarshal(value, &keys.Secret) == nil {
			old = true
			if keys.Account, err = accountOf(folder); err != nil {
				return nil, false, err
			}
		} else if json.Unmarshal(value, &keys) != nil {
			return nil, false, errAppsDamaged
		}
		if err := wire.CheckAppID(id); err != nil {
			return nil, false, fmt.Errorf("names %q: %w", id, err)
		}
		if len(keys.Secret) < secretBytes {
			return nil, false, fmt.Errorf("has a secret of fewer than %d characters for %q", secretBytes, id)
		}
		if prefix, _, err := nkeys.DecodeSeed([]byte(keys.Account)); err != nil || prefix != nkeys.PrefixByteAccount {
			return nil, false, fmt.Errorf("has no account for %q: restore it from a backup", id)
		}
		byID[id] = keys
	}
	return byID, old, nil
}

// accountOf gives the account that all AppIDs of a folder shared before they had
// their own, or a new one.
func accountOf(folder string) (string, error) {
	data, err := os.ReadFile(filepath.Join(folder, keysFile))
	var stored struct{ Account string }
	if err == nil && json.Unmarshal(data, &stored) == nil && stored.Account != "" {
		return stored.Account, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return newAccount()
}

func newAccount() (string, error) {
	pair, err := nkeys.CreateAccount()
	if err != nil {
		return "", fmt.Errorf("make an account: %w", err)
	}
	seed, err := pair.Seed()
	if err != nil {
		return "", fmt.Errorf("make an account: %w", err)
	}
	return string(seed), nil
}

func newSecret() string {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails
	return base64.RawURLEncoding.EncodeToString(secret)
}

// Add makes an AppID, and gives its secret.
func (a *Apps) Add(id string) (secret string, err error) {
	if err := wire.CheckAppID(id); err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, exists := a.byID[id]; exists {
		return "", fmt.Errorf("%w: %q", ErrAppExists, id)
	}
	account, err := newAccount()
	if err != nil {
		return "", err
	}
	a.byID[id] = appKeys{Secret: newSecret(), Account: account}
	return a.byID[id].Secret, a.write()
}

// Rotate gives an AppID another secret: tokens by the old one open nothing any
// more. Who is in a room stays there.
func (a *Apps) Rotate(id string) (secret string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	keys, ok := a.byID[id]
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrUnknownApp, id)
	}
	keys.Secret = newSecret()
	a.byID[id] = keys
	return keys.Secret, a.write()
}

// Remove ends an AppID for good: nobody has the keys of its rooms any more.
func (a *Apps) Remove(id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.byID[id]; !ok {
		return fmt.Errorf("%w: %q", ErrUnknownApp, id)
	}
	if len(a.byID) == 1 {
		return fmt.Errorf("%q is the last AppID: a server needs one; add another first", id)
	}
	delete(a.byID, id)
	return a.write()
}

// write is called with a.mu held.
func (a *Apps) write() error {
	if err := writeSecret(a.path, a.byID); err != nil {
		return err
	}
	info, err := os.Stat(a.path)
	if err == nil {
		a.read = fileState{info.ModTime().UnixNano(), info.Size()}
	}
	return err
}

// IDs are the AppIDs in alphabetical order.
func (a *Apps) IDs() []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Sorted(maps.Keys(a.byID))
}

// Secret of an AppID, or ErrUnknownApp.
func (a *Apps) Secret(appID string) (string, error) {
	keys, err := a.keys(appID)
	return keys.Secret, err
}

func (a *Apps) keys(appID string) (appKeys, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	keys, ok := a.byID[appID]
	if !ok {
		return appKeys{}, fmt.Errorf("%w: %q", ErrUnknownApp, appID)
	}
	return keys, nil
}
