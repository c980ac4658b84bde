package call

import (
	"cmp"
	"slices"
	"strings"

	"parley/session/wire"
)

// entry is a line of the list of the people: a heading, somebody who waits in the
// lobby, or somebody in the room.
type entry struct {
	heading string
	waits   wire.User // where it is somebody who waits
	person  Person
}

// key is the same for the same person, wherever they are in the list.
func (e entry) key() string {
	switch {
	case e.heading != "":
		return "heading " + e.heading
	case e.waits.ID != "":
		return "waits " + e.waits.ID
	default:
		return "person " + e.person.UserID
	}
}

// listed sorts those in the room: who raised a hand first, in that order, then
// hosts, and then by name. With a query there are only those of that name.
func listed(people []Person, query string) []Person {
	query = strings.ToLower(strings.TrimSpace(query))
	var list []Person
	for _, p := range people {
		if strings.Contains(strings.ToLower(personName(p)), query) {
			list = append(list, p)
		}
	}
	last := len(people) + 1
	place := func(p Person) int {
		if p.Hand == 0 {
			return last
		}
		return p.Hand
	}
	host := func(p Person) int {
		if p.Role == RoleHost {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b Person) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(host(a), host(b)),
			cmp.Compare(strings.ToLower(personName(a)), strings.ToLower(personName(b))), cmp.Compare(a.UserID, b.UserID))
	})
	return list
}
