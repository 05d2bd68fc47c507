package pms

import (
	"context"
	"iter"
	"net/http"
)

// Without is a Connector that has no operation: each answers ErrUnsupported. A
// vendor's connector embeds it and writes only what its vendor has.
type Without struct{ Vendor string }

func (w Without) none(o Operation) error {
	return &Error{Kind: ErrUnsupported, Vendor: w.Vendor, Operation: string(o)}
}

// Capabilities implements Connector: nothing can be had.
func (w Without) Capabilities() Capabilities { return Capabilities{Vendor: w.Vendor} }

// Health implements Connector.
func (w Without) Health(context.Context) (Health, error) { return Health{}, w.none(OpHealth) }

// Properties implements Connector.
func (w Without) Properties(context.Context) ([]Named, error) { return nil, w.none(OpProperties) }

// Catalog implements Connector.
func (w Without) Catalog(context.Context) (Catalog, error) { return Catalog{}, w.none(OpCatalog) }

// Availability implements Connector.
func (w Without) Availability(context.Context, AvailabilityQuery) ([]Offer, error) {
	return nil, w.none(OpAvailability)
}

// Quote implements Connector.
func (w Without) Quote(context.Context, QuoteQuery) (Offer, error) { return Offer{}, w.none(OpQuote) }

// QuoteChange implements Connector.
func (w Without) QuoteChange(context.Context, ChangeQuery) (Offer, error) {
	return Offer{}, w.none(OpQuoteChange)
}

// Draft implements Connector.
func (w Without) Draft(CreateRequest) (Draft, error) { return Draft{}, w.none(OpDraft) }

// Create implements Connector.
func (w Without) Create(context.Context, Draft) (Reservation, error) {
	return Reservation{}, w.none(OpCreate)
}

// Hold implements Connector.
func (w Without) Hold(context.Context, Draft) (Reservation, error) {
	return Reservation{}, w.none(OpHold)
}

// Confirm implements Connector.
func (w Without) Confirm(context.Context, ReservationID) (Reservation, error) {
	return Reservation{}, w.none(OpConfirm)
}

// Release implements Connector.
func (w Without) Release(context.Context, ReservationID) error { return w.none(OpRelease) }

// Reservation implements Connector.
func (w Without) Reservation(context.Context, ReservationID) (Reservation, error) {
	return Reservation{}, w.none(OpRead)
}

// ByConfirmation implements Connector.
func (w Without) ByConfirmation(context.Context, string) (Reservation, error) {
	return Reservation{}, w.none(OpByConfirmation)
}

// ByReference implements Connector.
func (w Without) ByReference(context.Context, Reference) (Reservation, error) {
	return Reservation{}, w.none(OpByReference)
}

// Amend implements Connector.
func (w Without) Amend(context.Context, AmendRequest) error { return w.none(OpAmend) }

// Edit implements Connector.
func (w Without) Edit(context.Context, EditRequest) error { return w.none(OpEdit) }

// Cancel implements Connector.
func (w Without) Cancel(context.Context, StayID) error { return w.none(OpCancel) }

// NoShow implements Connector.
func (w Without) NoShow(context.Context, StayID) error { return w.none(OpNoShow) }

// Extras implements Connector.
func (w Without) Extras(context.Context, StayID) ([]Extra, error) { return nil, w.none(OpExtras) }

// AddExtra implements Connector.
func (w Without) AddExtra(context.Context, ExtraRequest) error { return w.none(OpAddExtra) }

// SearchGuests implements Connector.
func (w Without) SearchGuests(context.Context, GuestQuery) ([]Guest, error) {
	return nil, w.none(OpSearchGuests)
}

// Guest implements Connector.
func (w Without) Guest(context.Context, GuestID) (Guest, error) { return Guest{}, w.none(OpGuest) }

// UpsertGuest implements Connector.
func (w Without) UpsertGuest(context.Context, Guest) (GuestID, error) {
	return "", w.none(OpUpsertGuest)
}

// EraseGuest implements Connector.
func (w Without) EraseGuest(context.Context, GuestID) error { return w.none(OpEraseGuest) }

// Arrivals implements Connector.
func (w Without) Arrivals(context.Context, Date) iter.Seq2[Stay, error] { return w.stays(OpArrivals) }

// InHouse implements Connector.
func (w Without) InHouse(context.Context) iter.Seq2[Stay, error] { return w.stays(OpInHouse) }

func (w Without) stays(o Operation) iter.Seq2[Stay, error] {
	return func(yield func(Stay, error) bool) { yield(Stay{}, w.none(o)) }
}

// Subscribe implements Connector.
func (w Without) Subscribe(context.Context, SubscribeRequest) (Subscription, error) {
	return Subscription{}, w.none(OpSubscribe)
}

// Subscriptions implements Connector.
func (w Without) Subscriptions(context.Context) ([]Subscription, error) {
	return nil, w.none(OpSubscriptions)
}

// Unsubscribe implements Connector.
func (w Without) Unsubscribe(context.Context, SubscriptionID) error { return w.none(OpUnsubscribe) }

// ParseWebhook implements Connector.
func (w Without) ParseWebhook(http.Header, []byte) ([]Event, error) { return nil, w.none(OpWebhook) }

var _ Connector = Without{}
