// Package chat is the conversation beside a call: the list of bubbles and the
// composer. It knows messages, and nothing of where they come from.
package chat

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// Status is how far an own message got.
type Status int

// The statuses and their marks: a clock, one tick, two ticks, red with Retry.
const (
	Queued Status = iota
	Stored
	Seen
	Failed
)

// Message is what a bubble shows.
type Message struct {
	ID, UserID, Name, Text string
	Order                  int64 // the place in the room; equal ones stand as they came
	Own                    bool
	Time                   time.Time
	Status                 Status
	Reason                 string // with Failed: "not_allowed", "too_long", "refused"
	Unsupported            bool   // of a kind that this program can't show
}

// Actions are what a person does here.
type Actions struct {
	// Send takes a text; where it gives an error, the text stays in the
	// composer.
	Send func(text string) error
	// Retry sends a refused message again.
	Retry func(id string)
	// LoadOlder is called when the reader comes near the top.
	LoadOlder func()
}

// View is the chat panel. Its methods are called on the UI thread.
type View struct {
	loc      *i18n.Localizer
	list     *list
	composer *composer
	empty    *fyne.Container
	offline  *fyne.Container
	root     fyne.CanvasObject
}

// New makes the panel.
func New(loc *i18n.Localizer, a Actions) *View {
	v := &View{loc: loc}
	v.list = newList(loc, a)
	v.composer = newComposer(loc, a.Send)
	title := widget.NewLabelWithStyle(loc.T("chat.empty.title"), fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	text := theme.Hint(loc.T("chat.empty.text"), fynetheme.SizeNameText, true)
	if segment, ok := text.Segments[0].(*widget.TextSegment); ok {
		segment.Style.Alignment = fyne.TextAlignCenter
	}
	v.empty = container.New(layout.NewCustomPaddedLayout(0, 0, theme.SpaceXL, theme.SpaceXL),
		container.NewVBox(layout.NewSpacer(), title, text, layout.NewSpacer()))
	notice := widget.NewLabelWithStyle(loc.T("chat.offline"), fyne.TextAlignCenter, fyne.TextStyle{})
	notice.Wrapping = fyne.TextWrapWord
	notice.SizeName = fynetheme.SizeNameCaptionText
	notice.Importance = widget.WarningImportance
	v.offline = container.NewStack(notice)
	v.offline.Hide()
	background := theme.NewPanel(theme.ColorStage)
	v.root = container.NewStack(background, container.NewBorder(v.offline, v.composer.object(), nil, nil, container.NewStack(v.list, v.empty)))
	return v
}

// CanvasObject is the panel itself.
func (v *View) CanvasObject() fyne.CanvasObject { return v.root }

// Reset shows a room's newest messages, oldest first, from the bottom.
func (v *View) Reset(messages []Message) {
	v.list.reset(messages)
	v.settle()
}

// Append adds messages at the bottom. A reader who is there stays there.
func (v *View) Append(messages ...Message) {
	v.list.append(messages)
	v.settle()
}

// Prepend adds older messages at the top, without moving what is read.
func (v *View) Prepend(messages ...Message) {
	v.list.prepend(messages)
	v.settle()
}

// Update changes a message; a new one goes where its order says.
func (v *View) Update(m Message) {
	v.list.update(m)
	v.settle()
}

// Oldest is the ID of the first message, or empty.
func (v *View) Oldest() string {
	if len(v.list.messages) == 0 {
		return ""
	}
	return v.list.messages[0].ID
}

// Remove takes a message out.
func (v *View) Remove(id string) {
	v.list.remove(id)
	v.settle()
}

// Has reports whether the list has the message.
func (v *View) Has(id string) bool {
	_, ok := v.list.index[id]
	return ok
}

// Newest is the ID of the last message, or empty.
func (v *View) Newest() string {
	if n := len(v.list.messages); n > 0 {
		return v.list.messages[n-1].ID
	}
	return ""
}

// AtBottom reports whether the newest message is in view.
func (v *View) AtBottom() bool { return v.list.atBottom() }

// SetOffline says that messages wait for the connection.
func (v *View) SetOffline(offline bool) {
	if offline {
		v.offline.Show()
	} else {
		v.offline.Hide()
	}
	v.root.Refresh()
}

// Focus puts the cursor into the composer.
func (v *View) Focus(c fyne.Canvas) { c.Focus(v.composer.entry) }

// SetDraft puts a text into the composer; Draft reads it.
func (v *View) SetDraft(text string) { v.composer.entry.SetText(text) }

// Draft is what stands in the composer.
func (v *View) Draft() string { return v.composer.entry.Text }

func (v *View) settle() {
	if len(v.list.messages) == 0 {
		v.empty.Show()
	} else {
		v.empty.Hide()
	}
}
