package starter

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/webhooks"
)

// Webhooks are the secrets that vendors post under, and the inbox of what they
// post: a *webhooks.Store.
type Webhooks interface {
	Known(ctx context.Context, hotel, vendor string, secret credentials.Secret) (bool, error)
	Take(ctx context.Context, hotel, vendor string, events []pms.Event) ([]webhooks.Delivery, error)
	Close(ctx context.Context, d webhooks.Delivery) error
	Defer(ctx context.Context, d webhooks.Delivery) error
	Due(ctx context.Context, most int) ([]webhooks.Delivery, error)
	Purge(ctx context.Context) (int64, error)
}

// A Webhook is what somebody who may be a vendor posted.
type Webhook struct {
	Vendor, Hotel string
	Secret        credentials.Secret
	Header        http.Header
	Body          io.Reader // read only when the secret is right
}

const (
	// maxWebhook is the longest event, in bytes.
	maxWebhook = 64 << 10
	// maxEvents is the most events in one post.
	maxEvents = 1000
	// hookRate and hookBurst bound a hotel's posts, by the second. A busy hotel
	// changes a few bookings a minute.
	hookRate, hookBurst = 50, 200
	// hookWidth is how many events are carried out at once.
	hookWidth = 8
	// hookTime bounds the carrying out of one event. The inbox gives it out
	// again a little later.
	hookTime = 25 * time.Second
	// hookPatience is how long a vendor waits for its events to be carried out.
	// They are safe by then, so it is told so, whatever comes of them: a vendor
	// that waits for a slow answer, such as its own, keeps its next events back.
	hookPatience = time.Second
	// limitedHotels is how many hotels' rates are remembered.
	limitedHotels = 4096
)

// hooks is what the client knows of webhooks under way.
type hooks struct {
	slots  chan struct{}
	mu     sync.Mutex
	limits *lru.Cache[string, *rate.Limiter]
}

func newHooks() *hooks {
	limits, _ := lru.New[string, *rate.Limiter](limitedHotels) // fails for a size of nothing only
	return &hooks{slots: make(chan struct{}, hookWidth), limits: limits}
}

// allow reports whether the hotel may post now.
func (h *hooks) allow(hotel string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	limit, ok := h.limits.Get(hotel)
	if !ok {
		limit = rate.NewLimiter(hookRate, hookBurst)
		h.limits.Add(hotel, limit)
	}
	return limit.AllowN(now, 1)
}

// Receive takes a vendor's events into the inbox and begins to carry them out.
// After nil the vendor need not repeat them; after any error it may. Whoever
// has no secret learns nothing: not whether there is such a hotel or vendor.
func (c *Client) Receive(ctx context.Context, w Webhook) error {
	if err := c.admit(ctx, w); err != nil {
		return err
	}
	if !c.hooks.allow(w.Hotel, c.now()) {
		c.count(w.Vendor, "limited", 1)
		return tooMany("This hotel's system posts more than a hotel can have to tell; slow down.")
	}
	s, err := c.site(ctx, w.Hotel)
	if err != nil {
		return err
	}
	if s.Vendor != w.Vendor {
		return noAddress() // the hotel has moved to another system since
	}
	events, err := c.read(s, w)
	if err != nil {
		c.count(w.Vendor, "malformed", 1)
		return err
	}
	if len(events) == 0 {
		return nil
	}
	taken, err := c.Webhooks.Take(ctx, s.ID, s.Vendor, events)
	if err != nil {
		return Unavailable.With("The event cannot be stored now; post it again.").because(err)
	}
	c.count(s.Vendor, "taken", len(taken))
	c.count(s.Vendor, "duplicate", len(events)-len(taken))
	if len(taken) > 0 {
		c.changed(s.ID, changeHotel)
		c.begin(ctx, s, taken)
	}
	return nil
}

// admit answers everybody who has no secret in the same way.
func (c *Client) admit(ctx context.Context, w Webhook) error {
	if c.Webhooks == nil {
		return noAddress()
	}
	known, err := c.Webhooks.Known(ctx, w.Hotel, w.Vendor, w.Secret)
	switch {
	case errors.Is(err, webhooks.ErrBusy):
		return tooMany("Too many ask at once; try again.").because(err)
	case err != nil:
		return Unavailable.With("The database does not answer; post the event again.").because(err)
	case !known:
		return noAddress()
	}
	return nil
}

func noAddress() *Problem { return NotFound.With("See /docs for the addresses that there are.") }

func tooMany(detail string) *Problem {
	p := TooMany.With(detail)
	p.RetryAfter = time.Second
	return p
}

// read returns the events that are worth a look: not those of a health check,
// which an answer is all that is wanted of, nor those of another property.
func (c *Client) read(s site, w Webhook) ([]pms.Event, error) {
	body, err := io.ReadAll(io.LimitReader(w.Body, maxWebhook+1))
	if err != nil {
		return nil, MalformedRequest.With("The body ended early; post it again.").because(err)
	}
	if len(body) > maxWebhook {
		return nil, TooLarge.With("A body has at most 64 KiB.")
	}
	all, err := s.conn.ParseWebhook(w.Header, body)
	switch {
	case errors.Is(err, pms.ErrUnsupported):
		return nil, problemOf(err)
	case err != nil:
		return nil, MalformedRequest.With("This is no event of the hotel's system.").because(err)
	case len(all) > maxEvents:
		return nil, TooLarge.With("A body has at most 1,000 events.")
	}
	var events []pms.Event
	for _, e := range all {
		if e.Kind != pms.EventHealth && (e.Property == "" || e.Property == s.Property) {
			events = append(events, e)
		}
	}
	return events, nil
}

// begin carries out what was taken, as far as there are hands free, and waits a
// moment for it. Whether the vendor hangs up does not matter. What no hand is
// free for, or what fails, is in the inbox.
func (c *Client) begin(ctx context.Context, s site, taken []webhooks.Delivery) {
	ended := make(chan struct{}, len(taken))
	started := 0
	for _, d := range taken {
		select {
		case c.hooks.slots <- struct{}{}:
		default:
			continue
		}
		started++
		go func() {
			defer func() { <-c.hooks.slots; ended <- struct{}{} }()
			c.carryOutEvent(context.WithoutCancel(ctx), s, d)
		}()
	}
	patience := time.NewTimer(hookPatience)
	defer patience.Stop()
	for range started {
		select {
		case <-ended:
		case <-patience.C:
			return
		}
	}
}

func (c *Client) count(vendor, result string, n int) {
	c.metrics.deliveries.WithLabelValues(vendor, result).Add(float64(n))
}
