package app

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsGivenBackWhenThingsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tidier := newTidier(slog.New(slog.DiscardHandler))
		var times atomic.Int32
		tidier.tidy = func() { times.Add(1) }
		go tidier.run(ctx)
		expect := func(after time.Duration, want int32) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := times.Load(); got != want {
				t.Errorf("%d times, not %d", got, want)
			}
		}
		expect(settled-time.Second, 0)
		tidier.soon() // a call begins
		expect(2*time.Second, 1)
		expect(settled, 2)
		expect(tidyEvery-time.Minute, 2)
		tidier.soon()
		tidier.soon()
		expect(settled+time.Second, 3)
		expect(settled, 4)
		expect(tidyEvery, 5)
		for range 99 { // people come and go
			tidier.soon()
			time.Sleep(900 * time.Millisecond)
		}
		expect(0, 13)
		cancel()
		synctest.Wait()
	})
}
