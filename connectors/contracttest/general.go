package contracttest

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// unsupportedName is the one behaviour of operations that a vendor lacks.
const unsupportedName = "unsupported"

// generalBehaviours hold for every operation alike.
func generalBehaviours() []behaviour {
	var all []behaviour
	for _, o := range pms.Operations() {
		all = append(all, behaviour{operation: o, name: unsupportedName, run: func(c *check) { answersUnsupported(c, o) }})
		if o == pms.OpDraft || o == pms.OpWebhook {
			continue // they make no call and take no context
		}
		e := exercises()[o]
		all = append(all,
			behaviour{operation: o, name: "context_cancelled_before", with: e.with, run: func(c *check) { cancelledBefore(c, o, e) }},
			behaviour{operation: o, name: "context_cancelled_while_waiting", with: e.with, plays: []Kind{Silence}, run: func(c *check) { cancelledWhile(c, o, e) }},
		)
	}
	return append(all,
		behaviour{operation: pms.OpHealth, name: "one_token_for_many", run: oneTokenForMany},
		behaviour{operation: pms.OpHealth, name: "token_renewed_once_for_many", plays: []Kind{TokenRevoked}, run: oneRenewalForMany},
		behaviour{operation: pms.OpHealth, name: "token_expired", run: func(c *check) {
			c.together(1)
			had := c.Sandbox.TokenRequests()
			c.Sandbox.Advance(48 * time.Hour)
			c.together(1)
			require.LessOrEqual(c, c.Sandbox.TokenRequests()-had, 1, "a token that has run out is renewed once")
		}},
	)
}

func answersUnsupported(c *check, o pms.Operation) {
	c.unasked(func() { c.fails(bare(c.Context(), c.Connector, o), o, pms.ErrUnsupported) })
}

// cancelledBefore: a caller that has hung up costs no request and changes
// nothing.
func cancelledBefore(c *check, o pms.Operation, e exercise) {
	a := e.prepare(c)
	before := c.text(c.Sandbox.Records())
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	c.unasked(func() {
		c.fails(c.within(promptly, func() error { _, err := a.call(ctx); return err }), o, pms.ErrUnavailable)
	})
	require.Equal(c, before, c.text(c.Sandbox.Records()), "nothing was written")
	c.settled(o, a)
}

// cancelledWhile: a caller that hangs up gets its answer at once, and the
// truth: a write that was sent may have happened.
func cancelledWhile(c *check, o pms.Operation, e exercise) {
	a := e.prepare(c)
	c.play(Fault{Kind: Silence, Operation: o})
	_, err := c.hangUp(a)
	c.Sandbox.Clear()
	switch {
	case !o.Writes():
		c.fails(err, o, pms.ErrUnavailable)
	case a.effects == nil:
		c.fails(err, o, pms.ErrOutcomeUnknown, pms.ErrUnavailable)
	default:
		c.fails(err, o, pms.ErrOutcomeUnknown)
	}
	c.settled(o, a)
}

// hangUp calls under Silence, and ends the context when the vendor has done
// its part.
func (c *check) hangUp(a attempt) (any, error) {
	c.Helper()
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	var answer any
	answered, silent := make(chan error, 1), make(chan error, 1)
	go func() {
		answered <- safely(func() (err error) {
			answer, err = a.call(ctx)
			return err
		})
	}()
	go func() { silent <- c.Sandbox.AwaitSilence(ctx) }()
	select {
	case err := <-answered:
		return answer, err
	case <-silent:
	}
	cancel()
	err := c.within(promptly, func() error { return <-answered })
	return answer, err
}

func oneTokenForMany(c *check) {
	c.together(50)
	require.LessOrEqual(c, c.Sandbox.TokenRequests(), 1, "one token serves all")
}

