package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// house says which of our packages each part of the house may import, by
// their first folders. The arrows run down only.
func house() map[string][]string {
	return map[string][]string{
		"":        {"app", "server"},
		"app":     {"app", "views", "session", "devices", "server", "assets"},
		"views":   {"views", "session", "assets"},
		"session": {"session", "devices"},
		"devices": {"devices"},
		"server":  {"server", "session/wire"},
		"assets":  {},
		// Programs that make the packages.
		"packaging": {},
	}
}

// foreign says which other modules a part must not know.
func foreign() map[string][]string {
	return map[string][]string{
		"session": {"fyne.io/"},
		"devices": {"fyne.io/", "github.com/livekit/", "github.com/nats-io/"},
		"server":  {"fyne.io/"},
		"views":   {"net", "net/http", "github.com/livekit/", "github.com/nats-io/", "github.com/pion/", "github.com/gen2brain/malgo"},
	}
}

func TestImportsRunDown(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "e2e") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		room := ""
		if first, _, found := strings.Cut(path, "/"); found {
			room = first
		}
		allowed, known := house()[room]
		if !known {
			t.Errorf("%s: no such room of the house", path)
		}
		for _, spec := range file.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			if ours, is := strings.CutPrefix(name, "parley/"); is && !below(ours, allowed) {
				t.Errorf("%s imports %s", path, name)
			}
			for _, other := range foreign()[room] {
				if name == other || strings.HasSuffix(other, "/") && strings.HasPrefix(name, other) || strings.HasPrefix(name, other+"/") && other != "net" {
					t.Errorf("%s imports %s", path, name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func below(name string, roots []string) bool {
	for _, root := range roots {
		if name == root || strings.HasPrefix(name, root+"/") {
			return true
		}
	}
	return false
}
