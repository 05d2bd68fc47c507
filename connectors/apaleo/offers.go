package apaleo

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
)

// terms travel in Offer.Vendor: what a booking needs and the contract has no
// word for. Apaleo books from a date and a time; an offer brings the
// property's own times of arrival and departure.
type terms struct {
	Arrival   string `json:"arrival"`
	Departure string `json:"departure"`
	Guarantee string `json:"guarantee"`
	Promo     string `json:"promo,omitempty"`
	Corporate string `json:"corporate,omitempty"`
}

// Availability implements pms.Connector.
func (c *Connector) Availability(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
	return c.available(ctx, pms.OpAvailability, q, "")
}

func (c *Connector) available(ctx context.Context, o pms.Operation, q pms.AvailabilityQuery, room pms.RoomTypeID) ([]pms.Offer, error) {
	query := stayQuery(q.Arrival, q.Departure, q.Occupancy, "propertyId", c.o.Property, "unitGroupIds", string(room),
		"promoCode", q.PromoCode, "corporateCode", q.CorporateCode, "includeUnavailable", strconv.FormatBool(q.IncludeRestricted))
	codes := terms{Promo: q.PromoCode, Corporate: q.CorporateCode}
	return c.offers(ctx, o, mapping.Path{"/booking/v1/offers"}, query, q.Occupancy, codes)
}

// Quote implements pms.Connector.
func (c *Connector) Quote(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
	return c.quote(ctx, pms.OpQuote, q)
}

func (c *Connector) quote(ctx context.Context, o pms.Operation, q pms.QuoteQuery) (pms.Offer, error) {
	offers, err := c.available(ctx, o, pms.AvailabilityQuery{
		Arrival: q.Arrival, Departure: q.Departure, Occupancy: q.Occupancy, PromoCode: q.PromoCode, CorporateCode: q.CorporateCode,
		IncludeRestricted: true, // to tell sold out from not existing
	}, q.RoomTypeID)
	if err != nil {
		return pms.Offer{}, err
	}
	found, err := mapping.Pick(offers, q)
	return found, c.failed(o, err)
}

// QuoteChange implements pms.Connector. Nights that keep their rate plan keep
// their price; Apaleo prices the others as of today. The promotion that the
// stay was booked with is asked for again; a corporate code Apaleo adds itself.
func (c *Connector) QuoteChange(ctx context.Context, q pms.ChangeQuery) (pms.Offer, error) {
	const o = pms.OpQuoteChange
	r, err := c.readStay(ctx, o, string(q.Stay))
	if err != nil {
		return pms.Offer{}, err
	}
	q = mapping.Complete(q, c.stay(r))
	query := stayQuery(q.Arrival, q.Departure, q.Occupancy,
		"unitGroupIds", string(q.RoomTypeID), "promoCode", r.Promo, "includeUnavailable", "true")
	path := mapping.Path{"/booking/v1/reservations", string(q.Stay), "offers"}
	offers, err := c.offers(ctx, o, path, query, q.Occupancy, terms{Promo: r.Promo, Corporate: r.Corporate})
	if err != nil {
		return pms.Offer{}, err
	}
	found, err := mapping.PickChange(offers, q, r.RatePlan.Code)
	if errors.Is(err, pms.ErrNotFound) && q.RatePlanID != "" && string(q.RatePlanID) != r.RatePlan.ID {
		// Apaleo may offer a stay its own rate plan only. Any other is priced as a
		// new stay, which does not count the room that this one gives back.
		return c.quote(ctx, o, pms.QuoteQuery{
			RoomTypeID: q.RoomTypeID, RatePlanID: q.RatePlanID, Arrival: q.Arrival, Departure: q.Departure,
			Occupancy: q.Occupancy, PromoCode: r.Promo, CorporateCode: r.Corporate,
		})
	}
	return found, c.failed(o, err)
}

func stayQuery(arrival, departure pms.Date, guests pms.Occupancy, more ...string) url.Values {
	return mapping.Query(append(more,
		"channelCode", channel, "arrival", arrival.String(), "departure", departure.String(),
		"adults", strconv.Itoa(guests.Adults), "childrenAges", mapping.CSV(guests.ChildrenAges))...)
}

// offers reads a list of offers. A strange rate plan does not hide the others.
func (c *Connector) offers(ctx context.Context, o pms.Operation, at mapping.Path, query url.Values, guests pms.Occupancy, terms terms) ([]pms.Offer, error) {
	var list struct {
		Offers mapping.List[offer] `json:"offers"`
	}
	if err := c.get(ctx, o, at, query, &list); err != nil {
		return nil, err
	}
	offers, err := mapping.Readable(list.Offers, func(o offer) (pms.Offer, error) { return c.offer(o, guests, terms) })
	return offers, c.failed(o, err)
}

// offer maps one of Apaleo's; an error means that it does not follow Apaleo's
// contract.
func (c *Connector) offer(o offer, guests pms.Occupancy, terms terms) (pms.Offer, error) {
	if o.UnitGroup.ID == "" && len(o.Slices) > 0 {
		o.UnitGroup, o.RatePlan = o.Slices[0].UnitGroup, o.Slices[0].RatePlan
	}
	arrival, departure := o.Arrival.Day(c.o.TimeZone), o.Departure.Day(c.o.TimeZone)
	if err := mapping.Required("unitGroup", o.UnitGroup.ID, "ratePlan", o.RatePlan.ID, "totalGrossAmount", o.Total.Currency); err != nil {
		return pms.Offer{}, err
	}
	if len(o.Slices) == 0 || len(o.Slices) != arrival.NightsUntil(departure) {
		return pms.Offer{}, mapping.Malformed("timeSlices")
	}
	terms.Arrival, terms.Departure, terms.Guarantee = c.wireTime(o.Arrival.Time), c.wireTime(o.Departure.Time), o.Guarantee
	result := pms.Offer{
		RoomType: o.UnitGroup.pms(), RatePlan: o.RatePlan.pms(), Arrival: arrival, Departure: departure,
		Occupancy: guests, MaxPersons: o.UnitGroup.MaxPersons,
		Nights: c.nights(o.Slices, o.UnitGroup, o.RatePlan), Total: o.Total.Money,
		// Taxes are in the total, fees and city tax come on top of it.
		Charges: mapping.Charges(mapping.Each(o.Taxes, tax.charge), mapping.Each(o.Fees, surcharge.charge),
			[]pms.Charge{{Code: "city_tax", Name: "City tax", Amount: o.CityTax.Money}}),
		Available: max(0, o.Available), Guarantee: cmp.Or(guarantees[o.Guarantee], pms.GuaranteePrepayment),
		Prepayment: cmp.Or(o.Prepayment, o.PrepaymentGross).Money, Cancellation: cancellation(o.Cancellation, o.NoShow),
		Restrictions: restrictions(o.Violations), Vendor: mapping.Stamp(Vendor, terms),
	}
	if len(o.Violations) > 0 {
		result.Available = 0
	}
	var err error
	result.PayableTotal, err = mapping.Payable("cityTax", result.Total, result.Charges)
	return result, err
}
