package apaleo

import (
	"cmp"
	"time"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
)

// The shapes of Apaleo's answers, with the fields that are used and no others;
// those of requests stand where they are sent. Enums are strings, since Apaleo
// adds values to them. Most models of Apaleo are shorter forms of one another,
// so one type here often reads several.

// named is how Apaleo tells what something is: property, unit group, rate plan
// and service.
type named struct {
	mapping.Identified
	Code        string       `json:"code"`
	Name        mapping.Text `json:"name"`
	Description mapping.Text `json:"description"`
	// MaxPersons is of a unit group in an offer.
	MaxPersons int `json:"maxPersons"`
}

func (n named) pms() pms.Named {
	return pms.Named{ID: n.ID, Code: n.Code, Name: string(n.Name), Description: string(n.Description)}
}

// money is MonetaryValueModel, which requests have too, and AmountModel, which
// tells it before and after taxes.
type money struct{ pms.Money }

func (m *money) UnmarshalJSON(data []byte) error {
	return mapping.ReadMoney(data, &m.Money, "currency", "amount", "grossAmount")
}

func (m money) MarshalJSON() ([]byte, error) {
	return mapping.JSON(map[string]any{"amount": mapping.Decimal(m.Decimal()), "currency": m.Currency}), nil
}

// fee is a cancellation or no-show policy as it applies.
type fee struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Due         mapping.Moment `json:"dueDateTime"`
	Fee         money          `json:"fee"`
}

// slice is one night of an offer or a reservation. Only in a reservation, and
// in the offers of one, it names a rate plan.
type slice struct {
	From      mapping.Moment `json:"from"`
	RatePlan  named          `json:"ratePlan"`
	UnitGroup named          `json:"unitGroup"`
	Total     money          `json:"totalGrossAmount"`
}

// tax is part of a total.
type tax struct {
	Type string `json:"vatType"`
	Tax  money  `json:"tax"`
}

func (t tax) charge() pms.Charge {
	return pms.Charge{Code: "vat", Name: t.Type, Amount: t.Tax.Money, Included: true}
}

// surcharge comes on top of a total.
type surcharge struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Total money  `json:"totalAmount"`
}

func (s surcharge) charge() pms.Charge {
	return pms.Charge{Code: s.Code, Name: s.Name, Amount: s.Total.Money}
}

// priced is what offers and reservations share.
type priced struct {
	Arrival      mapping.Moment `json:"arrival"`
	Departure    mapping.Moment `json:"departure"`
	UnitGroup    named          `json:"unitGroup"`
	RatePlan     named          `json:"ratePlan"`
	Total        money          `json:"totalGrossAmount"`
	Taxes        []tax          `json:"taxDetails"`
	Cancellation fee            `json:"cancellationFee"`
	NoShow       fee            `json:"noShowFee"`
	Slices       []slice        `json:"timeSlices"`
}

// offer is OfferModel and ReservationStayOfferModel; the latter names rate plan
// and unit group in its slices alone.
type offer struct {
	priced
	Guarantee  string `json:"minGuaranteeType"`
	Available  int    `json:"availableUnits"`
	Prepayment money  `json:"prePaymentAmount"`
	// PrepaymentGross is what Apaleo's guide of today has instead.
	PrepaymentGross money       `json:"prePaymentGrossAmount"`
	Fees            []surcharge `json:"fees"`
	CityTax         money       `json:"cityTax"`
	Violations      []violation `json:"validationMessages"`
}

type violation struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// service is one of ServiceOfferModel and ReservationServiceItemModel; the
// latter counts by date.
type service struct {
	Service named       `json:"service"`
	Count   int         `json:"count"`
	Total   money       `json:"totalAmount"`
	Fees    []surcharge `json:"fees"`
	Dates   []struct {
		Count int `json:"count"`
	} `json:"dates"`
}

// person is GuestModel and BookerModel, which requests have too.
type person struct {
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Language  string `json:"preferredLanguage,omitempty"`
	Address   struct {
		Country string `json:"countryCode"`
	} `json:"address,omitzero"`
}

// reservation is Apaleo's: one stay. In lists, and in bookings still more,
// some of it is missing.
type reservation struct {
	mapping.Identified
	priced
	BookingID    string         `json:"bookingId"`
	Status       string         `json:"status"`
	Cancelled    mapping.Moment `json:"cancellationTime"`
	External     string         `json:"externalCode"`
	Property     named          `json:"property"`
	Adults       int            `json:"adults"`
	ChildrenAges mapping.Ages   `json:"childrenAges"`
	Payable      struct {
		Guest money `json:"guest"`
	} `json:"payableAmount"`
	Services  []service      `json:"services"`
	Guest     *person        `json:"primaryGuest"`
	Booker    *person        `json:"booker"`
	Promo     string         `json:"promoCode"`
	Corporate string         `json:"corporateCode"`
	Modified  mapping.Moment `json:"modified"`
}

// Check implements transport's check of an answer.
func (r *reservation) Check() error {
	if _, err := mapping.Sum("payableAmount", r.Total.Money, r.Payable.Guest.Money); err != nil {
		return err
	}
	return r.Identified.Check()
}

