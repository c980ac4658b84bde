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
		expect(2*time.Second, 1)
		expect(settled, 2)
		expect(time.Hour, 2)
		tidier.soon()
		tidier.soon()
		expect(settled+time.Second, 3)
		expect(time.Hour, 4)
		for range 100 { // people come and go
			tidier.soon()
			time.Sleep(time.Second)
		}
		expect(0, 14)
		cancel()
		synctest.Wait()
	})
}
