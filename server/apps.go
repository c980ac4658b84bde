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

	"parley/session/wire"
)

// Apps are the tenants of a server and their secrets.
type Apps struct{ byID map[string]string }

const (
	appsFile = "apps.json"
	// secretBytes makes a secret of 43 characters; the media engine wants 32.
	secretBytes = 32
)

// ErrUnknownApp means an AppID that the server does not have.
var ErrUnknownApp = errors.New("no such AppID")

// LoadApps reads the tenants of a data folder. At the first start it makes
// the one called wire.LocalAppID.
func LoadApps(folder string) (*Apps, error) {
	path := filepath.Join(folder, appsFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret := make([]byte, secretBytes)
		_, _ = rand.Read(secret) // never fails
		apps := &Apps{byID: map[string]string{wire.LocalAppID: base64.RawURLEncoding.EncodeToString(secret)}}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
		return apps, writeSecret(path, apps.byID)
	}
	if err != nil {
		return nil, fmt.Errorf("read the AppIDs: %w", err)
	}
	apps := &Apps{}
	if err := json.Unmarshal(data, &apps.byID); err != nil || len(apps.byID) == 0 {
		return nil, fmt.Errorf("read the AppIDs: %s is damaged: restore it from a backup, or remove it to begin anew", path)
	}
	for id, secret := range apps.byID {
		if len(secret) < secretBytes {
			return nil, fmt.Errorf("read the AppIDs: the secret of %q in %s has fewer than %d characters", id, path, secretBytes)
		}
	}
	return apps, nil
}

// Secret of an AppID, or ErrUnknownApp.
func (a *Apps) Secret(appID string) (string, error) {
	secret, ok := a.byID[appID]
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrUnknownApp, appID)
	}
	return secret, nil
}

func (a *Apps) secrets() map[string]string { return maps.Clone(a.byID) }
