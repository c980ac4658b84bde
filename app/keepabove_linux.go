package app

import (
	"context"
	"io"
	"time"

	"fyne.io/fyne/v2/driver"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

const (
	// abovePatience is for how long a window manager is asked, which may not have
	// taken the window in yet.
	abovePatience, aboveEvery = time.Second, 50 * time.Millisecond
	stateAdd                  = 1 // of EWMH
)

// keepAbove puts a window of X11 that is shown above all others. The toolkit wishes for
// it when it makes the window; window managers forget it when the window is hidden.
func keepAbove(ctx context.Context, native any) {
	w, ok := native.(driver.X11WindowContext)
	if !ok {
		return
	}
	xgb.Logger.SetOutput(io.Discard) // it comes back as errors as well
	conn, err := xgb.NewConn()
	if err != nil {
		return
	}
	defer conn.Close()
	x := &x11State{conn: conn, window: xproto.Window(w.WindowHandle)}
	x.state = x.atom("_NET_WM_STATE")
	above := x.atom("_NET_WM_STATE_ABOVE")
	event := xproto.ClientMessageEvent{
		Format: 32, Window: x.window, Type: x.state,
		Data: xproto.ClientMessageDataUnionData32New([]uint32{stateAdd, uint32(above), 0, sourcePager, 0}),
	}
	const mask = xproto.EventMaskSubstructureRedirect | xproto.EventMaskSubstructureNotify
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	tick := time.NewTicker(aboveEvery)
	defer tick.Stop()
	for end := time.Now().Add(abovePatience); time.Now().Before(end); {
		if is, err := x.has(above); err != nil || is {
			return
		}
		if xproto.SendEventChecked(conn, false, root, mask, string(event.Bytes())).Check() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
