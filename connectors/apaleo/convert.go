package apaleo

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// channel is what bookings by phone are to Apaleo.
const channel = "Direct"

var (
	errMixedCurrencies = errors.New("apaleo: one price in several currencies")
	errIncomplete      = errors.New("apaleo: a required field is missing")
)

func (n named) pms() pms.Named {
	return pms.Named{ID: n.ID, Code: n.Code, Name: n.Name, Description: n.Description}
}

// money reads an amount; nothing at all is no money.
func (m monetary) money() (pms.Money, error) {
	if m == (monetary{}) {
		return pms.Money{}, nil
	}
	return pms.RoundMoney(m.Amount.String(), m.Currency)
}

func (a taxedAmount) money() (pms.Money, error) {
	return monetary{Amount: a.Gross, Currency: a.Currency}.money()
}

func wireMoney(m pms.Money) *monetary {
	return &monetary{Amount: json.Number(m.Decimal()), Currency: m.Currency}
}

// sum adds amounts of one currency.
func sum(a, b pms.Money) (pms.Money, error) {
	if a != (pms.Money{}) && b != (pms.Money{}) && a.Currency != b.Currency {
		return pms.Money{}, errMixedCurrencies
	}
	return a.Plus(b), nil
}

func (c *Connector) date(m moment) pms.Date {
	if m.IsZero() {
		return pms.Date{}
	}
	return pms.DateOf(m.In(c.zone))
}

// wireTime writes a moment in the property's offset, without a fraction of a
// second, which Apaleo refuses.
func (c *Connector) wireTime(t time.Time) string { return t.In(c.zone).Format(time.RFC3339) }

// status maps Apaleo's; one that Apaleo invents later is unknown.
func status(s string) pms.Status {
	switch s {
	case "Confirmed":
		return pms.StatusConfirmed
	case "InHouse":
		return pms.StatusInHouse
	case "CheckedOut":
		return pms.StatusCheckedOut
	case "Canceled":
		return pms.StatusCancelled
	case "NoShow":
		return pms.StatusNoShow
	}
	return pms.StatusUnknown
}

// holdGuarantee is Apaleo's guarantee of rates that need none.
const holdGuarantee = "PM6Hold"

// guarantee maps Apaleo's; of one that is not known the strictest is assumed,
// so that nobody is promised a room that the hotel would not keep.
func guarantee(s string) pms.Guarantee {
	switch s {
	case holdGuarantee:
		return pms.GuaranteeNone
	case "CreditCard", "Ota":
		return pms.GuaranteeCard
	case "Company":
		return pms.GuaranteeCompany
	}
	return pms.GuaranteePrepayment
}

func cancellation(cancel, noShow fee) (pms.CancellationPolicy, error) {
	cost, err := cancel.Fee.money()
	if err != nil {
		return pms.CancellationPolicy{}, err
	}
	noShowCost, err := noShow.Fee.money()
	if err != nil {
		return pms.CancellationPolicy{}, err
	}
	policy := pms.CancellationPolicy{Name: cancel.Name, Fee: cost, NoShowFee: noShowCost, Description: cancel.Description}
	if !cost.IsZero() {
		policy.FreeUntil = cancel.Due.Time
	}
	return policy, nil
}

// offer maps one of Apaleo's; an error means that it does not follow Apaleo's
// contract.
func (c *Connector) offer(o offer, guests pms.Occupancy, terms terms) (pms.Offer, error) {
	if o.UnitGroup == nil && len(o.Slices) > 0 {
		o.UnitGroup, o.RatePlan = o.Slices[0].UnitGroup, o.Slices[0].RatePlan
	}
	if o.UnitGroup == nil || o.RatePlan == nil || o.Arrival.IsZero() || o.Departure.IsZero() {
		return pms.Offer{}, errIncomplete
	}
	terms.Arrival, terms.Departure, terms.Guarantee = c.wireTime(o.Arrival.Time), c.wireTime(o.Departure.Time), o.Guarantee
	vendor, err := json.Marshal(terms)
	if err != nil {
		return pms.Offer{}, err
	}
	result := pms.Offer{
		RoomType: o.UnitGroup.pms(), RatePlan: o.RatePlan.pms(),
		Arrival: c.date(o.Arrival), Departure: c.date(o.Departure),
		Occupancy: guests, MaxPersons: o.UnitGroup.MaxPersons,
		Available: max(0, o.Available), Guarantee: guarantee(o.Guarantee),
		Vendor: vendor,
	}
	if len(o.Violations) > 0 {
		result.Available = 0
		result.Restrictions = restrictions(o.Violations)
	}
	if result.Nights, err = c.nights(o.Slices, result.RoomType, result.RatePlan); err != nil {
		return pms.Offer{}, err
	}
	if len(result.Nights) != result.Arrival.NightsUntil(result.Departure) {
		return pms.Offer{}, errIncomplete
	}
	if result.Cancellation, err = cancellation(o.Cancellation, o.NoShow); err != nil {
		return pms.Offer{}, err
	}
	return result, o.price(&result)
}

