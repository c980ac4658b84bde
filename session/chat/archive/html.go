package archive

import (
	"embed"
	"fmt"
	"html/template"
	"os"
	"time"

	"parley/session/chat"
)

// Labels are the words of the pages, in the reader's language.
type Labels struct {
	Language                             string // of the pages, as HTML names it
	Title, Edited, Deleted, Unsupported  string
	Missing, Next, Previous, Rooms, Sent string
}

// English is the default.
func English() Labels {
	return Labels{
		Language: "en", Title: "Messages", Edited: "edited", Deleted: "Message deleted", Unsupported: "This message needs a newer Parley.",
		Missing: "not saved here", Next: "Newer", Previous: "Older", Rooms: "Rooms", Sent: "sent",
	}
}

//go:embed page.gohtml index.gohtml style.css
var templates embed.FS

type pageData struct {
	Labels   Labels
	Room     string
	Number   int
	More     bool
	Messages []entry
	Style    template.CSS
}

// entry is a message on a page. Media is a path that this package made.
type entry struct {
	chat.Message
	Media string
}

// When is the time as it is shown.
func (e entry) When() string { return e.Time.Format("2006-01-02 15:04") }

// Clock is the sender's time, where it is worth showing.
func (e entry) Clock() string {
	if !e.ClockDiffers() {
		return ""
	}
	return e.Sent.Format("2006-01-02 15:04")
}

// Length is that of a voice message.
func (e entry) Length() string {
	d := time.Duration(e.File.DurationMS) * time.Millisecond
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

// IsImage reports whether it is a picture.
func (e entry) IsImage() bool { return e.Kind == chat.KindImage }

// IsVoice reports whether it is a voice message.
func (e entry) IsVoice() bool { return e.Kind == chat.KindVoice }

func pageName(number int) string { return fmt.Sprintf("messages-%d.html", number+1) }

func (p pageData) Older() string { return pageName(p.Number - 1) }
func (p pageData) Newer() string { return pageName(p.Number + 1) }

func writePage(path string, data pageData) error {
	return render(path, "page.gohtml", func(css template.CSS) any {
		data.Style = css
		return data
	})
}

type indexData struct {
	Labels Labels
	Rooms  []indexRoom
	Style  template.CSS
}

type indexRoom struct {
	Name, Link string
	Messages   int
}

func writeIndex(path string, m manifest, labels Labels) error {
	data := indexData{Labels: labels}
	for i, r := range m.Rooms {
		data.Rooms = append(data.Rooms, indexRoom{r.RoomID, roomFolder(i) + "/" + pageName(0), r.Messages})
	}
	return render(path, "index.gohtml", func(css template.CSS) any {
		data.Style = css
		return data
	})
}

func render(path, name string, data func(template.CSS) any) error {
	css, err := templates.ReadFile("style.css")
	if err != nil {
		return err
	}
	t, err := template.ParseFS(templates, name)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = t.Execute(file, data(template.CSS(css)))
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
