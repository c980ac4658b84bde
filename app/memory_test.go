package app

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsGivenBackWhenThingsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tidier := newTidier(slog.New(slog.DiscardHandler))
		times := 0
		tidier.tidy = func() { times++ }
		go tidier.run(ctx)
		expect := func(after time.Duration, want int) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if times != want {
				t.Errorf("%d times, not %d", times, want)
			}
		}
		expect(settled-time.Second, 0)
		tidier.soon() // a call begins
		expect(settled-time.Second, 0)
		expect(2*time.Second, 1)
		expect(time.Hour, 1)
		tidier.soon()
		tidier.soon()
		expect(settled+time.Second, 2)
		cancel()
		synctest.Wait()
	})
}
