// Package app puts Parley together: the engine, the views, what is kept, and
// the life of the window.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/desktop"

	"parley/app/crash"
	"parley/app/hardware"
	"parley/app/instance"
	"parley/app/nearby"
	"parley/assets"
	"parley/devices"
	"parley/devices/voice"
	"parley/session"
	"parley/views/i18n"
	"parley/views/theme"
	"parley/views/video"
)

// Options of the app, as flags give them.
type Options struct {
	Link, Server, Room, Name, TokenFile, Data string
	Camera, Microphone, Speaker               string
	Language, Theme                           string
	Version                                   string
	Host, Join                                bool
	Licences                                  string // of others, to be shown
	// hosted is told, on a goroutine of its own, of the room that this
	// computer began to host; its context ends with the hosting.
	hosted func(ctx context.Context, address, room string, token func(user string) (string, error))
}

// appID is what FyneApp.toml says.
const appID = "io.parley.Parley"

// collectAt is by how many percent the memory in use may grow before what is not in
// use is collected. Pictures and sound are pooled, so that there is little to
// collect: half of Go's usual growth costs no CPU that can be measured.
const collectAt = 50

// Run shows the window until it is closed or ctx is done.
func Run(ctx context.Context, o Options) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	logFile, err := openLog(o.Data)
	if err != nil {
		return err
	}
	defer logFile.Close()
	log := slog.New(slog.NewTextHandler(logFile, nil))
	preferences, err := LoadPreferences(o.Data)
	if err != nil {
		log.Warn("the preferences begin anew", "error", err)
	}
	form, err := initialForm(o, preferences)
	if err != nil {
		return err
	}
	request, err := o.request()
	if err != nil {
		return err
	}
	first, err := instance.Claim(ctx, o.Data, request, log)
	switch {
	case errors.Is(err, instance.ErrUnavailable):
		log.Warn("a second start will not find this one", "error", err)
	case first == nil:
		return err // nil where the first start does it
	default:
		defer first.Close()
	}
	keeper, err := crash.Watch(o.Data, logFile.Name(), o.Version)
	if err != nil {
		log.Warn("crashes are not reported", "error", err)
	}
	hosted, err := crash.OfServer(ServerData(o.Data), o.Version)
	if err != nil {
		log.Warn("crashes of the room server are not reported", "error", err)
	}
	store, elsewhere, err := openHistory(ctx, o.Data, preferences.HistoryFolder)
	if err != nil {
		return err
	}
	defer store.Close()
	opener := hardware.New(log)
	defer opener.Close()

	// Flags win over what was kept.
	if o.Language != "" {
		preferences.Language = o.Language
	}
	if o.Theme != "" {
		preferences.Theme = o.Theme
	}
	preferences.appearance = preferences.usual()
	loc := i18n.New(preferences.Language)
	fyneapp.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Parley", Version: o.Version, Migrations: map[string]bool{"fyneDo": true}})
	fyneApp := fyneapp.NewWithID(appID)
	if err := loc.TeachToolkit(); err != nil {
		log.Warn("the toolkit speaks the system's language", "error", err)
	}
	fyneApp.SetIcon(fyne.NewStaticResource("parley.png", assets.AppIcon()))
	fyneApp.Settings().SetTheme(theme.NewLook(preferences.look()))
	window := fyneApp.NewWindow(loc.T("app.name"))
	ui := &dispatcher{run: fyne.Do}
	presenter := video.NewPresenter(video.Params{Dispatch: ui.do, Canvas: window.Canvas()})
	defer presenter.Close()

	// Events wait until the controller is there to take them.
	var c *controller
	var ready sync.WaitGroup
	ready.Add(1)
	processor, err := voice.New(preferences.voice())
	var finder nearby.Finder
	profile := session.Profile{Devices: opener, Store: store, Logger: log, Locate: finder.Locate}
	var voices voiceProcessor // nil, and not a nil pointer in it
	if err != nil {
		log.Warn("voices are not processed", "error", err)
	} else {
		defer processor.Close()
		profile.Voice, voices = processor, processor
	}
	engine, err := session.NewEngine(profile, func(e session.Event) {
		ready.Wait()
		ui.do(func() { c.handle(e) })
	})
	if err != nil {
		return err
	}
	c = newController(params{
		app: fyneApp, window: window, loc: loc, presenter: presenter, engine: engine, store: store, opener: opener, processor: voices, images: &systemClipboard{},
		log: log, data: o.Data, licences: o.Licences, preferences: preferences, form: form, dispatch: ui.do, ending: ui.close, hosted: o.hosted, neighbours: finder,
	})
	ready.Done()
	if first != nil {
		context.AfterFunc(c.ctx, first.Stop)
	}
	if elsewhere != nil {
		log.Warn("the chosen folder of the history can't be used", "error", elsewhere)
		c.tellElsewhere(elsewhere)
	}
	if aside := store.SetAside(); aside != nil {
		log.Warn("the message store was set aside", "path", aside.Path, "error", aside.Err)
		c.tellSetAside(aside)
	}
	size := fyne.NewSize(max(preferences.Width, 640), max(preferences.Height, 480))
	window.Resize(size)
	putBack(window, preferences.Place, size)
	if preferences.Width == 0 {
		window.Resize(fyne.NewSize(1100, 720))
		window.CenterOnScreen()
	}
	stop := context.AfterFunc(ctx, func() { ui.do(c.quit) })
	defer stop()
	fyneApp.Lifecycle().SetOnStarted(func() {
		ui.do(func() {
			if computesPictures(window) {
				presenter.UseSoftware()
			}
		})
		var caret caretRest
		ui.letNap(newNapper(ui,
			func() bool { return c.joining != nil || caret.blinks(time.Now()) },
			func() time.Duration { return caret.look(window.Canvas().Focused(), time.Now()) }))
		c.work.Go(func() { c.tidier.run(c.ctx) })
		c.work.Go(func() { watchMinimised(c.ctx, window, ui.do, c.hidden, func(p windowPlace) { c.lastPlace.Store(&p) }) })
		ui.do(func() {
			c.offerReports(pendingReport{keeper, "crash.title"}, pendingReport{hosted, "crash.server_title"})
		})
		if first != nil {
			first.Serve(func(r instance.Request) { ui.do(func() { c.arrived(r) }) })
		}
		takeLinks(func(link string) { ui.do(func() { c.arrived(instance.Request{Link: link}) }) })
		if o.Join {
			ui.do(func() { c.join(c.joinView.Form()) })
		}
	})
	endQuietly(fyneApp.Lifecycle())
	if place, ok := fyneApp.(desktop.App); ok && hasTray() {
		if err := c.showTray(place); err != nil {
			log.Warn("there is no tray icon", "error", err)
		}
	}
	window.ShowAndRun()
	c.wait()
	return nil
}

