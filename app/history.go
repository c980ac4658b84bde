package app

import (
	"context"
	"errors"
	"time"

	"parley/session/chat"
	chatview "parley/views/chat"
)

// historyPage is how many messages are read at once.
const historyPage = 50

// firstPage reads what a room is shown with: the newest page, or the one where
// reading stopped.
func firstPage(ctx context.Context, c *chat.Conversation) (page []chat.Message, o chatview.Opening, err error) {
	if page, err = c.Newest(ctx, historyPage); err != nil {
		return nil, o, err
	}
	read, err := c.History().ReadUpTo(ctx)
	if err != nil || read == "" {
		return page, o, err
	}
	if o.Unread = unreadIn(page, read); o.Unread != "" || holds(page, read) {
		return page, o, nil
	}
	around, err := c.Around(ctx, read, historyPage)
	if errors.Is(err, chat.ErrNoMessage) {
		return page, o, nil // it is gone: the newest will do
	}
	if o.Unread = unreadIn(around, read); o.Unread == "" {
		return page, o, err
	}
	o.More = len(page) > 0 && around[len(around)-1].ID != page[len(page)-1].ID
	return around, o, nil
}

func holds(page []chat.Message, id string) bool {
	for _, m := range page {
		if m.ID == id {
			return true
		}
	}
	return false
}

// unreadIn finds the first message of others after the one that was read.
func unreadIn(page []chat.Message, read string) string {
	found := false
	for _, m := range page {
		if found && !m.Own {
			return m.ID
		}
		found = found || m.ID == read
	}
	return ""
}

// history does what needs the conversation, off the UI thread.
func (r *room) history(read func(context.Context, *chat.Conversation) error) {
	r.c.work.Go(func() {
		conversation := r.conversation()
		if conversation == nil {
			return
		}
		if err := read(r.c.ctx, conversation); err != nil && r.c.ctx.Err() == nil {
			if errors.Is(err, chat.ErrNoMessage) {
				r.c.dispatch(func() { r.notice(r.c.loc.T("notice.message.gone")) })
				return
			}
			r.c.log.Warn("the history can't be read", "error", err)
		}
	})
}

// loadOlder reads the page before the oldest message of the list.
func (r *room) loadOlder() {
	oldest := r.chat.Oldest()
	if oldest == "" {
		return
	}
	r.history(func(ctx context.Context, c *chat.Conversation) error {
		page, err := c.Before(ctx, oldest, historyPage)
		if err != nil || len(page) == 0 {
			return err
		}
		r.c.dispatch(func() {
			if r.chat.Oldest() == oldest {
				r.chat.Prepend(r.bubbles(page)...)
			}
		})
		return nil
	})
}

// loadNewer reads the page after the newest message of the list.
func (r *room) loadNewer() {
	newest := r.chat.Newest()
	if newest == "" {
		return
	}
	r.history(func(ctx context.Context, c *chat.Conversation) error {
		page, err := c.After(ctx, newest, historyPage)
		if err != nil {
			return err
		}
		r.c.dispatch(func() {
			if r.chat.Newest() == newest {
				r.chat.Append(len(page) == historyPage, r.bubbles(page)...)
			}
		})
		return nil
	})
}

// toNewest shows the end of the history.
func (r *room) toNewest() {
	r.history(func(ctx context.Context, c *chat.Conversation) error {
		page, err := c.Newest(ctx, historyPage)
		if err != nil {
			return err
		}
		r.c.dispatch(func() { r.chat.Reset(r.bubbles(page), chatview.Opening{}) })
		return nil
	})
}

// toDate shows the first message at or after a time; the zero time is that of
// the oldest.
func (r *room) toDate(t time.Time) {
	r.history(func(ctx context.Context, c *chat.Conversation) error {
		page, err := c.At(ctx, t, historyPage)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			r.toNewest()
			return nil
		}
		r.c.dispatch(func() {
			r.chat.Reset(r.bubbles(page), chatview.Opening{At: page[0].ID, Offset: dateBelow, More: len(page) == historyPage})
		})
		return nil
	})
}

// dateBelow leaves room for the divider above the message that is shown.
const dateBelow = 60

// jump shows a message, which may be on a page that is not loaded.
func (r *room) jump(id string) {
	if r.chat.Show(id) {
		return
	}
	r.around(id, func() { r.chat.Show(id) })
}

// around loads the page that holds a message.
func (r *room) around(id string, then func()) {
	r.history(func(ctx context.Context, c *chat.Conversation) error {
		page, err := c.Around(ctx, id, historyPage)
		if err != nil {
			return err
		}
		newer, err := c.After(ctx, page[len(page)-1].ID, 1)
		if err != nil {
			return err
		}
		r.c.dispatch(func() {
			r.chat.Reset(r.bubbles(page), chatview.Opening{At: id, More: len(newer) > 0})
			then()
		})
		return nil
	})
}

// foundMost bounds what a search shows.
const foundMost = 500

// search looks for text in the history that is here, after a pause in the
// writing.
func (t *talk) search(query string) {
	t.searches.Add(1)
	mine := t.searches.Load()
	t.r.history(func(ctx context.Context, c *chat.Conversation) error {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(searchPause):
		}
		if t.searches.Load() != mine {
			return nil // more was written
		}
		messages, err := c.History().Search(ctx, query, foundMost)
		if err != nil {
			return err
		}
		ids := make([]string, len(messages))
		for i, m := range messages {
			ids[i] = m.ID
		}
		t.r.c.dispatch(func() { t.r.chat.SetFound(query, ids) })
		return nil
	})
}

// searchPause is how long the writing rests before a search begins.
const searchPause = 150 * time.Millisecond

// reload shows again what is read, after the history changed beneath it.
func (r *room) reload() {
	id, offset := r.chat.Place()
	if r.loaded && !r.chat.AtBottom() && id != "" {
		r.history(func(ctx context.Context, c *chat.Conversation) error {
			page, err := c.Around(ctx, id, historyPage)
			if err != nil {
				return err
			}
			newer, err := c.After(ctx, page[len(page)-1].ID, 1)
			if err != nil {
				return err
			}
			r.c.dispatch(func() {
				// The reader may have gone on meanwhile.
				if now, at := r.chat.Place(); now != id || at != offset {
					id, offset = now, at
				}
				if !holds(page, id) {
					r.reload()
					return
				}
				r.chat.Reset(r.bubbles(page), chatview.Opening{At: id, Offset: offset, More: len(newer) > 0})
			})
			return nil
		})
		return
	}
	r.loaded = false
	r.c.work.Go(func() { r.load(r.c.ctx) })
}

// read notes that a message was seen, while the chat is.
func (r *room) read(id string) {
	r.inView = id
	if id == "" || !r.chatOpen {
		return
	}
	r.c.work.Go(func() {
		if conversation := r.conversation(); conversation != nil {
			if err := conversation.MarkRead(id); err != nil && !errors.Is(err, chat.ErrNoMessage) {
				r.c.log.Warn("the reading position was not kept", "error", err)
			}
		}
	})
}
