package call

import "time"

const (
	// takeOver is how long somebody must speak to become large: longer than a
	// cough, a laugh or a "yes".
	takeOver = 1500 * time.Millisecond
	// breath is the longest pause that does not end what somebody says.
	breath = 500 * time.Millisecond
)

// speaker finds who is large in the layout of that name. It follows what is
// said slowly: a large picture that changes at every word can't be watched.
type speaker struct {
	large  string // a UserID
	voices map[string]voice
}

// voice is what somebody says while the large one is silent.
type voice struct{ since, last time.Time }

// follow takes who is here and who speaks now, oneself left out, and returns
// who is large: empty where nobody is.
func (s *speaker) follow(people []Person, now time.Time) string {
	var large *Person
	first := ""
	for i, p := range people {
		if p.Self {
			continue
		}
		if first == "" {
			first = p.UserID
		}
		if p.UserID == s.large {
			large = &people[i]
		}
	}
	if large == nil {
		s.large = first
		for _, p := range people {
			if talks(p) {
				s.large = p.UserID
				break
			}
		}
		s.voices = nil
		return s.large
	}
	if talks(*large) {
		s.voices = nil
		return s.large
	}
	if next := s.longest(people, now); next != "" {
		s.large, s.voices = next, nil
	}
	return s.large
}

// longest is who has spoken longest of those who have spoken long enough.
func (s *speaker) longest(people []Person, now time.Time) string {
	next, since := "", now.Add(-takeOver)
	for _, p := range people {
		if !talks(p) {
			continue
		}
		v, known := s.voices[p.UserID]
		if !known || now.Sub(v.last) > breath {
			v.since = now
		}
		v.last = now
		if s.voices == nil {
			s.voices = make(map[string]voice)
		}
		s.voices[p.UserID] = v
		if v.since.Before(since) || next == "" && v.since.Equal(since) {
			next, since = p.UserID, v.since
		}
	}
	return next
}

func talks(p Person) bool { return p.Speaking && !p.Muted && !p.Self }
