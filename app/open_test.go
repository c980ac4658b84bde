package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFolderURL: the address of a folder leads back to it, on systems with drives too.
func TestFolderURL(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "Ada's #1 folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	u := folderURL(folder)
	if text := u.String(); !strings.HasPrefix(text, "file:///") || strings.ContainsAny(text, ` \#`) {
		t.Errorf("the address is %s", text)
	}
	if got := pathIn(u); got != folder {
		t.Errorf("%s leads to %s", u, got)
	}
}
