package nearby

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/nats-io/nkeys"
	"github.com/pion/mdns/v2"

	"parley/session/wire"
)

func newServer(t testing.TB) (nkeys.KeyPair, string) {
	t.Helper()
	key, err := nkeys.CreateOperator()
	if err != nil {
		t.Fatal(err)
	}
	id, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key, id
}

func TestRecordsComeBack(t *testing.T) {
	_, id := newServer(t)
	addr := netip.MustParseAddr("192.168.1.20")
	for _, r := range []Room{
		{ServerID: id, RoomID: "tea", Host: "Ann", Version: "0.1.0", Entry: EntryAsk, Door: 4711},
		{ServerID: id, RoomID: strings.Repeat("r", 127), Host: "小林 👩‍💻", Version: "1", Entry: EntryOpen, Door: 1},
		{ServerID: id, RoomID: "tea", Entry: EntryInvite},
		{ServerID: id, RoomID: "tea", Entry: EntryPasscode},
	} {
		r.Address = "192.168.1.20:7880"
		if got, err := parse(r.text(), addr, 7880); err != nil || got != r {
			t.Errorf("%+v came back as %+v, %v", r, got, err)
		}
	}
}

func TestOddRecords(t *testing.T) {
	_, id := newServer(t)
	base := map[string]string{keyFormat: "1", keyServer: id, keyRoom: "tea", keyHost: "Ann", keyVersion: "0.1", keyEntry: "ask", keyDoor: "9"}
	for name, test := range map[string]struct {
		change map[string]string
		want   func(Room) bool // nil: there is no room
	}{
		"as it is":                     {nil, func(r Room) bool { return r.Entry == EntryAsk && r.Door == 9 }},
		"another format":               {map[string]string{keyFormat: "2"}, nil},
		"no server":                    {map[string]string{keyServer: ""}, nil},
		"a server that is no key":      {map[string]string{keyServer: strings.Repeat("O", 56)}, nil},
		"no room":                      {map[string]string{keyRoom: ""}, nil},
		"a room that can't be one":     {map[string]string{keyRoom: "a b"}, nil},
		"a long room":                  {map[string]string{keyRoom: strings.Repeat("r", 128)}, nil},
		"a way in that is not known":   {map[string]string{keyEntry: "magic"}, func(r Room) bool { return r.Entry == EntryInvite }},
		"a door that is no port":       {map[string]string{keyDoor: "70000"}, func(r Room) bool { return r.Entry == EntryInvite && r.Door == 0 }},
		"a name of control characters": {map[string]string{keyHost: "\x1b[2J\x00"}, func(r Room) bool { return r.Host == "[2J" }},
		"a name over two lines":        {map[string]string{keyHost: " Ann\r\n\t Lee "}, func(r Room) bool { return r.Host == "Ann Lee" }},
		"a name that turns the text":   {map[string]string{keyHost: "A\u202enn\u2066"}, func(r Room) bool { return r.Host == "Ann" }},
		"a long name":                  {map[string]string{keyHost: strings.Repeat("林", 80)}, func(r Room) bool { return r.Host == strings.Repeat("林", 64) }},
		"a name that is no text":       {map[string]string{keyHost: "\xff\xfeAnn"}, func(r Room) bool { return r.Host == "Ann" }},
		"a version with an escape":     {map[string]string{keyVersion: "1\x1b"}, func(r Room) bool { return r.Version == "" }},
		"a key that is newer":          {map[string]string{"colour": "blue"}, func(r Room) bool { return r.RoomID == "tea" }},
		"a token is not looked for":    {map[string]string{"token": "x"}, func(r Room) bool { return r.RoomID == "tea" }},
	} {
		values := make(map[string]string)
		for _, from := range []map[string]string{base, test.change} {
			for k, v := range from {
				values[k] = v
			}
		}
		var entries []mdns.TXTEntry
		for k, v := range values {
			entries = append(entries, mdns.NewTXTString(k, v))
		}
		got, err := parse(entries, netip.MustParseAddr("10.0.0.1"), 1)
		if (err == nil) != (test.want != nil) || test.want != nil && !test.want(got) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	room := Room{ServerID: id, RoomID: "tea"}
	for _, addr := range []netip.Addr{{}, netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("224.0.0.251"), netip.MustParseAddr("255.255.255.255"), netip.MustParseAddr("fe80::1%eth0")} {
		if got, err := parse(room.text(), addr, 7880); err == nil {
			t.Errorf("a room at %v: %+v", addr, got)
		}
	}
	if _, err := parse(room.text(), netip.MustParseAddr("10.0.0.1"), 0); err == nil {
		t.Error("a room at port 0")
	}
	if _, err := parse(append(room.text(), make([]mdns.TXTEntry, entriesMax)...), netip.MustParseAddr("10.0.0.1"), 1); err == nil {
		t.Error("any number of entries")
	}
}

// FuzzRecord reads whatever strangers say.
func FuzzRecord(f *testing.F) {
	_, id := newServer(f)
	f.Add(id, "tea", "Ann", "0.1.0", "ask", "4711", []byte{10, 0, 0, 1}, uint16(7880))
	f.Add(id, "tea", "\u202e\x00\xff", "", "?", "-1", []byte{}, uint16(0))
	f.Fuzz(func(t *testing.T, server, room, host, version, entry, door string, ip []byte, port uint16) {
		addr, _ := netip.AddrFromSlice(ip)
		r, err := parse([]mdns.TXTEntry{
			{Key: "TXTVERS", Value: []byte("1")}, {Key: keyServer, Value: []byte(server)}, {Key: keyRoom, Value: []byte(room)}, {Key: keyHost, Value: []byte(host)},
			{Key: keyVersion, Value: []byte(version)}, {Key: keyEntry, Value: []byte(entry)}, {Key: keyDoor, Value: []byte(door)}, {Key: keyHost, Value: []byte("again")},
		}, addr, port)
		if err != nil {
			return
		}
		if wire.CheckRoomID(r.RoomID) != nil || !wire.IsServerID(r.ServerID) || wire.CheckUserName(r.Host) != nil || len(r.Host) > hostMax || len(r.Version) > versionMax {
			t.Errorf("%+v", r)
		}
		if !utf8.ValidString(r.Host) || strings.ContainsFunc(r.Host, func(c rune) bool { return unicode.In(c, unicode.Bidi_Control) || unicode.IsControl(c) }) {
			t.Errorf("%q", r.Host)
		}
		if _, err := wire.ServerURL(r.Address); err != nil {
			t.Errorf("%q: %v", r.Address, err)
		}
		for _, e := range r.text() {
			if len(e.Key)+1+len(e.Value) > 255 {
				t.Errorf("%q is too long", e.Value)
			}
		}
		if again, err := parse(r.text(), addr, port); err != nil || again != r {
			t.Errorf("%+v came back as %+v, %v", r, again, err)
		}
	})
}

func TestFollow(t *testing.T) {
	_, a := newServer(t)
	_, b := newServer(t)
	ann := Room{ServerID: a, RoomID: "tea", Host: "Ann", Address: "10.0.0.1:1"}
	annToo := Room{ServerID: a, RoomID: "tea", Host: "Ann", Address: "10.0.1.1:1"}
	bob := Room{ServerID: b, RoomID: "tea", Host: "Bob", Address: "10.0.0.2:1"}
	asked := ann
	asked.Entry = EntryAsk
	misses := make(map[Room]int)
	var told []Room
	changes := 0
	for i, step := range []struct{ found, want []Room }{
		{nil, nil},
		{[]Room{bob, ann}, []Room{ann, bob}},
		{[]Room{ann, bob, annToo}, []Room{ann, bob}}, // once a server
		{[]Room{bob}, []Room{ann, bob}},              // missed once
		{[]Room{asked, bob}, []Room{asked, bob}},
		{[]Room{asked}, []Room{asked, bob}},
		{[]Room{asked}, []Room{asked}}, // bob is gone
		{nil, []Room{asked}},
		{nil, nil},
	} {
		told = follow(misses, told, step.found, func(now []Room) {
			changes++
			if !slices.Equal(now, step.want) {
				t.Errorf("step %d: told of %v", i, now)
			}
		})
		if !slices.Equal(told, step.want) {
			t.Errorf("step %d: %v, want %v", i, told, step.want)
		}
	}
	if changes != 4 {
		t.Errorf("told %d times", changes)
	}
	if len(misses) > 0 {
		t.Errorf("kept: %v", misses)
	}
}
