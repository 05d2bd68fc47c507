package starter

import (
	"context"
	"maps"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/activities/booking/ledger"
)

// Sweeping is how often the sweeper looks and how old an intent must be.
type Sweeping struct {
	Every time.Duration // 2 seconds when zero
	Age   time.Duration // 5 seconds when zero
	Batch int           // 1,000 when zero
}

// sweepPatience is how long one intent may keep the sweeper waiting. It only
// makes sure that the workflow has the update; it need not see the outcome.
const sweepPatience = 3 * time.Second

// sweepWidth is how many intents are sent at once.
const sweepWidth = 8

// Sweep re-issues intents that nobody has settled, until ctx ends: those whose
// caller died before the update was sent, or that were stored while Temporal
// was away. Sending one again is harmless, for an update has its intent's id.
func (c *Client) Sweep(ctx context.Context, o Sweeping) {
	o.Every, o.Age = orDefault(o.Every, 2*time.Second), orDefault(o.Age, 5*time.Second)
	if o.Batch == 0 {
		o.Batch = 1000
	}
	tried := map[string]attempt{}
	ticker := time.NewTicker(o.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			tried = c.sweepOnce(ctx, o, tried)
		}
	}
}

// attempt remembers when an intent may be sent again.
type attempt struct {
	next  time.Time
	pause time.Duration
}

// sweepOnce sends every open intent whose pause is over, and returns what to
// remember about those that are still open. It reads all of them, page by page:
// many that wait for one hotel must not hide the others.
func (c *Client) sweepOnce(ctx context.Context, o Sweeping, tried map[string]attempt) map[string]attempt {
	still := map[string]attempt{}
	var sends errgroup.Group
	sends.SetLimit(sweepWidth)
	defer func() { _ = sends.Wait() }() // resend reports for itself
	var last ledger.OpenIntent
	for before := c.now().Add(-o.Age); ; {
		page, err := c.Ledger.OpenIntents(ctx, before, last, o.Batch)
		if err != nil {
			c.Logger.WarnContext(ctx, "The sweeper cannot read the open intents.", "error", err)
			maps.Copy(tried, still)
			return tried
		}
		for _, intent := range page {
			known := tried[intent.ID]
			if !c.now().Before(known.next) {
				sends.Go(func() error {
					c.resend(ctx, intent)
					return nil
				})
				known.pause = min(max(2*known.pause, o.Every), time.Minute)
				known.next = c.now().Add(known.pause)
			}
			still[intent.ID] = known
		}
		if len(page) < o.Batch {
			return still
		}
		last = page[len(page)-1]
	}
}

func (c *Client) resend(ctx context.Context, open ledger.OpenIntent) {
	ctx, cancel := context.WithTimeout(ctx, sweepPatience)
	defer cancel()
	s, err := c.site(ctx, open.Hotel)
	if err != nil {
		c.Logger.WarnContext(ctx, "The sweeper cannot reach a hotel.", "hotel", open.Hotel, "error", err)
		return
	}
	intent, entry, err := c.Ledger.Open(ctx, open.Hotel, open.ID)
	if err != nil {
		c.Logger.WarnContext(ctx, "The sweeper cannot read an intent.", "hotel", open.Hotel, "intent", open.ID, "error", err)
		return
	}
	w := work{arrival: entry.Arrival}
	if intent.Quote != "" {
		quote, err := c.Ledger.Quote(ctx, open.Hotel, intent.Quote)
		if err != nil {
			c.Logger.WarnContext(ctx, "The sweeper cannot read a quote.", "hotel", open.Hotel, "intent", open.ID, "error", err)
			return
		}
		w.stays = len(quote.Offers)
	}
	// A run that closed, in whatever way, left the intent open: begin it again.
	// The write rules keep a second attempt from booking twice.
	_, done, err := c.update(ctx, s, intent, w, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	switch {
	case err != nil:
		c.Logger.WarnContext(ctx, "The sweeper cannot settle an intent.", "hotel", open.Hotel, "intent", open.ID, "error", err)
	case done:
		c.Logger.InfoContext(ctx, "The sweeper carried out an intent.", "hotel", open.Hotel, "booking", open.Booking, "kind", string(open.Kind))
	}
}
