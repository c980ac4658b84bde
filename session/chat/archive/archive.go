// Package archive carries the history to another store, and to people who do
// not have Parley: a folder with pages that open in a browser, the media, and
// the same as JSON. The JSON and the media can be imported again, from the
// folder or from a ZIP of it.
package archive

import (
	"errors"
	"mime"
	"strings"
)

// The format of what is written.
const (
	formatName    = "parley-export"
	formatVersion = 1
	manifestFile  = "parley-export.json"
	messagesFile  = "messages.json"
	mediaFolder   = "media"
	indexFile     = "index.html"
)

// Errors of an import.
var (
	ErrFormat = errors.New("this is not an export of Parley")
	ErrNewer  = errors.New("the export was written by a newer Parley")
	// ErrTooLarge means that the export holds more than its own size allows for:
	// it was made to fill the disk.
	ErrTooLarge = errors.New("the export is too large to be one")
)

// manifest is what parley-export.json says.
type manifest struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Rooms   []room `json:"rooms"`
}

// mediaName is the name of a file in the media folder. It is made of the hash
// and the type alone, not of what a sender called it.
func mediaName(sha, kind string) string {
	base, _, err := mime.ParseMediaType(kind)
	if err != nil {
		return sha + ".bin"
	}
	// Only what a browser shows without running it.
	switch base {
	case "image/jpeg":
		return sha + ".jpg"
	case "image/png", "image/gif", "image/webp":
		return sha + "." + strings.TrimPrefix(base, "image/")
	case "audio/ogg":
		return sha + ".ogg"
	case "application/pdf":
		return sha + ".pdf"
	default:
		return sha + ".bin"
	}
}
