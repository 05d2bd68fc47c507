package pms

import (
	"encoding/json"
	"time"
)

// Identifiers. They are the vendor's own and opaque to us.
type (
	// A ReservationID names a reservation (Apaleo: a booking).
	ReservationID string
	// A StayID names one stay in a reservation (Apaleo: a reservation).
	StayID string
	// A RoomTypeID names a kind of room (Apaleo: a unit group).
	RoomTypeID string
	// A RatePlanID names a price with its terms.
	RatePlanID string
	// An ExtraID names something that is sold beside the room.
	ExtraID string
	// A GuestID names a guest's profile, where the vendor has profiles.
	GuestID string
	// A Reference is our own name for a reservation, stored by the vendor as
	// its external reference, so that a lost answer can be looked up.
	Reference string
)

// Occupancy says who sleeps in a room.
type Occupancy struct {
	Adults       int   `json:"adults" minimum:"1" maximum:"20"`
	ChildrenAges []int `json:"children_ages,omitempty" doc:"Age in years of each child on arrival"`
}

// Status is where a stay or a reservation stands at the vendor.
type Status string

// The states of a stay. A status that a vendor invents later becomes
// StatusUnknown and never breaks a read.
const (
	StatusHeld       Status = "held"
	StatusConfirmed  Status = "confirmed"
	StatusInHouse    Status = "in_house"
	StatusCheckedOut Status = "checked_out"
	StatusCancelled  Status = "cancelled"
	StatusNoShow     Status = "no_show"
	StatusUnknown    Status = "unknown"
)

// A Guest is a person on a reservation. All of it is personal data: it is
// never logged, and never part of an error or a workflow payload.
type Guest struct {
	ID        GuestID `json:"id,omitempty"`
	FirstName string  `json:"first_name,omitempty"`
	LastName  string  `json:"last_name"`
	Email     string  `json:"email,omitempty"`
	Phone     string  `json:"phone,omitempty"`
	Language  string  `json:"language,omitempty"`
	Country   string  `json:"country,omitempty"`
	Comment   string  `json:"comment,omitempty"`
}

