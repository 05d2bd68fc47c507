package apaleo

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// Vendor is the name of this vendor in the registry, errors and metrics.
const Vendor = "apaleo"

// The vendor's public hosts, for registry entries that name no others.
const (
	DefaultAPI      = "https://api.apaleo.com"
	DefaultIdentity = "https://identity.apaleo.com"
	DefaultWebhook  = "https://webhook.apaleo.com"
)

// TokenPath is where an identity host hands out tokens.
const TokenPath = "/connect/token"

// Scopes are the rights without which an app is of no use here; it includes
// those to read, to create and to ask for offers.
var Scopes = []string{"reservations.manage"}

// Options say which hotel a Connector serves.
type Options struct {
	// Client reaches Apaleo's API; its Settings.Refusal must be Refusal.
	Client *transport.Client
	// Webhooks reaches Apaleo's host for subscriptions, with Refusal too. With
	// nil nothing can be subscribed to.
	Webhooks *transport.Client
	// Hotel is our id of the hotel, for errors.
	Hotel string
	// Property is Apaleo's id of the property, such as BER.
	Property string
	// TimeZone is the property's.
	TimeZone *time.Location
}

// A Connector is one property at Apaleo. It is safe for concurrent use.
type Connector struct {
	pms.Without
	o Options
}

var _ pms.Connector = (*Connector)(nil)

// New returns a Connector. It makes no call.
func New(o Options) (*Connector, error) {
	switch {
	case o.Client == nil:
		return nil, errors.New("apaleo: a transport client is required")
	case !mapping.ValidID(o.Property):
		return nil, errors.New("apaleo: the property must be Apaleo's id of it, such as BER")
	case o.TimeZone == nil:
		return nil, errors.New("apaleo: the property's time zone is required")
	}
	return &Connector{Without: pms.Without{Vendor: Vendor}, o: o}, nil
}

// Health implements pms.Connector: it reads the property.
func (c *Connector) Health(ctx context.Context) (pms.Health, error) {
	start := time.Now()
	property, err := c.property(ctx, pms.OpHealth)
	return pms.Health{Property: property.pms(), Latency: time.Since(start)}, err
}

type property struct {
	named
	TimeZone string `json:"timeZone"`
	Currency string `json:"currencyCode"`
	Location struct {
		Country string `json:"countryCode"`
	} `json:"location"`
}

func (c *Connector) property(ctx context.Context, o pms.Operation) (property, error) {
	var p property
	err := c.get(ctx, o, mapping.Path{"/inventory/v1/properties", c.o.Property}, nil, &p)
	return p, err
}

// Properties implements pms.Connector: those that the app may see.
func (c *Connector) Properties(ctx context.Context) ([]pms.Named, error) {
	var list struct {
		Properties []named `json:"properties"`
	}
	err := c.get(ctx, pms.OpProperties, mapping.Path{"/inventory/v1/properties"}, nil, &list)
	return mapping.Each(list.Properties, named.pms), err
}

// Catalog implements pms.Connector. Rate plans are left out when the app has
// no right to read them; nothing else here needs that right.
func (c *Connector) Catalog(ctx context.Context) (pms.Catalog, error) {
	p, err := c.property(ctx, pms.OpCatalog)
	if err != nil {
		return pms.Catalog{}, err
	}
	query := mapping.Query("propertyId", c.o.Property)
	var groups struct {
		UnitGroups []named `json:"unitGroups"`
	}
	if err := c.get(ctx, pms.OpCatalog, mapping.Path{"/inventory/v1/unit-groups"}, query, &groups); err != nil {
		return pms.Catalog{}, err
	}
	if len(groups.UnitGroups) == 0 {
		return pms.Catalog{}, c.failed(pms.OpCatalog, mapping.Malformed("unitGroups"))
	}
	// Apaleo publishes no machine-readable contract of this one.
	var plans struct {
		RatePlans []ratePlan `json:"ratePlans"`
	}
	err = c.get(ctx, pms.OpCatalog, mapping.Path{"/rateplan/v1/rate-plans"}, query, &plans)
	if err != nil && !errors.Is(err, pms.ErrPermission) {
		return pms.Catalog{}, err
	}
	return pms.Catalog{
		Property: p.pms(), TimeZone: p.TimeZone, Currency: p.Currency, Country: p.Location.Country,
		RoomTypes: mapping.Each(groups.UnitGroups, named.pms), RatePlans: mapping.Each(plans.RatePlans, ratePlan.pms),
	}, nil
}

type ratePlan struct {
	named
	UnitGroup named `json:"unitGroup"`
}

func (r ratePlan) pms() pms.RatePlan {
	return pms.RatePlan{Named: r.named.pms(), RoomTypeID: pms.RoomTypeID(r.UnitGroup.ID)}
}

// get reads into out, which stays empty when Apaleo has nothing (204).
func (c *Connector) get(ctx context.Context, o pms.Operation, at mapping.Path, query url.Values, out any) error {
	read := transport.Call{Effect: transport.Read, Method: http.MethodGet, Query: query, Out: out}
	if err := c.call(ctx, c.o.Client, o, at, read); err != nil {
		return err
	}
	return c.failed(o, mapping.Present(out))
}

// send changes something; a nil body sends none.
func (c *Connector) send(ctx context.Context, o pms.Operation, method string, at mapping.Path, body any) error {
	write := transport.Call{Effect: transport.Write, Method: method}
	if body != nil {
		write.Body = mapping.JSON(body)
	}
	return c.call(ctx, c.o.Client, o, at, write)
}

func (c *Connector) call(ctx context.Context, host *transport.Client, o pms.Operation, at mapping.Path, call transport.Call) error {
	path, err := at.Join()
	if err != nil {
		return c.failed(o, err)
	}
	call.Operation, call.Path = string(o), path
	_, err = host.Do(ctx, call)
	return err
}

// failed names this vendor, hotel and operation in an error that mapping found.
func (c *Connector) failed(o pms.Operation, err error) error {
	return mapping.Named(err, Vendor, c.o.Hotel, o)
}
