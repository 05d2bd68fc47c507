package pms

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// A Connector speaks with one hotel's account at one vendor. It is safe for
// concurrent use. Every error is, or wraps, an *Error; a write that fails with
// ErrOutcomeUnknown may have happened.
type Connector interface {
	// Capabilities tells what this vendor can do. It makes no call.
	Capabilities() Capabilities
	// Health asks the vendor for something cheap with the real credentials.
	Health(ctx context.Context) (Health, error)

	// Properties lists the properties that the credentials open.
	Properties(ctx context.Context) ([]Named, error)
	// Catalog lists the property's room types and rate plans.
	Catalog(ctx context.Context) (Catalog, error)
	// Availability lists what can be booked and, with IncludeRestricted, what
	// cannot and why. Nothing to sell is an empty list, not an error.
	Availability(ctx context.Context, q AvailabilityQuery) ([]Offer, error)
	// Quote prices one room type and rate plan afresh. ErrSoldOut when it
	// cannot be booked any more, ErrNotFound when it does not exist; where the
	// vendor does not tell one from the other, ErrNotFound.
	Quote(ctx context.Context, q QuoteQuery) (Offer, error)
	// QuoteChange prices an existing stay with other dates, room or guests.
	QuoteChange(ctx context.Context, q ChangeQuery) (Offer, error)

	// Draft turns a request into the exact body that Create, or Hold, will
	// send. It makes no call and is deterministic. A draft is stored before it
	// is sent, so a repeat sends the same bytes under the same key.
	Draft(r CreateRequest) (Draft, error)
	// Create books a draft. Repeating it with the same Key while the key is
	// younger than Capabilities.KeyWindow answers with the same reservation.
	Create(ctx context.Context, d Draft) (Reservation, error)
	// Hold keeps the rooms until Reservation.HoldUntil without confirming.
	Hold(ctx context.Context, d Draft) (Reservation, error)
	// Confirm turns a hold into a reservation. Confirming twice is no error.
	Confirm(ctx context.Context, id ReservationID) (Reservation, error)
	// Release gives a hold back. Releasing twice is no error.
	Release(ctx context.Context, id ReservationID) error

	// Reservation reads by the vendor's id.
	Reservation(ctx context.Context, id ReservationID) (Reservation, error)
	// ByConfirmation reads by the number the guest quotes.
	ByConfirmation(ctx context.Context, number string) (Reservation, error)
	// ByReference reads by our own reference: an exact match, ErrNotFound when
	// the vendor does not know it (yet: see Capabilities.ListLag).
	ByReference(ctx context.Context, ref Reference) (Reservation, error)

	// Amend changes one stay to the wanted state. It does not read first: the
	// write rules of the caller do.
	Amend(ctx context.Context, r AmendRequest) error
	// Edit changes what has no price: the guest of a stay and remarks.
	// Repeating it leaves the same.
	Edit(ctx context.Context, r EditRequest) error
	// Cancel cancels one stay. It does not read first.
	Cancel(ctx context.Context, id StayID) error
	// NoShow records that the guest of a stay did not come. It does not read
	// first.
	NoShow(ctx context.Context, id StayID) error

	// Extras lists what can be added to a stay, with its price: breakfast,
	// parking.
	Extras(ctx context.Context, id StayID) ([]Extra, error)
	// AddExtra adds an extra to a stay, or sets how many of it there are. It
	// does not read first.
	AddExtra(ctx context.Context, r ExtraRequest) error

	// SearchGuests finds guests by name, e-mail or phone: exact matches, upper
	// and lower case and spaces apart. Where a vendor keeps guests within
	// bookings, so does Guest.ID.
	SearchGuests(ctx context.Context, q GuestQuery) ([]Guest, error)
	// Guest reads one guest.
	Guest(ctx context.Context, id GuestID) (Guest, error)
	// UpsertGuest writes a guest: a new one where g.ID is empty.
	UpsertGuest(ctx context.Context, g Guest) (GuestID, error)
	// EraseGuest removes a guest's personal data as far as the vendor can.
	EraseGuest(ctx context.Context, id GuestID) error

	// Arrivals streams the stays that arrive on a day.
	Arrivals(ctx context.Context, day Date) iter.Seq2[Stay, error]
	// InHouse streams the stays whose guests are in the house.
	InHouse(ctx context.Context) iter.Seq2[Stay, error]

	// Subscribe asks the vendor to post events to a URL, which holds a secret.
	Subscribe(ctx context.Context, r SubscribeRequest) (Subscription, error)
	// Subscriptions lists what the credentials have subscribed to.
	Subscriptions(ctx context.Context) ([]Subscription, error)
	// Unsubscribe ends a subscription. Ending one that is gone is no error.
	Unsubscribe(ctx context.Context, id SubscriptionID) error
	// ParseWebhook reads an event the vendor posted. It makes no call and
	// trusts nothing: the event names what changed, and we fetch it.
	ParseWebhook(header http.Header, body []byte) ([]Event, error)
}

