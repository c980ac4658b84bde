package app

import (
	"errors"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"parley/app/crash"
	crashview "parley/views/crash"
)

// reportFile is what the report is called where it is saved.
const reportFile = "parley-crash.txt"

// pendingReport is what is known of a crash of the start before, of the window or of
// the room server that it hosted.
type pendingReport struct {
	keeper *crash.Keeper
	title  string // its key
}

// WatchHosted keeps what is known of a crash of the room server that the app hosts,
// for the window's next start. data is the server's. The log is to be written through
// what it gives; ended is for an end in order.
func WatchHosted(data, version string, log slog.Handler) (handler slog.Handler, ended func() error, err error) {
	k, err := crash.WatchServer(data, version)
	if err != nil {
		return nil, nil, err
	}
	return k.Noting(log), k.Ended, nil
}

// offerReports shows reports one after another.
func (c *controller) offerReports(reports ...pendingReport) {
	for i, r := range reports {
		if r.keeper != nil && r.keeper.Pending() != "" {
			c.offerReport(r, func() { c.offerReports(reports[i+1:]...) })
			return
		}
	}
}

// offerReport shows one. It goes nowhere but where the person puts it.
func (c *controller) offerReport(r pendingReport, next func()) {
	report := r.keeper.Pending()
	var offer *crashview.Offer
	done := func(act func() error) func() {
		return func() {
			offer.Hide()
			if err := act(); err != nil {
				c.log.Warn("a crash report stays", "error", err)
			}
			next()
		}
	}
	offer = crashview.Show(c.window.Canvas(), c.loc, c.loc.T(r.title), report, crashview.Actions{
		Copy: c.copyText,
		Save: func() { c.saveReport(report) },
		// A report that can't be put away is offered again.
		Delete: done(r.keeper.Delete),
		Close:  done(func() error { return r.keeper.Keep(time.Now()) }),
	})
}

func (c *controller) saveReport(report string) {
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		if err != nil || file == nil {
			return
		}
		_, err = file.Write([]byte(report))
		if err = errors.Join(err, file.Close()); err != nil {
			c.log.Warn("a crash report was not saved", "error", err)
			c.joinView.SetError(c.words("error.report", err))
		}
	}, c.window)
	d.SetFileName(reportFile)
	d.Show()
	d.Resize(dialogSize())
}
