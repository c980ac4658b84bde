package sound

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

const (
	// urgentNice is how nice the thread of a device is to others, the value that
	// sound servers take for themselves.
	urgentNice = -11
	// urgentWithin is how long the system's service has to answer.
	urgentWithin = 5 * time.Second
)

// urgent asks the system to run the calling thread before others: it has to be
// there every 10 ms, whatever else is going on. Whoever may not do so himself
// asks RealtimeKit, which desktops have for that; the result comes to done, on
// any goroutine.
func urgent(done func(error)) {
	thread := unix.Gettid()
	err := unix.Setpriority(unix.PRIO_PROCESS, thread, urgentNice)
	if err == nil {
		done(nil)
		return
	}
	go func() { done(askRealtimeKit(thread)) }()
}

func askRealtimeKit(thread int) error {
	ctx, cancel := context.WithTimeout(context.Background(), urgentWithin)
	defer cancel()
	bus, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("ask for a higher priority: %w", err)
	}
	defer bus.Close()
	call := bus.Object("org.freedesktop.RealtimeKit1", "/org/freedesktop/RealtimeKit1").
		CallWithContext(ctx, "org.freedesktop.RealtimeKit1.MakeThreadHighPriority", 0, uint64(thread), int32(urgentNice))
	if call.Err != nil {
		return fmt.Errorf("ask for a higher priority: %w", call.Err)
	}
	return nil
}
