package stage

import (
	"context"
	"os"
	"path/filepath"
)

// StartChromium has a browser join, on this machine or at the far end of a line;
// env says what of it (e2e/chromium/peer.mjs).
func (s *Stage) StartChromium(ctx context.Context, far *Network, name string, env ...string) (*Program, error) {
	response, err := Join(ctx, s.Address, s.Token, name)
	if err != nil {
		return nil, err
	}
	token := filepath.Join(s.Folder, name+".token")
	if err := os.WriteFile(token, []byte(response.Media.Token), 0o600); err != nil {
		return nil, err
	}
	p, err := s.StartAt(ctx, far, env, "node", "e2e/chromium/peer.mjs", response.Media.URL, token, "900")
	if err != nil {
		return nil, err
	}
	_, err = p.Wait(ctx, "joined")
	return p, err
}
