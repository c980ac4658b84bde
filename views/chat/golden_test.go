package chat

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"parley/views/chat/frames"
	"parley/views/i18n"
	"parley/views/theme"
)

// goldenMessages are forty-one messages with everything that one can have.
func goldenMessages() []Message {
	const lin, maya, tom, me = "Lin", "Maya Chen", "Tom", "me"
	var list []Message
	at := now().Add(-50 * time.Hour)
	add := func(user, text string, after time.Duration, change func(*Message)) {
		at = at.Add(after)
		m := Message{ID: fmt.Sprintf("g%02d", len(list)+1), UserID: user, Name: user, Own: user == me, Text: text, Time: at, Order: int64(len(list) + 1), Status: Stored, Progress: -1}
		if change != nil {
			change(&m)
		}
		list = append(list, m)
	}
	wave := make([]byte, 64)
	for i := range wave {
		wave[i] = byte(40 + (i*i*7+i*31)%200)
	}
	picture := func(w, h int, img image.Image) func(*Message) {
		return func(m *Message) { m.Kind, m.Width, m.Height, m.Image, m.Here = frames.Picture, w, h, img, img != nil }
	}
	voice := func(seconds int) func(*Message) {
		return func(m *Message) {
			m.Kind, m.Duration, m.Waveform, m.Here = frames.Voice, time.Duration(seconds)*time.Second, wave, true
		}
	}
	file := func(name string, size int64, here bool) func(*Message) {
		return func(m *Message) { m.Kind, m.FileName, m.FileSize, m.Here = frames.File, name, size, here }
	}
	also := func(changes ...func(*Message)) func(*Message) {
		return func(m *Message) {
			for _, change := range changes {
				change(m)
			}
		}
	}
	status := func(s Status, reason string) func(*Message) {
		return func(m *Message) { m.Status, m.Reason = s, reason }
	}
	progress := func(p float32) func(*Message) { return func(m *Message) { m.Progress, m.Here = p, false } }
	reply := func(id, name, text string) func(*Message) {
		return func(m *Message) { m.Reply = &Quote{ID: id, Name: name, Text: text} }
	}
	react := func(r ...Reaction) func(*Message) { return func(m *Message) { m.Reactions = r } }
	const soon, later = 20 * time.Second, 11 * time.Minute

	add(lin, "Good morning! Did you see the plan for today?", soon, nil)
	add(lin, "It is in the usual place.", soon, nil)
	add(me, "Not yet, one moment.", soon, status(Seen, ""))
	add(maya, "早上好，我看到了。下午三点开会讨论一下细节，可以吗？", later, react(Reaction{"👍", 2, true}, Reaction{"🎉", 1, false}))
	add(me, "可以，我们三点见。", soon, also(status(Seen, ""), reply("g04", maya, "早上好，我看到了。")))
	add(tom, "お疲れ様です。会議の資料を送りました。ご確認ください。", later, nil)
	add(tom, "한국어도 잘 보입니다.", soon, nil)
	add("سارة", "مرحبا! كيف حالك اليوم؟ (أنا بخير)", later, nil)
	add("سارة", "I said مرحبا, then شكرا, and 123.", soon, nil)
	add("अनु", "नमस्ते, आज की बैठक कितने बजे है?", later, nil)
	add(lin, "👍", 26*time.Hour, nil)
	add(lin, "😀🎉❤️", soon, nil)
	add(me, "🇨🇳 🇩🇪 👨‍👩‍👧‍👦 👋🏽", soon, status(Seen, ""))
	add(me, "Flags 🇫🇷 and families 👩‍👩‍👦 in a sentence, with a tone 👍🏿 too.", soon, status(Seen, ""))
	add(tom, "See https://example.org/a/very/long/address/that/does/not/end/soon?with=a&query=too for more.", later, nil)
	add(tom, "```\nfunc main() {\n\tfmt.Println(\"hello\")\n}\n```\nruns as it is.", soon, nil)
	add(me, strings.Repeat("Donaudampfschifffahrtsgesellschaft", 6), later, status(Stored, ""))
	add(me, "Three\nlines\n\nand an empty one.", soon, nil)
	add(maya, "", later, picture(1600, 900, shade(320, 180)))
	add(maya, "With a caption that is longer than the picture is wide, so that it goes on below.", soon, picture(600, 900, shade(200, 300)))
	add(me, "", soon, also(picture(4000, 300, shade(320, 24)), status(Seen, "")))
	add(me, "", soon, also(picture(300, 4000, nil), progress(0.4), status(Queued, "")))
	add(lin, "", later, also(picture(800, 800, nil), func(m *Message) { m.Problem = true }))
	add(lin, "", soon, voice(2))
	add(lin, "", soon, also(voice(17), func(m *Message) { m.Heard = true }))
	add(me, "", soon, also(voice(58), status(Seen, "")))
	add(tom, "", later, file("Minutes of the meeting, final version (2).pdf", 1_834_211, false))
	add(tom, "", soon, also(file("data.csv", 83_211, false), progress(0.6)))
	add(me, "", soon, also(file("会议纪要.docx", 512, true), status(Seen, "")))
	add(maya, "Edited since", later, func(m *Message) { m.Edited = true })
	add(maya, "", soon, func(m *Message) { m.Deleted = true })
	add(tom, "", soon, func(m *Message) { m.Unsupported = true })
	add(lin, "This answers a picture.", later, reply("g19", maya, "🖼 Picture"))
	add(lin, "x", soon, react(Reaction{"❤️", 1, false}, Reaction{"😂", 12, true}, Reaction{"😮", 3, false}, Reaction{"🙏", 1, false}))
	add("a-very-long-user-id-that-nobody-would-choose-but-somebody-has", "Short", later, func(m *Message) { m.Name = "Maximiliana Alexandrowna von und zu Hohenstein-Wolkenburg" })
	add(me, "Waiting for the network", later, status(Queued, ""))
	add(me, "Too much", soon, status(Failed, "too_long"))
	add(me, "Nobody let this in", soon, status(Failed, "not_allowed"))
	add(tom, "Tom is recording the call", later, func(m *Message) { m.Kind = frames.Notice })
	add(tom, "The first that is new", soon, nil)
	add(maya, "And the last", soon, nil)
	return list
}

