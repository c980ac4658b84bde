package call

import (
	"testing"
	"time"
)

// TestSpeakerFollowsSlowly plays scripts of who talks, a letter each 100 ms:
// a, b and c, ab for both at once, a dash for nobody.
func TestSpeakerFollowsSlowly(t *testing.T) {
	repeat := func(what string, tenths int) (all []string) {
		for range tenths {
			all = append(all, what)
		}
		return all
	}
	join := func(parts ...[]string) (all []string) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for _, test := range []struct {
		name   string
		script []string
		want   string
	}{
		{"the first, while nobody talks", repeat("-", 30), "a"},
		{"who talks when it begins", repeat("b", 1), "b"},
		{"a cough", join(repeat("a", 5), repeat("b", 4), repeat("-", 30)), "a"},
		{"two coughs", join(repeat("a", 5), repeat("b", 4), repeat("-", 8), repeat("b", 5), repeat("-", 9)), "a"},
		{"not yet", join(repeat("a", 5), repeat("b", 14)), "a"},
		{"now", join(repeat("a", 5), repeat("b", 16)), "b"},
		{"with a breath", join(repeat("a", 5), repeat("b", 8), repeat("-", 3), repeat("b", 6)), "b"},
		{"both at once", join(repeat("a", 5), repeat("ab", 50)), "a"},
		{"only since the large one is silent", join(repeat("a", 5), repeat("ab", 20), repeat("b", 10)), "a"},
		{"the one who has talked longer", join(repeat("a", 5), repeat("c", 5), repeat("bc", 11)), "c"},
		{"stays after it is silent again", join(repeat("a", 5), repeat("b", 20), repeat("-", 50)), "b"},
		{"and back", join(repeat("a", 5), repeat("b", 20), repeat("a", 16)), "a"},
	} {
		var s speaker
		now, got := time.Unix(0, 0), ""
		for _, talking := range test.script {
			people := []Person{{UserID: "me", Self: true, Speaking: true}}
			for _, id := range []string{"a", "b", "c"} {
				p := Person{UserID: id}
				for _, r := range talking {
					p.Speaking = p.Speaking || string(r) == id
				}
				people = append(people, p)
			}
			got = s.follow(people, now)
			now = now.Add(100 * time.Millisecond)
		}
		if got != test.want {
			t.Errorf("%s: %s is large, not %s", test.name, got, test.want)
		}
	}
}

func TestSpeakerWhoLeaves(t *testing.T) {
	var s speaker
	now := time.Unix(0, 0)
	all := []Person{{UserID: "a"}, {UserID: "b", Speaking: true}, {UserID: "c", Speaking: true, Muted: true}}
	if got := s.follow(all, now); got != "b" {
		t.Errorf("%s is large", got)
	}
	all[1].Speaking = false
	if got := s.follow(append(all[:1:1], all[2]), now); got != "a" {
		t.Errorf("%s is large after b left", got)
	}
	if got := s.follow(nil, now); got != "" {
		t.Errorf("%s is large where nobody is", got)
	}
}
