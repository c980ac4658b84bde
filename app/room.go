package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"parley/app/hosting"
	"parley/app/nearby"
	"parley/session"
	"parley/session/chat"
	"parley/session/wire"
	"parley/views/call"
	chatview "parley/views/chat"
	"parley/views/reading"
	"parley/views/video"
)

// room is a visit to a room as the window shows it.
type room struct {
	c        *controller
	id       string
	server   string
	appID    string // empty for wire.LocalAppID
	token    string
	user     session.User
	role     session.Role
	hand     time.Time        // since when the own is raised; zero while it is not
	lowering bool             // it, by oneself
	cameBack time.Time        // after the connection was lost
	info     session.RoomInfo // with who waits in the lobby, for a host
	looking  bool             // into the lobby
	looked   time.Time
	kept     chan bool     // whether the room has a passcode, the newest word; nil where it is not announced
	host     *hosting.Host // nil on another's server
	began    time.Time
	// serverID is the server's at every address; empty where it is not known.
	serverID string

	view    *call.View         // nil where the history is read without a call
	page    *reading.View      // there
	offline *chat.Conversation // likewise
	chat    *chatview.View
	talk    *talk // nil until the history is read

	users      []session.Member
	streams    map[string]*playing // by StreamID
	levels     session.SoundLevels
	quality    map[string]session.Quality
	state      session.RoomState
	chatOpen   bool
	peopleOpen bool               // in its place
	chatBehind bool               // with peopleOpen: the chat was open before
	gains      map[string]float32 // how loud others are heard, by user
	unread     int
	recording  bool // the call is recorded here
	sharing    sharing
	statistics *statistics // nil while they are not shown
	inView     string      // the newest message of others that came into view

	loaded  bool           // the newest page is in the list
	pending []chat.Message // that came before it

	cancel  context.CancelFunc
	ticking sync.WaitGroup
}

// playing is a stream of somebody else.
type playing struct {
	stream     session.Stream
	feed       *video.Feed
	frozen     bool
	unplayable string // the codec of its picture, where that can't be shown
}

// start publishes and shows what is there already, on the UI thread.
func (r *room) start() {
	ctx, cancel := context.WithCancel(r.c.ctx)
	r.cancel = cancel
	r.chatOpen = !call.Narrow(r.c.window.Canvas().Size().Width)
	r.state = session.RoomConnected
	r.c.tidier.soon()
	r.c.do(func() {
		if err := r.c.engine.StartPublishing(r.user.ID, session.Sources{Camera: true, Microphone: true}); err != nil && !errors.Is(err, session.ErrState) {
			r.c.log.Warn("publishing failed", "error", err)
		}
	})
	for _, e := range r.c.early {
		r.c.handle(e)
	}
	r.c.early = nil
	r.ticking.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				stats := r.c.engine.Stats()
				r.c.dispatch(func() {
					r.stood(stats)
					r.measure(stats, time.Now())
					r.mindLobby(time.Now())
					r.show()
				})
			}
		}
	})
	if r.host != nil {
		if r.host.OnNetwork() {
			r.ticking.Go(func() { nearby.Moves(ctx, func() { r.restart(ctx) }) })
		}
		if r.host.OnNetwork() && !r.c.preferences.AnnounceOff && r.c.hosted == nil {
			r.kept = make(chan bool, 1)
			r.tellKept()
			entry := r.c.preferences.entry() // as it is now: the settings may change it
			r.ticking.Go(func() { r.announce(ctx, entry, r.kept) })
		}
		if r.c.hosted != nil {
			r.ticking.Go(func() {
				r.c.hosted(ctx, r.server, r.id, func(user string) (string, error) { return r.host.Token(r.id, user, wire.RoleMember) })
			})
		}
	}
	r.c.work.Go(func() { r.load(ctx) })
	r.show()
}

// close ends what belongs to the window, on the UI thread.
func (r *room) close() {
	r.c.tidier.soon()
	if r.cancel != nil {
		r.cancel()
	}
	if r.sharing.asking != nil {
		r.sharing.asking()
	}
	r.c.window.SetOnDropped(nil)
	if r.talk != nil {
		r.talk.voice.stop()
		r.talk.recorder.silence()
	}
	for id, p := range r.streams {
		p.feed.Close()
		delete(r.streams, id)
	}
}

// leave logs out and ends the hosting, off the UI thread.
func (r *room) leave() {
	if r.talk != nil {
		r.talk.recorder.keep()
	}
	if err := r.c.engine.LogoutRoom(); err != nil && !errors.Is(err, session.ErrState) && !errors.Is(err, session.ErrClosed) {
		r.c.log.Warn("logging out failed", "error", err)
	}
	r.ticking.Wait()
	if r.host != nil {
		r.host.Close()
	}
}

