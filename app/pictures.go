package app

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif"  // for image.Decode
	_ "image/jpeg" // for image.Decode
	"image/png"
	"os"
	"slices"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // for image.Decode

	"parley/session/wire"
	chatview "parley/views/chat"
)

// pictures brings the pictures of the list as they come into view, and lets
// those go that were not seen for long.
type pictures struct {
	t      *talk
	asked  map[string]bool  // messages whose picture is on the way, or there
	kept   []string         // messages that have their picture, the oldest first
	viewer *chatview.Viewer // nil while none is open
}

const (
	// picturesMost is how many pictures are kept decoded.
	picturesMost = 40
	// pictureSide is how large they are kept: twice their size in the list.
	pictureSide = 640
)

func newPictures(t *talk) *pictures { return &pictures{t: t, asked: make(map[string]bool)} }

// need is told that a picture is in view.
func (p *pictures) need(id string) {
	file, ok := p.t.files[id]
	if !ok || p.asked[id] {
		return
	}
	p.asked[id] = true
	c := p.t.r.c
	c.work.Go(func() {
		path, err := c.store.Files().Path(file.SHA256)
		if err != nil {
			if small := decode(bytes.NewReader(file.Thumbnail), pictureSide); small != nil {
				c.dispatch(func() { p.set(id, small) })
			}
			if err := p.t.conversation.Download(c.ctx, id); err != nil && c.ctx.Err() == nil {
				c.log.Info("a picture can't be brought", "error", err)
			}
			return
		}
		img := decodeFile(path, pictureSide)
		c.dispatch(func() {
			if img == nil {
				return
			}
			p.set(id, img)
			p.kept = append(slices.DeleteFunc(p.kept, func(k string) bool { return k == id }), id)
			for len(p.kept) > picturesMost {
				gone := p.kept[0]
				p.kept = p.kept[1:]
				delete(p.asked, gone)
				p.set(gone, nil)
			}
		})
	})
}

// came is told that a message's attachment is here.
func (p *pictures) came(id string) {
	if p.asked[id] {
		delete(p.asked, id)
		p.need(id)
	}
	if p.viewer != nil && p.viewer.ID() == id {
		p.view(id)
	}
}

func (p *pictures) set(id string, img image.Image) {
	p.t.r.chat.Change(id, func(m *chatview.Message) { m.Image = img })
}

// show opens a picture over the window.
func (p *pictures) show(id string) {
	c := p.t.r.c
	var v *chatview.Viewer
	v = chatview.ShowViewer(c.window.Canvas(), c.loc, chatview.ViewerActions{
		Save: func() { p.t.saveFile(v.ID(), nil) },
		Copy: func() { p.copy(v.ID()) },
		Step: func(by int) {
			if next := p.t.r.chat.Picture(v.ID(), by); next != "" {
				p.view(next)
			}
		},
		Closed: func() { p.viewer = nil },
	})
	p.viewer = v
	p.view(id)
}

// view has the viewer show a picture.
func (p *pictures) view(id string) {
	c, v := p.t.r.c, p.viewer
	file, ok := p.t.files[id]
	if v == nil || !ok {
		return
	}
	m, _ := p.t.r.chat.Message(id)
	v.SetPicture(id, m.Image, m.Text)
	v.SetSteps(p.t.r.chat.Picture(id, -1) != "", p.t.r.chat.Picture(id, 1) != "")
	c.work.Go(func() {
		path, err := c.store.Files().Path(file.SHA256)
		if err != nil {
			if err := p.t.conversation.Download(c.ctx, id); err != nil && c.ctx.Err() == nil {
				c.log.Info("a picture can't be brought", "error", err)
			}
			return // came goes on
		}
		img := decodeFile(path, viewerSide)
		c.dispatch(func() {
			switch {
			case p.viewer == nil || p.viewer.ID() != id:
			case img == nil:
				p.viewer.SetProblem(c.loc.T("viewer.problem"))
			default:
				p.viewer.SetPicture(id, img, m.Text)
			}
		})
	})
}

// copy puts a picture into the clipboard.
func (p *pictures) copy(id string) {
	c := p.t.r.c
	file, ok := p.t.files[id]
	if !ok {
		return
	}
	c.work.Go(func() {
		err := p.copyFile(file.SHA256)
		if err != nil {
			c.log.Info("a picture was not copied", "error", err)
		}
		c.dispatch(func() {
			if err != nil {
				p.t.r.failed("notice.picture.uncopied", err)
				return
			}
			p.t.r.notice(c.loc.T("notice.picture.copied"))
		})
	})
}

var errNoPicture = errors.New("it is no picture")

func (p *pictures) copyFile(sha string) error {
	path, err := p.t.r.c.store.Files().Path(sha)
	if err != nil {
		return err
	}
	img := decodeFile(path, viewerSide)
	if img == nil {
		return errNoPicture
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return err
	}
	return p.t.r.c.images.SetImage(b.Bytes())
}

// viewerSide bounds a picture in the viewer, for the sake of graphics cards.
const viewerSide = 4096

func decodeFile(path string, side int) image.Image {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	return decode(file, side)
}

type seekReader interface {
	Read([]byte) (int, error)
	Seek(offset int64, whence int) (int64, error)
}

// decode reads a picture, scaled to at most side, or gives nil. Its size is
// checked first, whatever the message says of it.
func decode(r seekReader, side int) image.Image {
	config, _, err := image.DecodeConfig(r)
	if err != nil || config.Width < 1 || config.Height < 1 || int64(config.Width)*int64(config.Height) > wire.PicturePixelsMax {
		return nil
	}
	if _, err := r.Seek(0, 0); err != nil {
		return nil
	}
	img, _, err := image.Decode(r)
	if err != nil {
		return nil
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > side {
		w, h = max(w*side/longest, 1), max(h*side/longest, 1)
	}
	// Tightly packed RGBA goes to the graphics card without a copy.
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(out, out.Rect, img, b, draw.Src, nil)
	return out
}
