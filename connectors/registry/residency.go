package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/voicehive/voicehive/compliance/region"
)

// ErrResidency: it is not known, or known not to be so, that the hotel's own
// system is in the EU.
var ErrResidency = errors.New("registry: the residency of the hotel's system is not attested")

// Endpoints are what the region guard is asked about a hotel. addresses are
// those of its system by the connector's names for them.
func (r *Registry) Endpoints(ctx context.Context, hotel string, addresses map[string]string) ([]region.Endpoint, error) {
	a, err := r.Attestation(ctx, hotel)
	if err != nil {
		return nil, err
	}
	var word *region.Attestation
	if a.ID != "" {
		word = &region.Attestation{By: a.By, Document: a.Document, SHA256: a.SHA256, Hosts: a.Hosts, Until: a.Until}
	}
	var endpoints []region.Endpoint
	for _, name := range slices.Sorted(maps.Keys(addresses)) {
		endpoints = append(endpoints, region.Endpoint{
			Name: "hotel/" + hotel + "/" + name, Role: region.System, Address: addresses[name],
			Required: true, Tenant: hotel, Attestation: word,
		})
	}
	return endpoints, nil
}

// HostsOf are the hosts of a hotel's system, for an attestation to name.
func HostsOf(addresses map[string]string) ([]string, error) {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(addresses)) {
		hosts, err := region.Hosts(region.System, addresses[name])
		if err != nil {
			return nil, fmt.Errorf("registry: endpoint %s: %w", name, err)
		}
		for _, h := range hosts {
			all = append(all, h.String())
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// Residency lets a hotel's system be called when it is attested to be in the
// EU. In development it warns instead. It answers from memory and is safe for
// concurrent use.
type Residency struct {
	registry *Registry
	guard    *region.Guard
	log      *slog.Logger

	mu     sync.Mutex
	warned map[string]string // hotel to what was said last
}

// NewResidency returns the gate. A nil logger logs nothing.
func NewResidency(r *Registry, g *region.Guard, log *slog.Logger) *Residency {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Residency{registry: r, guard: g, log: log, warned: map[string]string{}}
}

// Admit refuses a hotel with ErrResidency and the reason: other hotels go on.
func (r *Residency) Admit(ctx context.Context, hotel string, addresses map[string]string) error {
	endpoints, err := r.registry.Endpoints(ctx, hotel, addresses)
	if err != nil {
		if r.guard.Production() {
			return err
		}
		return nil
	}
	var doubts []string
	if len(endpoints) == 0 {
		doubts = append(doubts, "neither the entry nor the connector tells where the hotel's system is")
	}
	refused := len(endpoints) == 0 && r.guard.Production()
	for _, e := range endpoints {
		for _, f := range r.guard.Name(e) {
			if f.State == region.Fail || f.State == region.Unknown {
				doubts = append(doubts, f.Host+": "+f.Reason)
			}
			refused = refused || f.Refuses(r.guard.Production())
		}
	}
	why := strings.Join(slices.Compact(doubts), "; ")
	if refused {
		return fmt.Errorf("%w: %s", ErrResidency, why)
	}
	r.warn(hotel, why)
	return nil
}

// warn says a doubt once, until it becomes another.
func (r *Residency) warn(hotel, why string) {
	r.mu.Lock()
	news := r.warned[hotel] != why
	r.warned[hotel] = why
	r.mu.Unlock()
	if news && why != "" {
		r.log.Warn("The residency of a hotel's system is not attested; production refuses to serve it.", "hotel", hotel, "reason", why)
	}
}
