package tune

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// guard refuses to connect anywhere but to the public internet. It looks at the address that is dialled, after the name was resolved, so a
// name that resolves to the inside, now or later, gains nothing.
func guard(allowLoopback bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("refuse to connect: %q is no address", address)
		}
		ip := target.Addr().WithZone("").Unmap()
		if allowLoopback && ip.IsLoopback() || isPublic(ip) {
			return nil
		}
		return fmt.Errorf("refuse to connect: %s is not a public address", ip)
	}
}

func isPublic(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, network := range notPublic() {
		if network.Contains(ip) {
			return false
		}
	}
	if inner, ok := embedded(ip); ok {
		return isPublic(inner)
	}
	return true
}

// notPublic are the networks that IANA's special-purpose registries keep from the internet, beyond what netip itself knows.
func notPublic() []netip.Prefix {
	var networks []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"240.0.0.0/4",
		"100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "64:ff9b:1::/48", "fec0::/10",
	} {
		networks = append(networks, netip.MustParsePrefix(text))
	}
	return networks
}

// embedded finds the IPv4 address that a translated form leads to: NAT64, 6to4, and the old IPv4-compatible form.
func embedded(ip netip.Addr) (netip.Addr, bool) {
	if !ip.Is6() {
		return netip.Addr{}, false
	}
	bytes := ip.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(ip), netip.MustParsePrefix("::/96").Contains(ip):
		return netip.AddrFrom4([4]byte(bytes[12:16])), true
	case netip.MustParsePrefix("2002::/16").Contains(ip):
		return netip.AddrFrom4([4]byte(bytes[2:6])), true
	}
	return netip.Addr{}, false
}

func dialer(allowLoopback bool) *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, Control: guard(allowLoopback)}
}
