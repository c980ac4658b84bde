// Package chat is the conversation beside a call: the list of bubbles and the
// composer. It knows messages, and nothing of where they come from.
package chat

import (
	"image"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
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
	Reason                 string // with Failed: one of the reasons of the outbox
	Unsupported            bool   // of a kind that this program can't show
	Edited, Deleted        bool

	Kind          frames.Kind
	Image         image.Image   // the picture or its thumbnail; nil until there is one
	Width, Height int           // of a picture, in pixels
	Duration      time.Duration // of a voice message
	Waveform      []byte        // loudness, 0 to 255
	Heard         bool          // of a voice message
	FileName      string
	FileSize      int64
	Here          bool    // the attachment is on this computer
	Progress      float32 // 0 to 1 while it is on its way, negative otherwise
	Problem       bool    // it did not come
	Reply         *Quote
	Reactions     []Reaction
}

// Quote is a message that is answered.
type Quote struct{ ID, Name, Text string }

// Reaction is an emoji, and how many chose it.
type Reaction struct {
	Emoji string
	Count int
	Own   bool // the user is one of them
}

// Actions are what a person does here.
type Actions struct {
	// Dispatch runs a function on the UI thread, for what ends by itself after
	// a while: fyne.Do in a program.
	Dispatch func(func())
	// Send takes what was written; where it gives an error, the text stays in
	// the composer.
	Send func(w Written) error
	// OpenLink opens an address that stands in a text.
	OpenLink func(address string)
	// Seek plays a voice message from a place, 0 to 1; Speed changes how fast.
	Seek  func(id string, position float32)
	Speed func()
	// Save and ShowInFolder are for attachments that are here.
	Save, ShowInFolder func(id string)
	// Retry sends a refused message again.
	Retry func(id string)
	// LoadOlder and LoadNewer are called when the reader comes near an end of
	// what is loaded; ToOldest and ToNewest when they want to be there.
	LoadOlder, LoadNewer, ToOldest, ToNewest func()
	// Search looks for text in all of the history; SetFound answers. ToDate
	// shows the first message of a day.
	Search func(query string)
	ToDate func(day time.Time)
	// Seen is called with the newest message of others that came into view.
	Seen func(id string)
	// NeedImage is called when a picture comes into view that has no more than
	// its thumbnail; SetImage answers.
	NeedImage func(id string)
	// Open shows a picture large, plays or stops a voice message, brings a file
	// or opens it.
	Open func(id string)
	// Jump shows the message that a reply quotes.
	Jump func(id string)
	// React adds an emoji to a message, or takes it back.
	React func(id, emoji string, remove bool)
	// Copy puts a message's text into the clipboard.
	Copy func(text string)
	// Delete takes an own message back.
	Delete func(id string)
	// Edit takes what was written in place of an earlier text.
	Edit func(id, text string) error
	// Attach asks for pictures and files to send.
	Attach func()
	// Paste takes what is no text from the clipboard, and reports whether there
	// was such.
	Paste func() bool
	// Record begins a voice message. SetRecording shows it, until it is sent, as
	// an answer where replyTo names a message, or discarded.
	Record, DiscardRecording func()
	PauseRecording           func(on bool)
	ListenRecording          func(on bool)
	SendRecording            func(replyTo string)
	// EmojiUsed is called with every emoji that was picked, ToneChosen with the
	// tone of skin, 0 to 5.
	EmojiUsed  func(text string)
	ToneChosen func(tone int)
	// Typing is called as the composer changes.
	Typing func(text string)

	typed  func(r rune)          // on the list: goes to the composer
	pasted func(s fyne.Shortcut) // likewise
}

// Opening is where a room is shown from.
type Opening struct {
	Unread string // the first message that was not read; empty when all were
	At     string // the message to show, with its bubble Offset below the top
	Offset float32
	More   bool // there are newer messages than those given
}

