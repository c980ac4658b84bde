package wire

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestIDs(t *testing.T) {
	for _, test := range []struct {
		id   string
		want error
	}{
		{"standup", nil},
		{"A-z_0.9~!@#$%^&*()+=`;',<>\\", nil},
		{strings.Repeat("r", 127), nil},
		{"", ErrEmpty},
		{strings.Repeat("r", 128), ErrTooLong},
		{"a b", ErrCharacters},
		{"räum", ErrCharacters},
		{"a/b", ErrCharacters},
		{"a\x00b", ErrCharacters},
	} {
		err := CheckRoomID(test.id)
		if !errors.Is(err, test.want) {
			t.Errorf("%q: %v", test.id, err)
		}
		if errors.Is(err, ErrTooLong) && !strings.Contains(err.Error(), "127") {
			t.Errorf("the limit is not named: %v", err)
		}
	}
	if CheckUserID(strings.Repeat("u", 63)) != nil || CheckUserID(strings.Repeat("u", 64)) == nil {
		t.Error("the limit of user IDs")
	}
	if CheckStreamID(strings.Repeat("s", 255)) != nil || CheckStreamID(strings.Repeat("s", 256)) == nil {
		t.Error("the limit of stream IDs")
	}
}

func TestNamesAndTexts(t *testing.T) {
	for name, ok := range map[string]bool{
		"": true, "小林": true, "👨‍👩‍👧": true, strings.Repeat("n", 256): true, strings.Repeat("n", 257): false, "a\nb": false, "\xff": false,
	} {
		if err := CheckUserName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
	for text, ok := range map[string]bool{
		"hi": true, "a\nb": true, "": false, " \n": false, strings.Repeat("t", TextMax): true, strings.Repeat("t", TextMax+1): false, "\xff": false,
	} {
		if err := CheckText(text); (err == nil) != ok {
			t.Errorf("text of %d bytes: %v", len(text), err)
		}
	}
}

func TestSubjectsAreOneToOne(t *testing.T) {
	seen := make(map[string]string)
	for _, id := range []string{"a", "A", "a.b", "a*", ">", "ab", strings.Repeat("x", 127)} {
		subject := ChatSubject("room", id)
		if other, taken := seen[subject]; taken {
			t.Errorf("%q and %q share a subject", id, other)
		}
		seen[subject] = id
		if strings.Count(subject, ".") != 3 || strings.ContainsAny(subject, "*>") {
			t.Errorf("%q", subject)
		}
		if got, err := SubjectUser(subject); err != nil || got != id {
			t.Errorf("%q came back as %q, %v", id, got, err)
		}
	}
	if len(ChatStream(strings.Repeat("x", 127))) > 255 {
		t.Error("a stream's name is too long")
	}
	for _, bad := range []string{"", "room.a.chat", "other.a.chat.b", "room.a.chat.!"} {
		if _, err := SubjectUser(bad); err == nil {
			t.Errorf("%q has a user", bad)
		}
	}
}

func TestInvitesComeBack(t *testing.T) {
	for _, invite := range []Invite{
		{"host:7880", "local", "tea", "a.b-c_d", ""},
		{"192.168.1.2:7880", "local", "a&b=c#d%;+", "", ""},
		{"https://example.org", "acme", "stand up"[:5], "t", ""},
		{"[::1]:7880", "local", "tea", "", ""},
		{"192.168.1.2:7880", "local", "tea", "t", "O" + strings.Repeat("A2", 27) + "B"},
	} {
		got, err := ParseInvite("  " + invite.String() + "\n")
		if err != nil || got != invite {
			t.Errorf("%s: %+v, %v", invite, got, err)
		}
	}
	want := Invite{"https://example.org", "acme", "tea", "t", ""}
	for _, link := range []string{
		"https://example.org/join#app=acme&room=tea&token=t", "https://example.org/join?app=acme&room=tea&token=t", "parley://example.org/join?tls=1&app=acme&room=tea&token=t",
	} {
		if got, err := ParseInvite(link); err != nil || got != want {
			t.Errorf("%s: %+v, %v", link, got, err)
		}
	}
	if u, err := url.Parse(want.String()); err != nil || u.RequestURI() != "/join" {
		t.Errorf("a browser would send %v, %v", u, err)
	}
	for _, id := range []string{"", "O", "o" + strings.Repeat("A", 55), "O" + strings.Repeat("1", 55), "O" + strings.Repeat("A", 56)} {
		if got, err := ParseInvite("parley://host/join?room=tea&server=" + id); err != nil || got.ServerID != "" {
			t.Errorf("%q is a server: %+v, %v", id, got, err)
		}
	}
	for _, bad := range []string{
		"", "tea", "http://host/join?room=tea", "parley://host/join", "parley:///join?room=tea", "parley://host/other?room=tea",
		"parley://user@host/join?room=tea", "parley://host/join?room=a%20b", "parley://host/join?room=" + strings.Repeat("r", 9000),
	} {
		if _, err := ParseInvite(bad); err == nil {
			t.Errorf("%.60q is an invite", bad)
		}
	}
}

func TestServerAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"host":                 "http://host:7880",
		"host:80":              "http://host:80",
		" 10.0.0.1:7880 ":      "http://10.0.0.1:7880",
		"https://example.org":  "https://example.org:443",
		"http://example.org/":  "http://example.org:7880",
		"[::1]:7880":           "http://[::1]:7880",
		"::1":                  "http://[::1]:7880",
		"":                     "",
		"ftp://host":           "",
		"host:port":            "",
		"host:99999":           "",
		"no such/address":      "",
		"user@host":            "",
		"https://host/path?q=": "",
	} {
		got, err := ServerURL(address)
		if want == "" {
			var field *FieldError
			if !errors.As(err, &field) || field.Field != "server" {
				t.Errorf("%q: %v, %v", address, got, err)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v", address, got, err)
		}
	}
}

func FuzzParseInvite(f *testing.F) {
	f.Add("parley://host:7880/join?app=local&room=tea&token=x")
	f.Add("parley://host/join?room=tea&server=OAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("https://host/join?room=%zz")
	f.Add("https://host/join#app=a&room=%26b&token=c+d")
	f.Add("parley://host/join?tls=1&room=tea")
	f.Fuzz(func(t *testing.T, link string) {
		invite, err := ParseInvite(link)
		if err != nil {
			return
		}
		if again, err := ParseInvite(invite.String()); err != nil || again != invite {
			t.Errorf("%q: %+v became %+v, %v", link, invite, again, err)
		}
	})
}

func FuzzServerURL(f *testing.F) {
	f.Add("[::1]:7880")
	f.Fuzz(func(t *testing.T, address string) {
		if u, err := ServerURL(address); err == nil && (u.Host == "" || u.Path != "" || u.User != nil) {
			t.Errorf("%q: %v", address, u)
		}
	})
}

func TestServerAddressIsReadAsTheSameServer(t *testing.T) {
	for _, typed := range []string{"host", "host:9000", "[::1]:7880", "https://host", "https://host:8443"} {
		server, err := ServerURL(typed)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ServerURL(ServerAddress(server))
		if err != nil || *again != *server {
			t.Errorf("%s became %s, read again as %v: %v", typed, ServerAddress(server), again, err)
		}
	}
}
