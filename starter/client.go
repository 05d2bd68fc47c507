package starter

import (
	"context"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Hotels finds a hotel's registry entry.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
}

// Connectors finds the connector of a hotel.
type Connectors interface {
	Connector(ctx context.Context, hotel string) (pms.Connector, error)
}

// Keys makes a fresh scope, seals under it, and authenticates data with the
// hotel's own key.
type Keys interface {
	Create(ctx context.Context, tenant string) (keys.Scope, error)
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error)
	Destroy(ctx context.Context, scopes ...keys.Scope) ([]keys.Destruction, error)
}

// Statuses tells where the connections of hotels stand, from memory.
type Statuses interface {
	Status(ctx context.Context, hotel string) (connectors.Status, error)
}

// Options are the parts of a Client. The first five are required.
type Options struct {
	Hotels     Hotels
	Connectors Connectors
	Keys       Keys
	Ledger     *ledger.Ledger
	Temporal   client.Client
	// Statuses tells which hotels are in maintenance or degraded; when nil all
	// count as available.
	Statuses Statuses
	// Webhooks are the secrets and the inbox of hotel systems' events; without
	// it there is no address for them.
	Webhooks Webhooks
	// News carries word of changed hotels between processes; without it each
	// remembers availability by itself.
	News   News
	Logger *slog.Logger
	// QuoteLife is how long a quote can be booked; 10 minutes when zero.
	QuoteLife time.Duration
	// Restrictions tell whose bookings nobody may work with; nil: nobody's.
	Restrictions Restrictions
	// OffersLife is how long availability is answered from memory; 20 seconds
	// when zero.
	OffersLife time.Duration
	// HoldLife ends a hold even when the hotel would keep it longer; 30
	// minutes when zero.
	HoldLife time.Duration
}

// Client starts and steers bookings. It is safe for concurrent use.
type Client struct {
	Options
	offers  *offers
	gossip  *gossip
	hooks   *hooks
	metrics metrics
	now     func() time.Time
}

// New returns a client on the given parts.
func New(o Options) *Client {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.QuoteLife = orDefault(o.QuoteLife, 10*time.Minute)
	o.OffersLife = orDefault(o.OffersLife, 20*time.Second)
	o.HoldLife = orDefault(o.HoldLife, 30*time.Minute)
	m := newMetrics()
	return &Client{
		Options: o, offers: newOffers(o.OffersLife, m.offers), gossip: newGossip(), hooks: newHooks(), metrics: m, now: time.Now,
	}
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

// site is what every call on a hotel needs.
type site struct {
	registry.Hotel
	conn pms.Connector
	zone *time.Location
}

func (c *Client) site(ctx context.Context, hotel string) (site, error) {
	h, err := c.hotel(ctx, hotel)
	if err != nil {
		return site{}, err
	}
	zone, err := h.Location()
	if err != nil {
		return site{}, Internal.With("the hotel's time zone is not known here").because(err)
	}
	conn, err := c.Connectors.Connector(ctx, hotel)
	if err != nil {
		return site{}, problemOf(err)
	}
	return site{Hotel: h, conn: conn, zone: zone}, nil
}

// today is the day on the hotel's wall.
func (c *Client) today(s site) pms.Date { return pms.DateOf(c.now().In(s.zone)) }
