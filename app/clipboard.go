package app

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.design/x/clipboard"

	"parley/session/wire"
)

// imageClipboard holds pictures, which Fyne's clipboard does not.
type imageClipboard interface {
	// Image is the picture in the clipboard as PNG, or nil.
	Image() []byte
	// SetImage puts a picture, as PNG, into the clipboard.
	SetImage(png []byte) error
}

// systemClipboard is the system's: through the tools of the session on Linux
// where they are there, and else through the library, which needs X11 there.
type systemClipboard struct {
	once sync.Once
	err  error
}

func (s *systemClipboard) ready() bool {
	s.once.Do(func() { s.err = clipboard.Init() })
	return s.err == nil
}

// toolTime bounds the wait for a clipboard tool.
const toolTime = 2 * time.Second

// tool runs one of the session's clipboard tools; false where there is none.
func tool(input []byte, wayland, x11 []string) (output []byte, ok bool) {
	if runtime.GOOS != "linux" {
		return nil, false
	}
	command := x11
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		command = wayland
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), toolTime)
	defer cancel()
	run := exec.CommandContext(ctx, path, command[1:]...)
	run.Stdin = bytes.NewReader(input)
	if input != nil {
		return nil, run.Run() == nil // it stays, to hand the picture out
	}
	output, err = run.Output()
	return output, err == nil
}

// Image implements imageClipboard.
func (s *systemClipboard) Image() []byte {
	picture, ok := tool(nil, []string{"wl-paste", "--no-newline", "--type", "image/png"}, []string{"xclip", "-selection", "clipboard", "-target", "image/png", "-out"})
	if !ok && s.ready() {
		picture = clipboard.Read(clipboard.FmtImage)
	}
	if len(picture) > wire.PictureInMax {
		return nil
	}
	return picture
}

var errNoClipboard = errors.New("the system's clipboard takes no pictures")

// SetImage implements imageClipboard.
func (s *systemClipboard) SetImage(png []byte) error {
	if _, ok := tool(png, []string{"wl-copy", "--type", "image/png"}, []string{"xclip", "-selection", "clipboard", "-target", "image/png", "-in"}); ok {
		return nil
	}
	if !s.ready() {
		return errNoClipboard
	}
	clipboard.Write(clipboard.FmtImage, png)
	return nil
}

// filesIn are the files that a file manager put into the clipboard as text:
// one path or file address a line, all of them there. Nil for any other text.
func filesIn(text string) []string {
	if len(text) > 1<<16 {
		return nil
	}
	var paths []string
	for _, line := range strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r", "")), "\n") {
		path := line
		if u, err := url.Parse(line); err == nil && u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") {
			path = pathIn(u)
		}
		if !filepath.IsAbs(path) || len(paths) == offersMost {
			return nil
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		paths = append(paths, path)
	}
	return paths
}

// paste takes pictures and files from the clipboard; false where there is text,
// or nothing.
func (t *talk) paste() bool {
	c := t.r.c
	text := c.app.Clipboard().Content()
	if paths := filesIn(text); len(paths) > 0 {
		t.offer(paths)
		return true
	}
	if strings.TrimSpace(text) != "" {
		return false
	}
	c.work.Go(func() {
		picture := c.images.Image()
		if len(picture) == 0 {
			return
		}
		folder := filepath.Join(c.data, "pasted")
		path := filepath.Join(folder, "picture "+time.Now().Format("2006-01-02 15.04.05.000")+".png")
		err := os.MkdirAll(folder, 0o700)
		if err == nil {
			err = os.WriteFile(path, picture, 0o600)
		}
		if err != nil {
			c.log.Warn("a picture can't be pasted", "error", err)
			c.dispatch(func() { t.r.failed("notice.paste.failed", err) })
			return
		}
		f, err := prepare(c.ctx, path)
		_ = os.Remove(path) // it is held by now
		if err != nil || f.picture == nil {
			c.dispatch(func() { t.r.failed("notice.paste.failed", err) })
			return
		}
		f.look(1)
		c.dispatch(func() { t.confirm([]offered{f}) })
	})
	return true
}
