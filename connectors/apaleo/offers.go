package apaleo

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"

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
	query := c.offersQuery(q.Arrival, q.Departure, q.Occupancy)
	setNonEmpty(query, "promoCode", q.PromoCode)
	setNonEmpty(query, "corporateCode", q.CorporateCode)
	if q.IncludeRestricted {
		query.Set("includeUnavailable", "true")
	}
	return c.offers(ctx, "availability", "/booking/v1/offers", query, q.Occupancy, terms{Promo: q.PromoCode, Corporate: q.CorporateCode})
}

// Quote implements pms.Connector.
func (c *Connector) Quote(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
	return c.quote(ctx, "quote", q)
}

func (c *Connector) quote(ctx context.Context, operation string, q pms.QuoteQuery) (pms.Offer, error) {
	query := c.offersQuery(q.Arrival, q.Departure, q.Occupancy)
	setNonEmpty(query, "unitGroupIds", string(q.RoomTypeID))
	setNonEmpty(query, "promoCode", q.PromoCode)
	setNonEmpty(query, "corporateCode", q.CorporateCode)
	// With those that cannot be booked, to tell sold out from not existing.
	query.Set("includeUnavailable", "true")
	offers, err := c.offers(ctx, operation, "/booking/v1/offers", query, q.Occupancy, terms{Promo: q.PromoCode, Corporate: q.CorporateCode})
	if err != nil {
		return pms.Offer{}, err
	}
	for _, o := range offers {
		if o.RatePlan.ID == string(q.RatePlanID) && (q.RoomTypeID == "" || o.RoomType.ID == string(q.RoomTypeID)) {
			return bookable(operation, o)
		}
	}
	return pms.Offer{}, failure(operation, pms.ErrNotFound, "", "no such room type with that rate plan is sold for these dates")
}

func bookable(operation string, o pms.Offer) (pms.Offer, error) {
	if !o.Bookable() {
		return pms.Offer{}, failure(operation, pms.ErrSoldOut, "", "")
	}
	return o, nil
}

// QuoteChange implements pms.Connector. Nights that keep their rate plan keep
// their price; Apaleo prices the others as of today.
func (c *Connector) QuoteChange(ctx context.Context, q pms.ChangeQuery) (pms.Offer, error) {
	const operation = "quote_change"
	if !validID(string(q.Stay)) {
		return pms.Offer{}, failure(operation, pms.ErrNotFound, "", "")
	}
	keep, err := c.complete(ctx, operation, &q)
	if err != nil {
		return pms.Offer{}, err
	}
	query := c.offersQuery(q.Arrival, q.Departure, q.Occupancy)
	query.Del("propertyId")
	setNonEmpty(query, "unitGroupIds", string(q.RoomTypeID))
	query.Set("includeUnavailable", "true")
	offers, err := c.offers(ctx, operation, "/booking/v1/reservations/"+string(q.Stay)+"/offers", query, q.Occupancy, terms{})
	if err != nil {
		return pms.Offer{}, err
	}
	if found, ok := choose(offers, q, keep); ok {
		return bookable(operation, found)
	}
	if q.RatePlanID == "" {
		return pms.Offer{}, failure(operation, pms.ErrNotFound, "rate_plan_id", "that room type has no rate plan like the stay's; name one")
	}
	// Apaleo may offer a stay its own rate plan only. Any other is priced as a
	// new stay, which does not count the room that this one gives back.
	return c.quote(ctx, operation, pms.QuoteQuery{
		RoomTypeID: q.RoomTypeID, RatePlanID: q.RatePlanID, Arrival: q.Arrival, Departure: q.Departure, Occupancy: q.Occupancy,
	})
}

// complete fills what the query leaves as it is, and returns the code of the
// stay's rate plan, which a like plan of another room type shares.
func (c *Connector) complete(ctx context.Context, operation string, q *pms.ChangeQuery) (keepCode string, err error) {
	if q.RatePlanID != "" && !q.Arrival.IsZero() && !q.Departure.IsZero() && q.Occupancy.Adults > 0 {
		return "", nil
	}
	r, err := c.readStay(ctx, operation, string(q.Stay))
	if err != nil {
		return "", err
	}
	if q.Arrival.IsZero() {
		q.Arrival = c.date(r.Arrival)
	}
	if q.Departure.IsZero() {
		q.Departure = c.date(r.Departure)
	}
	if q.Occupancy.Adults == 0 {
		q.Occupancy = pms.Occupancy{Adults: r.Adults, ChildrenAges: r.ChildrenAges}
	}
	if q.RatePlanID != "" {
		return "", nil
	}
	q.RoomTypeID = cmp.Or(q.RoomTypeID, pms.RoomTypeID(r.UnitGroup.ID))
	if q.RoomTypeID == pms.RoomTypeID(r.UnitGroup.ID) {
		q.RatePlanID = pms.RatePlanID(r.RatePlan.ID)
	}
	return r.RatePlan.Code, nil
}

// choose takes the wanted rate plan, or without one the plan of the wanted room
// type that has the same code as the stay's.
func choose(offers []pms.Offer, q pms.ChangeQuery, code string) (pms.Offer, bool) {
	for _, o := range offers {
		inRoom := q.RoomTypeID == "" || o.RoomType.ID == string(q.RoomTypeID)
		if q.RatePlanID != "" && inRoom && o.RatePlan.ID == string(q.RatePlanID) && onePlan(o) {
			return o, true
		}
		if q.RatePlanID == "" && inRoom && code != "" && strings.EqualFold(o.RatePlan.Code, code) && onePlan(o) {
			return o, true
		}
	}
	return pms.Offer{}, false
}

// onePlan tells whether every night is at the offer's own rate plan.
func onePlan(o pms.Offer) bool {
	for _, night := range o.Nights {
		if night.RatePlanID != pms.RatePlanID(o.RatePlan.ID) {
			return false
		}
	}
	return true
}

func (c *Connector) offersQuery(arrival, departure pms.Date, guests pms.Occupancy) url.Values {
	query := url.Values{
		"propertyId":  {c.property},
		"channelCode": {channel},
		"arrival":     {arrival.String()},
		"departure":   {departure.String()},
		"adults":      {strconv.Itoa(guests.Adults)},
	}
	if len(guests.ChildrenAges) > 0 {
		ages := make([]string, len(guests.ChildrenAges))
		for i, age := range guests.ChildrenAges {
			ages[i] = strconv.Itoa(age)
		}
		query.Set("childrenAges", strings.Join(ages, ",")) // csv, as the contract has it
	}
	return query
}

// offers reads a list of offers. One that does not follow the contract is left
// out, for a strange rate plan must not hide the others; if none follows it, it
// is an error.
func (c *Connector) offers(ctx context.Context, operation, path string, query url.Values, guests pms.Occupancy, terms terms) ([]pms.Offer, error) {
	var list offerList
	if some, err := c.get(ctx, operation, path, query, &list); err != nil || !some {
		return nil, err
	}
	var offers []pms.Offer
	for _, o := range list.Offers {
		if mapped, err := c.offer(o, guests, terms); err == nil {
			offers = append(offers, mapped)
		}
	}
	if len(offers) == 0 && len(list.Offers) > 0 {
		return nil, unreadable(operation)
	}
	return offers, nil
}

func setNonEmpty(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}
