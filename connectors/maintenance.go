package connectors

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
)

// ErrMaintenance is wrapped by the error of every call while an operator keeps
// the hotel's connection closed.
var ErrMaintenance = errors.New("the hotel's connection is closed for maintenance")

// The pause that a call's error asks for during a maintenance. It is short
// when the end is near, and never so long that the end goes unnoticed.
const (
	shortestPause = time.Second
	longestPause  = 30 * time.Second
)

// closable puts the hotel's status in front of its connector.
func (f *Factory) closable(h registry.Hotel, c pms.Connector) pms.Connector {
	if f.statuses == nil {
		return c
	}
	return &closable{Connector: c, statuses: f.statuses, hotel: h.ID, vendor: h.Vendor, now: time.Now}
}

// closable is a connector that a maintenance closes. What makes no call passes,
// so that a wish can be stored meanwhile; so does Health, which finds out
// whether the connection may be opened again.
type closable struct {
	pms.Connector
	statuses      Statuses
	hotel, vendor string
	now           func() time.Time
}

// open returns an *pms.Error with ErrUnavailable and ErrMaintenance while the
// hotel is in maintenance. When the status cannot be read the connection counts
// as open: the vendor's own answer is better than our doubt.
func (c *closable) open(ctx context.Context, o pms.Operation) error {
	status, err := c.statuses.Status(ctx, c.hotel)
	if err != nil || status.State != Maintenance {
		return nil
	}
	pause := longestPause
	if !status.Until.IsZero() {
		pause = min(pause, max(shortestPause, status.Until.Sub(c.now())))
	}
	return &pms.Error{
		Kind: pms.ErrUnavailable, Vendor: c.vendor, Operation: string(o), RetryAfter: pause,
		Detail: "an operator closed the connection; nothing was sent", Cause: ErrMaintenance,
	}
}

// Ready returns the error that the operation would fail with because of a
// maintenance. Who notes that a write is about to be sent asks first.
func (c *closable) Ready(ctx context.Context, o pms.Operation) error { return c.open(ctx, o) }

// answer makes a call that answers with something.
func answer[T any](ctx context.Context, c *closable, o pms.Operation, call func() (T, error)) (T, error) {
	if err := c.open(ctx, o); err != nil {
		var none T
		return none, err
	}
	return call()
}

// act makes a call that answers with nothing.
func (c *closable) act(ctx context.Context, o pms.Operation, call func() error) error {
	if err := c.open(ctx, o); err != nil {
		return err
	}
	return call()
}

// Properties implements pms.Connector.
func (c *closable) Properties(ctx context.Context) ([]pms.Named, error) {
	return answer(ctx, c, pms.OpProperties, func() ([]pms.Named, error) { return c.Connector.Properties(ctx) })
}

// Catalog implements pms.Connector.
func (c *closable) Catalog(ctx context.Context) (pms.Catalog, error) {
	return answer(ctx, c, pms.OpCatalog, func() (pms.Catalog, error) { return c.Connector.Catalog(ctx) })
}

// Availability implements pms.Connector.
func (c *closable) Availability(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
	return answer(ctx, c, pms.OpAvailability, func() ([]pms.Offer, error) { return c.Connector.Availability(ctx, q) })
}

// Quote implements pms.Connector.
func (c *closable) Quote(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
	return answer(ctx, c, pms.OpQuote, func() (pms.Offer, error) { return c.Connector.Quote(ctx, q) })
}

// QuoteChange implements pms.Connector.
func (c *closable) QuoteChange(ctx context.Context, q pms.ChangeQuery) (pms.Offer, error) {
	return answer(ctx, c, pms.OpQuoteChange, func() (pms.Offer, error) { return c.Connector.QuoteChange(ctx, q) })
}

// Create implements pms.Connector.
func (c *closable) Create(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	return answer(ctx, c, pms.OpCreate, func() (pms.Reservation, error) { return c.Connector.Create(ctx, d) })
}

// Hold implements pms.Connector.
func (c *closable) Hold(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	return answer(ctx, c, pms.OpHold, func() (pms.Reservation, error) { return c.Connector.Hold(ctx, d) })
}

// Confirm implements pms.Connector.
func (c *closable) Confirm(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	return answer(ctx, c, pms.OpConfirm, func() (pms.Reservation, error) { return c.Connector.Confirm(ctx, id) })
}

// Release implements pms.Connector.
func (c *closable) Release(ctx context.Context, id pms.ReservationID) error {
	return c.act(ctx, pms.OpRelease, func() error { return c.Connector.Release(ctx, id) })
}

// Reservation implements pms.Connector.
func (c *closable) Reservation(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	return answer(ctx, c, pms.OpRead, func() (pms.Reservation, error) { return c.Connector.Reservation(ctx, id) })
}

