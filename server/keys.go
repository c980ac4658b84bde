package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// keys are those of the engines: an operator that signs the accounts of the chat
// engine, its system account that nobody enters, and the media engine's secret.
type keys struct {
	// ID names this server, whatever its address: the operator's public key.
	ID           string
	operator     nkeys.KeyPair
	system       nkeys.KeyPair
	systemPublic string
	media        string
}

const keysFile = "keys.json"

// storedKeys are nkey seeds, and a secret.
type storedKeys struct {
	Operator string `json:"operator"`
	// Account was that of the only AppID; it is kept there now.
	Account string `json:"account,omitempty"`
	System  string `json:"system"`
	Media   string `json:"media"`
}

// loadKeys reads the keys, or makes them at the first start.
func loadKeys(folder string) (*keys, error) {
	path := filepath.Join(folder, keysFile)
	var stored storedKeys
	data, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(data, &stored); err != nil {
			// The parser's own error could repeat a piece of a seed.
			return nil, fmt.Errorf("read the keys: %s is damaged: restore it from a backup, or remove it to begin anew", path)
		}
		if stored.Media == "" { // from before it was there
			stored.Media = newSecret()
			if err := writeSecret(path, stored); err != nil {
				return nil, err
			}
		}
	case errors.Is(err, fs.ErrNotExist):
		if stored, err = makeKeys(); err != nil {
			return nil, err
		}
		if err := writeSecret(path, stored); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	return stored.parse(path)
}

func makeKeys() (storedKeys, error) {
	stored := storedKeys{Media: newSecret()}
	for _, k := range []struct {
		make func() (nkeys.KeyPair, error)
		seed *string
	}{{nkeys.CreateOperator, &stored.Operator}, {nkeys.CreateAccount, &stored.System}} {
		pair, err := k.make()
		if err != nil {
			return stored, fmt.Errorf("make the keys: %w", err)
		}
		seed, err := pair.Seed()
		if err != nil {
			return stored, fmt.Errorf("make the keys: %w", err)
		}
		*k.seed = string(seed)
	}
	return stored, nil
}

func (s storedKeys) parse(path string) (*keys, error) {
	var (
		pairs   [2]nkeys.KeyPair
		publics [2]string
	)
	for i, seed := range []string{s.Operator, s.System} {
		pair, err := nkeys.FromSeed([]byte(seed))
		if err == nil {
			publics[i], err = pair.PublicKey()
		}
		if err != nil {
			return nil, fmt.Errorf("read the keys: %s is damaged: restore it from a backup, or remove it to begin anew", path)
		}
		pairs[i] = pair
	}
	if len(s.Media) < secretBytes {
		return nil, fmt.Errorf("read the keys: %s is damaged: restore it from a backup, or remove it to begin anew", path)
	}
	return &keys{ID: publics[0], operator: pairs[0], system: pairs[1], systemPublic: publics[1], media: s.Media}, nil
}

// systemAccount is the name of the account that nobody enters.
const systemAccount = "SYS"

func (k *keys) signOperator() (*jwt.OperatorClaims, error) {
	token, err := k.operatorToken()
	if err != nil {
		return nil, err
	}
	return jwt.DecodeOperatorClaims(token)
}

func (k *keys) operatorToken() (string, error) {
	operator := jwt.NewOperatorClaims(k.ID)
	operator.Name = "parley"
	operator.SystemAccount = k.systemPublic
	return operator.Encode(k.operator)
}

// accountClaims are what the chat engine has to know of an account that lets in
// some connections.
func (k *keys) accountClaims(public, name string, connections int64) *jwt.AccountClaims {
	claims := jwt.NewAccountClaims(public)
	claims.Name = name
	claims.Limits.Conn = connections
	if name != systemAccount {
		claims.Limits.JetStreamLimits = jwt.JetStreamLimits{
			MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit,
		}
	}
	return claims
}

// ownUser makes a user of an account for the server itself, for as long as the
// process lives and connects in one way.
func ownUser(account nkeys.KeyPair, way string) (token string, sign func([]byte) ([]byte, error), err error) {
	user, err := nkeys.CreateUser()
	if err != nil {
		return "", nil, err
	}
	public, err := user.PublicKey()
	if err != nil {
		return "", nil, err
	}
	claims := jwt.NewUserClaims(public)
	claims.Name = "server"
	claims.AllowedConnectionTypes.Add(way)
	claims.IssuedAt = time.Now().Unix()
	token, err = claims.Encode(account)
	return token, user.Sign, err
}

// writeSecret writes v as JSON for the user's eyes only, whole or not at all.
func writeSecret(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(append(data, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}
