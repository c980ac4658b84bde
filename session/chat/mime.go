package chat

import (
	"mime"
	"net/http"
)

// detectType tells what a file is by its first 512 bytes.
func detectType(head []byte) string {
	kind, _, err := mime.ParseMediaType(http.DetectContentType(head))
	if err != nil {
		return "application/octet-stream"
	}
	return kind
}
