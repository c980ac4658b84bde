package app

import (
	"context"
	"encoding/binary"
	"time"

	"fyne.io/fyne/v2/driver"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

const (
	// focusPatience is for how long it is looked whether a window manager gives the
	// keyboard to a window that was shown without wanting it.
	focusPatience, focusEvery = time.Second, 15 * time.Millisecond
	sourcePager               = 2 // of EWMH: the wish of a person, not of the program in front
)

// keepFocus remembers which window of X11 is used, and returns what gives the keyboard
// back to it after another was shown: most window managers give it to each new window.
func keepFocus(native any) (shown func(ctx context.Context, window any)) {
	none := func(context.Context, any) {}
	if _, ok := native.(driver.X11WindowContext); !ok {
		return none
	}
	conn, err := xgb.NewConn()
	if err != nil {
		return none
	}
	x := &x11State{conn: conn}
	property := x.atom("_NET_ACTIVE_WINDOW")
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	active := func() xproto.Window {
		reply, err := xproto.GetProperty(conn, false, root, property, xproto.AtomWindow, 0, 1).Reply()
		if err != nil || len(reply.Value) < 4 {
			return xproto.WindowNone
		}
		return xproto.Window(binary.NativeEndian.Uint32(reply.Value))
	}
	before := active()
	return func(ctx context.Context, window any) {
		defer conn.Close()
		w, ok := window.(driver.X11WindowContext)
		if !ok || before == xproto.WindowNone {
			return
		}
		tick := time.NewTicker(focusEvery)
		defer tick.Stop()
		for end := time.Now().Add(focusPatience); time.Now().Before(end); {
			if active() == xproto.Window(w.WindowHandle) {
				event := xproto.ClientMessageEvent{
					Format: 32, Window: before, Type: property,
					Data: xproto.ClientMessageDataUnionData32New([]uint32{sourcePager, 0, uint32(w.WindowHandle), 0, 0}),
				}
				const mask = xproto.EventMaskSubstructureRedirect | xproto.EventMaskSubstructureNotify
				_ = xproto.SendEventChecked(conn, false, root, mask, string(event.Bytes())).Check() // then it keeps it
				return
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}
}