// Health is the vendor's answer to a cheap authenticated question.
type Health struct {
	Property Named
	Latency  time.Duration
}

// Catalog is what a property sells, with the property's own settings, so that
// a registry entry can be checked against them.
type Catalog struct {
	Property  Named
	TimeZone  string // IANA name
	Currency  string // ISO 4217
	Country   string // ISO 3166-1 alpha-2
	RoomTypes []Named
	RatePlans []RatePlan
}

// RatePlan is a price with its terms; RoomTypeID is empty when the plan is
// sold for several room types.
type RatePlan struct {
	Named
	RoomTypeID RoomTypeID
}

// AvailabilityQuery asks for the offers of one room.
type AvailabilityQuery struct {
	Arrival           Date
	Departure         Date
	Occupancy         Occupancy
	PromoCode         string
	CorporateCode     string
	IncludeRestricted bool
}

// QuoteQuery asks for one offer afresh.
type QuoteQuery struct {
	RoomTypeID    RoomTypeID
	RatePlanID    RatePlanID
	Arrival       Date
	Departure     Date
	Occupancy     Occupancy
	PromoCode     string
	CorporateCode string
}

// ChangeQuery asks what an existing stay would cost with other details. Empty
// RoomTypeID and RatePlanID keep what the stay has.
type ChangeQuery struct {
	Stay       StayID
	RoomTypeID RoomTypeID
	RatePlanID RatePlanID
	Arrival    Date
	Departure  Date
	Occupancy  Occupancy
}

// CreateRequest is everything a new reservation needs.
type CreateRequest struct {
	Reference Reference
	Booker    Guest
	Stays     []StayRequest
	Hold      bool
}

// StayRequest is one room to book, from an offer.
type StayRequest struct {
	Offer   Offer
	Guest   *Guest // nil: the booker sleeps there
	Comment string
}

// A Draft is a write, frozen: the same bytes go out each time it is sent. It
// holds guest data and is stored sealed.
type Draft struct {
	Key       string          `json:"key"`
	Reference Reference       `json:"reference"`
	Hold      bool            `json:"hold,omitempty"`
	Body      json.RawMessage `json:"body"`
}

// AmendRequest is the state a stay should have.
type AmendRequest struct {
	Stay  StayID
	Offer Offer // from QuoteChange
}

// EditRequest names what to change of a stay; nil leaves a thing as it is.
type EditRequest struct {
	Stay StayID
	// Guest replaces the person who sleeps there.
	Guest *Guest
	// Companions replace the other guests of the room.
	Companions []Guest
	// Comment is the guest's wish, for the hotel to read.
	Comment *string
}

// ExtraRequest adds an extra to a stay.
type ExtraRequest struct {
	Stay  StayID
	Extra Extra // from Extras
	Count int
}

// SubscribeRequest asks for a property's events.
type SubscribeRequest struct {
	// URL takes the events; the secret in it is the only proof of the sender
	// where a vendor signs nothing. Never logged.
	URL string
}

// SubscriptionID names a subscription at the vendor.
type SubscriptionID string

// A Subscription is a vendor's promise to post events. Its URL holds a secret.
type Subscription struct {
	ID         SubscriptionID
	URL        string
	Properties []string
}

// GuestQuery finds guests; empty fields do not narrow.
type GuestQuery struct {
	LastName, FirstName, Email, Phone string
}

// EventKind says what happened to a stay or reservation.
type EventKind string

// Event kinds. EventOther is anything else: fetch the reservation and see.
const (
	EventCreated   EventKind = "created"
	EventAmended   EventKind = "amended"
	EventCancelled EventKind = "cancelled"
	EventOther     EventKind = "other"
	EventHealth    EventKind = "health"
)

// An Event is a webhook's content: what changed, never how. ID is the vendor's
// id of the delivery, for dropping duplicates.
type Event struct {
	ID            string
	Kind          EventKind
	Property      string
	ReservationID ReservationID
	StayID        StayID
	At            time.Time
}
