//go:build unix

package region_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
)

// whereTo are addresses and what they are.
var whereTo = map[string]string{
	"198.51.100.7": "public", "2001:db8::7": "public", "64:ff9b::c633:6407": "public",
	"10.0.0.7": "private", "172.31.255.1": "private", "192.168.1.1": "private", "100.64.0.1": "private", "fd12::7": "private",
	"64:ff9b::a00:7": "private", "2002:a00:7::1": "private",
	"127.0.0.1": "own", "127.9.9.9": "own", "::1": "own", "0.0.0.0": "own", "::": "own", "::ffff:127.0.0.1": "own", "64:ff9b::7f00:1": "own",
	"169.254.169.254": "never", "169.254.170.2": "never", "fe80::1": "never", "::ffff:169.254.169.254": "never", "64:ff9b::a9fe:a9fe": "never",
	"2002:a9fe:a9fe::1": "never", "::169.254.169.254": "never", "fd00:ec2::254": "never", "fd20:ce::254": "never", "100.100.100.200": "never",
	"168.63.129.16": "never", "192.0.0.192": "never", "224.0.0.1": "never", "ff02::1": "never", "255.255.255.255": "never", "0.1.2.3": "never",
}

// TestWhereNamesMayLead holds every role to it, in both environments.
func TestWhereNamesMayLead(t *testing.T) {
	t.Parallel()
	open := map[region.Role]bool{region.System: true, region.Identity: true, region.Witness: true}
	for _, production := range []bool{true, false} {
		for _, role := range region.Roles() {
			world := names{}
			g := guard(t, func(o *region.Options) {
				o.Production, o.Resolver, o.Declared = production, world, declared(t, hostAt(role, ""))
			})
			for address, kind := range whereTo {
				world["host.example"] = []string{address}
				f := checked(t, g, role)
				want := kind == "public" || kind == "private" && !(open[role] && production) || kind == "own" && !production
				require.Equal(t, !want, f.State == region.Fail, "production %v, %s at %s (%s): %s", production, role, address, kind, f)
			}
		}
	}
}

// TestPrivateNetworksAreNamed: what an open role finds in a private network was
// either named by a setting, or declared with its addresses.
func TestPrivateNetworksAreNamed(t *testing.T) {
	t.Parallel()
	for pinned, want := range map[string]region.State{"": region.Fail, "10.1.0.0/16": region.Fail, "10.0.0.0/8": region.Pass} {
		g := guard(t, func(o *region.Options) {
			o.Resolver, o.Declared = names{"host.example": {"10.0.0.7"}}, declared(t, hostAt(region.Identity, pinned))
		})
		require.Equal(t, want, checked(t, g, region.Identity).State, pinned)
	}
	g := guard(t, func(o *region.Options) {
		o.Resolver, o.Declared = names{"host.example": {"10.0.0.7"}}, declared(t, hostAt(region.Identity, ""))
		o.Endpoints = []region.Endpoint{{Name: "VOICEHIVE_OIDC", Role: region.Identity, Address: "https://host.example"}}
	})
	require.Equal(t, region.Pass, checked(t, g, region.Identity).State)
	literal := g.Check(t.Context(), region.Endpoint{Name: "X", Role: region.System, Address: "http://169.254.169.254/latest"})
	require.Equal(t, region.Fail, literal[0].State)
}

func checked(t *testing.T, g *region.Guard, role region.Role) region.Finding {
	t.Helper()
	address := map[region.Role]string{region.Database: "postgres://u:p@host.example/x"}[role]
	if address == "" {
		address = "https://host.example"
	}
	findings := g.Check(t.Context(), region.Endpoint{Name: "X", Role: role, Address: address})
	require.Len(t, findings, 1)
	return findings[0]
}

// hostAt declares host.example in the class that a role wants.
func hostAt(role region.Role, addresses string) string {
	class := map[region.Role]string{region.System: "controller", region.Identity: "none", region.Paging: "none", region.Witness: "none"}[role]
	if class == "" {
		class = "ours"
	}
	return fmt.Sprintf(`
endpoints:
  - {host: host.example, class: %s, provider: Somebody, country: DE, by: DPO, on: 2026-03-01, until: 2027-02-28,
     evidence: {document: a.pdf, sha256: %s}, addresses: [%s]}
`, class, digest, addresses)
}

// turning answers a name with one address after the other.
type turning struct {
	asked atomic.Int32
	to    []string
}

func (r *turning) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	n := min(int(r.asked.Add(1)), len(r.to))
	return []netip.Addr{netip.MustParseAddr(r.to[n-1])}, nil
}

func (r *turning) LookupCNAME(_ context.Context, host string) (string, error) { return host + ".", nil }

// TestANameThatTurnsAfterTheCheck: a start sees a fine address, the connection
// another. What counts is the address that is dialled, on each connection.
func TestANameThatTurnsAfterTheCheck(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	_, port := server(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	for _, role := range []region.Role{region.System, region.Identity, region.Witness} {
		for _, inner := range []string{"127.0.0.1", "10.0.0.7", "169.254.169.254", "fd00:ec2::254", "64:ff9b::7f00:1"} {
			f := openField(t, &turning{to: []string{"198.51.100.7", inner}}, func(o *region.Options) {
				o.Production, o.Declared = true, declared(t, hostAt(role, ""))
			})
			require.NotEqual(t, region.Fail, checked(t, f.Guard, role).State)
			_, err := f.For(role).DialContext(t.Context(), "tcp", net.JoinHostPort("host.example", port))
			require.ErrorIs(t, err, region.ErrRefused, "%s at %s", role, inner)
			require.Equal(t, 1, f.refusals(t))
		}
	}
	require.Zero(t, reached.Load())
}