func oneRenewalForMany(c *check) {
	c.together(1)
	had := c.Sandbox.TokenRequests()
	c.play(Fault{Kind: TokenRevoked, Operation: pms.OpHealth, Times: 1})
	c.together(1)
	c.Sandbox.Clear()
	c.together(50)
	require.LessOrEqual(c, c.Sandbox.TokenRequests()-had, 1, "a refused token is renewed once")
}

// together asks for the vendor's health from n callers at once. A hotel has
// slots for fewer, and on a busy machine some are told to ask again.
func (c *check) together(n int) {
	c.Helper()
	require.NoError(c, errors.Join(c.race(n, func(int) (err error) {
		for range n {
			if _, err = c.Connector.Health(c.Context()); !errors.Is(err, pms.ErrRateLimited) {
				return err
			}
		}
		return err
	})...))
}

// bare calls an operation with as little as its signature takes.
func bare(ctx context.Context, conn pms.Connector, o pms.Operation) (err error) {
	switch o {
	case pms.OpHealth:
		_, err = conn.Health(ctx)
	case pms.OpProperties:
		_, err = conn.Properties(ctx)
	case pms.OpCatalog:
		_, err = conn.Catalog(ctx)
	case pms.OpAvailability:
		_, err = conn.Availability(ctx, pms.AvailabilityQuery{})
	case pms.OpQuote:
		_, err = conn.Quote(ctx, pms.QuoteQuery{})
	case pms.OpQuoteChange:
		_, err = conn.QuoteChange(ctx, pms.ChangeQuery{})
	case pms.OpDraft:
		_, err = conn.Draft(pms.CreateRequest{})
	case pms.OpCreate:
		_, err = conn.Create(ctx, pms.Draft{})
	case pms.OpHold:
		_, err = conn.Hold(ctx, pms.Draft{Hold: true})
	case pms.OpConfirm:
		_, err = conn.Confirm(ctx, "")
	case pms.OpRelease:
		err = conn.Release(ctx, "")
	case pms.OpRead:
		_, err = conn.Reservation(ctx, "")
	case pms.OpByConfirmation:
		_, err = conn.ByConfirmation(ctx, "")
	case pms.OpByReference:
		_, err = conn.ByReference(ctx, "")
	default:
		err = bareOfStay(ctx, conn, o)
	}
	return err
}

// bareOfStay are the operations on stays, guests and events.
func bareOfStay(ctx context.Context, conn pms.Connector, o pms.Operation) (err error) {
	switch o {
	case pms.OpAmend:
		err = conn.Amend(ctx, pms.AmendRequest{})
	case pms.OpEdit:
		err = conn.Edit(ctx, pms.EditRequest{})
	case pms.OpCancel:
		err = conn.Cancel(ctx, "")
	case pms.OpNoShow:
		err = conn.NoShow(ctx, "")
	case pms.OpExtras:
		_, err = conn.Extras(ctx, "")
	case pms.OpAddExtra:
		err = conn.AddExtra(ctx, pms.ExtraRequest{})
	case pms.OpSearchGuests:
		_, err = conn.SearchGuests(ctx, pms.GuestQuery{})
	case pms.OpGuest:
		_, err = conn.Guest(ctx, "")
	case pms.OpUpsertGuest:
		_, err = conn.UpsertGuest(ctx, pms.Guest{})
	case pms.OpEraseGuest:
		err = conn.EraseGuest(ctx, "")
	case pms.OpArrivals:
		_, err = collect(conn.Arrivals(ctx, pms.Date{}))
	case pms.OpInHouse:
		_, err = collect(conn.InHouse(ctx))
	case pms.OpSubscribe:
		_, err = conn.Subscribe(ctx, pms.SubscribeRequest{})
	case pms.OpSubscriptions:
		_, err = conn.Subscriptions(ctx)
	case pms.OpUnsubscribe:
		err = conn.Unsubscribe(ctx, "")
	case pms.OpWebhook:
		_, err = conn.ParseWebhook(nil, nil)
	}
	return err
}
