package apaleo

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"
)

// The shapes on the wire, with the fields that are used and no others. Enums
// are strings, since Apaleo adds values to them.

type named struct {
	ID          string `json:"id"`
	Code        string `json:"code"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// monetary keeps the digits as they were sent: as a float they would be others.
type monetary struct {
	Amount   json.Number `json:"amount"`
	Currency string      `json:"currency"`
}

type taxedAmount struct {
	Gross    json.Number `json:"grossAmount"`
	Currency string      `json:"currency"`
}

// moment is a date-time with an offset; empty and null are the zero time.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil || text == "" {
		return err
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return errors.New("apaleo: a date-time must have an offset")
	}
	m.Time = at
	return nil
}

// text is a string, or strings by language, of which English is taken first.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	var plain string
	if json.Unmarshal(data, &plain) == nil {
		*t = text(plain)
		return nil
	}
	var byLanguage map[string]string
	if err := json.Unmarshal(data, &byLanguage); err != nil {
		return err
	}
	if english, ok := byLanguage["en"]; ok {
		*t = text(english)
		return nil
	}
	for _, language := range slices.Sorted(maps.Keys(byLanguage)) {
		*t = text(byLanguage[language])
		break
	}
	return nil
}

// fee is a cancellation or no-show policy as it applies.
type fee struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Due         moment   `json:"dueDateTime"`
	Fee         monetary `json:"fee"`
}

type unitGroup struct {
	named
	MaxPersons int `json:"maxPersons"`
}

// slice is one night of an offer or a reservation. Only in a reservation, and
// in the offers of one, it names a rate plan.
type slice struct {
	From      moment     `json:"from"`
	To        moment     `json:"to"`
	RatePlan  *named     `json:"ratePlan"`
	UnitGroup *unitGroup `json:"unitGroup"`
	Total     monetary   `json:"totalGrossAmount"`
}

// offer is OfferModel and ReservationStayOfferModel in one; the latter names
// rate plan and unit group in its slices alone.
type offer struct {
	Arrival      moment     `json:"arrival"`
	Departure    moment     `json:"departure"`
	UnitGroup    *unitGroup `json:"unitGroup"`
	RatePlan     *named     `json:"ratePlan"`
	Guarantee    string     `json:"minGuaranteeType"`
	Available    int        `json:"availableUnits"`
	Total        monetary   `json:"totalGrossAmount"`
	Prepayment   monetary   `json:"prePaymentAmount"`
	Cancellation fee        `json:"cancellationFee"`
	NoShow       fee        `json:"noShowFee"`
	Slices       []slice    `json:"timeSlices"`
	Fees         []struct {
		Code  string      `json:"code"`
		Name  string      `json:"name"`
		Total taxedAmount `json:"totalAmount"`
	} `json:"fees"`
	Taxes []struct {
		Type string   `json:"vatType"`
		Tax  monetary `json:"tax"`
	} `json:"taxDetails"`
	CityTax    *taxedAmount `json:"cityTax"`
	Violations []violation  `json:"validationMessages"`
}

type violation struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type offerList struct {
	Offers []offer `json:"offers"`
}

type person struct {
	FirstName string   `json:"firstName,omitempty"`
	LastName  string   `json:"lastName"`
	Email     string   `json:"email,omitempty"`
	Phone     string   `json:"phone,omitempty"`
	Language  string   `json:"preferredLanguage,omitempty"`
	Address   *address `json:"address,omitempty"`
}

type address struct {
	Country string `json:"countryCode,omitempty"`
}

// reservation is Apaleo's: one stay.
type reservation struct {
	ID           string   `json:"id"`
	BookingID    string   `json:"bookingId"`
	Status       string   `json:"status"`
	External     string   `json:"externalCode"`
	Property     named    `json:"property"`
	UnitGroup    named    `json:"unitGroup"`
	RatePlan     named    `json:"ratePlan"`
	Arrival      moment   `json:"arrival"`
	Departure    moment   `json:"departure"`
	Adults       int      `json:"adults"`
	ChildrenAges []int    `json:"childrenAges"`
	Total        monetary `json:"totalGrossAmount"`
	Cancellation fee      `json:"cancellationFee"`
	NoShow       fee      `json:"noShowFee"`
	Slices       []slice  `json:"timeSlices"`
	Guest        *person  `json:"primaryGuest"`
	Modified     moment   `json:"modified"`
}

// Check implements transport's check of an answer.
func (r *reservation) Check() error {
	if r.ID == "" {
		return errors.New("apaleo: a reservation without an id")
	}
	return nil
}

type reservationList struct {
	Reservations []reservation `json:"reservations"`
	Count        int           `json:"count"`
}

// booking is Apaleo's: one or more reservations.
type booking struct {
	ID           string        `json:"id"`
	Booker       *person       `json:"booker"`
	Modified     moment        `json:"modified"`
	Reservations []reservation `json:"reservations"`
}

func (b *booking) Check() error {
	if b.ID == "" {
		return errors.New("apaleo: a booking without an id")
	}
	return nil
}

// The bodies of writes.

type createBooking struct {
	Booker        person              `json:"booker"`
	BookerComment string              `json:"bookerComment,omitempty"`
	Reservations  []createReservation `json:"reservations"`
}

type createReservation struct {
	Arrival      string        `json:"arrival"`
	Departure    string        `json:"departure"`
	Adults       int           `json:"adults"`
	ChildrenAges []int         `json:"childrenAges,omitempty"`
	GuestComment string        `json:"guestComment,omitempty"`
	External     string        `json:"externalCode"`
	Channel      string        `json:"channelCode"`
	Guest        person        `json:"primaryGuest"`
	Guarantee    string        `json:"guaranteeType,omitempty"`
	Slices       []createSlice `json:"timeSlices"`
	Promo        string        `json:"promoCode,omitempty"`
	Corporate    string        `json:"corporateCode,omitempty"`
}

type createSlice struct {
	RatePlanID string    `json:"ratePlanId"`
	Total      *monetary `json:"totalAmount"`
}

type created struct {
	ID           string `json:"id"`
	Reservations []struct {
		ID string `json:"id"`
	} `json:"reservationIds"`
}

// Check: a creation that names no ids cannot be trusted to have happened.
func (c *created) Check() error {
	if !validID(c.ID) || len(c.Reservations) == 0 {
		return errors.New("apaleo: a created booking without ids")
	}
	for _, r := range c.Reservations {
		if !validID(r.ID) {
			return errors.New("apaleo: a created reservation without an id")
		}
	}
	return nil
}

type amendReservation struct {
	Arrival      string       `json:"arrival"`
	Departure    string       `json:"departure"`
	Adults       int          `json:"adults"`
	ChildrenAges []int        `json:"childrenAges"`
	Slices       []amendSlice `json:"timeSlices"`
}

type amendSlice struct {
	RatePlanID string    `json:"ratePlanId"`
	Total      *monetary `json:"totalGrossAmount"`
}
