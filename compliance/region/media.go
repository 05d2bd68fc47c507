package region

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Media is stated and not enforced: its packets are sent by a library with
// sockets of its own, which no dialer of ours sees. What is proven is that the
// settings name nothing outside; a network policy has to keep it so. Whoever
// joins a room asks Media before, and MediaCandidate about each address that
// the other side offers.

// Media checks now where media goes: the servers and ranges of the settings,
// and what a room names besides, as LiveKit and TURN write it (wss://host,
// turn:host:port?transport=udp). ErrRefused, with a line for each, when one must
// not be used, or when the settings name none.
func (g *Guard) Media(ctx context.Context, named ...string) ([]Finding, error) {
	endpoints := slices.DeleteFunc(g.Endpoints(), func(e Endpoint) bool { return e.Role != Media || strings.TrimSpace(e.Address) == "" && !e.Required })
	if len(endpoints) == 0 {
		return nil, fmt.Errorf("%w: the settings name no media server; set LIVEKIT_URL", ErrRefused)
	}
	for i, server := range named {
		endpoints = append(endpoints, Endpoint{Name: fmt.Sprintf("media[%d]", i), Role: Media, Address: server, Required: true})
	}
	findings := g.Check(ctx, endpoints...)
	return findings, g.refused(findings)
}

// MediaCandidate tells whether media may go to an address that the other side
// offers: one in a range that the settings name and that may be used now, or,
// in development, this machine.
func (g *Guard) MediaCandidate(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if ownAddress(a) {
		return !g.production
	}
	return !nowhere(a) && slices.ContainsFunc(g.endpoints, func(e Endpoint) bool {
		if e.Role != Media {
			return false
		}
		hosts, err := Hosts(e.Role, e.Address)
		return err == nil && hosts[0].covers(a) && !g.judge(e, hosts[0]).Refuses(g.production)
	})
}

// mostAddresses bounds a range of media: a /16, or a /32 of IPv6, is more than
// anybody's media servers have, and what is wider states nothing.
const mostAddresses4, mostAddresses6 = 16, 32

// mediaHost reads a server or a range of media's.
func mediaHost(address string) (Host, error) {
	for _, scheme := range []string{"turn:", "turns:", "stun:", "stuns:"} {
		if rest, ok := strings.CutPrefix(strings.ToLower(address), scheme); ok {
			address, _, _ = strings.Cut(rest, "?") // host:port of a URI of RFC 7065, which is no URL
			return hostOf(address, false)
		}
	}
	if a, err := netip.ParseAddr(address); err == nil {
		address = fmt.Sprintf("%s/%d", a, a.BitLen())
	}
	if strings.Contains(address, "://") || !strings.Contains(address, "/") {
		return hostOf(address, false)
	}
	return parseRange(address)
}

func parseRange(text string) (Host, error) {
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil || p != p.Masked() || p.Addr().Is4In6():
		return Host{}, addressError("a range looks like 198.51.100.0/24")
	case p.Bits() < mostAddresses4 || p.Addr().Is6() && p.Bits() < mostAddresses6:
		return Host{}, addressError("a range of media servers is no wider than a /16, or a /32 of IPv6")
	}
	return Host{Range: p}, nil
}

// covers tells whether the host is the address, or a range that holds it.
func (h Host) covers(a netip.Addr) bool {
	return h.Range.IsValid() && h.Range.Contains(a) || h.IP.IsValid() && h.IP == a
}

// refused is an error with a line for each finding that must not be used.
func (g *Guard) refused(findings []Finding) error {
	var all []error
	for _, f := range findings {
		if f.Refuses(g.production) {
			all = append(all, fmt.Errorf("%w: %s", ErrRefused, f))
		}
	}
	return errors.Join(all...)
}
