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
	"regexp"
	"slices"
	"sync"

	"github.com/voicehive/voicehive/connectors/apaleo"
	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/transport"
)

// ErrUnknownVendor: a hotel's entry names a vendor that there is no connector
// for.
var ErrUnknownVendor = errors.New("this program has no connector for the vendor; after writing one, build it again")

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
	// Matrix is the capability matrix in force; nil: the program's own.
	Matrix func() *capability.Matrix
	// Residency tells which hotels' systems may be called; nil: all.
	Residency Residency
	// Statuses tells which connections are closed for maintenance; nil: none.
	Statuses Statuses
}

// A Factory makes and keeps one connector per hotel. It is safe for concurrent
// use.
type Factory struct {
	hotels    Hotels
	secrets   credentials.Store
	matrix    func() *capability.Matrix
	statuses  Statuses
	residency Residency
	stack     *transport.Stack
	tokens    *credentials.Tokens

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
	if d.Matrix == nil {
		d.Matrix = capability.Default
	}
	stack, err := transport.New(d.Transport)
	if err != nil {
		return nil, err
	}
	return &Factory{
		hotels:    d.Hotels,
		secrets:   d.Credentials,
		matrix:    d.Matrix,
		statuses:  d.Statuses,
		residency: d.Residency,
		stack:     stack,
		tokens:    credentials.NewTokens(d.Credentials, stack.HTTP()),
		made:      make(map[string]made),
	}, nil
}

// vendors is the table of connectors by the name in a hotel's entry.
func vendors() map[string]vendor {
	return map[string]vendor{
		apaleo.Vendor: {
			build:     (*Factory).apaleo,
			account:   (*Factory).apaleoAccount,
			endpoints: []string{"api", "identity", "webhook"},
			addresses: apaleoAddresses,
			property:  regexp.MustCompile(`^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*$`),
			example:   "BER",
		},
	}
}

// Vendors lists the names that a hotel's entry may give as its vendor.
func Vendors() []string { return slices.Sorted(maps.Keys(vendors())) }

// Connector returns the hotel's connector: the same one while the entry stays
// as it is. It calls the registry, once the credentials store, and no vendor.
// The registry's errors are passed on, wrapped; what is wrong with the entry is
// a *ConfigError. While the hotel is in maintenance the connector's calls fail
// with ErrMaintenance, but for Health.
func (f *Factory) Connector(ctx context.Context, hotelID string) (pms.Connector, error) {
	hotel, err := f.hotels.Hotel(ctx, hotelID)
	if err != nil {
		if errors.Is(err, registry.ErrUnknownHotel) {
			f.forget(hotelID)
		}
		return nil, fmt.Errorf("connectors: %w", err)
	}
	if err := f.admit(ctx, hotel); err != nil {
		return nil, err
	}
	want := wiringOf(hotel)
	if found, ok := f.known(hotelID, want); ok {
		return found, nil
	}
	if err := f.checkCredentials(ctx, hotel); err != nil {
		return nil, err
	}
	return f.keep(hotel, want)
}

// known returns the connector that was made from the same settings.
func (f *Factory) known(hotelID string, want wiring) (pms.Connector, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, ok := f.made[hotelID]
	return found.connector, ok && reflect.DeepEqual(found.wiring, want)
}

// keep makes the hotel's connector, unless another caller just did.
func (f *Factory) keep(hotel registry.Hotel, want wiring) (pms.Connector, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if found, ok := f.made[hotel.ID]; ok && reflect.DeepEqual(found.wiring, want) {
		return found.connector, nil
	}
	connector, err := f.Build(hotel)
	if err != nil {
		return nil, err
	}
	connector = f.closable(hotel, connector)
	f.made[hotel.ID] = made{want, connector}
	return connector, nil
}

// Build makes a connector from an entry that need not be registered, and does
// not keep it. It calls no vendor, and a maintenance does not close it.
func (f *Factory) Build(h registry.Hotel) (pms.Connector, error) {
	v, ok := vendors()[h.Vendor]
	if !ok {
		return nil, fmt.Errorf("connectors: hotel %s: %w; there are %v", h.ID, ErrUnknownVendor, Vendors())
	}
	if err := v.check(h); err != nil {
		return nil, err
	}
	connector, err := v.build(f, h)
	if err != nil {
		return nil, fmt.Errorf("connectors: hotel %s: %w", h.ID, err)
	}
	return capability.Guard(connector, func() pms.Capabilities { return f.matrix().Capabilities(h.Vendor) }), nil
}

func (f *Factory) forget(hotelID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.made, hotelID)
}

// apaleo counts limits and keeps tokens per credential, so hotels of one
// account share both.
func (f *Factory) apaleo(h registry.Hotel) (pms.Connector, error) {
	zone, err := h.Location()
	if err != nil {
		return nil, configError(h, "time_zone", "is not known to this system; update its zone data", err)
	}
	account, err := f.apaleoAccount(h)
	if err != nil {
		return nil, err
	}
	settings := transport.Settings{
		Vendor:     apaleo.Vendor,
		Hotel:      h.ID,
		BaseURL:    cmp.Or(h.Endpoints["api"], apaleo.DefaultAPI),
		Credential: h.CredentialsRef,
		Authorizer: account,
		Refusal:    apaleo.Refusal,
		Tuning:     func(operation string) transport.Tuning { return f.matrix().Tuning(h.Vendor, operation) },
	}
	client, err := f.stack.Client(settings)
	if err != nil {
		return nil, configError(h, "endpoints.api", "cannot be used", err)
	}
	// An entry that has hosts of its own, such as a sandbox's, never falls back
	// to the real one.
	var webhooks *transport.Client
	settings.BaseURL = h.Endpoints["webhook"]
	if h.Endpoints["api"] == "" {
		settings.BaseURL = cmp.Or(settings.BaseURL, apaleo.DefaultWebhook)
	}
	if settings.BaseURL != "" {
		if webhooks, err = f.stack.Client(settings); err != nil {
			return nil, configError(h, "endpoints.webhook", "cannot be used", err)
		}
	}
	return apaleo.New(apaleo.Options{Client: client, Webhooks: webhooks, Hotel: h.ID, Property: h.Property, TimeZone: zone})
}

// apaleoAccount is the account that the hotel's credentials open.
func (f *Factory) apaleoAccount(h registry.Hotel) (*credentials.Account, error) {
	identity, err := transport.Endpoint(cmp.Or(h.Endpoints["identity"], apaleo.DefaultIdentity))
	if err != nil {
		return nil, configError(h, "endpoints.identity", "cannot be used", err)
	}
	return f.tokens.Account(h.CredentialsRef, credentials.Scheme{
		Vendor: apaleo.Vendor, TokenURL: identity.JoinPath(apaleo.TokenPath).String(), Scopes: apaleo.Scopes,
	}), nil
}
