// Package assets holds what is drawn and said: icons and translations,
// embedded in the program.
package assets

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed icons/*.svg
var icons embed.FS

//go:embed translations/*.json
var translations embed.FS

//go:embed toolkit/*.json
var toolkit embed.FS

//go:embed icon.png
var appIcon []byte

// AppIcon is the program's icon, a PNG of 512x512.
func AppIcon() []byte { return appIcon }

// Icon gives the SVG of an icon, by its file name without the ending. A name
// that does not exist is a mistake in the program and panics.
func Icon(name string) []byte {
	data, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		panic(fmt.Sprintf("assets: no icon %q", name))
	}
	return data
}

// Languages lists the languages that there are translations for.
func Languages() []string { return []string{"en", "zh"} }

// Translation gives the JSON of a language: an object of keys and texts, or of
// keys and plural forms.
func Translation(language string) ([]byte, error) {
	return fs.ReadFile(translations, "translations/"+language+".json")
}

// Toolkit gives the JSON of what the toolkit itself says in a language: on the menu of
// a field, in the dialogs for files.
func Toolkit(language string) ([]byte, error) {
	return fs.ReadFile(toolkit, "toolkit/"+language+".json")
}
