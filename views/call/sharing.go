package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/i18n"
	"parley/views/theme"
)

const (
	sharingHeight float32 = 44
	frameWidth    float32 = 3
)

// sharingBar says all the time that others see one's screen, and ends that.
type sharingBar struct {
	part
	loc  *i18n.Localizer
	name string
	back *canvas.Rectangle
	icon *icon
	text *canvas.Text
	stop *pill
}

func newSharingBar(loc *i18n.Localizer, stop func()) *sharingBar {
	b := &sharingBar{loc: loc, back: canvas.NewRectangle(nil), icon: newIcon("screen", theme.ColorOnDanger), text: newText(theme.TextBody, true)}
	b.stop = newPill("close", loc.T("call.share.stop"), stop)
	b.back.TopLeftCornerRadius, b.back.TopRightCornerRadius = theme.RadiusM, theme.RadiusM
	b.objects = []fyne.CanvasObject{b.back, b.icon.Image, b.text, b.stop}
	b.arrange = b.place
	b.paint = func() {
		b.back.FillColor, b.text.Color = theme.Color(theme.ColorDanger), theme.Color(theme.ColorOnDanger)
		b.icon.paint()
	}
	b.extend(b)
	b.Hide()
	return b
}

func (b *sharingBar) place(size fyne.Size) {
	const icon = theme.TextLarge
	put(b.back, 0, 0, size.Width, size.Height)
	put(b.icon, theme.SpaceM, (size.Height-icon)/2, icon, icon)
	button := b.stop.MinSize()
	right := size.Width - button.Width - theme.SpaceS
	put(b.stop, right, (size.Height-button.Height)/2, button.Width, button.Height)
	x := theme.SpaceM + icon + theme.SpaceS
	b.text.Text = ellipsis(b.sentence(), max(right-x-theme.SpaceS, 0), b.text.TextSize, b.text.TextStyle)
	h := b.text.MinSize().Height
	put(b.text, x, (size.Height-h)/2, max(right-x, 0), h)
	b.text.Refresh()
}

func (b *sharingBar) sentence() string {
	if b.name == "" {
		return b.loc.T("call.sharing.screen")
	}
	return b.loc.Tf("call.sharing", map[string]any{"Name": b.name})
}

func (b *sharingBar) set(sharing bool, name string) {
	show(b, sharing)
	if b.name != name {
		b.name = name
		b.rearrange()
	}
}

// AccessibilityLabel is part of fyne.Accessible.
func (b *sharingBar) AccessibilityLabel() string { return b.sentence() }

// AccessibilityRole is part of fyne.Accessible.
func (b *sharingBar) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }
