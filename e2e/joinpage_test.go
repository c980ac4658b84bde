package e2e

import (
	"bytes"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/session/wire"
)

// TestInviteInABrowser opens an invite link in Chromium: the page makes of it the
// link that opens the app, and the server learns nothing of it.
func TestInviteInABrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium: `make setup` installs it")
	}
	config := filepath.Join(t.TempDir(), "server.yaml")
	if err := os.WriteFile(config, []byte("log: {level: debug}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address, server := serve(t, "--open", "--config", config)
	want := wire.Invite{Server: address, AppID: "acme", RoomID: "tea&cake", Token: "to.ken.sig"}
	behind := strings.TrimPrefix(wire.Invite{Server: "https://x", AppID: want.AppID, RoomID: want.RoomID, Token: want.Token}.String(), "https://x/join")
	for _, link := range []string{"http://" + address + "/join" + behind, "http://" + address + "/join" + strings.Replace(behind, "#", "?", 1)} {
		var page bytes.Buffer
		browser := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=2000", "--dump-dom", link)
		browser.Stdout = &page
		browser.WaitDelay = 10 * time.Second
		if err := browser.Run(); err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`href="(parley:[^"]*)"`).FindStringSubmatch(page.String())
		if found == nil {
			t.Fatalf("no link opens the app: %s", page.String())
		}
		if got, err := wire.ParseInvite(html.UnescapeString(found[1])); err != nil || got != want {
			t.Errorf("the link is %s: %+v, %v", found[1], got, err)
		}
		if !strings.Contains(page.String(), `<strong id="name">tea&amp;cake</strong>`) {
			t.Errorf("the room is not named: %s", page.String())
		}
	}
	server.stop()
	if said := server.story() + server.stderr.String(); strings.Contains(said, want.Token) {
		t.Errorf("the server knows the token: %s", said)
	}
}
