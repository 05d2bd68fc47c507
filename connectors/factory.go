// Package connectors makes the connector of a hotel: it knows which vendors
// there are, and joins the registry's entry, the credentials and the transport
// into a pms.Connector.
//
// It stands at the top of the connectors floor. A new vendor is a package of
// its own and a line in the table here.
package connectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/voicehive/voicehive/connectors/apaleo"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/transport"
)

// ErrUnknownVendor: a hotel's entry names a vendor that there is no connector
// for.
var ErrUnknownVendor = errors.New("no connector for this vendor")

// Hotels finds registry entries; it is asked on every call, so it should
// answer from memory.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
}

// Deps are what a Factory needs.
type Deps struct {
	Hotels      Hotels
	Credentials credentials.Store
	Transport   transport.Options
}

// A Factory makes and keeps one connector per hotel. It is safe for concurrent
// use.
type Factory struct {
	hotels Hotels
	stack  *transport.Stack
	tokens *credentials.Tokens

	mu   sync.Mutex
	made map[string]made
}

// made is a connector and the settings it was made from.
type made struct {
	wiring    wiring
	connector pms.Connector
}

// wiring is the part of an entry that a connector depends on. Other changes,
// to a name or a phone line, keep the connector with its circuit breaker.
type wiring struct {
	vendor, property, timeZone, credentialsRef string
	endpoints                                  map[string]string
}

func wiringOf(h registry.Hotel) wiring {
	return wiring{h.Vendor, h.Property, h.TimeZone, h.CredentialsRef, h.Endpoints}
}

// New returns a Factory. It makes no call.
func New(d Deps) (*Factory, error) {
	if d.Hotels == nil || d.Credentials == nil {
		return nil, errors.New("connectors: hotels and credentials are required")
	}
	stack, err := transport.New(d.Transport)
	if err != nil {
		return nil, err
	}
	return &Factory{
		hotels: d.Hotels,
		stack:  stack,
		tokens: credentials.NewTokens(d.Credentials, stack.HTTP()),
		made:   make(map[string]made),
	}, nil
}

// vendors is the table of connectors by the name in a hotel's entry.
func vendors() map[string]func(*Factory, registry.Hotel) (pms.Connector, error) {
	return map[string]func(*Factory, registry.Hotel) (pms.Connector, error){
		apaleo.Vendor: (*Factory).apaleo,
	}
}

// Vendors lists the names that a hotel's entry may give as its vendor.
func Vendors() []string { return slices.Sorted(maps.Keys(vendors())) }

// Connector returns the hotel's connector: the same one while the entry stays
// as it is. It calls the registry and no vendor. The registry's errors are
// passed on, wrapped.
func (f *Factory) Connector(ctx context.Context, hotelID string) (pms.Connector, error) {
	hotel, err := f.hotels.Hotel(ctx, hotelID)
	if err != nil {
		if errors.Is(err, registry.ErrUnknownHotel) {
			f.forget(hotelID)
		}
		return nil, fmt.Errorf("connectors: %w", err)
	}
	want := wiringOf(hotel)
	f.mu.Lock()
	defer f.mu.Unlock()
	if found, ok := f.made[hotelID]; ok && reflect.DeepEqual(found.wiring, want) {
		return found.connector, nil
	}
	connector, err := f.Build(hotel)
	if err != nil {
		return nil, err
	}
	f.made[hotelID] = made{want, connector}
	return connector, nil
}

// Build makes a connector from an entry that need not be registered, and does
// not keep it. It calls no vendor.
func (f *Factory) Build(h registry.Hotel) (pms.Connector, error) {
	build, ok := vendors()[h.Vendor]
	if !ok {
		return nil, fmt.Errorf("connectors: hotel %s: %w; there are %v", h.ID, ErrUnknownVendor, Vendors())
	}
	connector, err := build(f, h)
	if err != nil {
		return nil, fmt.Errorf("connectors: hotel %s: %w", h.ID, err)
	}
	return connector, nil
}

func (f *Factory) forget(hotelID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.made, hotelID)
}

// apaleo counts limits and keeps tokens per credential, so hotels of one
// account share both. Endpoints: api, identity.
func (f *Factory) apaleo(h registry.Hotel) (pms.Connector, error) {
	zone, err := h.Location()
	if err != nil {
		return nil, err
	}
	identity, err := transport.Endpoint(cmp.Or(h.Endpoints["identity"], apaleo.DefaultIdentity))
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	client, err := f.stack.Client(transport.Settings{
		Vendor:     apaleo.Vendor,
		Hotel:      h.ID,
		BaseURL:    cmp.Or(h.Endpoints["api"], apaleo.DefaultAPI),
		Credential: h.CredentialsRef,
		Authorizer: f.tokens.Bearer(h.CredentialsRef, identity.JoinPath(apaleo.TokenPath).String()),
		Refusal:    apaleo.Refusal,
	})
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	return apaleo.New(apaleo.Options{Client: client, Property: h.Property, TimeZone: zone})
}