// load reads the newest messages, off the UI thread.
func (r *room) load(ctx context.Context) {
	conversation := r.conversation()
	if conversation == nil {
		return
	}
	page, opening, err := firstPage(ctx, conversation)
	if err != nil {
		r.c.log.Warn("the history can't be read", "error", err)
	}
	draft, err := conversation.History().Draft(ctx)
	if err != nil {
		r.c.log.Warn("the draft can't be read", "error", err)
	}
	r.c.dispatch(func() {
		if ctx.Err() != nil {
			return // the room is being left, by another goroutine
		}
		if r.talk == nil {
			r.talk = newTalk(r, conversation)
			r.talk.recorder.restore()
			r.chat.SetEmoji(r.c.preferences.Emoji, r.c.preferences.SkinTone)
			r.c.window.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { r.talk.dropped(uris) })
			if r.chat.Draft() == "" {
				r.chat.SetDraft(draft)
			}
		}
		r.chat.Reset(r.bubbles(page), opening)
		r.loaded = true
		for _, m := range r.pending {
			r.chat.Update(r.bubble(m))
		}
		r.pending = nil
	})
}

// send stores and queues a text. It is quick: one write to the local store.
func (r *room) send(w chatview.Written) error {
	return r.write(func(c *chat.Conversation) error {
		_, err := c.SendText(r.c.ctx, chat.Draft{Text: w.Text, ReplyTo: w.ReplyTo, Mentions: w.Mentions})
		return err
	})
}

// write does what was written to the conversation, and says what went wrong.
func (r *room) write(act func(*chat.Conversation) error) error {
	conversation := r.conversation()
	if conversation == nil {
		return session.ErrState
	}
	err := act(conversation)
	if err != nil {
		r.c.log.Warn("a message was not stored", "error", err)
		r.say(sendProblem(err), err)
	}
	return err
}

// sendProblem finds the words for what could not be sent.
func sendProblem(err error) string {
	switch {
	case errors.Is(err, wire.ErrTooLong):
		return "notice.send.long"
	case errors.Is(err, wire.ErrEmpty):
		return "notice.send.empty"
	case errors.Is(err, chat.ErrDiskFull):
		return "notice.disk.full"
	case errors.Is(err, chat.ErrFileSize):
		return "notice.file.large"
	case errors.Is(err, errNoFile), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return "notice.file.unreadable"
	default:
		return "notice.send.failed"
	}
}

func (r *room) retry(id string) {
	r.c.work.Go(func() {
		if conversation := r.conversation(); conversation != nil {
			if err := conversation.Retry(r.c.ctx, id); err != nil {
				r.c.log.Warn("a message was not queued again", "error", err)
			}
		}
	})
}

func (r *room) toggleChat() {
	r.chatOpen = !r.chatOpen
	if r.chatOpen {
		r.peopleOpen = false
		r.unread = 0
		r.read(r.inView)
		r.c.looked()
	}
	r.show()
	if r.chatOpen {
		r.chat.Focus(r.c.window.Canvas())
	}
}

// copyInvite puts a link that opens this room into the clipboard.
func (r *room) copyInvite() {
	invite := wire.Invite{Server: r.server, AppID: cmp.Or(r.appID, wire.LocalAppID), RoomID: r.id, Token: r.token, ServerID: r.serverID}
	if r.host != nil {
		invite.Server = reachable(r.server)
		token, err := r.host.Token(r.id, "", wire.RoleMember)
		if err != nil {
			r.c.log.Warn("an invite can't be made", "error", err)
			return
		}
		invite.Token = token
	}
	r.c.app.Clipboard().SetContent(invite.String())
	r.notice(r.c.loc.T("notice.invite.copied"))
}

// reachable replaces a loopback host by this computer's address on its
// network, where it has one.
func reachable(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	list, err := net.InterfaceAddrs()
	if err != nil {
		return address
	}
	var found net.IP
	for _, a := range list {
		ip, ok := a.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast() {
			continue
		}
		if v4 := ip.IP.To4(); v4 != nil {
			return net.JoinHostPort(v4.String(), port)
		}
		if found == nil {
			found = ip.IP
		}
	}
	if found != nil {
		return net.JoinHostPort(found.String(), port)
	}
	return address
}

// speakingFrom is the level from which somebody counts as speaking.
const speakingFrom = 45

// show lets the view have the state, once for all that happens until then.
func (r *room) show() {
	if r.c.stale {
		return
	}
	r.c.stale = true
	r.c.dispatch(func() {
		r.c.stale = false
		r.paint()
	})
}