// Named is a thing at the vendor with its code and a name for people.
type Named struct {
	ID          string `json:"id"`
	Code        string `json:"code,omitempty"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Restrictions are the rules of a rate that a stay breaks or must keep. Zero
// values restrict nothing.
type Restrictions struct {
	MinNights         int  `json:"min_nights,omitempty"`
	MaxNights         int  `json:"max_nights,omitempty"`
	ClosedToArrival   bool `json:"closed_to_arrival,omitempty"`
	ClosedToDeparture bool `json:"closed_to_departure,omitempty"`
	Closed            bool `json:"closed,omitempty"`
	// Other holds codes of the vendor that fit none of the above.
	Other []string `json:"other,omitempty"`
}

// Guarantee is what the hotel asks for before it keeps the room.
type Guarantee string

// The guarantees a rate plan can ask for.
const (
	GuaranteeNone       Guarantee = "none" // kept until the evening of arrival
	GuaranteeCard       Guarantee = "card"
	GuaranteePrepayment Guarantee = "prepayment"
	GuaranteeCompany    Guarantee = "company"
)

// CancellationPolicy says what a cancellation costs, and from when.
type CancellationPolicy struct {
	Name string `json:"name,omitempty"`
	// FreeUntil is the last moment at which cancelling costs nothing; zero
	// when it always costs Fee, or when Fee is nothing.
	FreeUntil   time.Time `json:"free_until,omitzero"`
	Fee         Money     `json:"fee"`
	NoShowFee   Money     `json:"no_show_fee"`
	Description string    `json:"description,omitempty"`
}

// A Charge is a tax or fee in a total.
type Charge struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
	// Amount is what the guest pays for it.
	Amount Money `json:"amount"`
	// Included tells that Amount is part of the room's total already.
	Included bool `json:"included"`
}

// A Night is the price of one night.
type Night struct {
	Date       Date       `json:"date"`
	RoomTypeID RoomTypeID `json:"room_type_id"`
	RatePlanID RatePlanID `json:"rate_plan_id"`
	Total      Money      `json:"total"`
}

// An Extra is something that a hotel sells beside the room.
type Extra struct {
	ID          ExtraID `json:"id"`
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	// Price is of one, for the whole stay, with its taxes.
	Price Money `json:"price"`
	// Count is how many a stay has; 0 in a list of what can be added.
	Count int `json:"count,omitempty"`
	// Vendor is what the connector needs to add it. Opaque.
	Vendor json.RawMessage `json:"vendor,omitempty" hidden:"true"`
}

// An Offer is a room type at a rate plan for given nights, as the vendor
// prices it now.
type Offer struct {
	RoomType     Named              `json:"room_type"`
	RatePlan     Named              `json:"rate_plan"`
	Arrival      Date               `json:"arrival"`
	Departure    Date               `json:"departure"`
	Occupancy    Occupancy          `json:"occupancy"`
	Available    int                `json:"available" doc:"Rooms left; 0 when restricted or full"`
	MaxPersons   int                `json:"max_persons,omitempty"`
	Nights       []Night            `json:"nights"`
	Total        Money              `json:"total" doc:"Room with the taxes and fees it includes"`
	Charges      []Charge           `json:"charges,omitempty"`
	PayableTotal Money              `json:"payable_total" doc:"Total plus the charges that are not included"`
	Guarantee    Guarantee          `json:"guarantee"`
	Prepayment   Money              `json:"prepayment,omitzero"`
	Cancellation CancellationPolicy `json:"cancellation"`
	Restrictions Restrictions       `json:"restrictions,omitzero"`
	// Vendor is what the connector needs to book this offer later. Opaque.
	Vendor json.RawMessage `json:"vendor,omitempty" hidden:"true"`
}

// Bookable reports whether the offer can be booked as it stands.
func (o Offer) Bookable() bool { return o.Available > 0 }

// A Stay is one room for a span of nights.
type Stay struct {
	ID            StayID        `json:"id"`
	ReservationID ReservationID `json:"reservation_id"`
	Reference     Reference     `json:"reference,omitempty"`
	Status        Status        `json:"status"`
	RoomType      Named         `json:"room_type"`
	RatePlan      Named         `json:"rate_plan"`
	Arrival       Date          `json:"arrival"`
	Departure     Date          `json:"departure"`
	Occupancy     Occupancy     `json:"occupancy"`
	Nights        []Night       `json:"nights,omitempty"`
	// Total is the room with the taxes and fees it includes.
	Total Money `json:"total"`
	// Charges are taxes and fees beside the total, such as a city tax.
	Charges []Charge `json:"charges,omitempty"`
	// PayableTotal is Total with the charges and extras that it does not
	// include; zero when the vendor does not tell.
	PayableTotal Money              `json:"payable_total,omitzero"`
	Extras       []Extra            `json:"extras,omitempty"`
	Cancellation CancellationPolicy `json:"cancellation"`
	// CancellationFee is what a cancelled or no-show stay cost.
	CancellationFee Money `json:"cancellation_fee,omitzero"`
	// Guest is the person who sleeps there; nil where the vendor withholds
	// personal data.
	Guest *Guest `json:"guest,omitempty"`
}

// A Reservation is what one caller booked: one or more stays.
type Reservation struct {
	ID ReservationID `json:"id"`
	// Confirmation is the number the guest quotes.
	Confirmation string    `json:"confirmation"`
	Reference    Reference `json:"reference,omitempty"`
	Status       Status    `json:"status"`
	Stays        []Stay    `json:"stays"`
	Total        Money     `json:"total"`
	PayableTotal Money     `json:"payable_total,omitzero"`
	// Booker is the person who booked; nil where the vendor withholds
	// personal data.
	Booker    *Guest    `json:"booker,omitempty"`
	HoldUntil time.Time `json:"hold_until,omitzero"` // with StatusHeld
	Modified  time.Time `json:"modified,omitzero"`
}
