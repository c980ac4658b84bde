package call

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"parley/views/theme"
)

// restAfter is after how long without the mouse the controls of a full screen hide.
const restAfter = 3 * time.Second

// fullScreen is what is special while the window takes all of the screen: the stage
// has it all, and what is else there lies over it, and hides while nobody needs it.
type fullScreen struct {
	now         func() time.Time
	stirred     time.Time    // when the mouse moved last, or the keyboard went to a button
	hidden      bool         // header and controls
	top, bottom *theme.Panel // below them
}

func newFullScreen() fullScreen {
	f := fullScreen{now: time.Now, top: theme.NewPanel(theme.ColorStage), bottom: theme.NewPanel(theme.ColorStage)}
	f.top.Hide()
	f.bottom.Hide()
	return f
}

var (
	_ desktop.Hoverable  = (*View)(nil)
	_ desktop.Cursorable = (*View)(nil)
)

// MouseIn implements desktop.Hoverable.
func (v *View) MouseIn(*desktop.MouseEvent) { v.stir() }

// MouseMoved implements desktop.Hoverable.
func (v *View) MouseMoved(*desktop.MouseEvent) { v.stir() }

// MouseOut implements desktop.Hoverable.
func (v *View) MouseOut() {}

// Cursor hides the mouse with the controls.
func (v *View) Cursor() desktop.Cursor {
	if v.full.hidden {
		return desktop.HiddenCursor
	}
	return desktop.DefaultCursor
}

// stir brings back what is hidden.
func (v *View) stir() {
	v.full.stirred = v.full.now()
	if v.full.hidden {
		v.full.hidden = false
		v.rearrange()
	}
}

// rest hides the controls where nobody moved for a while, and shows them outside a
// full screen. It is called with every state, several times a second.
func (v *View) rest() {
	hidden := v.state.FullScreen && v.full.now().Sub(v.full.stirred) >= restAfter && !v.busy()
	if hidden != v.full.hidden {
		v.full.hidden = hidden
		v.rearrange()
	}
}

// busy reports whether somebody is at a button, or has something open over the call.
func (v *View) busy() bool {
	for _, c := range append(v.controls.all(), v.header.layout, v.header.full, v.header.host) {
		if c.over || c.focused {
			return true
		}
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(v)
	return c != nil && c.Overlays().Top() != nil
}

// placeFull lays out a full screen as wide as is left of the panel at the side, and
// reports whether there is one.
func (v *View) placeFull(left, height float32) bool {
	shown := !v.full.hidden
	show(v.header, shown)
	if !shown {
		v.header.hint.say("")
	}
	show(v.controls, shown)
	show(v.full.top, v.state.FullScreen && shown)
	show(v.full.bottom, v.state.FullScreen && shown)
	if !v.state.FullScreen {
		return false
	}
	put(v.stage, 0, 0, left, height)
	put(v.overlay, 0, 0, left, height)
	put(v.full.top, 0, 0, left, headerHeight())
	put(v.full.bottom, 0, height-controlsHeight, left, controlsHeight)
	v.stats.within(rect{theme.SpaceM, headerHeight(), left - 2*theme.SpaceM, height - headerHeight() - controlsHeight})
	return true
}
