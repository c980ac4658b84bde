package app

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"parley/app/crash"
	crashview "parley/views/crash"
)

// reportFile is what the report is called where it is saved.
const reportFile = "parley-crash.txt"

// offerReport shows what is known of a crash of the start before. It goes nowhere
// but where the person puts it.
func (c *controller) offerReport(k *crash.Keeper) {
	report := k.Pending()
	if report == "" {
		return
	}
	var d *dialog.CustomDialog
	done := func(act func() error) func() {
		return func() {
			d.Hide()
			if err := act(); err != nil {
				c.log.Warn("a crash report stays", "error", err)
			}
		}
	}
	offer := crashview.New(c.loc, report, crashview.Actions{
		Copy: c.copyText,
		Save: func() { c.saveReport(report) },
		// A report that can't be put away is offered again.
		Delete: done(k.Delete),
		Close:  done(func() error { return k.Keep(time.Now()) }),
	})
	d = dialog.NewCustomWithoutButtons(c.loc.T("crash.title"), offer.CanvasObject(), c.window)
	d.Show()
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
