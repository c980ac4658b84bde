package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"parley/session/chat"
	"parley/session/chat/picture"
	"parley/session/wire"
	chatview "parley/views/chat"
)

// attach asks for a file to send.
func (t *talk) attach() {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil || file == nil {
			return
		}
		path := file.URI().Path()
		file.Close()
		t.offer([]string{path})
	}, t.r.c.window)
	// In this order: the dialog has nothing to lay out before it is shown.
	d.Show()
	d.Resize(fyne.NewSize(720, 520))
}

// dropped takes files that were dropped on the window.
func (t *talk) dropped(uris []fyne.URI) {
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, u.Path())
		}
	}
	t.offer(paths)
}

// offersMost bounds what is sent at once.
const offersMost = 20

// offered is a file that is about to be sent.
type offered struct {
	path    string
	size    int64
	picture *picture.Picture // nil for other files
	preview image.Image      // of it; nil for other files
}

// offer prepares files, and asks before they go.
func (t *talk) offer(paths []string) {
	if len(paths) > offersMost {
		paths = paths[:offersMost]
	}
	c := t.r.c
	c.work.Go(func() {
		var files []offered
		for _, path := range paths {
			f, err := prepare(c.ctx, path)
			if err != nil {
				c.log.Info("a file can't be sent", "error", err)
				c.dispatch(func() { t.r.say(sendProblem(err), err) })
				continue
			}
			f.look(len(paths))
			files = append(files, f)
		}
		if len(files) > 0 {
			c.dispatch(func() { t.confirm(files) })
		}
	})
}

// prepare looks at a file: pictures are scaled, others are sent as they are.
func prepare(ctx context.Context, path string) (offered, error) {
	info, err := os.Stat(path)
	if err != nil {
		return offered{}, err
	}
	if !info.Mode().IsRegular() {
		return offered{}, errNoFile
	}
	if info.Size() > wire.FileMax {
		return offered{}, chat.ErrFileSize
	}
	f := offered{path: path, size: info.Size()}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp":
		file, err := os.Open(path)
		if err != nil {
			return f, err
		}
		defer file.Close()
		// What can't be opened as a picture goes as a file.
		if p, err := picture.Prepare(ctx, file, filepath.Base(path)); err == nil {
			f.picture = p
		}
	}
	return f, nil
}

// Sides of what is shown of a picture before it goes: twice those in the window.
const (
	previewSide  = 760
	previewSmall = 160 // beside others
)

// look makes the preview of a picture that goes with others, or alone.
func (f *offered) look(together int) {
	if f.picture == nil {
		return
	}
	side := previewSide
	if together > 1 {
		side = previewSmall
	}
	f.preview = decode(bytes.NewReader(f.picture.Scaled.Data), side)
}

var errNoFile = errors.New("it is not a file")

// confirm shows what is about to be sent, and in which size.
func (t *talk) confirm(files []offered) {
	c := t.r.c
	var shown []chatview.Sendable
	var original, scaled int64
	for _, f := range files {
		shown = append(shown, chatview.Sendable{Name: chat.Harmless(filepath.Base(f.path)), Size: megabytes(f.size), Image: f.preview})
		original += f.size
		if f.picture != nil {
			scaled += int64(len(f.picture.Scaled.Data))
		} else {
			scaled += f.size
		}
	}
	sizes := chatview.SendSizes{Original: megabytes(original)}
	if scaled != original {
		sizes.Scaled = megabytes(scaled)
	}
	var d *dialog.ConfirmDialog
	sending := chatview.NewSending(c.loc, shown, sizes, c.window.Canvas().Size(), func() { d.Confirm() })
	d = dialog.NewCustomConfirm(c.loc.T("send.title"), c.loc.T("send.send"), c.loc.T("send.cancel"), sending.CanvasObject(), func(yes bool) {
		if yes {
			t.sendFiles(files, sending.Original(), sending.Caption())
		}
	}, c.window)
	d.Resize(fyne.NewSize(420, 0))
	d.Show()
	sending.Focus(c.window.Canvas())
}

func megabytes(n int64) string {
	if n < 100_000 {
		return fmt.Sprintf("%d kB", (n+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// sendFiles sends what was confirmed, the caption with the first.
func (t *talk) sendFiles(files []offered, original bool, caption string) {
	t.do("send files", func(ctx context.Context) error {
		for _, f := range files {
			var err error
			if f.picture != nil {
				_, err = t.conversation.SendPicture(ctx, f.picture, original, chat.Draft{Text: caption})
			} else {
				_, err = t.conversation.SendFile(ctx, f.path, chat.Draft{Text: caption})
			}
			if err != nil {
				return err
			}
			caption = ""
		}
		return nil
	})
}

// openFile brings a file, or saves one that is here to where people look for
// what they downloaded. It is not opened: it may be a program.
func (t *talk) openFile(id string) {
	if m, ok := t.r.chat.Message(id); ok && m.Here {
		t.saveFile(id, nil)
		return
	}
	t.do("bring a file", func(ctx context.Context) error { return t.conversation.Download(ctx, id) })
}

// saveFile copies an attachment to where people look for what they downloaded;
// then, where there is one, is given its path.
func (t *talk) saveFile(id string, then func(c *controller, path string)) {
	file, ok := t.files[id]
	if !ok {
		return
	}
	c := t.r.c
	c.work.Go(func() {
		path, err := saveTo(downloads(), c.store.Files(), file)
		c.dispatch(func() {
			if err != nil {
				c.log.Warn("a file was not saved", "error", err)
				t.r.failed("notice.file.unsaved", err)
				return
			}
			t.r.notice(c.loc.Tf("notice.file.saved", map[string]any{"Path": path}))
			if then != nil {
				then(c, path)
			}
		})
	})
}

// downloads is the user's folder for what comes from elsewhere.
func downloads() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return os.TempDir()
	}
	folder := filepath.Join(home, "Downloads")
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return home
	}
	return folder
}

// saveTo copies an attachment into a folder, under a name that is not taken.
func saveTo(folder string, files *chat.Files, f chat.File) (string, error) {
	from, err := files.Open(f.SHA256)
	if err != nil {
		return "", err
	}
	defer from.Close()
	name := chat.FileName(f.Name)
	extension := filepath.Ext(name)
	for n := 1; ; n++ {
		path := filepath.Join(folder, name)
		if n > 1 {
			path = filepath.Join(folder, fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, extension), n, extension))
		}
		to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, os.ErrExist) && n < 1000 {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = io.Copy(to, from)
		if err = errors.Join(err, to.Close()); err != nil {
			_ = os.Remove(path)
		}
		return path, err
	}
}
