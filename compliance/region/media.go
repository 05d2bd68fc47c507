package region

import (
	"context"
	"net/netip"
	"strings"
)

// Media checks what media's UDP is configured to use: the servers, as LiveKit
// and TURN write them (wss://host, turn:host:port?transport=udp).
//
// Media is stated and not enforced: its packets are sent by a library with
// sockets of its own, which no dialer of ours sees. What is proven is that the
// configuration names nothing outside; a network policy has to keep it so.
func (g *Guard) Media(ctx context.Context, servers ...string) []Finding {
	endpoints := make([]Endpoint, len(servers))
	for i, server := range servers {
		endpoints[i] = Endpoint{Name: "media", Role: Media, Address: withoutTURN(server), Required: true}
	}
	return g.Check(ctx, endpoints...)
}

// MediaCandidate tells whether media may go to an address that the other side
// offers: one in a range that a declaration pins, or, in development, this
// machine.
func (g *Guard) MediaCandidate(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if ownAddress(a) {
		return !g.production
	}
	return !nowhere(a) && within(g.declared.pinned(), a)
}

// withoutTURN is host:port of a URI of RFC 7065, which is no URL.
func withoutTURN(server string) string {
	for _, scheme := range []string{"turn:", "turns:", "stun:", "stuns:"} {
		if rest, ok := strings.CutPrefix(strings.ToLower(server), scheme); ok {
			host, _, _ := strings.Cut(rest, "?")
			return host
		}
	}
	return server
}
