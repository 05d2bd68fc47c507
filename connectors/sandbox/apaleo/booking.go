package apaleo

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// States of a reservation, as the vendor spells them.
const (
	Confirmed  = "Confirmed"
	InHouse    = "InHouse"
	CheckedOut = "CheckedOut"
	Canceled   = "Canceled"
	NoShow     = "NoShow"
)

// A booking holds the reservations that one request made.
type booking struct {
	id, key              string
	booker               person
	comment, bookerNote  string
	account              *paymentAccount
	created, modified    time.Time
	transactionReference string
	reservations         []*reservation
}

// A reservation is one unit for a span of nights.
type reservation struct {
	id, status             string
	booking                *booking
	arrival, departure     pms.Date
	arrivesAt, departsAt   time.Time
	adults                 int
	childrenAges           []int
	external               string
	channel, source        string
	comment, guestComment  string
	guarantee, purpose     string
	promo, corporate       string
	company                string
	primary                *person
	additional             []person
	account                *paymentAccount
	commission             json.RawMessage
	slices                 []timeSlice
	services               []bookedService
	taxed                  bool  // a city tax is charged
	fee                    int64 // cents: what a cancelled or no-show stay costs
	created, modified      time.Time
	cancelled, checkedIn   time.Time
	checkedOut, notShownUp time.Time
}

// A timeSlice is one night of a reservation.
type timeSlice struct {
	night pms.Date
	plan  *ratePlan
	gross int64 // cents
}

// persons counts who sleeps there.
func (r *reservation) persons() int { return r.adults + len(r.childrenAges) }

// holds reports whether the reservation takes its rooms off the shelf.
func (r *reservation) holds() bool {
	return r.status != Canceled && r.status != NoShow
}

// amendable reports whether the stay is still to come or under way.
func (r *reservation) amendable() bool { return r.status == Confirmed || r.status == InHouse }

// plan is the rate plan of the first night, which stands for the stay.
func (r *reservation) plan() *ratePlan { return r.slices[0].plan }

func (r *reservation) property() *property { return r.plan().group.property }

// lodging is what the nights cost.
func (r *reservation) lodging() int64 {
	var sum int64
	for _, slice := range r.slices {
		sum += slice.gross
	}
	return sum
}

// total is the vendor's totalGrossAmount: the nights and the services that were
// booked beside them. That services are part of it follows from the vendor's
// example only: 187 for nights, and 222 with a service that costs 35.
func (r *reservation) total() int64 {
	sum := r.lodging()
	for _, booked := range r.services {
		sum += booked.total()
	}
	return sum
}

// cityTax comes on top of the total.
func (r *reservation) cityTax() int64 {
	if !r.taxed {
		return 0
	}
	return r.property().tax.of(r.lodging(), len(r.slices), r.adults)
}

// payable is the total and what comes on top of it; of a stay that will not
// be, what it costs.
func (r *reservation) payable() int64 {
	if !r.holds() {
		return r.fee
	}
	return r.total() + r.cityTax() + r.plan().group.cleaning
}

// taxDetails tells the taxes that are part of the total.
func (r *reservation) taxDetails() []any {
	sums := map[vat]int64{reduced: r.lodging()}
	order := []vat{reduced}
	for _, booked := range r.services {
		if !slices.Contains(order, booked.tax) {
			order = append(order, booked.tax)
		}
		sums[booked.tax] += booked.total()
	}
	details := make([]any, len(order))
	for i, tax := range order {
		details[i] = tax.details(sums[tax])
	}
	return details
}
