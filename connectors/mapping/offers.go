package mapping

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Stamp is what a connector puts into Offer.Vendor: the vendor's name, and under
// it what a booking needs beside the offer, which may be struct{}{} for nothing.
func Stamp(vendor string, terms any) json.RawMessage { return JSON(map[string]any{vendor: terms}) }

// Terms reads what Stamp wrote, and checks that the offer, which comes back from
// outside, is whole. It is by the vendor's name that an offer of another
// connector is refused, so that a vendor that needs nothing beside the offer
// can ask for Terms[struct{}].
func Terms[T any](o pms.Offer, vendor string) (T, error) {
	var terms, none T
	var stamp map[string]json.RawMessage
	if json.Unmarshal(o.Vendor, &stamp) != nil || json.Unmarshal(stamp[vendor], &terms) != nil {
		return none, Invalid("offer", "the offer is not one of this connector; ask for a new one")
	}
	if len(o.Nights) == 0 || len(o.Nights) != o.Arrival.NightsUntil(o.Departure) || o.Occupancy.Adults < 1 {
		return none, Invalid("offer", "the offer is not whole; ask for a new one")
	}
	return terms, nil
}

// Pick takes from offers the one that a query names; an empty room type is any.
// ErrNotFound when there is none, ErrSoldOut when it cannot be booked.
func Pick(offers []pms.Offer, q pms.QuoteQuery) (pms.Offer, error) {
	for _, o := range offers {
		if o.RatePlan.ID == string(q.RatePlanID) && (q.RoomTypeID == "" || o.RoomType.ID == string(q.RoomTypeID)) {
			return bookable(o)
		}
	}
	return pms.Offer{}, &pms.Error{Kind: pms.ErrNotFound, Field: "rate_plan_id", Detail: "no such room type with that rate plan is sold for these dates"}
}

func bookable(o pms.Offer) (pms.Offer, error) {
	if !o.Bookable() {
		return pms.Offer{}, &pms.Error{Kind: pms.ErrSoldOut}
	}
	return o, nil
}

// Complete fills what a query leaves as the stay has it. The rate plan stays
// empty when another room type is wanted, whose plan PickChange finds.
func Complete(q pms.ChangeQuery, s pms.Stay) pms.ChangeQuery {
	if q.Arrival.IsZero() {
		q.Arrival = s.Arrival
	}
	if q.Departure.IsZero() {
		q.Departure = s.Departure
	}
	if q.Occupancy.Adults == 0 {
		q.Occupancy = s.Occupancy
	}
	if q.RatePlanID == "" {
		q.RoomTypeID = cmp.Or(q.RoomTypeID, pms.RoomTypeID(s.RoomType.ID))
		if q.RoomTypeID == pms.RoomTypeID(s.RoomType.ID) {
			q.RatePlanID = pms.RatePlanID(s.RatePlan.ID)
		}
	}
	return q
}

// PickChange takes the wanted rate plan, or without one the plan of the wanted
// room type that has the same code as the stay's. An offer that mixes plans is
// none of them. Errors as for Pick.
func PickChange(offers []pms.Offer, q pms.ChangeQuery, code string) (pms.Offer, error) {
	i := slices.IndexFunc(offers, func(o pms.Offer) bool {
		wanted := o.RatePlan.ID == string(q.RatePlanID)
		if q.RatePlanID == "" {
			wanted = code != "" && strings.EqualFold(o.RatePlan.Code, code)
		}
		inRoom := q.RoomTypeID == "" || o.RoomType.ID == string(q.RoomTypeID)
		return wanted && inRoom && onePlan(o)
	})
	if i < 0 {
		return pms.Offer{}, &pms.Error{Kind: pms.ErrNotFound, Field: "rate_plan_id", Detail: "that room type has no rate plan like the stay's; name one"}
	}
	return bookable(offers[i])
}

// onePlan tells whether every night is at the offer's own rate plan.
func onePlan(o pms.Offer) bool {
	return !slices.ContainsFunc(o.Nights, func(n pms.Night) bool { return n.RatePlanID != pms.RatePlanID(o.RatePlan.ID) })
}