// View is the chat panel. Its methods are called on the UI thread.
type View struct {
	loc      *i18n.Localizer
	list     *list
	header   *header
	composer *composer
	empty    *fyne.Container
	offline  *fyne.Container
	away     bool // nobody is in the room from here
	activity *line
	doing    *fyne.Container // around activity
	root     fyne.CanvasObject

	emptyTitle, notice *widget.Label
	emptyText          *widget.RichText
}

// Renew says everything anew, in another language, and takes another text size.
// What is read and written stays where it is; who made the notices in the list
// shows them again.
func (v *View) Renew() {
	v.emptyTitle.SetText(v.loc.T("chat.empty.title"))
	theme.SetHint(v.emptyText, v.loc.T("chat.empty.text"))
	v.sayOffline()
	v.activity.Refresh()
	v.header.renew()
	v.composer.renew()
	v.list.renew()
	v.root.Refresh()
}

// New makes the panel.
func New(loc *i18n.Localizer, a Actions) *View {
	v := &View{loc: loc}
	v.composer = newComposer(loc, a)
	a.typed, a.pasted = v.composer.typed, v.composer.pasted
	v.list = newList(loc, a)
	v.list.emojis = v.composer.emojis
	v.header = newHeader(loc, a, v.list)
	if a.React != nil {
		v.list.react = func(m Message) {
			v.composer.pick(v.composer.emoji, func(text string) { a.React(m.ID, text, false) })
		}
	}
	v.list.reply, v.list.edit = v.composer.reply, v.composer.edit
	v.activity = newLine(theme.ColorMuted, false)
	v.emptyTitle = widget.NewLabelWithStyle(loc.T("chat.empty.title"), fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	v.emptyText = theme.Hint(loc.T("chat.empty.text"), fynetheme.SizeNameText, true)
	if segment, ok := v.emptyText.Segments[0].(*widget.TextSegment); ok {
		segment.Style.Alignment = fyne.TextAlignCenter
	}
	v.empty = container.New(layout.NewCustomPaddedLayout(0, 0, theme.SpaceXL, theme.SpaceXL),
		container.NewVBox(layout.NewSpacer(), v.emptyTitle, v.emptyText, layout.NewSpacer()))
	v.notice = widget.NewLabelWithStyle(loc.T("chat.offline"), fyne.TextAlignCenter, fyne.TextStyle{})
	v.notice.Wrapping = fyne.TextWrapWord
	v.notice.SizeName = fynetheme.SizeNameCaptionText
	v.notice.Importance = widget.WarningImportance
	v.offline = container.NewStack(v.notice)
	v.offline.Hide()
	v.doing = container.New(layout.NewCustomPaddedLayout(0, theme.SpaceXS, theme.SpaceM, theme.SpaceM), v.activity)
	v.doing.Hide()
	v.root = container.NewBorder(container.NewVBox(v.header.root, v.offline), container.NewVBox(v.doing, v.composer.object()), nil, nil, container.NewStack(v.list, v.empty))
	v.composer.resized = func() { v.root.Refresh() }
	v.header.resized = v.composer.resized
	return v
}

// CanvasObject is the panel itself.
func (v *View) CanvasObject() fyne.CanvasObject { return v.root }

// Reset shows messages of a room, oldest first: from the bottom, or from where
// the opening says.
func (v *View) Reset(messages []Message, o Opening) {
	v.list.reset(messages, o)
	v.settle()
}

// Change changes what a message shows; one that is not there is left alone.
func (v *View) Change(id string, change func(*Message)) { v.list.change(id, change) }

// Show brings a message into view and reports whether it is there.
func (v *View) Show(id string) bool { return v.list.show(id) }

// Message gives a message of the list.
func (v *View) Message(id string) (m Message, ok bool) {
	if x := v.list.rows.byID[id]; x != nil {
		return x.message, true
	}
	return m, false
}

// SetVoice shows which voice message is played, how far it is, 0 to 1, and how
// fast.
func (v *View) SetVoice(id string, playing bool, position, speed float32) {
	v.list.setVoice(voiceState{id, playing, position, speed})
}

// NextVoice is the next voice message of somebody else that was not heard,
// right after the one given, or empty.
func (v *View) NextVoice(id string) string {
	x := v.list.rows.byID[id]
	for x != nil {
		if x = v.list.rows.next(x); x == nil {
			break
		}
		if m := x.message; m.Kind == frames.Voice && !m.Own && !m.Deleted {
			if m.Heard {
				return ""
			}
			return m.ID
		}
	}
	return ""
}

// Picture is the picture before, -1, or after, 1, another one in the list, or
// empty.
func (v *View) Picture(id string, by int) string {
	for x := v.list.rows.byID[id]; x != nil; {
		if by < 0 {
			x = v.list.rows.previous(x)
		} else {
			x = v.list.rows.next(x)
		}
		if x != nil && x.message.Kind == frames.Picture && !x.message.Deleted {
			return x.message.ID
		}
	}
	return ""
}

// ScrollBy moves what is read, down where by is positive.
func (v *View) ScrollBy(by float32) { v.list.scrollBy(by) }

// OpenSearch begins a search.
func (v *View) OpenSearch() { v.header.open() }

// SetFound shows the messages that were found for a query, the newest first.
func (v *View) SetFound(query string, ids []string) { v.header.result(query, ids) }

// SetRecording shows the voice message that is recorded.
func (v *View) SetRecording(r Recording) { v.composer.setRecording(r) }

// SetMembers tells who can be mentioned.
func (v *View) SetMembers(members []Member) { v.composer.members = members }

// SetEmoji tells which emoji were used last, the newest first, and the tone of
// skin, 0 to 5.
func (v *View) SetEmoji(recents []string, tone int) {
	v.composer.emojis.recents, v.composer.emojis.tone = recents, tone
}

// SetActivity says who types or records; empty when nobody does.
func (v *View) SetActivity(text string) {
	v.activity.say(text)
	v.doing.Hidden = text == ""
	v.root.Refresh()
}

// Append adds messages that follow the last one; more says that there are
// newer ones still. A reader who is at the bottom stays there.
func (v *View) Append(more bool, messages ...Message) {
	v.list.append(messages, more)
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
	if x := v.list.rows.first(); x != nil {
		return x.message.ID
	}
	return ""
}

// Place is the message at the top of the view, and how far below the top its
// bubble is.
func (v *View) Place() (id string, offset float32) {
	p := v.list.lookedAt()
	if p.row == nil {
		return "", 0
	}
	return p.row.message.ID, p.offset
}

// Remove takes a message out.
func (v *View) Remove(id string) {
	v.list.remove(id)
	v.settle()
}

// Has reports whether the list has the message.
func (v *View) Has(id string) bool {
	return v.list.rows.byID[id] != nil
}

// Newest is the ID of the last message, or empty.
func (v *View) Newest() string {
	if x := v.list.rows.last(); x != nil {
		return x.message.ID
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

// SetAway says that the room is read without being in it: messages wait for the
// next visit.
func (v *View) SetAway(away bool) {
	v.away = away
	v.sayOffline()
	v.SetOffline(away)
}

func (v *View) sayOffline() {
	words := "chat.offline"
	if v.away {
		words = "chat.away"
	}
	v.notice.SetText(v.loc.T(words))
}

// Focus puts the cursor into the composer.
func (v *View) Focus(c fyne.Canvas) { c.Focus(v.composer.entry) }

// SetDraft puts a text into the composer; Draft reads it.
func (v *View) SetDraft(text string) { v.composer.entry.SetText(text) }

// Draft is what stands in the composer.
func (v *View) Draft() string { return v.composer.entry.Text }

func (v *View) settle() {
	if v.list.rows.len() == 0 {
		v.empty.Show()
	} else {
		v.empty.Hide()
	}
}
