package i18n

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/lang"

	"parley/assets"
)

func keys(t *testing.T, language string) map[string]any {
	t.Helper()
	data, err := assets.Translation(language)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]any)
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLanguagesAreComplete(t *testing.T) {
	en, zh := keys(t, "en"), keys(t, "zh")
	for key := range en {
		if zh[key] == nil {
			t.Errorf("zh lacks %s", key)
		}
	}
	for key := range zh {
		if en[key] == nil {
			t.Errorf("en lacks %s", key)
		}
	}
}

// used collects every string literal of views and app, and what follows the
// prefixes that keys are built from.
func TestKeysAreUsedAndExist(t *testing.T) {
	literals := make(map[string]bool)
	for _, root := range []string{"..", "../../app"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					literals[strings.Trim(lit.Value, "`\"")] = true
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	en, areas := keys(t, "en"), make(map[string]bool)
	for key := range en {
		areas[strings.SplitN(key, ".", 2)[0]] = true
		if !said(literals, key) {
			t.Errorf("nobody says %s", key)
		}
	}
	for text := range literals {
		area, _, found := strings.Cut(text, ".")
		if !found || !areas[area] || strings.ContainsAny(text, " /%:()") || strings.HasSuffix(text, ".") {
			continue
		}
		if en[text] == nil && en[text+".title"] == nil {
			t.Errorf("%s has no translation", text)
		}
	}
}

// said reports whether a key stands in the code, whole, without an ending that
// is put on there, or in two halves.
func said(literals map[string]bool, key string) bool {
	if literals[key] {
		return true
	}
	for _, ending := range []string{".title", ".why", ".advice", ".words"} {
		if base, ends := strings.CutSuffix(key, ending); ends && literals[base] {
			return true
		}
	}
	first, rest, _ := strings.Cut(key, ".")
	return literals[first+"."] && literals[rest]
}

func TestTranslations(t *testing.T) {
	en, zh := New("en"), New("zh")
	for _, test := range []struct{ got, want string }{
		{en.N("call.people", 1), "1 person"},
		{en.N("call.people", 3), "3 people"},
		{zh.N("call.people", 1), "1 人"},
		{zh.T("join.button"), "加入"},
		{en.Tf("notice.joined", map[string]any{"Name": "Ann"}), "Ann joined"},
		{Elapsed(7 * time.Second), "0:07"},
		{Elapsed(3723 * time.Second), "1:02:03"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestDays(t *testing.T) {
	now := time.Date(2026, 3, 10, 0, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		at     time.Time
		en, zh string
	}{
		{now, "Today", "今天"},
		{now.Add(-time.Hour), "Yesterday", "昨天"},
		{now.AddDate(0, 0, -2), "8 March", "3月8日"},
		{now.AddDate(-1, 0, 0), "10 March 2025", "2025年3月10日"},
	} {
		if got := New("en").Day(test.at, now); got != test.en {
			t.Errorf("%v: %q", test.at, got)
		}
		if got := New("zh").Day(test.at, now); got != test.zh {
			t.Errorf("%v: %q", test.at, got)
		}
	}
}

// TestToolkitSpeaksTheLanguage has what the toolkit says by itself follow the person's
// choice, and not the system.
func TestToolkitSpeaksTheLanguage(t *testing.T) {
	l := New("zh")
	for _, test := range []struct{ language, cut, parent string }{{"zh", "剪切", "上级文件夹"}, {"en", "Cut", "Parent"}, {"zh", "剪切", "上级文件夹"}} {
		l.Use(test.language)
		if err := l.TeachToolkit(); err != nil {
			t.Fatal(err)
		}
		if cut, parent := lang.L("Cut"), lang.X("file.parent", "Parent"); cut != test.cut || parent != test.parent {
			t.Errorf("%s: %q, %q", test.language, cut, parent)
		}
	}
}
