package region

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/http/httpproxy"
)

// ErrRefused is wrapped by every refusal to use or dial an endpoint.
var ErrRefused = errors.New("region: refused")

const (
	// lookupTime bounds the questions about one name.
	lookupTime = 5 * time.Second
	// connectTime bounds a connection to one address.
	connectTime = 5 * time.Second
	// width is how many endpoints are looked up at once.
	width   = 8
	maxKept = 1024
)

// A Resolver finds the addresses of a name and the name that it is an alias of.
// net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupCNAME(ctx context.Context, host string) (string, error)
}

// Options of a Guard. Rules are required.
type Options struct {
	Rules *Rules
	// Declared is what the operator says; nil is nothing.
	Declared *Declarations
	// Production refuses this machine, and what is unknown.
	Production bool
	// Endpoints are what the settings name. But for hotel systems and identity
	// providers nothing else is dialled.
	Endpoints []Endpoint
	// Resolver is the system's when nil.
	Resolver Resolver
	// Registerer takes eu_region_violation_total; nil registers nothing.
	Registerer prometheus.Registerer
	// Logger takes a line for each refusal; nil logs nothing. A line holds the
	// name of a configured host, and of others the domain only.
	Logger *slog.Logger
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// A Guard tells where endpoints are and dials those that it may. It is safe for
// concurrent use.
type Guard struct {
	rules      *Rules
	declared   *Declarations
	production bool
	endpoints  []Endpoint
	configured map[Role]map[string]bool
	resolver   Resolver
	dialer     net.Dialer
	violations *prometheus.CounterVec
	log        *slog.Logger
	now        func() time.Time
	proxyFor   func(*url.URL) (*url.URL, error)
	// known remembers verdicts by name, for the rules are many.
	known *lru.Cache[string, verdict]
}

// New returns a Guard. It makes no connection and asks no resolver.
func New(o Options) (*Guard, error) {
	if o.Rules == nil {
		return nil, errors.New("region: a guard needs rules")
	}
	g := &Guard{
		rules: o.Rules, declared: o.Declared, production: o.Production, endpoints: o.Endpoints,
		configured: map[Role]map[string]bool{}, resolver: o.Resolver, log: o.Logger, now: o.Now,
		dialer: net.Dialer{Timeout: connectTime, KeepAlive: 30 * time.Second},
		// As net/http's own, which reads the environment once in a process.
		proxyFor: httpproxy.FromEnvironment().ProxyFunc(),
		violations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "eu_region_violation_total",
			Help: "Connections that were refused because their end is not known to be in the EU, by role and cause.",
		}, []string{"role", "cause"}),
	}
	if g.declared == nil {
		g.declared = &Declarations{}
	}
	if g.resolver == nil {
		g.resolver = net.DefaultResolver
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.now == nil {
		g.now = time.Now
	}
	var err error
	if g.known, err = lru.New[string, verdict](maxKept); err != nil {
		return nil, fmt.Errorf("region: making the memory: %w", err)
	}
	for _, e := range o.Endpoints {
		g.configure(e)
	}
	// An alert sees an increase only of what was there before.
	for _, role := range Roles() {
		for _, cause := range causes {
			g.violations.WithLabelValues(string(role), cause)
		}
	}
	if o.Registerer != nil {
		if err := o.Registerer.Register(g.violations); err != nil {
			return nil, fmt.Errorf("region: register metrics: %w", err)
		}
	}
	return g, nil
}

func (g *Guard) configure(e Endpoint) {
	hosts, err := Hosts(e.Role, e.Address)
	if err != nil {
		return // Check says so
	}
	if g.configured[e.Role] == nil {
		g.configured[e.Role] = map[string]bool{}
	}
	for _, h := range hosts {
		g.configured[e.Role][h.String()] = true
	}
}

// Production tells whether what is unknown is refused.
func (g *Guard) Production() bool { return g.production }

// Endpoints are those of the settings.
func (g *Guard) Endpoints() []Endpoint { return slices.Clone(g.endpoints) }

// Name finds what the names of an endpoint's hosts tell, one finding for each
// host. It asks no resolver. An empty address that is not required has none.
func (g *Guard) Name(e Endpoint) []Finding {
	findings, _ := g.name(e)
	return findings
}

func (g *Guard) name(e Endpoint) ([]Finding, []Host) {
	blank := Finding{Endpoint: e.Name, Role: e.Role, Tenant: e.Tenant, Class: Unclassified}
	if strings.TrimSpace(e.Address) == "" {
		if !e.Required {
			return nil, nil
		}
		return []Finding{blank.fail("it is empty; name the server")}, []Host{{}}
	}
	hosts, err := Hosts(e.Role, e.Address)
	if err != nil {
		return []Finding{blank.fail("%s", strings.TrimPrefix(err.Error(), ErrAddress.Error()+": "))}, []Host{{}}
	}
	findings := make([]Finding, len(hosts))
	for i, h := range hosts {
		findings[i] = g.judge(e, h)
		if i > 0 { // a name of its own, for the memory of checks
			findings[i].Endpoint = fmt.Sprintf("%s#%d", e.Name, i+1)
		}
	}
	return findings, hosts
}

// Check finds what there is to know of endpoints, with their addresses. A name
// that does not resolve now stands as its name tells: it is asked again when it
// is dialled.
func (g *Guard) Check(ctx context.Context, endpoints ...Endpoint) []Finding {
	all := make([][]Finding, len(endpoints))
	places := make(chan struct{}, width)
	var group sync.WaitGroup
	for i, e := range endpoints {
		group.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			findings, hosts := g.name(e)
			for j := range findings {
				findings[j] = g.locate(ctx, findings[j], hosts[j])
			}
			all[i] = findings
		})
	}
	group.Wait()
	return slices.Concat(all...)
}

// Start checks the endpoints of the settings and refuses to go on when one of
// them must not be used: ErrRefused, with a line for each. Those of
// roles in which the process connects to nothing may be left out.
func (g *Guard) Start(ctx context.Context, unused ...Role) ([]Finding, error) {
	used := slices.DeleteFunc(g.Endpoints(), func(e Endpoint) bool { return slices.Contains(unused, e.Role) })
	findings := g.Check(ctx, used...)
	for _, f := range findings {
		if f.State == Unknown && !g.production {
			g.log.Warn("An endpoint is not known to be in the EU; production refuses it.", "endpoint", f.Endpoint, "host", f.Host, "reason", f.Reason)
		}
	}
	return findings, g.refused(findings)
}
