package app

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"parley/app/instance"
	"parley/app/nearby"
	"parley/devices"
	"parley/session"
	"parley/session/chat"
	"parley/views/call"
	chatview "parley/views/chat"
	"parley/views/i18n"
	"parley/views/join"
	"parley/views/settings"
	"parley/views/theme"
	"parley/views/video"
)

type joinForm = join.Form

// params of a controller.
type params struct {
	app         fyne.App
	window      fyne.Window
	loc         *i18n.Localizer
	presenter   *video.Presenter
	engine      *session.Engine
	store       *chat.Store
	opener      devices.Opener
	processor   voiceProcessor // nil where voices can't be processed
	images      imageClipboard
	log         *slog.Logger
	data        string
	licences    string
	preferences Preferences
	form        joinForm
	dispatch    func(func()) // runs a function on the UI thread
	ending      func()       // lets nothing more through, just before the driver ends
	neighbours  neighbours   // nil where nobody looks for any
	hosted      func(ctx context.Context, address, room string, token func(user string) (string, error))
}

// controller turns the session's events into what the views show, and what a
// person does into calls of the session. Everything but work happens on the UI
// thread.
type controller struct {
	params
	joinView *join.View
	preview  *video.Feed // the own camera
	stage    *fyne.Container

	ctx    context.Context // until the window closes
	cancel context.CancelFunc
	work   sync.WaitGroup
	calls  chan func() // engine calls that may take a moment, in order
	// leaving is what still goes on in rooms that were left: the next is entered
	// after it, or its end would end that one.
	leaving sync.WaitGroup

	joining  context.CancelFunc // of the join under way
	browsing context.CancelFunc // of looking for rooms nearby; nil outside the join view
	near     []nearby.Room      // those
	room     *room              // nil outside a room
	reading  *room              // whose history is read without a call
	early    []session.Event    // that came before the view of the room
	quits    bool
	stale    bool // the room's view is to be updated
	// What the person wants of the devices, and whether they deliver.
	cameraOn, microphoneOn    bool
	cameraMissing, micMissing bool
	held, heldFrom            bool                            // the key to talk is down, and what the microphone was before
	devices                   map[devices.Kind][]devices.Info // as last listed
	problems                  map[devices.Kind]string         // the keys of what is wrong with them
	page                      *settingsPage                   // nil while the settings are closed
	inFront                   bool                            // the window is that which is used
	lastPlace                 atomic.Pointer[windowPlace]     // of the window, where it can be told
	outOfSight                bool                            // the window is minimised
	waiting                   *instance.Request               // of another start, until joining is over
	asking                    *dialog.ConfirmDialog           // whether to go where it says
	tray                      *tray                           // nil where there is none
	unseen                    int                             // messages that were not looked at
	carrying                  carrying                        // the history to and from elsewhere
	compact                   *compactWindow                  // nil until a call was behind another window
	joinTile                  *video.Tile                     // of the join view
	sendNotification          func(*fyne.Notification)        // of the system; on any goroutine
	tidier                    *tidier
}

