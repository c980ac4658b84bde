package pages_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"parley/app/pages"
)

// mapped is how many KiB of the test's own file, as code and constants, are in memory.
func mapped(t *testing.T) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	sum, mine := 0, false
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) > 4 && strings.Contains(fields[0], "-"):
			mine = strings.HasSuffix(strings.TrimSpace(line), self) && !strings.Contains(fields[1], "w")
		case mine && fields[0] == "Rss:":
			kib, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			sum += kib
		}
	}
	return sum
}

func TestReturn(t *testing.T) {
	before := mapped(t)
	given := pages.Return()
	after := mapped(t)
	if given < 1<<20 {
		t.Errorf("it went over %d bytes", given)
	}
	if after >= before {
		t.Errorf("%d KiB are mapped, %d were", after, before)
	}
	t.Logf("%d KiB were mapped, %d are", before, after)
}

// TestReturnWhileRunning has code and constants go while other threads use them.
func TestReturnWhileRunning(t *testing.T) {
	done := make(chan string)
	for range 4 {
		go func() {
			var text strings.Builder
			for i := range 200_000 {
				text.Reset()
				text.WriteString(strconv.Itoa(i))
			}
			done <- text.String()
		}()
	}
	for left := 4; left > 0; {
		select {
		case text := <-done:
			if text != "199999" {
				t.Errorf("%q", text)
			}
			left--
		default:
			pages.Return()
		}
	}
}
