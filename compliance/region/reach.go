package region

import (
	"net/netip"
	"slices"
)

// Which addresses a name may lead to:
//
//   - those where no server of anybody's can stand, a cloud's metadata service
//     above all, never;
//   - this machine in development only;
//   - a private network for a host that the settings name. Hosts of open roles
//     come from entries and documents: in production theirs need a declaration
//     whose addresses hold it.

// metadata are addresses at which clouds hand credentials to whoever asks from
// inside, besides the link-local ones.
var metadata = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd20:ce::254"),    // Google
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("192.0.0.192"),     // Oracle
}

// nobodys are ranges without servers: this network, reserved and broadcast.
var nobodys = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("240.0.0.0/4")}

// shared is carriers' own, RFC 6598: private, though netip does not say so.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// translated are the prefixes whose last or next four bytes are an IPv4 address
// that a gateway connects to.
var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4  = netip.MustParsePrefix("2002::/16")
	inside4 = netip.MustParsePrefix("::/96")
)

// inner is where a connection to an address ends: the IPv4 address within an
// IPv6 one that stands for it.
func inner(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	bytes := a.As16()
	switch {
	case a.Is4():
	case nat64.Contains(a), inside4.Contains(a) && !a.IsLoopback() && !a.IsUnspecified():
		return netip.AddrFrom4([4]byte(bytes[12:16]))
	case sixTo4.Contains(a):
		return netip.AddrFrom4([4]byte(bytes[2:6]))
	}
	return a
}

// ownAddress tells whether an address is this machine's own: the unspecified
// one leads there too.
func ownAddress(a netip.Addr) bool {
	a = inner(a)
	return a.IsLoopback() || a.IsUnspecified()
}

// nowhere tells whether no server of anybody can stand at an address.
func nowhere(a netip.Addr) bool {
	a = inner(a)
	return a.IsMulticast() || a.IsLinkLocalUnicast() || slices.Contains(metadata, a) || !a.IsUnspecified() && within(nobodys, a)
}

// private tells whether an address belongs to a network of somebody's own.
func private(a netip.Addr) bool {
	a = inner(a)
	return a.IsPrivate() || shared.Contains(a)
}

// checkAddresses refuses all when one does not fit: an answer that mixes is
// nobody's honest one.
func (g *Guard) checkAddresses(role Role, h Host, addresses []netip.Addr) error {
	for _, a := range addresses {
		if why := g.misled(role, h, a); why != "" {
			return &refusal{"address", why}
		}
	}
	if len(addresses) == 0 {
		return &refusal{"address", "it resolves to no address"}
	}
	return nil
}

// misled is why a name may not lead to an address, or "".
func (g *Guard) misled(role Role, h Host, a netip.Addr) string {
	declared := g.classify(h).declared
	pinned := declared != nil && len(declared.Addresses) > 0
	switch {
	case nowhere(a):
		return "it resolves to a link-local, multicast or metadata address"
	case h.local() && !ownAddress(a):
		return "a name of this machine resolves to another"
	case !h.local() && ownAddress(a) && g.production:
		return "it resolves to this machine"
	case pinned && !within(declared.Addresses, a):
		return "it resolves to an address outside the declared ranges"
	case private(a) && !pinned && role.open() && !g.configured[role][h.String()] && g.production:
		return "it resolves into a private network; declare the host in VOICEHIVE_REGION_FILE with its addresses, if it stands there"
	}
	return ""
}

func within(ranges []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(a) })
}
