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
	// PromoCode and CorporateCode open rates that not everybody can see.
	PromoCode     string
	CorporateCode string
}

// StayRequest is one room to quote.
type StayRequest struct {
	RoomType  pms.RoomTypeID `json:"room_type" maxLength:"100"`
	RatePlan  pms.RatePlanID `json:"rate_plan" maxLength:"100"`
	Arrival   pms.Date       `json:"arrival"`
	Departure pms.Date       `json:"departure"`
	Occupancy pms.Occupancy  `json:"occupancy"`
	// PromoCode and CorporateCode are those that the rate was found with.
	PromoCode     string `json:"promo_code,omitempty" maxLength:"40"`
	CorporateCode string `json:"corporate_code,omitempty" maxLength:"40"`
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
	Courtesy
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
	// Total is what the hotel's system has for the rooms.
	Total pms.Money `json:"total" doc:"What the hotel's system has for the rooms"`
	// PayableTotal is Total with what comes on top, such as city tax and
	// extras; zero where the hotel's system does not tell.
	PayableTotal pms.Money `json:"payable_total,omitzero" doc:"Total with what comes on top, such as city tax and extras; absent where the hotel's system does not tell, then see the quote's total"`
	HoldUntil    time.Time `json:"hold_until,omitzero"`
	Problem      string    `json:"problem,omitempty"`
	// Pending is what was asked for and is not settled yet; empty when nothing
	// is. A caller learns its outcome by repeating the request with its key.
	Pending   ledger.Kind `json:"pending,omitempty"`
	Version   int64       `json:"version"`
	UpdatedAt time.Time   `json:"updated_at"`
	Courtesy
}

// Courtesy is what an answer tells a caller beside its content. The API fills
// it in.
type Courtesy struct {
	// Degraded tells that the hotel's system answers badly at the moment.
	Degraded bool `json:"degraded,omitempty" doc:"The hotel's system answers slowly or not at all at the moment; this answer may be old, or late"`
	// Say is a sentence for the caller, when there is something to explain.
	Say string `json:"say,omitempty" doc:"A sentence to say to the caller, in the best language of Accept-Language, when there is something to explain"`
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
		Stays: e.Stays, Total: e.Total, PayableTotal: payableTotal(e.Stays), HoldUntil: e.HoldUntil, Problem: e.Problem,
		Pending: e.Pending, Version: e.Version, UpdatedAt: e.UpdatedAt,
	}
}

// payableTotal sums what the stays that stand cost with everything on top;
// zero when one of them does not tell.
func payableTotal(stays []pms.Stay) pms.Money {
	var sum pms.Money
	for _, stay := range stays {
		switch {
		case stay.Status == pms.StatusCancelled:
		case stay.PayableTotal.IsZero(), sum.Currency != "" && sum.Currency != stay.PayableTotal.Currency:
			return pms.Money{}
		default:
			sum = sum.Plus(stay.PayableTotal)
		}
	}
	return sum
}
