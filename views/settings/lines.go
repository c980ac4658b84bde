package settings

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"parley/views/keys"
	"parley/views/theme"
)

// lines is a text of many lines, of which only those in view are drawn.
type lines struct {
	widget.List
	escape func()
}

// newLines shows a text. Its lines are not wrapped: it has been so where it
// comes from.
func (v *View) newLines(text string) fyne.CanvasObject {
	all := strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n")
	l := &lines{escape: func() { v.back() }}
	l.HideSeparators = true
	l.Length = func() int { return len(all) }
	l.CreateItem = func() fyne.CanvasObject {
		t := canvas.NewText("", nil)
		t.TextStyle.Monospace = true
		return container.NewStack(t)
	}
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		box, ok := o.(*fyne.Container)
		if !ok {
			return
		}
		if t, ok := box.Objects[0].(*canvas.Text); ok {
			t.Text, t.TextSize, t.Color = all[i], theme.Scaled(theme.TextCaption), theme.Color("foreground")
			t.Refresh()
		}
	}
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey leads back with Escape.
func (l *lines) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		l.escape()
		return
	}
	if !keys.PassOn(l, e) {
		l.List.TypedKey(e)
	}
}