func newController(p params) *controller {
	c := &controller{params: p, calls: make(chan func(), 64), cameraOn: p.form.CameraOn, microphoneOn: p.form.MicrophoneOn, inFront: true, problems: make(map[devices.Kind]string), tidier: newTidier(p.log)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.sendNotification = systemNotifications(c)
	c.preview = p.presenter.NewFeed()
	c.newJoinView(p.form)
	c.stage = container.NewStack(c.joinView.CanvasObject())
	p.window.SetContent(c.stage)
	p.window.SetPadded(false)
	p.window.SetCloseIntercept(c.quit)
	c.addShortcuts()
	c.holdToTalk()
	c.work.Go(c.perform)
	c.do(func() {
		c.engine.UseCamera(p.form.Camera)
		c.engine.UseMicrophone(p.form.Microphone)
		c.engine.UseSpeaker(p.form.Speaker)
		c.engine.MuteMicrophone(!p.form.MicrophoneOn)
		c.engine.SendMusic(p.preferences.Music)
		c.engine.MonitorMicrophone(p.form.MicrophoneOn)
		c.engine.StartPreview(c.preview)
		c.engine.EnableCamera(p.form.CameraOn)
	})
	c.work.Go(c.listDevices)
	c.showRecents()
	c.browse()
	c.joinView.FocusFirst(p.window.Canvas())
	return c
}

// newJoinView makes the join view, with what is filled in.
func (c *controller) newJoinView(form joinForm) {
	if c.joinTile != nil {
		c.joinTile.Close()
	}
	c.joinTile = video.NewTile(c.preview, video.Options{CornerRadius: theme.RadiusL})
	c.joinView = join.New(c.loc, c.joinTile, form, join.Actions{
		Join: c.join, Cancel: c.cancelJoin, CameraChanged: c.cameraChanged, MicrophoneChanged: c.microphoneChanged,
		SpeakerChanged: func(name string) { c.do(func() { c.engine.UseSpeaker(name) }) },
		TestSound:      c.testSound, ParseInvite: parseInvite, Copy: c.copyText,
		Settings: func() { c.openSettings(settings.General) },
	})
}

// perform runs the calls of do.
func (c *controller) perform() {
	for {
		select {
		case f := <-c.calls:
			f()
		case <-c.ctx.Done():
			return
		}
	}
}

// do runs an engine call off the UI thread, after those before it.
func (c *controller) do(f func()) {
	select {
	case c.calls <- f:
	case <-c.ctx.Done():
	default:
		// The engine has not taken 64 calls: it hangs in a device.
		c.log.Warn("a call of the engine was dropped")
	}
}

func (c *controller) cameraChanged(on bool, name string) {
	c.cameraOn = on
	c.do(func() {
		c.engine.UseCamera(name)
		c.engine.EnableCamera(on)
	})
}

func (c *controller) microphoneChanged(on bool, name string) {
	c.microphoneOn = on
	if !on {
		c.joinView.SetLevel(0)
	}
	c.updateTray()
	// Shutting the gate waits for nothing.
	c.engine.MuteMicrophone(!on)
	c.do(func() {
		c.engine.UseMicrophone(name)
		c.engine.MonitorMicrophone(on)
	})
}

func (c *controller) save() {
	if err := c.preferences.Save(c.data); err != nil {
		c.log.Warn("the preferences were not kept", "error", err)
	}
}

// quit asks, where leaving ends the room for others, and ends the program.
func (c *controller) quit() {
	if c.quits {
		return
	}
	// Now, for leaving may take longer than the system waits.
	place := c.lastPlace.Load()
	if !c.outOfSight { // some systems put minimised ones far away
		place = placeOf(c.window)
	}
	c.keepWindow(place)
	c.stopReading(func() {})
	c.leaveRoom(func() {
		c.quits = true
		c.window.Hide()
		if c.joining != nil {
			c.joining()
		}
		c.cancel()
		go func() {
			c.work.Wait()
			if err := c.engine.Close(); err != nil {
				c.log.Warn("the session did not end in order", "error", err)
			}
			c.dispatch(func() {
				c.ending()
				c.app.Quit()
			})
		}()
	})
}

// keepWindow keeps how large the window is and where, if that is known.
func (c *controller) keepWindow(place *windowPlace) {
	if !c.window.FullScreen() {
		size := c.window.Canvas().Size()
		c.preferences.Width, c.preferences.Height, c.preferences.Place = size.Width, size.Height, place
	}
	c.save()
}

// wait ends what quit did not, after the window is gone: the toolkit also ends by
// itself when the system asks it to, and does not say so before.
func (c *controller) wait() {
	if !c.quits {
		c.keepWindow(c.lastPlace.Load())
	}
	c.cancel()
	c.work.Wait()
	if err := c.engine.Close(); err != nil {
		c.log.Warn("the session did not end in order", "error", err)
	}
}

// leaveRoom leaves the room, after a question where others would lose it, and
// goes on with then.
func (c *controller) leaveRoom(then func()) {
	r := c.room
	if r == nil {
		then()
		return
	}
	leave := func() {
		c.room = nil
		r.close()
		c.showJoin()
		c.endRoom(r, then)
	}
	if r.host == nil || len(r.users) == 0 {
		leave()
		return
	}
	d := dialog.NewConfirm(c.loc.T("call.leave.host.title"), c.loc.T("call.leave.host.text"), func(yes bool) {
		if yes {
			leave()
		}
	}, c.window)
	d.SetConfirmText(c.loc.T("call.leave.host.leave"))
	d.SetDismissText(c.loc.T("call.leave.host.stay"))
	d.SetConfirmImportance(widget.DangerImportance)
	d.Show()
}

// endRoom ends what a room that is not shown any more has going, and goes on
// with then.
func (c *controller) endRoom(r *room, then func()) {
	c.leaving.Add(1)
	c.work.Go(func() {
		r.leave()
		c.leaving.Done()
		c.dispatch(then)
	})
}

func (c *controller) showJoin() {
	c.closeCompact()
	c.leaveFullScreen()
	c.stage.Objects = []fyne.CanvasObject{c.joinView.CanvasObject()}
	c.stage.Refresh()
	c.looked() // at all that was there
	c.joinView.SetIdle()
	f := c.joinView.Form()
	f.CameraOn, f.MicrophoneOn = c.cameraOn, c.microphoneOn
	c.joinView.SetForm(f)
	c.showTitle()
	c.showRecents()
	c.browse()
	on := c.microphoneOn // which may have changed in the room
	c.do(func() { c.engine.MonitorMicrophone(on) })
}

// enterRoom shows the room that was entered.
func (c *controller) enterRoom(r *room) {
	c.room = r
	if r.host != nil && c.preferences.HostedID != r.serverID {
		c.preferences.HostedID = r.serverID
		c.save()
	}
	c.stopBrowsing()
	c.joinView.SetIdle()
	r.chat = chatview.New(c.loc, r.chatActions())
	r.view = call.New(c.loc, c.presenter, r.chat.CanvasObject(), call.Actions{
		ToggleMicrophone: func() { c.setMicrophone(!c.microphoneOn) },
		ToggleCamera:     func() { c.setCamera(!c.cameraOn) },
		ToggleHand:       r.toggleHand,
		React:            r.react,
		TogglePeople:     r.togglePeople,
		ToggleStats:      r.toggleStats,
		ToggleFullScreen: c.toggleFullScreen,
		CopyText:         r.copyStats,
		SetGain:          r.setGain,
		ToggleChat:       r.toggleChat,
		SetLayout:        c.setLayout,
		Share:            r.shareScreen,
		StopSharing:      r.stopSharing,
		Leave:            func() { c.leaveRoom(func() {}) },
		Invite:           r.copyInvite,
		Sound:            c.soundActions(),
		Host:             r.hostActions(),
		Settings:         func() { c.openSettings(settings.General) },
		Keys:             c.named,
		Copy:             c.copyText,
	})
	c.stage.Objects = []fyne.CanvasObject{r.view.CanvasObject()}
	c.stage.Refresh()
	c.showTitle()
	r.start()
}

func (c *controller) setMicrophone(on bool) {
	c.microphoneOn, c.heldFrom = on, on
	c.engine.MuteMicrophone(!on)
	c.updateTray()
	if c.room != nil {
		c.room.show()
	}
}

func (c *controller) setCamera(on bool) {
	c.cameraOn = on
	c.do(func() { c.engine.EnableCamera(on) })
	if c.room != nil {
		c.room.show()
	}
}