// ByConfirmation implements pms.Connector.
func (c *closable) ByConfirmation(ctx context.Context, number string) (pms.Reservation, error) {
	return answer(ctx, c, pms.OpByConfirmation, func() (pms.Reservation, error) { return c.Connector.ByConfirmation(ctx, number) })
}

// ByReference implements pms.Connector.
func (c *closable) ByReference(ctx context.Context, ref pms.Reference) (pms.Reservation, error) {
	return answer(ctx, c, pms.OpByReference, func() (pms.Reservation, error) { return c.Connector.ByReference(ctx, ref) })
}

// Amend implements pms.Connector.
func (c *closable) Amend(ctx context.Context, r pms.AmendRequest) error {
	return c.act(ctx, pms.OpAmend, func() error { return c.Connector.Amend(ctx, r) })
}

// Edit implements pms.Connector.
func (c *closable) Edit(ctx context.Context, r pms.EditRequest) error {
	return c.act(ctx, pms.OpEdit, func() error { return c.Connector.Edit(ctx, r) })
}

// Cancel implements pms.Connector.
func (c *closable) Cancel(ctx context.Context, id pms.StayID) error {
	return c.act(ctx, pms.OpCancel, func() error { return c.Connector.Cancel(ctx, id) })
}

// NoShow implements pms.Connector.
func (c *closable) NoShow(ctx context.Context, id pms.StayID) error {
	return c.act(ctx, pms.OpNoShow, func() error { return c.Connector.NoShow(ctx, id) })
}

// Extras implements pms.Connector.
func (c *closable) Extras(ctx context.Context, id pms.StayID) ([]pms.Extra, error) {
	return answer(ctx, c, pms.OpExtras, func() ([]pms.Extra, error) { return c.Connector.Extras(ctx, id) })
}

// AddExtra implements pms.Connector.
func (c *closable) AddExtra(ctx context.Context, r pms.ExtraRequest) error {
	return c.act(ctx, pms.OpAddExtra, func() error { return c.Connector.AddExtra(ctx, r) })
}

// SearchGuests implements pms.Connector.
func (c *closable) SearchGuests(ctx context.Context, q pms.GuestQuery) ([]pms.Guest, error) {
	return answer(ctx, c, pms.OpSearchGuests, func() ([]pms.Guest, error) { return c.Connector.SearchGuests(ctx, q) })
}

// Guest implements pms.Connector.
func (c *closable) Guest(ctx context.Context, id pms.GuestID) (pms.Guest, error) {
	return answer(ctx, c, pms.OpGuest, func() (pms.Guest, error) { return c.Connector.Guest(ctx, id) })
}

// UpsertGuest implements pms.Connector.
func (c *closable) UpsertGuest(ctx context.Context, g pms.Guest) (pms.GuestID, error) {
	return answer(ctx, c, pms.OpUpsertGuest, func() (pms.GuestID, error) { return c.Connector.UpsertGuest(ctx, g) })
}

// EraseGuest implements pms.Connector.
func (c *closable) EraseGuest(ctx context.Context, id pms.GuestID) error {
	return c.act(ctx, pms.OpEraseGuest, func() error { return c.Connector.EraseGuest(ctx, id) })
}

// Subscribe implements pms.Connector.
func (c *closable) Subscribe(ctx context.Context, r pms.SubscribeRequest) (pms.Subscription, error) {
	return answer(ctx, c, pms.OpSubscribe, func() (pms.Subscription, error) { return c.Connector.Subscribe(ctx, r) })
}

// Subscriptions implements pms.Connector.
func (c *closable) Subscriptions(ctx context.Context) ([]pms.Subscription, error) {
	return answer(ctx, c, pms.OpSubscriptions, func() ([]pms.Subscription, error) { return c.Connector.Subscriptions(ctx) })
}

// Unsubscribe implements pms.Connector.
func (c *closable) Unsubscribe(ctx context.Context, id pms.SubscriptionID) error {
	return c.act(ctx, pms.OpUnsubscribe, func() error { return c.Connector.Unsubscribe(ctx, id) })
}

// Arrivals implements pms.Connector.
func (c *closable) Arrivals(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
	return c.stays(ctx, pms.OpArrivals, c.Connector.Arrivals(ctx, day))
}

// InHouse implements pms.Connector.
func (c *closable) InHouse(ctx context.Context) iter.Seq2[pms.Stay, error] {
	return c.stays(ctx, pms.OpInHouse, c.Connector.InHouse(ctx))
}

// stays asks when the stream is read, for that is when a call is made.
func (c *closable) stays(ctx context.Context, o pms.Operation, stream iter.Seq2[pms.Stay, error]) iter.Seq2[pms.Stay, error] {
	return func(yield func(pms.Stay, error) bool) {
		if err := c.open(ctx, o); err != nil {
			yield(pms.Stay{}, err)
			return
		}
		stream(yield)
	}
}
