package session_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"parley/devices"
	"parley/devices/system"
	"parley/session"
	"parley/session/chat"
	"parley/session/media"
)

// The call of docs/engine.md.
func Example() {
	guest, leave := enterAsGuest("example") // somebody to talk to
	defer leave()

	ctx := context.Background()
	folder, err := os.MkdirTemp("", "parley-example-*")
	check(err)
	defer os.RemoveAll(folder)
	store, err := chat.Open(ctx, folder)
	check(err)
	defer store.Close()
	hardware := system.New(system.Options{Logger: slog.Default()})
	defer hardware.Close()

	var engine *session.Engine
	publishing, seen := make(chan string, 1), make(chan string, 1)
	engine, err = session.NewEngine(session.Profile{Server: address, Devices: hardware, Store: store, Logger: slog.Default()},
		func(event session.Event) {
			switch e := event.(type) {
			case session.RoomStateChanged:
				fmt.Println("room:", e.State, "because of", e.Reason)
			case session.PublisherStateChanged:
				if e.State == session.Publishing {
					publishing <- e.StreamID
				}
			case session.RoomStreamsChanged:
				for _, s := range e.Added {
					check(engine.StartPlaying(s.ID, session.Sinks{Video: media.VideoSinkFunc(func(*devices.Frame) {})}))
				}
			case session.FirstVideoFrame:
				seen <- e.UserID
			}
		})
	check(err)
	engine.UseCamera(devices.Synthetic)
	engine.UseMicrophone(devices.Synthetic)
	engine.UseSpeaker(devices.None)
	engine.EnableCamera(true)
	check(engine.LoginRoom(ctx, "example", session.User{ID: "ada", Name: "Ada"}, session.Credential{}))
	check(engine.StartPublishing("ada-camera", session.Sources{Camera: true, Microphone: true}))
	fmt.Println("publishing:", <-publishing)
	fmt.Println("sees:", <-seen == guest)
	check(engine.LogoutRoom())
	check(engine.Close())
	// Output:
	// room: connecting because of logining
	// room: connected because of logined
	// publishing: ada-camera
	// sees: true
	// room: disconnected because of logout
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// enterAsGuest has somebody publish in a room, until leave.
func enterAsGuest(roomID string) (userID string, leave func()) {
	folder, err := os.MkdirTemp("", "parley-guest-*")
	check(err)
	store, err := chat.Open(context.Background(), folder)
	check(err)
	engine, err := session.NewEngine(session.Profile{Server: address, Devices: &lab{hz: 330}, Store: store, Logger: slog.New(slog.DiscardHandler)}, func(session.Event) {})
	check(err)
	engine.EnableCamera(true)
	check(engine.LoginRoom(context.Background(), roomID, session.User{ID: "guest"}, session.Credential{}))
	check(engine.StartPublishing("guest-camera", session.Sources{Camera: true, Microphone: true}))
	return "guest", func() {
		check(engine.Close())
		_ = store.Close()
		_ = os.RemoveAll(folder)
	}
}

// TestTheDocumentedCallIsTheExample keeps docs/engine.md true.
func TestTheDocumentedCallIsTheExample(t *testing.T) {
	document, err := os.ReadFile("../docs/engine.md")
	check(err)
	source, err := os.ReadFile("example_test.go")
	check(err)
	_, code, _ := strings.Cut(string(document), "```go\n")
	code, _, _ = strings.Cut(code, "```")
	lines := 0
	for line := range strings.Lines(code) {
		if line != "\n" {
			line = "\t" + line
			lines++
		}
		if !strings.Contains(string(source), line) {
			t.Errorf("the example has no line %q", line)
		}
	}
	if lines < 30 || lines > 50 {
		t.Errorf("%d lines", lines)
	}
}