// endQuietly takes back the toolkit's own hook for the end of the program,
// which saves preferences that Parley does not keep there. With it, the GLFW
// driver sends a call to its queue while it closes it, and panics when the two
// meet (fyne-io/fyne pull request 6442).
func endQuietly(l fyne.Lifecycle) {
	if hooks, ok := l.(interface{ SetOnStoppedHookExecuted(f func()) }); ok {
		hooks.SetOnStoppedHookExecuted(nil)
	}
}

// initialForm is what the join view begins with: flags win over an invite
// link, that over what was kept.
func initialForm(o Options, p Preferences) (joinForm, error) {
	f := joinForm{
		Name: p.Name, Room: p.Room, Server: p.Server, Host: p.Host, Camera: p.Camera, Microphone: p.Microphone, Speaker: p.Speaker,
		CameraOn: p.CameraOn, MicrophoneOn: !p.MicrophoneOff,
	}
	request, err := o.request()
	if err != nil {
		return f, err
	}
	if f, err = fill(f, request); err != nil {
		return f, err
	}
	for _, flag := range []struct {
		value  string
		target *string
	}{{o.Camera, &f.Camera}, {o.Microphone, &f.Microphone}, {o.Speaker, &f.Speaker}} {
		if flag.value != "" {
			*flag.target = flag.value
		}
	}
	if o.Camera != "" {
		f.CameraOn = o.Camera != devices.None
	}
	return f, nil
}