// booking is Apaleo's: one or more reservations.
type booking struct {
	mapping.Identified
	Booker       *person        `json:"booker"`
	Modified     mapping.Moment `json:"modified"`
	Reservations []reservation  `json:"reservations"`
}

// channel is what bookings by phone are to Apaleo.
const channel = "Direct"

// statuses are Apaleo's; one that it invents later is unknown.
var statuses = map[string]pms.Status{
	"Confirmed":  pms.StatusConfirmed,
	"InHouse":    pms.StatusInHouse,
	"CheckedOut": pms.StatusCheckedOut,
	"Canceled":   pms.StatusCancelled,
	"NoShow":     pms.StatusNoShow,
}

// guarantees are Apaleo's. Of one that it invents later the strictest is
// assumed, so that nobody is promised a room that the hotel would not keep.
var guarantees = map[string]pms.Guarantee{
	"PM6Hold":    pms.GuaranteeNone,
	"CreditCard": pms.GuaranteeCard,
	"Ota":        pms.GuaranteeCard,
	"Company":    pms.GuaranteeCompany,
	"Prepayment": pms.GuaranteePrepayment,
}

// stay maps one of Apaleo's reservations.
func (c *Connector) stay(r reservation) pms.Stay {
	s := surcharged(pms.Stay{
		ID: pms.StayID(r.ID), ReservationID: pms.ReservationID(r.BookingID), Reference: pms.Reference(r.External),
		Status: cmp.Or(statuses[r.Status], pms.StatusUnknown), RoomType: r.UnitGroup.pms(), RatePlan: r.RatePlan.pms(),
		Arrival: r.Arrival.Day(c.o.TimeZone), Departure: r.Departure.Day(c.o.TimeZone),
		Occupancy: pms.Occupancy{Adults: r.Adults, ChildrenAges: r.ChildrenAges},
		Nights:    c.nights(r.Slices, r.UnitGroup, r.RatePlan), Extras: mapping.Each(r.Services, service.extra),
		Total: r.Total.Money, PayableTotal: r.Payable.Guest.Money, Charges: mapping.Each(r.Taxes, tax.charge),
		Cancellation: cancellation(r.Cancellation, r.NoShow), Guest: r.Guest.guest(guestOf + r.ID),
	})
	s.CancellationFee = mapping.FeeCharged(s, r.Cancelled.Time)
	return s
}

// surcharged tells city tax and fees, of which a reservation, unlike an offer,
// has the sum only.
func surcharged(s pms.Stay) pms.Stay {
	return mapping.Surcharged(s, "city_tax_and_fees", "City tax and fees")
}

// nights maps slices; those of a plain offer have the offer's own room type
// and rate plan.
func (c *Connector) nights(slices []slice, roomType, ratePlan named) []pms.Night {
	return mapping.Each(slices, func(s slice) pms.Night {
		return pms.Night{
			Date: s.From.Day(c.o.TimeZone), Total: s.Total.Money,
			RoomTypeID: pms.RoomTypeID(cmp.Or(s.UnitGroup.ID, roomType.ID)),
			RatePlanID: pms.RatePlanID(cmp.Or(s.RatePlan.ID, ratePlan.ID)),
		}
	})
}

func cancellation(cancel, noShow fee) pms.CancellationPolicy {
	return mapping.Policy(pms.CancellationPolicy{
		Name: cancel.Name, Description: cancel.Description, FreeUntil: cancel.Due.Time, Fee: cancel.Fee.Money, NoShowFee: noShow.Fee.Money,
	})
}

// restrictions reads violations. Apaleo's codes say only that a rate's rule is
// broken; which one is in the sentence beside it. What is not recognised is
// passed on as its code.
func restrictions(violations []violation) pms.Restrictions {
	var r pms.Restrictions
	for _, v := range violations {
		ofRate := v.Code == "RateRestrictionsViolated" || v.Code == "RatePlanRestrictionsViolated"
		// A full house is not a rule of the rate: Available says it.
		if v.Code != "UnitGroupFullyBooked" && !(ofRate && mapping.Restrict(&r, v.Message)) {
			r.Other = append(r.Other, v.Code)
		}
	}
	return r
}

// guest is nil where Apaleo withholds the person.
func (p *person) guest(id string) *pms.Guest {
	if p == nil || *p == (person{}) {
		return nil
	}
	return &pms.Guest{
		ID: pms.GuestID(id), FirstName: p.FirstName, LastName: p.LastName, Email: p.Email, Phone: p.Phone,
		Language: p.Language, Country: p.Address.Country,
	}
}

// wirePerson leaves the country out: Apaleo takes it within a whole address
// only, which nobody dictates on the phone.
func wirePerson(g pms.Guest) person {
	return person{FirstName: g.FirstName, LastName: g.LastName, Email: g.Email, Phone: g.Phone, Language: g.Language}
}

// wireTime writes a moment in the property's offset, without a fraction of a
// second, which Apaleo refuses.
func (c *Connector) wireTime(t time.Time) string { return t.In(c.o.TimeZone).Format(time.RFC3339) }
