package tune

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// entry is one line of an offer's whitelist: the first and last address that it lets in.
type entry struct {
	First netip.Addr `json:"first"`
	Last  netip.Addr `json:"last"`
}

// parseEntry reads TUNE's three forms: 192.0.2.7, 192.0.2.0-255 and 192.0.2.0/24.
func parseEntry(text string) (entry, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return entry{First: prefix.Masked().Addr(), Last: lastOf(prefix)}, nil
	}
	first, upTo, isRange := strings.Cut(text, "-")
	addr, err := netip.ParseAddr(first)
	if err != nil {
		return entry{}, fmt.Errorf("whitelist entry %q is no address, range or subnet", text)
	}
	if !isRange {
		return entry{First: addr, Last: addr}, nil
	}
	last, err := strconv.ParseUint(upTo, 10, 8)
	if err != nil || !addr.Is4() {
		return entry{}, fmt.Errorf("whitelist range %q must end in a number up to 255", text)
	}
	octets := addr.As4()
	octets[3] = byte(last)
	return entry{First: addr, Last: netip.AddrFrom4(octets)}, nil
}

func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

func (e entry) contains(ip string) bool {
	addr, err := netip.ParseAddr(ip)
	return err == nil && e.First.Compare(addr) <= 0 && addr.Compare(e.Last) <= 0
}
