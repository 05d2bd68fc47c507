package region

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// locate adds the addresses of a host to what its name told, and takes the
// verdict back where they do not fit it.
func (g *Guard) locate(ctx context.Context, f Finding, h Host) Finding {
	if h.Name == "" || f.State == Fail {
		return f
	}
	addresses, why := g.resolve(ctx, f.Role, h)
	var refused *refusal
	switch {
	case errors.As(why, &refused):
		return f.fail("%s", refused.reason)
	case why != nil:
		if f.Reason != "" {
			f.Reason += "; "
		}
		f.Reason += "the name does not resolve now"
		return f
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	f.Addresses = addresses
	return f
}

// causes are the words of refusals.
var causes = []string{"host", "class", "unconfigured", "unclassified", "region", "address", "alias"}

// A refusal is why a host is not dialled; cause is the metric's word.
type refusal struct{ cause, reason string }

func (r *refusal) Error() string { return r.reason }
func (r *refusal) Unwrap() error { return ErrRefused }

// resolve finds the addresses of a name and checks them, and what the name is
// an alias of.
func (g *Guard) resolve(ctx context.Context, role Role, h Host) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	addresses, err := g.resolver.LookupNetIP(ctx, "ip", h.Name)
	if err != nil {
		// A resolver's error quotes the name and the resolver.
		return nil, fmt.Errorf("region: the name does not resolve; check it, and the resolver")
	}
	for i, a := range addresses {
		addresses[i] = a.WithZone("").Unmap()
	}
	if err := g.checkAddresses(role, h, addresses); err != nil {
		return nil, err
	}
	if err := g.checkAlias(ctx, role, h); err != nil {
		return nil, err
	}
	return addresses, nil
}

// checkAlias follows a name of ours to the name it stands for. That must be
// proven too, or be declared as an alias: a record of the DNS must not move
// guests' data. Hotel systems are the hotel's word, and where no personal data
// goes it does not matter.
func (g *Guard) checkAlias(ctx context.Context, role Role, h Host) error {
	v := g.classify(h)
	if v.class != Ours {
		return nil
	}
	canonical, err := g.resolver.LookupCNAME(ctx, h.Name)
	if err != nil {
		return errors.New("region: the name cannot be followed; check the resolver")
	}
	alias, err := ParseHost(canonical)
	if err != nil || alias.IP.IsValid() {
		return &refusal{"alias", "it is an alias of something that is no host"}
	}
	if alias.Name == h.Name || v.declared != nil && slices.Contains(v.declared.Aliases, alias.Name) {
		return nil
	}
	f := g.judge(Endpoint{Role: role}, alias)
	switch {
	case f.State == Pass && f.Class == Ours, f.State == Unknown && !g.production:
		return nil
	case f.State == Unknown:
		return &refusal{"alias", "it is an alias of " + domain(alias) + ", of which nobody told where it is; declare that host, or the alias"}
	}
	return &refusal{"alias", "it is an alias of " + domain(alias) + ": " + f.Reason}
}

// domain is the end of a name. What stands in front of it may be anybody's.
func domain(h Host) string {
	labels := strings.Split(h.Name, ".")
	if len(labels) <= 2 {
		return h.String()
	}
	return "*." + strings.Join(labels[len(labels)-2:], ".")
}