// paint gives the view the state as it is now.
func (r *room) paint() {
	if r.view == nil || r.c.room != r {
		return
	}
	c := r.c
	self := call.Person{
		UserID: r.user.ID, StreamID: r.user.ID, Name: r.user.Name, Self: true, Muted: !c.microphoneOn || c.micMissing,
		CameraOff: !c.cameraOn || c.cameraMissing, Speaking: c.microphoneOn && r.levels.Local >= speakingFrom, Level: r.levels.Local,
		Quality: grade(r.quality[""]), Video: c.preview,
	}
	hands := r.hands()
	self.Hand, self.Role = hands[r.user.ID], roleOf(r.role)
	people := []call.Person{self}
	for _, u := range r.users {
		p := call.Person{UserID: u.ID, Name: u.Name, Hand: hands[u.ID], Role: roleOf(u.Role), Gain: r.gains[u.ID], Muted: true, CameraOff: true, Quality: grade(r.quality[u.ID])}
		if p.Name == "" {
			p.Name = u.ID
		}
		for id, s := range r.streams {
			if s.stream.User.ID != u.ID {
				continue
			}
			if s.stream.Screen {
				p.Screen = screenOf(s)
				continue
			}
			p.StreamID, p.Video, p.Frozen, p.Unplayable = id, s.feed, s.frozen, s.unplayable
			p.Muted = !s.stream.Audio.Present || s.stream.Audio.Muted
			p.CameraOff = !s.stream.Video.Present || s.stream.Video.Muted
			p.Level = r.levels.Streams[id]
			p.Speaking = !p.Muted && p.Level >= speakingFrom
		}
		people = append(people, p)
	}
	state := call.State{
		Room: r.id, People: people, Elapsed: time.Since(r.began), Connection: call.Connected,
		MicrophoneOn: c.microphoneOn, CameraOn: c.cameraOn, MicrophoneAvailable: !c.micMissing, CameraAvailable: !c.cameraMissing,
		HandUp: !r.hand.IsZero(), ChatOpen: r.chatOpen, FullScreen: c.window.FullScreen(), PeopleOpen: r.peopleOpen, Stats: r.shownStats(), Unread: r.unread, Recording: r.recording, Hosting: r.hosting(),
		Layout: c.layout(), ShareAvailable: true, Sharing: r.sharing.on, SharingName: r.sharing.name,
	}
	if r.state != session.RoomConnected {
		state.Connection = call.Reconnecting
	}
	r.view.Update(state)
	c.updateCompact(state)
}

func grade(q session.Quality) call.Quality {
	switch q {
	case session.QualityExcellent:
		return call.QualityExcellent
	case session.QualityGood:
		return call.QualityGood
	case session.QualityMedium:
		return call.QualityMedium
	case session.QualityBad:
		return call.QualityBad
	case session.QualityDie:
		return call.QualityDead
	default:
		return call.QualityUnknown
	}
}

// usersChanged keeps people in the order of their coming.
func (r *room) usersChanged(e session.RoomUsersChanged) {
	for _, u := range e.Removed {
		r.users = slices.DeleteFunc(r.users, func(other session.Member) bool { return other.ID == u.ID })
	}
	for _, u := range e.Updated {
		if i := slices.IndexFunc(r.users, func(other session.Member) bool { return other.ID == u.ID }); i >= 0 {
			if r.users[i].Hand.IsZero() && !u.Hand.IsZero() {
				r.raised(u.User)
			}
			r.users[i] = u
		}
	}
	r.users = append(r.users, e.Added...)
	members := make([]chatview.Member, len(r.users))
	for i, u := range r.users {
		members[i] = chatview.Member{ID: u.ID, Name: u.Name}
	}
	r.chat.SetMembers(members)
}

// streamsChanged plays what appears.
func (r *room) streamsChanged(e session.RoomStreamsChanged) {
	for _, s := range e.Removed {
		if p := r.streams[s.ID]; p != nil {
			p.feed.Close()
			delete(r.streams, s.ID)
		}
	}
	for _, s := range e.Updated {
		if p := r.streams[s.ID]; p != nil {
			if !p.stream.Video.Muted && s.Video.Muted {
				p.feed.Clear() // not the last picture, when it comes back
			}
			p.stream = s
		}
	}
	for _, s := range e.Added {
		p := &playing{stream: s, feed: r.c.presenter.NewFeed()}
		r.streams[s.ID] = p
		gain := r.gains[s.User.ID]
		r.c.do(func() {
			if err := r.c.engine.StartPlaying(s.ID, session.Sinks{Video: p.feed}); err != nil {
				r.c.log.Warn("a stream can't be played", "stream", s.ID, "error", err)
				return
			}
			if gain != 0 {
				r.setVolume(s.ID, gain)
			}
		})
	}
}
