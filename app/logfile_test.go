package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLogDoesNotGrowWithoutEnd(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, logName)
	add := func(text string) {
		t.Helper()
		f, err := openLog(folder)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(path, want string) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %d bytes, want %d: %v", filepath.Base(path), len(got), len(want), err)
		}
	}
	add("a")
	add("b")
	holds(path, "ab")
	long := string(make([]byte, logMost))
	if err := os.WriteFile(path, []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	add("c")
	holds(path, "c")
	holds(path+".1", long)
}