// price sets the amounts. Taxes are part of Apaleo's total; city tax and fees
// come on top of it.
func (o offer) price(to *pms.Offer) (err error) {
	if to.Total, err = o.Total.money(); err != nil {
		return err
	}
	if to.Total.Currency == "" {
		return errIncomplete
	}
	if to.Prepayment, err = o.Prepayment.money(); err != nil {
		return err
	}
	for _, t := range o.Taxes {
		amount, err := t.Tax.money()
		if err != nil {
			return err
		}
		to.Charges = append(to.Charges, pms.Charge{Code: "vat", Name: t.Type, Amount: amount, Included: true})
	}
	to.PayableTotal = to.Total
	add := func(code, name string, on taxedAmount) error {
		amount, err := on.money()
		if err != nil || amount.IsZero() {
			return err
		}
		to.Charges = append(to.Charges, pms.Charge{Code: code, Name: name, Amount: amount})
		to.PayableTotal, err = sum(to.PayableTotal, amount)
		return err
	}
	for _, f := range o.Fees {
		if err := add(f.Code, f.Name, f.Total); err != nil {
			return err
		}
	}
	if o.CityTax != nil {
		return add("city_tax", "City tax", *o.CityTax)
	}
	return nil
}

// nights maps slices; those of a plain offer have the offer's own room type
// and rate plan.
func (c *Connector) nights(slices []slice, roomType, ratePlan pms.Named) ([]pms.Night, error) {
	var nights []pms.Night
	for _, s := range slices {
		total, err := s.Total.money()
		if err != nil {
			return nil, err
		}
		night := pms.Night{
			Date: c.date(s.From), Total: total,
			RoomTypeID: pms.RoomTypeID(roomType.ID), RatePlanID: pms.RatePlanID(ratePlan.ID),
		}
		if s.UnitGroup != nil {
			night.RoomTypeID = pms.RoomTypeID(s.UnitGroup.ID)
		}
		if s.RatePlan != nil {
			night.RatePlanID = pms.RatePlanID(s.RatePlan.ID)
		}
		nights = append(nights, night)
	}
	return nights, nil
}

// Apaleo's codes say only that a rate restriction is violated; which one is in
// the text beside it. The texts are not documented, so what is not recognised
// is passed on as its code.
var (
	minimumStay       = regexp.MustCompile(`(?i)min(?:imum)? length of stay\D{0,20}(\d{1,3})`)
	maximumStay       = regexp.MustCompile(`(?i)max(?:imum)? length of stay\D{0,20}(\d{1,3})`)
	closedToArrival   = regexp.MustCompile(`(?i)closed (?:on|to|for) arrival`)
	closedToDeparture = regexp.MustCompile(`(?i)closed (?:on|to|for) departure`)
	closed            = regexp.MustCompile(`(?i)\bclosed\b`)
)

func restrictions(violations []violation) pms.Restrictions {
	var r pms.Restrictions
	for _, v := range violations {
		restricted := v.Code == "RateRestrictionsViolated" || v.Code == "RatePlanRestrictionsViolated"
		switch {
		case v.Code == "UnitGroupFullyBooked":
			// Not a rule of the rate: Available says it.
		case restricted && minimumStay.MatchString(v.Message):
			r.MinNights = max(r.MinNights, number(minimumStay, v.Message))
		case restricted && maximumStay.MatchString(v.Message):
			r.MaxNights = number(maximumStay, v.Message)
		case restricted && closedToArrival.MatchString(v.Message):
			r.ClosedToArrival = true
		case restricted && closedToDeparture.MatchString(v.Message):
			r.ClosedToDeparture = true
		case restricted && closed.MatchString(v.Message):
			r.Closed = true
		default:
			r.Other = append(r.Other, v.Code)
		}
	}
	return r
}

func number(pattern *regexp.Regexp, text string) int {
	n, _ := strconv.Atoi(pattern.FindStringSubmatch(text)[1])
	return n
}

func (p *person) guest() *pms.Guest {
	if p == nil || *p == (person{}) {
		return nil
	}
	guest := &pms.Guest{FirstName: p.FirstName, LastName: p.LastName, Email: p.Email, Phone: p.Phone, Language: p.Language}
	if p.Address != nil {
		guest.Country = p.Address.Country
	}
	return guest
}

// wirePerson leaves the country out: Apaleo takes it within a whole address
// only, which nobody dictates on the phone.
func wirePerson(g pms.Guest) person {
	return person{FirstName: g.FirstName, LastName: g.LastName, Email: g.Email, Phone: g.Phone, Language: g.Language}
}

// stay maps one of Apaleo's reservations.
func (c *Connector) stay(r reservation) (pms.Stay, error) {
	total, err := r.Total.money()
	if err != nil {
		return pms.Stay{}, err
	}
	policy, err := cancellation(r.Cancellation, r.NoShow)
	if err != nil {
		return pms.Stay{}, err
	}
	roomType, ratePlan := r.UnitGroup.pms(), r.RatePlan.pms()
	nights, err := c.nights(r.Slices, roomType, ratePlan)
	if err != nil {
		return pms.Stay{}, err
	}
	return pms.Stay{
		ID: pms.StayID(r.ID), ReservationID: pms.ReservationID(r.BookingID), Reference: pms.Reference(r.External),
		Status: status(r.Status), RoomType: roomType, RatePlan: ratePlan,
		Arrival: c.date(r.Arrival), Departure: c.date(r.Departure),
		Occupancy: pms.Occupancy{Adults: r.Adults, ChildrenAges: r.ChildrenAges},
		Nights:    nights, Total: total, Cancellation: policy, Guest: r.Guest.guest(),
	}, nil
}
