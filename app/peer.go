package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"parley/app/peer"
)

// PeerOptions of RunPeer.
type PeerOptions struct {
	peer.Options
	TokenFile string
}

// TokenVariable is the environment variable for a token: arguments of a
// process can be read by every user of a machine.
const TokenVariable = "PARLEY_TOKEN"

// RunPeer joins without a window.
func RunPeer(ctx context.Context, o PeerOptions) error {
	var err error
	if o.Token, err = readToken(o.TokenFile); err != nil {
		return err
	}
	o.Options.Data = filepath.Join(o.Options.Data, historyFolder)
	return peer.Run(ctx, o.Options)
}

// historyFolder holds the message store, below the data folder.
const historyFolder = "history"

// tokenFileMax bounds a token file before it is read.
const tokenFileMax = 8 << 10

func readToken(path string) (string, error) {
	if path == "" {
		return os.Getenv(TokenVariable), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, tokenFileMax+1))
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	if len(data) > tokenFileMax {
		return "", errors.New("read the token: the file is too large to be one")
	}
	return strings.TrimSpace(string(data)), nil
}
