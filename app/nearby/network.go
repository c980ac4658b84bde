package nearby

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"
)

// interfaces are those of the networks that this computer shares with others in
// the same house: not a tunnel, whose other end may be anywhere.
func interfaces(loopback bool) ([]net.Interface, error) {
	list, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(i net.Interface) bool {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagPointToPoint != 0 {
			return true
		}
		if i.Flags&net.FlagLoopback != 0 {
			return !loopback
		}
		return i.Flags&net.FlagMulticast == 0
	}), nil
}

// addresses are those of the interfaces, in an order that stays.
func addresses(loopback bool) []string {
	list, err := interfaces(loopback)
	if err != nil {
		return nil
	}
	var all []string
	for _, i := range list {
		of, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range of {
			all = append(all, i.Name+" "+a.String())
		}
	}
	slices.Sort(all)
	return all
}

// attached reports whether an address is on a network that this computer is on
// itself.
func attached(ip net.IP) bool {
	if ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return true
	}
	list, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(list, func(a net.Addr) bool {
		of, is := a.(*net.IPNet)
		return is && of.Contains(ip)
	})
}

// Moves calls moved, until ctx is done, whenever this computer left a network that
// it was on and came to another: an address is gone and a new one is there. Those of
// IPv6 come and go on the same network, and do not count.
func Moves(ctx context.Context, moved func()) {
	before := lasting(addresses(false))
	tick := time.NewTicker(networkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := lasting(addresses(false))
		if lost(before, now) && lost(now, before) {
			moved()
			before = now
		} else if !lost(before, now) {
			// Only more: what there was still works. Without any there is nothing to
			// move to yet, and what is missed stays missed.
			before = now
		}
	}
}

func lasting(list []string) []string {
	return slices.DeleteFunc(list, func(a string) bool {
		_, ip, _ := strings.Cut(a, " ")
		return strings.Contains(ip, ":")
	})
}

// lost reports whether something of before is not there now.
func lost(before, now []string) bool {
	return slices.ContainsFunc(before, func(a string) bool { return !slices.Contains(now, a) })
}
