// Package nearby announces rooms that this computer hosts on the local network
// (mDNS and DNS-SD), and finds those of others there.
package nearby

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nats-io/nkeys"
	"github.com/pion/mdns/v2"

	"parley/session/wire"
)

// service is what rooms are announced as.
const service = "_parley._tcp"

// Entry says how one gets into a room that was found.
type Entry string

// The ways into a room.
const (
	EntryAsk      Entry = "ask"      // its host is asked, and lets one in or not
	EntryOpen     Entry = "open"     // its host lets everybody on the network in
	EntryInvite   Entry = "invite"   // by a link from its host
	EntryPasscode Entry = "passcode" // by a passcode that its host tells
)

// Room is one on the local network. Where it was found, strangers say all this:
// it is text of a bounded length to show, and nothing to trust before Prove.
type Room struct {
	ServerID string // the public key of its server, the same at every address
	RoomID   string
	Host     string // the name of who hosts it
	Version  string // of the host's Parley
	Entry    Entry
	Address  string // HOST:PORT of its server
	Door     int    // the port of the host's door; 0 for none
}

// Keys of the TXT record. No token and no passcode is ever in it: everybody on
// the network reads it.
const (
	keyFormat  = "txtvers"
	keyServer  = "id"
	keyRoom    = "room"
	keyHost    = "host"
	keyVersion = "ver"
	keyEntry   = "entry"
	keyDoor    = "door"
)

// Limits of what is announced and believed. A string of a TXT record has 255
// bytes at most, its key among them.
const (
	format     = "1"
	entriesMax = 32
	hostMax    = 200 // bytes
	hostShown  = 64  // characters
	versionMax = 32
)

// errRecord means that a record is not of a room that can be shown.
var errRecord = errors.New("not the record of a room")

// text renders the TXT record.
func (r Room) text() []mdns.TXTEntry {
	entries := []mdns.TXTEntry{
		mdns.NewTXTString(keyFormat, format), mdns.NewTXTString(keyServer, r.ServerID), mdns.NewTXTString(keyRoom, r.RoomID),
		mdns.NewTXTString(keyHost, printable(r.Host)), mdns.NewTXTString(keyVersion, r.Version), mdns.NewTXTString(keyEntry, string(r.Entry)),
	}
	if r.Door > 0 {
		entries = append(entries, mdns.NewTXTString(keyDoor, strconv.Itoa(r.Door)))
	}
	return entries
}

// parse reads what was found at an address. Unknown keys are left alone, and an
// unknown way in is one by invite: a newer Parley may have more of both.
func parse(entries []mdns.TXTEntry, addr netip.Addr, port uint16) (Room, error) {
	if len(entries) > entriesMax || port == 0 || !usable(addr) {
		return Room{}, errRecord
	}
	values := make(map[string]string, len(entries))
	for _, e := range entries {
		key := strings.ToLower(e.Key)
		if _, known := values[key]; !known {
			values[key] = string(e.Value)
		}
	}
	r := Room{
		ServerID: values[keyServer], RoomID: values[keyRoom], Host: printable(values[keyHost]), Version: values[keyVersion],
		Entry: Entry(values[keyEntry]), Address: net.JoinHostPort(addr.String(), strconv.Itoa(int(port))),
	}
	if values[keyFormat] != format || !nkeys.IsValidPublicOperatorKey(r.ServerID) || wire.CheckRoomID(r.RoomID) != nil {
		return Room{}, errRecord
	}
	if !plain(r.Version) {
		r.Version = ""
	}
	if door, err := strconv.ParseUint(values[keyDoor], 10, 16); err == nil {
		r.Door = int(door)
	}
	switch {
	case r.Entry == EntryPasscode:
	case r.Entry != EntryAsk && r.Entry != EntryOpen, r.Door == 0:
		r.Entry = EntryInvite
	}
	return r, nil
}

// usable reports whether a server can be at an address. Link-local ones of IPv6
// need a zone, which an address that is kept or passed on can't have.
func usable(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsValid() && !addr.IsUnspecified() && !addr.IsMulticast() && (addr.Is4() || !addr.IsLinkLocalUnicast()) && addr != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// plain reports whether a version is short and has nothing odd in it.
func plain(version string) bool {
	for i := range len(version) {
		if c := version[i]; c <= ' ' || c > '~' {
			return false
		}
	}
	return len(version) <= versionMax
}

// printable makes a name one short line of text: no control characters, and none
// that turn the direction of what stands beside it.
func printable(name string) string {
	var b strings.Builder
	count, space := 0, false
	for _, c := range strings.ToValidUTF8(name[:min(len(name), 4*hostMax)], "") {
		joiner := c == '\u200c' || c == '\u200d'
		switch {
		case unicode.IsSpace(c), unicode.IsControl(c):
			space = b.Len() > 0
			continue
		case !joiner && !unicode.IsGraphic(c):
			continue
		}
		size := utf8.RuneLen(c)
		if space {
			size++
		}
		if count >= hostShown || b.Len()+size > hostMax {
			break
		}
		if space {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
		space = false
		count++
	}
	return b.String()
}
