package app

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"parley/assets"
	"parley/views/theme"
)

// tray is the icon beside the clock, where the system has a place for one. It
// belongs to the UI thread.
type tray struct {
	place              desktop.App
	plain              image.Image
	open, unread, mute *fyne.MenuItem
	quit               *fyne.MenuItem
	shown              trayState
}

// trayState is what the icon and its menu tell.
type trayState struct {
	unread   int
	muted    bool
	language string
}

// showTray puts the icon there. It is called before the program's loop begins, or
// the toolkit does not start it.
func (c *controller) showTray(place desktop.App) error {
	plain, err := png.Decode(bytes.NewReader(assets.AppIcon()))
	if err != nil {
		return fmt.Errorf("read the icon: %w", err)
	}
	t := &tray{place: place, plain: plain}
	t.open = fyne.NewMenuItem("", func() { c.dispatch(c.raise) })
	t.unread = fyne.NewMenuItem("", nil)
	t.unread.Disabled = true
	t.mute = fyne.NewMenuItem("", func() { c.dispatch(func() { c.setMicrophone(!c.microphoneOn) }) })
	t.quit = fyne.NewMenuItem("", func() { c.dispatch(c.quit) })
	t.quit.IsQuit = true
	t.shown.unread = -1 // of nothing yet
	c.tray = t
	c.updateTray()
	return nil
}

// updateTray has the icon and its menu tell how things are.
func (c *controller) updateTray() {
	t := c.tray
	if t == nil {
		return
	}
	now := trayState{unread: c.unseen, muted: !c.microphoneOn, language: c.loc.Language()}
	if now == t.shown {
		return
	}
	if now.unread != t.shown.unread {
		icon, err := trayIcon(t.plain, now.unread)
		if err != nil {
			c.log.Warn("the tray's icon can't be drawn", "error", err)
		} else {
			t.place.SetSystemTrayIcon(fyne.NewStaticResource("tray-"+strconv.Itoa(now.unread)+".png", icon))
		}
	}
	t.shown = now
	t.open.Label, t.mute.Label, t.quit.Label = c.loc.T("tray.open"), c.loc.T("tray.mute"), c.loc.T("tray.quit")
	t.mute.Checked = now.muted
	t.unread.Label = c.loc.N("join.recent.unread", now.unread)
	items := []*fyne.MenuItem{t.open}
	if now.unread > 0 {
		items = append(items, t.unread)
	}
	items = append(items, t.mute, fyne.NewMenuItemSeparator(), t.quit)
	t.place.SetSystemTrayMenu(fyne.NewMenu(c.loc.T("app.name"), items...))
}

const (
	traySize = 64
	// trayMost is the largest count that there is room for.
	trayMost = 9
)

// trayIcon is the icon with the count of unread messages on it.
func trayIcon(plain image.Image, unread int) ([]byte, error) {
	icon := image.NewNRGBA(image.Rect(0, 0, traySize, traySize))
	draw.CatmullRom.Scale(icon, icon.Bounds(), plain, plain.Bounds(), draw.Src, nil)
	if unread > 0 {
		if err := badge(icon, unread); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, icon); err != nil {
		return nil, fmt.Errorf("write the icon: %w", err)
	}
	return b.Bytes(), nil
}

// badge draws the count into the lower right corner.
func badge(on *image.NRGBA, unread int) error {
	const radius, centre = 20.0, traySize - 20.0
	red, white := theme.Color(theme.ColorDanger), theme.Color(theme.ColorOnDanger)
	round := image.NewAlpha(on.Bounds())
	for y := range traySize {
		for x := range traySize {
			inside := radius + 0.5 - math.Hypot(float64(x)+0.5-centre, float64(y)+0.5-centre)
			round.SetAlpha(x, y, color.Alpha{A: uint8(255 * min(max(inside, 0), 1))})
		}
	}
	draw.DrawMask(on, on.Bounds(), image.NewUniform(red), image.Point{}, round, image.Point{}, draw.Over)
	text := strconv.Itoa(unread)
	if unread > trayMost {
		text = strconv.Itoa(trayMost) + "+"
	}
	parsed, err := opentype.Parse(fyne.CurrentApp().Settings().Theme().Font(fyne.TextStyle{Bold: true}).Content())
	if err != nil {
		return fmt.Errorf("read the font: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 28, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return fmt.Errorf("read the font: %w", err)
	}
	defer face.Close()
	bounds, _ := font.BoundString(face, text)
	middle := bounds.Min.Add(bounds.Max).Div(fixed.I(2))
	pen := font.Drawer{Dst: on, Src: image.NewUniform(white), Face: face, Dot: fixed.P(centre, centre).Sub(middle)}
	pen.DrawString(text)
	return nil
}
