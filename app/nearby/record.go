package nearby

import (
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// record is what is told without having been asked: the mDNS library answers
// questions only, and a listener (avahi-browse, Bonjour) that was told once would
// believe in the room for over an hour.
type record struct {
	instance, host string
	port           uint16
	text           []string
	over           bool // it is no more
}

func (a *Announcer) record() record {
	r := record{
		instance: a.room.ServerID + "." + service + ".local.",
		host:     "parley-" + strings.ToLower(a.room.ServerID[:min(len(a.room.ServerID), 16)]) + ".local.",
		port:     a.port,
	}
	for _, e := range a.room.text() {
		r.text = append(r.text, e.Key+"="+string(e.Value))
	}
	return r
}

const (
	recordTTL = 120 // seconds
	// cacheFlush says that a record replaces what was known (RFC 6762, 10.2).
	cacheFlush = 1 << 15
)

// message renders an announcement for one interface, and tells which families
// that has.
func (r record) message(i net.Interface) (packed []byte, four, six bool) {
	var names [3]dnsmessage.Name
	for n, name := range []string{service + ".local.", r.instance, r.host} {
		var err error
		if names[n], err = dnsmessage.NewName(name); err != nil {
			return nil, false, false
		}
	}
	all, instance, host := names[0], names[1], names[2]
	ttl := uint32(recordTTL)
	if r.over {
		ttl = 0
	}
	header := func(name dnsmessage.Name, flush dnsmessage.Class) dnsmessage.ResourceHeader {
		return dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET | flush, TTL: ttl}
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}, Answers: []dnsmessage.Resource{
		{Header: header(all, 0), Body: &dnsmessage.PTRResource{PTR: instance}},
		{Header: header(instance, cacheFlush), Body: &dnsmessage.SRVResource{Port: r.port, Target: host}},
		{Header: header(instance, cacheFlush), Body: &dnsmessage.TXTResource{TXT: r.text}},
	}}
	of, err := i.Addrs()
	if err != nil {
		return nil, false, false
	}
	for _, a := range of {
		ip, is := a.(*net.IPNet)
		if !is {
			continue
		}
		if v4 := ip.IP.To4(); v4 != nil {
			four = true
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header(host, cacheFlush), Body: &dnsmessage.AResource{A: [4]byte(v4)}})
			continue
		}
		six = true
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: header(host, cacheFlush), Body: &dnsmessage.AAAAResource{AAAA: [16]byte(ip.IP)}})
	}
	packed, err = m.Pack()
	if err != nil {
		return nil, false, false
	}
	return packed, four, six
}
