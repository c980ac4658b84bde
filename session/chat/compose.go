package chat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"parley/session/chat/picture"
	"parley/session/chat/voice"
	"parley/session/wire"
)

// Draft is what a person wrote, before it is a message.
type Draft struct {
	Text     string
	ReplyTo  string   // the ID of the message that is answered
	Mentions []string // user IDs

	notice NoticeCode
}

// Errors of composing.
var (
	// ErrNotOwn means an edit or delete of somebody else's message.
	ErrNotOwn = errors.New("the message is somebody else's")
	// ErrNotText means an edit of what has no text.
	ErrNotText = errors.New("the message has no text to edit")
)

// SendText stores a text and queues it. Errors are those of wire.CheckText and
// of the store; what the server says comes later, as a status.
func (c *Conversation) SendText(ctx context.Context, d Draft) (Message, error) {
	if err := wire.CheckText(d.Text); err != nil {
		return Message{}, err
	}
	return c.compose(ctx, KindText, d, nil)
}

// SendNotice tells everybody in the room what its sender does.
func (c *Conversation) SendNotice(ctx context.Context, code NoticeCode) (Message, error) {
	return c.compose(ctx, KindNotice, Draft{Text: code.words(), notice: code}, nil)
}

// SendPicture sends a picture that picture.Prepare made, with a caption:
// scaled, or as it was chosen.
func (c *Conversation) SendPicture(ctx context.Context, p *picture.Picture, original bool, caption Draft) (Message, error) {
	if err := checkCaption(caption.Text); err != nil {
		return Message{}, err
	}
	version := p.Scaled
	if original {
		version = p.Original
	}
	sha, size, err := c.p.Store.Files().Add(ctx, c.seal.sealFile(version.Open()), wire.PictureInMax)
	if err != nil {
		return Message{}, err
	}
	return c.compose(ctx, KindImage, caption, &File{
		SHA256: sha, Size: size, MIME: version.MIME, Name: FileName(p.Name), Width: version.Width, Height: version.Height,
		Animated: version.Animated, Thumbnail: p.Thumbnail,
	})
}

// SendVoice sends a recording; its file may be removed afterwards.
func (c *Conversation) SendVoice(ctx context.Context, path string, reply Draft) (Message, error) {
	info, err := voice.Inspect(path)
	if err != nil {
		return Message{}, err
	}
	file, err := os.Open(path)
	if err != nil {
		return Message{}, fmt.Errorf("open the recording: %w", err)
	}
	defer file.Close()
	sha, size, err := c.p.Store.Files().Add(ctx, c.seal.sealFile(file), wire.FileMax)
	if err != nil {
		return Message{}, err
	}
	return c.compose(ctx, KindVoice, reply, &File{
		SHA256: sha, Size: size, MIME: voice.MIME, DurationMS: info.Duration.Milliseconds(), Waveform: info.Waveform[:],
	})
}

