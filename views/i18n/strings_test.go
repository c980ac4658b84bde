package i18n

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// TestNothingIsSaidInCode looks for words that a person would see and that are
// in one language only: sentences, Chinese, and any word that is given straight
// to what shows it.
func TestNothingIsSaidInCode(t *testing.T) {
	for _, root := range []string{"..", "../../app"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				switch filepath.ToSlash(path) {
				case "../i18n", // names days and months itself
					"../chat/emoji",      // has the words of its catalogue
					"../video",           // has a program for the graphics card
					"../../app/peer",     // has no window
					"../../app/hosting",  // likewise
					"../../app/nearby",   // likewise
					"../../app/crash",    // likewise
					"../../app/instance", // likewise
					"../../app/hardware": // likewise
					return fs.SkipDir
				}
				return nil
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "demo.go" { // what its guests write
				return nil
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			for _, at := range saidIn(file) {
				t.Errorf("%s: say this by a key of the translations", set.Position(at))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// saidIn finds the literals of a file that a person would read.
func saidIn(file *ast.File) []token.Pos {
	var found []token.Pos
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				return false
			}
		case *ast.CallExpr:
			name := called(n)
			if private(name) {
				return false
			}
			for _, argument := range n.Args {
				if text, is := literal(argument); is && shows(name) && strings.ContainsFunc(text, unicode.IsLetter) {
					found = append(found, argument.Pos())
				}
			}
		case *ast.BasicLit:
			if text, is := literal(n); is && sentence(text) {
				found = append(found, n.Pos())
			}
		}
		return true
	})
	return found
}

func literal(e ast.Node) (string, bool) {
	lit, is := e.(*ast.BasicLit)
	if !is || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// called is the last name of what is called.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if of, is := f.X.(*ast.Ident); is && (of.Name == "errors" || of.Name == "fmt" || of.Name == "filepath") {
			return of.Name + "." + f.Sel.Name
		}
		return f.Sel.Name
	default:
		return ""
	}
}

// private reports whether a call is for logs and errors, which are in English
// in every language, or for paths.
func private(name string) bool {
	switch name {
	case "errors.New", "fmt.Errorf", "panic", "Warn", "Info", "Debug", "Error", "filepath.Join", "do", "notShared":
		return true
	default:
		return false
	}
}

// shows reports whether a call puts its words on the window.
func shows(name string) bool {
	switch name {
	case "NewLabel", "NewLabelWithStyle", "NewButton", "NewButtonWithIcon", "NewCheck", "NewText", "NewMenuItem", "NewConfirm", "NewInformation",
		"SetText", "SetPlaceHolder", "SetTitle", "SetHint", "Hint", "Notice", "SetError", "SetProgress", "Offer", "NewNotification",
		"newRow", "newNote", "newCard", "newText", "labelled", "newField":
		return true
	default:
		return false
	}
}

// sentence reports whether a text has words of Chinese, or two of any other
// script one behind the other.
func sentence(text string) bool {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return true
	}
	words := 0
	for _, word := range strings.Fields(text) {
		if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune("'’.,:;!?…", r) }) || !strings.ContainsFunc(word, unicode.IsLetter) {
			words = 0
			continue
		}
		if words++; words == 2 {
			return true
		}
	}
	return false
}

func TestSaidIn(t *testing.T) {
	for code, want := range map[string]int{
		`var s = "Join the room"`:                               1,
		`var s = "加入"`:                                          1,
		`var s = "join.button"`:                                 0,
		`var s = widget.NewLabel("Join")`:                       1,
		`var s = widget.NewLabel("")`:                           0,
		`var s = widget.NewLabel(loc.T("join.button"))`:         0,
		`var s = errors.New("the room is gone")`:                0,
		`func f() { log.Warn("the room is gone", "k", err) }`:   0,
		`type s struct { A string ` + "`json:\"a b c\"`" + ` }`: 0,
		`var s = fmt.Sprintf("%d × %d", 1, 2)`:                  0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+code, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(saidIn(file)); got != want {
			t.Errorf("%s: %d", code, got)
		}
	}
}
