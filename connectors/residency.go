package connectors

import (
	"cmp"
	"context"
	"fmt"
	"maps"

	"github.com/voicehive/voicehive/connectors/apaleo"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Residency tells whether a hotel's own system may hold guests' data: whether
// it is attested to be in the EU. It is asked on every call, so it should answer
// from memory.
type Residency interface {
	Admit(ctx context.Context, hotel string, addresses map[string]string) error
}

// Addresses are where a hotel's system is, by the connector's names: what the
// entry says, and the vendor's public hosts where it says nothing.
// ErrUnknownVendor when there is no connector.
func Addresses(h registry.Hotel) (map[string]string, error) {
	v, ok := vendors()[h.Vendor]
	if !ok {
		return nil, fmt.Errorf("connectors: hotel %s: %w; there are %v", h.ID, ErrUnknownVendor, Vendors())
	}
	if v.addresses == nil {
		return maps.Clone(h.Endpoints), nil
	}
	return v.addresses(h), nil
}

// apaleoAddresses follow the rules of the connector: an entry with hosts of its
// own gets no webhooks from the vendor's.
func apaleoAddresses(h registry.Hotel) map[string]string {
	all := map[string]string{
		"api":      cmp.Or(h.Endpoints["api"], apaleo.DefaultAPI),
		"identity": cmp.Or(h.Endpoints["identity"], apaleo.DefaultIdentity),
	}
	webhook := h.Endpoints["webhook"]
	if h.Endpoints["api"] == "" {
		webhook = cmp.Or(webhook, apaleo.DefaultWebhook)
	}
	if webhook != "" {
		all["webhook"] = webhook
	}
	return all
}

// admit refuses a hotel whose system nobody vouches for; others go on.
func (f *Factory) admit(ctx context.Context, h registry.Hotel) error {
	if f.residency == nil {
		return nil
	}
	addresses, err := Addresses(h)
	if err != nil {
		return err
	}
	if err := f.residency.Admit(ctx, h.ID, addresses); err != nil {
		return configError(h, "endpoints", "are not known to be in the EU", err)
	}
	return nil
}
