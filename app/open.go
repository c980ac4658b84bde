package app

import (
	"net/url"
	"path/filepath"
	"strings"
)

// openLink opens an address in the program that the system has for it. Only
// such as lead to pages and letters are opened: a message may come from
// anybody.
func (r *room) openLink(address string) {
	u, err := url.Parse(address)
	if err != nil {
		r.notice(r.c.loc.T("notice.link.bad"))
		return
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https", "mailto":
		if err := r.c.app.OpenURL(u); err != nil {
			r.c.log.Warn("a link can't be opened", "error", err)
			r.failed("notice.link.failed", err)
		}
	case "parley":
		r.c.app.Clipboard().SetContent(address)
		r.notice(r.c.loc.T("notice.link.invite"))
	default:
		r.notice(r.c.loc.T("notice.link.bad"))
	}
}

// showInFolder opens the folder that a file is in.
func showInFolder(c *controller, path string) {
	if err := c.app.OpenURL(folderURL(filepath.Dir(path))); err != nil {
		c.log.Warn("a folder can't be opened", "error", err)
	}
}

// folderURL is the address of a folder on this computer.
func folderURL(path string) *url.URL {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive of Windows
	}
	return &url.URL{Scheme: "file", Path: path}
}

// pathIn is the path in a file's address.
func pathIn(u *url.URL) string {
	path := filepath.FromSlash(u.Path)
	if drive := strings.TrimPrefix(path, `\`); filepath.VolumeName(drive) != "" {
		return drive
	}
	return path
}