// shade is a picture that shows when it is stretched or turned.
func shade(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{byte(255 * x / w), byte(255 * y / h), 120, 255}
			if (x/16+y/16)%2 == 0 {
				c.B = 200
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// TestGolden draws all kinds of messages at three widths.
func TestGolden(t *testing.T) {
	messages := goldenMessages()
	if len(messages) != 41 {
		t.Fatal(len(messages), "messages")
	}
	for _, mode := range []theme.Mode{theme.Light, theme.Dark} {
		for _, language := range []string{"en", "zh"} {
			for _, width := range []float32{240, 420, 900} {
				name := fmt.Sprintf("golden-%s-%s-%g", map[theme.Mode]string{theme.Light: "light", theme.Dark: "dark"}[mode], language, width)
				t.Run(name, func(t *testing.T) {
					test.NewTempApp(t).Settings().SetTheme(theme.New(mode))
					l := newList(i18n.New(language), Actions{})
					l.now = now
					w := test.NewTempWindow(t, container.NewStack(theme.NewPanel(theme.ColorStage), l))
					w.SetPadded(false)
					w.Resize(fyne.NewSize(width, 600))
					l.reset(messages, Opening{Unread: "g40"})
					l.setVoice(voiceState{id: "g25", playing: true, position: 0.4, speed: 1.5})
					for range 3 { // heights of rows far away are guesses at first
						w.Resize(fyne.NewSize(width, l.size.height))
					}
					test.AssertImageMatches(t, "chat/"+name+".png", w.Canvas().Capture())
				})
			}
		}
	}
}

func TestReactionsAreChosen(t *testing.T) {
	v, w, r := open(t, theme.Light, "en", fyne.NewSize(380, 300))
	m := conversation()[1]
	m.Reactions = []Reaction{{"❤️", 2, true}}
	v.Reset([]Message{m}, Opening{})
	press := func(keys ...fyne.KeyName) {
		for _, key := range keys {
			w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: key})
		}
	}
	v.list.reactions(m, fyne.NewPos(60, 120))
	press(fyne.KeyRight, fyne.KeyRight)
	test.AssertImageMatches(t, "chat/reactions.png", w.Canvas().Capture())
	press(fyne.KeyReturn)
	v.list.reactions(m, fyne.NewPos(60, 120))
	press(fyne.KeyRight, fyne.KeySpace)
	v.list.reactions(m, fyne.NewPos(300, 290))
	press(fyne.KeyEscape)
	if w.Canvas().Overlays().Top() != nil {
		t.Error("Escape does not close it")
	}
	if want := []string{"react 2 😂", "unreact 2 ❤️"}; !slices.Equal(r.done, want) {
		t.Errorf("%q, want %q", r.done, want)
	}
}
