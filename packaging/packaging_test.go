// Package packaging_test holds the files of the packages to what the program says.
package packaging_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/session/wire"
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestLinksAreRegistered: each system's package opens the links that the program
// makes with the program, and hands them on.
func TestLinksAreRegistered(t *testing.T) {
	for path, lines := range map[string][]string{
		"linux/io.parley.Parley.desktop":      {"\nMimeType=x-scheme-handler/" + wire.Scheme + ";\n", "\nExec=parley %u\n"},
		"linux/io.parley.Parley.metainfo.xml": {"<mediatype>x-scheme-handler/" + wire.Scheme + "</mediatype>"},
		"macos/info.part":                     {"<key>CFBundleURLSchemes</key>", "<string>" + wire.Scheme + "</string>"},
		"windows/parley.nsi":                  {`"Software\Classes\` + wire.Scheme + `"`, `"URL Protocol" ""`, `'"$INSTDIR\Parley.exe" "%1"'`},
	} {
		text := read(t, path)
		for _, line := range lines {
			if !strings.Contains(text, line) {
				t.Errorf("%s has no %q", path, line)
			}
		}
	}
}

func TestXMLIsWellFormed(t *testing.T) {
	for _, path := range []string{"linux/io.parley.Parley.metainfo.xml", "windows/parley.exe.manifest", "macos/entitlements.plist"} {
		wellFormed(t, path, read(t, path))
	}
}

func wellFormed(t *testing.T, name, text string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// TestInfoIsCompleted adds to an Info.plist like fyne's.
func TestInfoIsCompleted(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	plist := filepath.Join(t.TempDir(), "Info.plist")
	text := "<plist version=\"1.0\">\n<dict>\n\t<key>LSApplicationCategoryType</key>\n\t<string>public.app-category.</string>\n" +
		"\t<key>LSMinimumSystemVersion</key>\n\t<string>10.11</string>\n</dict>\n</plist>\n"
	if err := os.WriteFile(plist, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(bash, "macos/info.sh", plist).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := read(t, plist)
	wellFormed(t, plist, got)
	for _, want := range []string{"NSCameraUsageDescription", "CFBundleURLTypes", "app-category.social-networking<", ">12.0<"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("not once %q in\n%s", want, got)
		}
	}
	if !bytes.HasSuffix([]byte(got), []byte("</dict>\n</plist>\n")) {
		t.Errorf("the end is broken:\n%s", got)
	}
}
