package region

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// A Dialer connects in one role.
type Dialer struct {
	guard *Guard
	role  Role
}

// For returns the dialer of a role.
func (g *Guard) For(role Role) *Dialer { return &Dialer{g, role} }

// DialContext connects to host:port, or to a socket of this machine, when the
// guard lets it; ErrRefused when it does not. The name is resolved here, and
// the connection goes to an address that was checked.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := split(network, address)
	if err != nil {
		return nil, d.refuse(Host{}, &refusal{"host", err.Error()})
	}
	role, err := d.permit(host)
	if err != nil {
		return nil, err
	}
	if host.Socket != "" {
		return d.guard.dialer.DialContext(ctx, "unix", host.Socket)
	}
	addresses := []netip.Addr{host.IP}
	if host.Name != "" {
		if addresses, err = d.guard.resolve(ctx, role, host); err != nil {
			var why *refusal
			if errors.As(err, &why) {
				return nil, d.refuse(host, why)
			}
			return nil, err
		}
	} else if nowhere(host.IP) {
		return nil, d.refuse(host, &refusal{"address", "a link-local, multicast or metadata address"})
	}
	return d.connect(ctx, network, addresses, port)
}

func split(network, address string) (Host, string, error) {
	if strings.HasPrefix(network, "unix") {
		return Host{Socket: address}, "", nil
	}
	if !strings.HasPrefix(network, "tcp") {
		return Host{}, "", addressError("only TCP is dialled")
	}
	name, port, err := net.SplitHostPort(address)
	if err != nil || !validPort(port) {
		return Host{}, "", addressError("write host:port")
	}
	host, err := ParseHost(name)
	return host, port, err
}

// connect tries the addresses one by one.
func (d *Dialer) connect(ctx context.Context, network string, addresses []netip.Addr, port string) (net.Conn, error) {
	var failed error
	for _, a := range addresses {
		if network == "tcp4" && !a.Is4() || network == "tcp6" && a.Is4() {
			continue
		}
		conn, err := d.guard.dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		failed = err
	}
	if failed == nil {
		failed = errors.New("region: no address of the family that was asked for")
	}
	return nil, failed
}

// permit tells by the name whether the role may connect there, and as what:
// everybody may use the proxy that the settings name.
func (d *Dialer) permit(h Host) (Role, error) {
	g := d.guard
	name := h.String()
	if h.Socket != "" && (g.production || !slices.Contains([]Role{Database, Temporal, Speech}, d.role)) {
		return "", d.refuse(h, &refusal{"class", "a socket of this machine"})
	}
	role := d.role
	if g.configured[Proxy][name] {
		role = Proxy
	}
	if !role.open() && !g.configured[role][name] && h.Socket == "" {
		return "", d.refuse(h, &refusal{"unconfigured", "the settings do not name this host"})
	}
	f := g.judge(Endpoint{Role: role}, h)
	switch {
	case f.Class == Controller:
		// Whether the hotel attested is asked where the hotel is known.
		return role, nil
	case !f.Refuses(g.production):
		return role, nil
	}
	return "", d.refuse(h, &refusal{causeOf(f), f.Reason})
}

func causeOf(f Finding) string {
	switch f.Class {
	case Unclassified:
		return "unclassified"
	case Ours:
		return "region"
	}
	return "class"
}

// refuse counts and tells a refusal. A host that no setting names came from
// outside, and its name may hold anything.
func (d *Dialer) refuse(h Host, why *refusal) error {
	shown := h.String()
	if !d.guard.configured[d.role][shown] && h.Name != "" {
		shown = domain(h)
	}
	d.guard.violations.WithLabelValues(string(d.role), why.cause).Inc()
	d.guard.log.Error("A connection was refused: its end is not known to be in the EU.", "role", d.role, "host", shown, "cause", why.cause, "reason", why.reason)
	return fmt.Errorf("%w to dial %s for %s: %w", ErrRefused, shown, d.role, why)
}
