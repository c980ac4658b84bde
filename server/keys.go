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
	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// keys are the chat engine's: an operator that signs accounts, the account of
// the AppID that signs users, and the system account that nobody enters.
type keys struct {
	// ID names this server, whatever its address: the operator's public key.
	ID            string
	operator      nkeys.KeyPair
	account       nkeys.KeyPair
	accountPublic string
	systemPublic  string
}

const keysFile = "keys.json"

// storedKeys are nkey seeds.
type storedKeys struct {
	Operator string `json:"operator"`
	Account  string `json:"account"`
	System   string `json:"system"`
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
	var stored storedKeys
	for _, k := range []struct {
		make func() (nkeys.KeyPair, error)
		seed *string
	}{{nkeys.CreateOperator, &stored.Operator}, {nkeys.CreateAccount, &stored.Account}, {nkeys.CreateAccount, &stored.System}} {
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
		pairs   [3]nkeys.KeyPair
		publics [3]string
	)
	for i, seed := range []string{s.Operator, s.Account, s.System} {
		pair, err := nkeys.FromSeed([]byte(seed))
		if err == nil {
			publics[i], err = pair.PublicKey()
		}
		if err != nil {
			return nil, fmt.Errorf("read the keys: %s is damaged: restore it from a backup, or remove it to begin anew", path)
		}
		pairs[i] = pair
	}
	return &keys{ID: publics[0], operator: pairs[0], account: pairs[1], accountPublic: publics[1], systemPublic: publics[2]}, nil
}

// accounts signs what the chat engine has to know of its accounts.
func (k *keys) accounts() (*jwt.OperatorClaims, natsd.AccountResolver, error) {
	operator := jwt.NewOperatorClaims(k.ID)
	operator.Name = "parley"
	operator.SystemAccount = k.systemPublic
	token, err := operator.Encode(k.operator)
	if err != nil {
		return nil, nil, err
	}
	if operator, err = jwt.DecodeOperatorClaims(token); err != nil {
		return nil, nil, err
	}
	resolver := &natsd.MemAccResolver{}
	for _, account := range []struct {
		public, name string
		storage      bool
	}{{k.systemPublic, "SYS", false}, {k.accountPublic, "APP", true}} {
		claims := jwt.NewAccountClaims(account.public)
		claims.Name = account.name
		if account.storage {
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{
				MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit,
			}
		}
		token, err := claims.Encode(k.operator)
		if err != nil {
			return nil, nil, err
		}
		if err := resolver.Store(account.public, token); err != nil {
			return nil, nil, err
		}
	}
	return operator, resolver, nil
}

// ownUser makes a user of the account for the server itself, for as long as
// the process lives.
func (k *keys) ownUser() (token string, sign func([]byte) ([]byte, error), err error) {
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
	claims.AllowedConnectionTypes.Add(jwt.ConnectionTypeInProcess)
	claims.IssuedAt = time.Now().Unix()
	token, err = claims.Encode(k.account)
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
