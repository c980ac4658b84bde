package server

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"golang.org/x/text/language"
)

//go:embed joinpage
var joinPageFiles embed.FS

// pathInvite is where invite links of a server with TLS lead; see wire.Invite.
const pathInvite = "/join"

// joinPage is what a browser shows of an invite link: what it is, and a link that
// opens the app. What the invite holds is behind the # of the address, which a
// browser does not send; the page makes the app's link of it.
type joinPage struct {
	matcher language.Matcher
	tags    []language.Tag
	pages   [][]byte // as tags
	policy  string
}

// newJoinPage makes the pages once; get is where people get Parley, or empty.
func newJoinPage(get string) (*joinPage, error) {
	read := func(name string) (string, error) {
		data, err := joinPageFiles.ReadFile("joinpage/" + name)
		return string(data), err
	}
	style, err := read("style.css")
	if err != nil {
		return nil, err
	}
	script, err := read("script.js")
	if err != nil {
		return nil, err
	}
	text, err := read("page.html")
	if err != nil {
		return nil, err
	}
	words, err := joinWords()
	if err != nil {
		return nil, err
	}
	page, err := template.New("join").Parse(text)
	if err != nil {
		return nil, err
	}
	p := &joinPage{
		tags: []language.Tag{language.English, language.Chinese},
		policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			sourceHash(style), sourceHash(script)),
	}
	p.matcher = language.NewMatcher(p.tags)
	for _, tag := range p.tags {
		var out bytes.Buffer
		err := page.Execute(&out, map[string]any{
			"Language": tag.String(), "Words": words[tag.String()], "Get": get,
			"Style": template.CSS(style), "Script": template.JS(script), //nolint:gosec // they are files of ours
		})
		if err != nil {
			return nil, err
		}
		p.pages = append(p.pages, out.Bytes())
	}
	return p, nil
}

func joinWords() (words map[string]map[string]string, err error) {
	data, err := joinPageFiles.ReadFile("joinpage/words.json")
	if err == nil {
		err = json.Unmarshal(data, &words)
	}
	return words, err
}

// sourceHash lets the policy allow one text of the page.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func (p *joinPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, i := language.MatchStrings(p.matcher, r.Header.Get("Accept-Language"))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.tags[i].String())
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Vary", "Accept-Language")
	_, _ = w.Write(p.pages[i])
}
