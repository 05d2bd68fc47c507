package capability

import (
	"context"
	"iter"
	"net/http"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Guard lets a connector do what the capability matrix says it can, and no
// more. Before any call, an operation that the vendor lacks answers
// pms.ErrUnsupported, and a question that the vendor would refuse by its
// documented limits answers pms.ErrValidation with the field at fault.
//
// live is asked anew on each call, so a matrix that was read again rules at
// once.
func Guard(conn pms.Connector, live func() pms.Capabilities) pms.Connector {
	return &guarded{conn: conn, live: live}
}

// guarded writes every operation out and embeds no Connector: one that is
// added to the contract later does not compile until it is ruled here too.
type guarded struct {
	conn pms.Connector
	live func() pms.Capabilities
}

// allow is the gate of every operation.
func (g *guarded) allow(o pms.Operation, rules ...rule) error {
	caps := g.live()
	refuse := func(kind error, f fault) error {
		return &pms.Error{Kind: kind, Vendor: caps.Vendor, Operation: string(o), Field: f.field, Detail: f.detail}
	}
	if !caps.Can(o) {
		return refuse(pms.ErrUnsupported, fault{})
	}
	for _, rule := range rules {
		if f := rule(caps); f.field != "" {
			return refuse(pms.ErrValidation, f)
		}
	}
	return nil
}

// Capabilities implements pms.Connector: it answers from the matrix.
func (g *guarded) Capabilities() pms.Capabilities { return g.live() }

// Health implements pms.Connector.
func (g *guarded) Health(ctx context.Context) (pms.Health, error) {
	if err := g.allow(pms.OpHealth); err != nil {
		return pms.Health{}, err
	}
	return g.conn.Health(ctx)
}

// Properties implements pms.Connector.
func (g *guarded) Properties(ctx context.Context) ([]pms.Named, error) {
	if err := g.allow(pms.OpProperties); err != nil {
		return nil, err
	}
	return g.conn.Properties(ctx)
}

// Catalog implements pms.Connector.
func (g *guarded) Catalog(ctx context.Context) (pms.Catalog, error) {
	if err := g.allow(pms.OpCatalog); err != nil {
		return pms.Catalog{}, err
	}
	return g.conn.Catalog(ctx)
}

// Availability implements pms.Connector.
func (g *guarded) Availability(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
	if err := g.allow(pms.OpAvailability, span("", q.Arrival, q.Departure), party("", q.Occupancy)); err != nil {
		return nil, err
	}
	return g.conn.Availability(ctx, q)
}

// Quote implements pms.Connector.
func (g *guarded) Quote(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
	if err := g.allow(pms.OpQuote, span("", q.Arrival, q.Departure), party("", q.Occupancy)); err != nil {
		return pms.Offer{}, err
	}
	return g.conn.Quote(ctx, q)
}

// QuoteChange implements pms.Connector.
func (g *guarded) QuoteChange(ctx context.Context, q pms.ChangeQuery) (pms.Offer, error) {
	if err := g.allow(pms.OpQuoteChange, span("", q.Arrival, q.Departure), party("", q.Occupancy), begun(q.Arrival)); err != nil {
		return pms.Offer{}, err
	}
	return g.conn.QuoteChange(ctx, q)
}

// Draft implements pms.Connector. A draft of a hold needs holds.
func (g *guarded) Draft(r pms.CreateRequest) (pms.Draft, error) {
	if r.Hold {
		if err := g.allow(pms.OpHold); err != nil {
			return pms.Draft{}, err
		}
	}
	if err := g.allow(pms.OpDraft, rooms(r.Stays)); err != nil {
		return pms.Draft{}, err
	}
	return g.conn.Draft(r)
}

// Create implements pms.Connector.
func (g *guarded) Create(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	if err := g.allow(pms.OpCreate, frozen(d, false)); err != nil {
		return pms.Reservation{}, err
	}
	return g.conn.Create(ctx, d)
}

// Hold implements pms.Connector.
func (g *guarded) Hold(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	if err := g.allow(pms.OpHold, frozen(d, true)); err != nil {
		return pms.Reservation{}, err
	}
	return g.conn.Hold(ctx, d)
}

// Confirm implements pms.Connector.
func (g *guarded) Confirm(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	if err := g.allow(pms.OpConfirm); err != nil {
		return pms.Reservation{}, err
	}
	return g.conn.Confirm(ctx, id)
}

// Release implements pms.Connector.
func (g *guarded) Release(ctx context.Context, id pms.ReservationID) error {
	if err := g.allow(pms.OpRelease); err != nil {
		return err
	}
	return g.conn.Release(ctx, id)
}

// Reservation implements pms.Connector.
func (g *guarded) Reservation(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	if err := g.allow(pms.OpRead); err != nil {
		return pms.Reservation{}, err
	}
	return g.conn.Reservation(ctx, id)
}

// ByConfirmation implements pms.Connector.
func (g *guarded) ByConfirmation(ctx context.Context, number string) (pms.Reservation, error) {
	if err := g.allow(pms.OpByConfirmation); err != nil {
		return pms.Reservation{}, err
	}
	return g.conn.ByConfirmation(ctx, number)
}

// ByReference implements pms.Connector.
func (g *guarded) ByReference(ctx context.Context, ref pms.Reference) (pms.Reservation, error) {
	if err := g.allow(pms.OpByReference); err != nil {
		return pms.Reservation{}, err
	}
	return g.conn.ByReference(ctx, ref)
}

// Amend implements pms.Connector. Where the vendor's amendments are made by
// rebooking, there is nothing to call: the workflow above rebooks.
func (g *guarded) Amend(ctx context.Context, r pms.AmendRequest) error {
	if err := g.allow(pms.OpAmend, offer("offer.", r.Offer), begun(r.Offer.Arrival)); err != nil {
		return err
	}
	return g.conn.Amend(ctx, r)
}

// Edit implements pms.Connector.
func (g *guarded) Edit(ctx context.Context, r pms.EditRequest) error {
	if err := g.allow(pms.OpEdit); err != nil {
		return err
	}
	return g.conn.Edit(ctx, r)
}

// Cancel implements pms.Connector.
func (g *guarded) Cancel(ctx context.Context, id pms.StayID) error {
	if err := g.allow(pms.OpCancel); err != nil {
		return err
	}
	return g.conn.Cancel(ctx, id)
}

// NoShow implements pms.Connector.
func (g *guarded) NoShow(ctx context.Context, id pms.StayID) error {
	if err := g.allow(pms.OpNoShow); err != nil {
		return err
	}
	return g.conn.NoShow(ctx, id)
}

// Extras implements pms.Connector.
func (g *guarded) Extras(ctx context.Context, id pms.StayID) ([]pms.Extra, error) {
	if err := g.allow(pms.OpExtras); err != nil {
		return nil, err
	}
	return g.conn.Extras(ctx, id)
}

// AddExtra implements pms.Connector.
func (g *guarded) AddExtra(ctx context.Context, r pms.ExtraRequest) error {
	if err := g.allow(pms.OpAddExtra, count(r)); err != nil {
		return err
	}
	return g.conn.AddExtra(ctx, r)
}

// SearchGuests implements pms.Connector.
func (g *guarded) SearchGuests(ctx context.Context, q pms.GuestQuery) ([]pms.Guest, error) {
	if err := g.allow(pms.OpSearchGuests, narrowed(q)); err != nil {
		return nil, err
	}
	return g.conn.SearchGuests(ctx, q)
}

// Guest implements pms.Connector.
func (g *guarded) Guest(ctx context.Context, id pms.GuestID) (pms.Guest, error) {
	if err := g.allow(pms.OpGuest); err != nil {
		return pms.Guest{}, err
	}
	return g.conn.Guest(ctx, id)
}

// UpsertGuest implements pms.Connector.
func (g *guarded) UpsertGuest(ctx context.Context, guest pms.Guest) (pms.GuestID, error) {
	if err := g.allow(pms.OpUpsertGuest); err != nil {
		return "", err
	}
	return g.conn.UpsertGuest(ctx, guest)
}

// EraseGuest implements pms.Connector.
func (g *guarded) EraseGuest(ctx context.Context, id pms.GuestID) error {
	if err := g.allow(pms.OpEraseGuest); err != nil {
		return err
	}
	return g.conn.EraseGuest(ctx, id)
}

// Arrivals implements pms.Connector.
func (g *guarded) Arrivals(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
	if err := g.allow(pms.OpArrivals, date("day", day)); err != nil {
		return refused(err)
	}
	return g.conn.Arrivals(ctx, day)
}

// InHouse implements pms.Connector.
func (g *guarded) InHouse(ctx context.Context) iter.Seq2[pms.Stay, error] {
	if err := g.allow(pms.OpInHouse); err != nil {
		return refused(err)
	}
	return g.conn.InHouse(ctx)
}

// refused is a stream that holds nothing but an error.
func refused(err error) iter.Seq2[pms.Stay, error] {
	return func(yield func(pms.Stay, error) bool) { yield(pms.Stay{}, err) }
}

// Subscribe implements pms.Connector.
func (g *guarded) Subscribe(ctx context.Context, r pms.SubscribeRequest) (pms.Subscription, error) {
	if err := g.allow(pms.OpSubscribe); err != nil {
		return pms.Subscription{}, err
	}
	return g.conn.Subscribe(ctx, r)
}

// Subscriptions implements pms.Connector.
func (g *guarded) Subscriptions(ctx context.Context) ([]pms.Subscription, error) {
	if err := g.allow(pms.OpSubscriptions); err != nil {
		return nil, err
	}
	return g.conn.Subscriptions(ctx)
}

// Unsubscribe implements pms.Connector.
func (g *guarded) Unsubscribe(ctx context.Context, id pms.SubscriptionID) error {
	if err := g.allow(pms.OpUnsubscribe); err != nil {
		return err
	}
	return g.conn.Unsubscribe(ctx, id)
}

// ParseWebhook implements pms.Connector.
func (g *guarded) ParseWebhook(header http.Header, body []byte) ([]pms.Event, error) {
	if err := g.allow(pms.OpWebhook); err != nil {
		return nil, err
	}
	return g.conn.ParseWebhook(header, body)
}
