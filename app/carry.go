package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"parley/session/chat"
	"parley/session/chat/archive"
	"parley/views/settings"
)

// carrying is the history on its way to and from elsewhere. It belongs to the UI
// thread.
type carrying struct {
	shown settings.Stored // but for the folders
	stop  context.CancelFunc
}

// openHistory opens the messages in the chosen folder, or where that can't be used
// in the data folder's own: elsewhere says why.
func openHistory(ctx context.Context, data, chosen string) (store *chat.Store, elsewhere, err error) {
	if chosen != "" {
		// A disk that is not there is not made up for by an empty folder.
		if _, elsewhere = os.Stat(chosen); elsewhere == nil {
			if store, elsewhere = chat.Open(ctx, chosen); elsewhere == nil {
				return store, nil, nil
			}
		}
	}
	store, err = chat.Open(ctx, filepath.Join(data, historyFolder))
	return store, elsewhere, err
}

func (c *controller) tellElsewhere(err error) {
	p := c.words("error.history_folder", err)
	p.Why = c.loc.Tf("error.history_folder.why", map[string]any{"Path": c.preferences.HistoryFolder})
	c.joinView.SetError(p)
}

// stored is what the settings show of the history.
func (c *controller) stored() settings.Stored {
	s := c.carrying.shown
	s.Folder = c.store.Folder()
	next := c.preferences.HistoryFolder
	if next == "" {
		next = filepath.Join(c.data, historyFolder)
	}
	if next != s.Folder {
		s.Next = next
	}
	return s
}

// dialogSize is that of the toolkit's dialogs for files.
func dialogSize() fyne.Size { return fyne.NewSize(720, 520) }

// chooseHistory asks for the folder that holds the messages from the next start on.
func (c *controller) chooseHistory() {
	d := dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
		if err == nil && folder != nil {
			c.useHistory(folder.Path())
		}
	}, c.window)
	d.Show()
	d.Resize(dialogSize())
}

func (c *controller) useHistory(folder string) {
	if folder == filepath.Join(c.data, historyFolder) {
		folder = ""
	}
	c.preferences.HistoryFolder = folder
	c.save()
	c.updateSettings()
}

// exportHistory asks for a folder and writes everything into a new one there.
func (c *controller) exportHistory() {
	d := dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
		if err == nil && folder != nil {
			c.exportTo(folder.Path(), time.Now())
		}
	}, c.window)
	d.Show()
	d.Resize(dialogSize())
}

func (c *controller) exportTo(folder string, now time.Time) {
	labels := archive.Labels{
		Language: c.loc.Language(), Title: c.loc.T("export.title"), Edited: c.loc.T("export.edited"), Deleted: c.loc.T("export.deleted"),
		Unsupported: c.loc.T("export.unsupported"), Missing: c.loc.T("export.missing"), Next: c.loc.T("export.next"),
		Previous: c.loc.T("export.previous"), Rooms: c.loc.T("export.rooms"), Sent: c.loc.T("export.sent"),
	}
	c.carry(c.loc.T("settings.exporting"), "error.export", func(ctx context.Context, progress archive.Progress) (string, error) {
		to, err := freshFolder(folder, "parley-"+now.Format("2006-01-02-150405"))
		if err != nil {
			return "", err
		}
		missing, err := archive.Export(ctx, c.store, to, labels, progress)
		if err != nil {
			return "", errors.Join(err, os.RemoveAll(to)) // it was made here
		}
		if missing > 0 {
			return c.loc.Tf("settings.exported.missing", map[string]any{"Path": to, "Count": missing}), nil
		}
		return c.loc.Tf("settings.exported", map[string]any{"Path": to}), nil
	})
}

// freshFolder makes a folder that was not there.
func freshFolder(in, name string) (string, error) {
	const tries = 100
	for n := range tries {
		path := filepath.Join(in, name)
		if n > 0 {
			path += "-" + strconv.Itoa(n+1)
		}
		err := os.Mkdir(path, 0o700)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, os.ErrExist) {
			return "", fmt.Errorf("make a folder for the export: %w", err)
		}
	}
	return "", fmt.Errorf("make a folder for the export: %w", os.ErrExist)
}

// importHistory asks for an export and adds it.
func (c *controller) importHistory() {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil || file == nil {
			return
		}
		path := file.URI().Path()
		file.Close()
		c.importFrom(path)
	}, c.window)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".json", ".zip"}))
	d.Show()
	d.Resize(dialogSize())
}

// importFrom adds an export: a ZIP, or the file in its folder that says what it is.
func (c *controller) importFrom(path string) {
	if filepath.Ext(path) == ".json" {
		path = filepath.Dir(path)
	}
	c.carry(c.loc.T("settings.importing"), "error.import", func(ctx context.Context, progress archive.Progress) (string, error) {
		result, err := archive.Import(ctx, c.store, path, progress)
		c.dispatch(func() {
			c.showRecents()
			if r := c.current(); r != nil {
				r.reload()
			}
		})
		counts := map[string]any{"Messages": result.Messages, "Files": result.Files, "Skipped": result.Skipped, "Missing": result.Missing}
		if result.Skipped > 0 || result.Missing > 0 {
			return c.loc.Tf("settings.imported.part", counts), err
		}
		return c.loc.Tf("settings.imported", counts), err
	})
}

// progressEvery is how often progress is shown.
const progressEvery = 100 * time.Millisecond

// carry does one thing with the history off the UI thread, and shows how far it is.
func (c *controller) carry(doing, failed string, act func(context.Context, archive.Progress) (said string, err error)) {
	if c.carrying.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(c.ctx)
	c.carrying = carrying{shown: settings.Stored{Doing: doing}, stop: stop}
	c.updateSettings()
	c.work.Go(func() {
		var shown time.Time
		said, err := act(ctx, func(done float64) {
			if time.Since(shown) < progressEvery {
				return
			}
			shown = time.Now()
			c.dispatch(func() {
				if c.carrying.stop != nil {
					c.carrying.shown.Done = done
					c.updateSettings()
				}
			})
		})
		cancelled := ctx.Err() != nil
		stop()
		c.dispatch(func() {
			c.carrying = carrying{}
			switch {
			case err == nil:
				c.carrying.shown.Said = said
			case !cancelled:
				c.log.Warn("the history was not carried", "error", err)
				c.carrying.shown.Problem = c.words(failed, err)
			}
			c.updateSettings()
		})
	})
}

// stopCarrying ends what is under way.
func (c *controller) stopCarrying() {
	if c.carrying.stop != nil {
		c.carrying.stop()
	}
}
