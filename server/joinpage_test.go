package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestThePageOfInvites(t *testing.T) {
	for _, test := range []struct{ accept, language, says string }{
		{"", "en", "Open in Parley"},
		{"fr-FR,fr;q=0.9", "en", "Open in Parley"},
		{"zh-CN,zh;q=0.9,en;q=0.8", "zh", "用 Parley 打开"},
		{"zh-TW", "zh", "用 Parley 打开"},
		{"en-GB,zh;q=0.5", "en", "Open in Parley"},
		{"\x00;;q=,,", "en", "Open in Parley"},
	} {
		r, err := http.NewRequest(http.MethodGet, "http://"+shared.Address()+"/join", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header["Accept-Language"] = []string{strings.ReplaceAll(test.accept, "\x00", "")}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Language") != test.language || !strings.Contains(string(body), test.says) {
			t.Errorf("%q: status %d, %s", test.accept, answer.StatusCode, answer.Header.Get("Content-Language"))
		}
	}
}

func TestThePageOfInvitesNeedsNobody(t *testing.T) {
	page, err := newJoinPage("https://parley.example.org/get?a=1&b=\"x\"")
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	page.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/join", http.NoBody))
	text, header := recorder.Body.String(), recorder.Header()
	for _, outside := range []string{"src=", "<link", "@import", "url(", "fetch(", "<img", "onclick", "http://"} {
		if strings.Contains(text, outside) {
			t.Errorf("the page has %s", outside)
		}
	}
	if links := regexp.MustCompile(`https://[^"]*`).FindAllString(text, -1); !slices.Equal(links, []string{"https://parley.example.org/get?a=1&amp;b=%22x%22"}) {
		t.Errorf("the page leads to %q", links)
	}
	// What the policy allows is what is there.
	policy := header.Get("Content-Security-Policy")
	for _, part := range []string{"style", "script"} {
		inside := regexp.MustCompile(`(?s)<` + part + `>(.*?)</` + part + `>`).FindStringSubmatch(text)
		if inside == nil || !strings.Contains(policy, part+"-src '"+sourceHash(inside[1])+"'") {
			t.Errorf("the %s is not allowed by %s", part, policy)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none';") || header.Get("Referrer-Policy") != "no-referrer" || header.Get("Vary") != "Accept-Language" {
		t.Errorf("%v", header)
	}
}

func TestThePageOfInvitesHasAllWords(t *testing.T) {
	words, err := joinWords()
	if err != nil {
		t.Fatal(err)
	}
	keys := func(language string) []string {
		var list []string
		for key, text := range words[language] {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s.%s is empty", language, key)
			}
			list = append(list, key)
		}
		slices.Sort(list)
		return list
	}
	if en, zh := keys("en"), keys("zh"); !reflect.DeepEqual(en, zh) || len(en) == 0 {
		t.Errorf("%q, %q", en, zh)
	}
	source, err := joinPageFiles.ReadFile("joinpage/page.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys("en") {
		if !strings.Contains(string(source), ".Words."+key+"}") {
			t.Errorf("nothing says %s", key)
		}
	}
}