// SendFile sends a file of any type as it is, with a caption.
func (c *Conversation) SendFile(ctx context.Context, path string, caption Draft) (Message, error) {
	if err := checkCaption(caption.Text); err != nil {
		return Message{}, err
	}
	file, err := os.Open(path)
	if err != nil {
		return Message{}, fmt.Errorf("open the file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Message{}, fmt.Errorf("open the file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Message{}, fmt.Errorf("send %s: it is not a file", filepath.Base(path))
	}
	if info.Size() > wire.FileMax {
		return Message{}, ErrFileSize
	}
	mime, err := sniff(file)
	if err != nil {
		return Message{}, fmt.Errorf("read the file: %w", err)
	}
	sha, size, err := c.p.Store.Files().Add(ctx, c.seal.sealFile(file), wire.FileMax)
	if err != nil {
		return Message{}, err
	}
	return c.compose(ctx, KindFile, caption, &File{SHA256: sha, Size: size, MIME: mime, Name: FileName(filepath.Base(path))})
}

func sniff(file io.ReadSeeker) (string, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	_, err = file.Seek(0, io.SeekStart)
	return detectType(head[:n]), err
}

func checkCaption(text string) error {
	if text == "" {
		return nil
	}
	return wire.CheckText(text)
}

// Edit replaces the text or caption of an own message.
func (c *Conversation) Edit(ctx context.Context, id, text string) error {
	m, err := c.own(ctx, id)
	if err != nil {
		return err
	}
	if m.Deleted || m.Kind != KindText && m.Kind != KindImage && m.Kind != KindFile {
		return ErrNotText
	}
	if err := wire.CheckText(text); err != nil {
		return err
	}
	e := c.envelope(KindEdit)
	e.Target, e.Text = id, text
	return c.change(ctx, e)
}

// Delete takes an own message back, for everybody. One that the server does
// not have is gone without a trace.
func (c *Conversation) Delete(ctx context.Context, id string) error {
	m, err := c.own(ctx, id)
	if err != nil {
		return err
	}
	if m.Kind == KindNotice {
		return ErrNotText // what was told stays told
	}
	if m.Seq == 0 {
		if err := c.Cancel(id); err == nil || !errors.Is(err, ErrNoMessage) {
			return err
		}
		// It reached the server just now.
	}
	e := c.envelope(KindDelete)
	e.Target = id
	return c.change(ctx, e)
}

// React adds an emoji to a message, or takes it back.
func (c *Conversation) React(ctx context.Context, id, emoji string, remove bool) error {
	if !isReaction(emoji) {
		return &wire.FieldError{Field: "reaction", Err: wire.ErrCharacters}
	}
	if _, ok, err := c.room.Message(ctx, id); err != nil || !ok {
		return errors.Join(err, ErrNoMessage)
	}
	e := c.envelope(KindReaction)
	e.Target, e.Reaction, e.Removed = id, emoji, remove
	return c.change(ctx, e)
}

// Retry sends a refused message again, after those that wait.
func (c *Conversation) Retry(ctx context.Context, id string) error {
	if err := c.room.requeue(id); err != nil {
		return err
	}
	c.reread(ctx, id)
	c.signal()
	return nil
}

// Cancel forgets an own message that the server does not have, and stops its
// upload. One that the server has by now is ErrNoMessage.
func (c *Conversation) Cancel(id string) error {
	c.mu.Lock()
	t, underWay := c.transient[id]
	if underWay && t.status == StatusSent {
		c.mu.Unlock()
		return ErrNoMessage // too late: it may be stored already
	}
	if t.cancel != nil {
		t.cancel()
	}
	c.mu.Unlock()
	if err := c.room.discard(id); err != nil {
		return err
	}
	c.notify(MessageRemoved{ID: id})
	c.signal()
	return nil
}

func (c *Conversation) own(ctx context.Context, id string) (Message, error) {
	m, ok, err := c.room.Message(ctx, id)
	switch {
	case err != nil:
		return m, err
	case !ok:
		return m, ErrNoMessage
	case !m.Own:
		return m, ErrNotOwn
	}
	return m, nil
}

func (c *Conversation) envelope(kind Kind) Envelope {
	return Envelope{Version: Version, ID: ulid.Make().String(), Kind: kind, Name: c.p.User.Name, Sent: time.Now().UTC()}
}

// compose stores a message and queues it.
func (c *Conversation) compose(ctx context.Context, kind Kind, d Draft, file *File) (Message, error) {
	e := c.envelope(kind)
	e.Text, e.File, e.Mentions, e.Notice = d.Text, file, d.Mentions, d.notice
	if d.ReplyTo != "" {
		quoted, ok, err := c.room.Message(ctx, d.ReplyTo)
		if err != nil {
			return Message{}, err
		}
		if !ok {
			return Message{}, ErrNoMessage
		}
		e.Reply = quote(quoted)
	}
	if err := e.check(); err != nil {
		return Message{}, err
	}
	if err := c.room.queue(e, c.p.User.ID); err != nil {
		return Message{}, err
	}
	m, ok, err := c.room.Message(ctx, e.ID)
	if err != nil || !ok {
		return Message{}, errors.Join(err, ErrNoMessage)
	}
	c.notify(MessageChanged{Message: c.overlay(m)})
	c.signal()
	return m, nil
}

// quote is how a message stands in a reply to it.
func quote(m Message) *Reply {
	r := &Reply{ID: m.ID, UserID: m.UserID, Name: m.Name, Kind: m.Kind, Text: m.Text}
	if m.Kind == KindFile && r.Text == "" && m.File != nil {
		r.Text = m.File.Name
	}
	for len(r.Text) > QuoteMax {
		_, size := utf8.DecodeLastRuneInString(r.Text[:QuoteMax])
		r.Text = strings.ToValidUTF8(r.Text[:QuoteMax-size], "")
	}
	return r
}

// change stores an edit, delete or reaction, and queues it.
func (c *Conversation) change(ctx context.Context, e Envelope) error {
	if err := e.check(); err != nil {
		return err
	}
	if err := c.room.queue(e, c.p.User.ID); err != nil {
		return err
	}
	c.reread(ctx, e.Target)
	c.signal()
	return nil
}
