package starter

import (
	"time"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
)

// AvailabilityQuery asks what one room would cost.
type AvailabilityQuery struct {
	Arrival   pms.Date
	Departure pms.Date
	Occupancy pms.Occupancy
	// Restricted also lists what cannot be booked, and why.
	Restricted bool
}

// StayRequest is one room to quote.
type StayRequest struct {
	RoomType  pms.RoomTypeID `json:"room_type" maxLength:"100"`
	RatePlan  pms.RatePlanID `json:"rate_plan" maxLength:"100"`
	Arrival   pms.Date       `json:"arrival"`
	Departure pms.Date       `json:"departure"`
	Occupancy pms.Occupancy  `json:"occupancy"`
}

// QuoteRequest asks for a price that can be booked: of a new booking with
// Stays, or, with Reservation set, of a change to an existing one.
type QuoteRequest struct {
	Stays []StayRequest `json:"stays,omitempty"`
	// Reservation and Changes quote a change. A field of a change that is
	// empty stays as it is.
	Reservation string        `json:"reservation,omitempty"`
	Changes     []ChangedStay `json:"changes,omitempty"`
}

// ChangedStay is how one stay of a reservation should become. Stay may be
// empty when the reservation has only one.
type ChangedStay struct {
	Stay      pms.StayID     `json:"stay,omitempty"`
	RoomType  pms.RoomTypeID `json:"room_type,omitempty"`
	RatePlan  pms.RatePlanID `json:"rate_plan,omitempty"`
	Arrival   pms.Date       `json:"arrival,omitzero"`
	Departure pms.Date       `json:"departure,omitzero"`
	Occupancy pms.Occupancy  `json:"occupancy,omitzero"`
}

// Quote is a price that can be booked until it expires.
type Quote struct {
	ID          string      `json:"quote_id"`
	Reservation string      `json:"reservation,omitempty"`
	Offers      []pms.Offer `json:"offers"`
	// Total is what the guest pays for all stays, with taxes and fees.
	Total     pms.Money `json:"total"`
	ExpiresAt time.Time `json:"expires_at"`
}

// BookRequest books a quote.
type BookRequest struct {
	Quote string    `json:"quote_id"`
	Guest pms.Guest `json:"guest"`
	// Hold asks to keep the rooms without confirming.
	Hold bool `json:"hold,omitempty"`
	// Comment is the caller's wish for the hotel's staff.
	Comment string `json:"comment,omitempty"`
}

// Reservation is a booking as the ledger has it, without its guest.
type Reservation struct {
	ID           string       `json:"id"`
	State        ledger.State `json:"state"`
	Confirmation string       `json:"confirmation,omitempty"`
	Arrival      pms.Date     `json:"arrival"`
	Departure    pms.Date     `json:"departure"`
	Stays        []pms.Stay   `json:"stays"`
	// Total is what the hotel's system has for the rooms. What comes on top,
	// such as city tax, is in the quote's total.
	Total     pms.Money `json:"total" doc:"What the hotel's system has for the rooms; what comes on top, such as city tax, is in the quote's total"`
	HoldUntil time.Time `json:"hold_until,omitzero"`
	Problem   string    `json:"problem,omitempty"`
	// Pending is what was asked for and is not settled yet; empty when nothing
	// is. A caller learns its outcome by repeating the request with its key.
	Pending   ledger.Kind `json:"pending,omitempty"`
	Version   int64       `json:"version"`
	UpdatedAt time.Time   `json:"updated_at"`
}

// AdoptRequest names a reservation that was made elsewhere. The last name
// shows that the caller knows whose it is.
type AdoptRequest struct {
	Confirmation string `json:"confirmation"`
	LastName     string `json:"last_name"`
}

// Settled reports whether nothing asked for is still open.
func (r Reservation) Settled() bool { return r.Pending == "" && r.State != ledger.Pending }

func reservationOf(e ledger.Entry) Reservation {
	return Reservation{
		ID: e.ID, State: e.State, Confirmation: e.Confirmation, Arrival: e.Arrival, Departure: e.Departure,
		Stays: e.Stays, Total: e.Total, HoldUntil: e.HoldUntil, Problem: e.Problem,
		Pending: e.Pending, Version: e.Version, UpdatedAt: e.UpdatedAt,
	}
}
