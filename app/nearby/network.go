package nearby

import (
	"net"
	"slices"
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
