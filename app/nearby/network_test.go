package nearby

import (
	"net"
	"slices"
	"testing"
)

func TestLost(t *testing.T) {
	for _, test := range []struct {
		before, now []string
		moved       bool
	}{
		{nil, nil, false},
		{[]string{"eth0 10.0.0.1/24"}, []string{"eth0 10.0.0.1/24"}, false},
		{[]string{"eth0 10.0.0.1/24"}, []string{"eth0 10.0.0.1/24", "wlan0 10.0.1.1/24"}, false}, // the old one still works
		{[]string{"eth0 10.0.0.1/24"}, nil, false},                                               // nowhere to go to
		{[]string{"eth0 10.0.0.1/24"}, []string{"eth0 10.0.0.2/24"}, true},
		{[]string{"eth0 10.0.0.1/24", "eth0 fe80::1/64"}, []string{"eth0 10.0.0.1/24", "eth0 fe80::2/64"}, false},
		{[]string{"eth0 fd00::1/64"}, []string{"eth0 fd00::2/64"}, false},
	} {
		before, now := lasting(slices.Clone(test.before)), lasting(slices.Clone(test.now))
		if got := lost(before, now) && lost(now, before); got != test.moved {
			t.Errorf("%q to %q: %v", test.before, test.now, got)
		}
	}
}

func TestAttached(t *testing.T) {
	for address, want := range map[string]bool{"127.0.0.1": true, "169.254.1.1": true, "fe80::1": true, "203.0.113.77": false, "2001:db8::1": false} {
		if got := attached(net.ParseIP(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
