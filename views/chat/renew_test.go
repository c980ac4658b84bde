package chat

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
)

// TestTextScale lays the rows out anew at another text size, and again as they
// were, and keeps what is read in its place.
func TestTextScale(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(420, 600))
	v.Reset(many(1, 60), Opening{})
	settings := fyne.CurrentApp().Settings()
	height := func() float32 { return v.list.rows.total() }
	small := height()
	v.ScrollBy(-900)
	id, _ := v.Place()
	line := v.list.rows.byID[id].frames
	settings.SetTheme(theme.NewLook(theme.Look{Mode: theme.Light, Scale: 1.5}))
	v.Renew()
	large := v.list.rows.byID[id].frames
	if large.Size != line.Size*1.5 || large.Bubble.H <= line.Bubble.H || height() <= small {
		t.Errorf("the rows are laid out for another text size: %v, was %v; %v high, was %v", large.Size, line.Size, height(), small)
	}
	if now, _ := v.Place(); now != id {
		t.Errorf("another message is read: %s, was %s", now, id)
	}
	test.AssertImageMatches(t, "chat/large.png", w.Canvas().Capture())
	settings.SetTheme(theme.New(theme.Light))
	v.Renew()
	if again := v.list.rows.byID[id].frames; again.Size != line.Size || again.Height != line.Height {
		t.Errorf("%v and %v high, was %v and %v", again.Size, again.Height, line.Size, line.Height)
	}
}

// TestAnotherLanguage says everything anew, and leaves alone what was written.
func TestAnotherLanguage(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(420, 600))
	v.Reset(many(1, 3), Opening{})
	m, _ := v.Message(v.Newest())
	v.list.reply(m)
	v.SetDraft("half a sentence")
	v.loc.Use("zh")
	v.Renew()
	for _, c := range []struct{ got, want string }{
		{v.header.title.Text, "聊天"}, {v.composer.entry.PlaceHolder, "输入消息"}, {v.header.find.label, "搜索"},
		{v.list.down.label, "到最新消息"}, {v.composer.bar.end.label, "取消"}, {v.Draft(), "half a sentence"},
		{v.emptyTitle.Text, "还没有消息"}, {v.composer.about.id, m.ID},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
