package apaleo

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A search is the common part of both kinds of offers.
type search struct {
	arrival, departure pms.Date
	adults             int
	childrenAges       []int
	unavailable        bool // include what cannot be booked
	groups             []string
	promo, corporate   string
}

func (q search) persons() int { return q.adults + len(q.childrenAges) }
func (q search) nights() int  { return q.arrival.NightsUntil(q.departure) }

// offers is GET /booking/v1/offers.
func (s *Sandbox) offers(c *call) answer {
	q := c.URL.Query()
	house := s.property(q.Get("propertyId"))
	if house == nil {
		return status(http.StatusNotFound)
	}
	if q.Get("timeSliceTemplate") == "DayUse" {
		return status(http.StatusNoContent) // the sandbox sells nights only
	}
	find, messages := s.search(q, search{})
	if messages != nil {
		return refused(messages...)
	}
	if find.arrival.Before(s.today()) {
		return refused("arrival: is in the past.")
	}
	var all []any
	for _, plan := range s.plans {
		if plan.group.property != house || !within(find.groups, plan.group.id) || !plan.open(find.promo, find.corporate) {
			continue
		}
		if o, ok := s.offer(plan, find); ok {
			all = append(all, o)
		}
	}
	return offerList(house, all)
}

func offerList(house *property, all []any) answer {
	if len(all) == 0 {
		return status(http.StatusNoContent)
	}
	return answer{status: http.StatusOK, body: map[string]any{"property": house.embedded(true), "offers": all}}
}

// search reads the query over the defaults of an existing stay.
func (s *Sandbox) search(q url.Values, find search) (search, []string) {
	var err error
	if find.arrival.IsZero() || q.Has("arrival") {
		if find.arrival, _, err = s.moment(q.Get("arrival"), checkInHour); err != nil {
			return find, []string{"arrival: " + err.Error()}
		}
	}
	if find.departure.IsZero() || q.Has("departure") {
		if find.departure, _, err = s.moment(q.Get("departure"), checkOutHour); err != nil {
			return find, []string{"departure: " + err.Error()}
		}
	}
	if find.adults == 0 || q.Has("adults") {
		if find.adults, err = strconv.Atoi(q.Get("adults")); err != nil || find.adults < 1 {
			return find, []string{"adults: at least one is required."}
		}
	}
	if q.Has("childrenAges") {
		if find.childrenAges, err = ages(q); err != nil {
			return find, []string{err.Error()}
		}
	}
	if nights := find.nights(); nights < 1 || nights > 5*366 {
		return find, []string{"departure: must be after the arrival, by 5 years at most."}
	}
	find.unavailable, _ = strconv.ParseBool(q.Get("includeUnavailable"))
	find.groups = csv(q["unitGroupIds"])
	find.promo = cmp.Or(q.Get("promoCode"), find.promo)
	find.corporate = cmp.Or(q.Get("corporateCode"), find.corporate)
	return find, nil
}

// offer prices one rate plan; false when it is not to be shown.
func (s *Sandbox) offer(plan *ratePlan, find search) (map[string]any, bool) {
	units, broken := s.bookable(plan, find, nil)
	if len(broken) > 0 && !find.unavailable {
		return nil, false
	}
	var nights []any
	var total int64
	for night := find.arrival; night.Before(find.departure); night = night.AddDays(1) {
		gross := plan.nightly(night, find.persons())
		total += gross
		from, to := s.nightBounds(night)
		nights = append(nights, map[string]any{
			"from": s.wireTime(from), "to": s.wireTime(to), "availableUnits": max(0, s.free(plan.group, night)),
			"baseAmount": reduced.amount(gross), "totalGrossAmount": money(gross),
		})
	}
	o := s.offerCore(plan, find, total, units, broken)
	o["unitGroup"], o["ratePlan"], o["timeSlices"] = plan.group.forOffer(), plan.embedded(true), nights
	prepay := int64(0)
	if plan.prepaid {
		prepay = total
	}
	o["prePaymentAmount"] = money(prepay)
	if plan.group.cleaning > 0 {
		o["fees"] = []any{map[string]any{
			"id": plan.group.property.id + "-CLEAN", "code": "CLEAN", "name": "Final cleaning", "totalAmount": reduced.amount(plan.group.cleaning),
		}}
	}
	return o, true
}

// offerCore holds what both kinds of offers show.
func (s *Sandbox) offerCore(plan *ratePlan, find search, total int64, units int, broken []violation) map[string]any {
	cancellation, noShow := s.fees(plan, s.terms(plan, find.arrival, total, s.now()), false)
	arrival, _ := s.nightBounds(find.arrival)
	_, departure := s.nightBounds(find.departure.AddDays(-1))
	o := map[string]any{
		"arrival": s.wireTime(arrival), "departure": s.wireTime(departure),
		"minGuaranteeType": plan.guarantee, "availableUnits": units, "totalGrossAmount": money(total),
		"cancellationFee": cancellation, "noShowFee": noShow,
		"taxDetails": []any{reduced.details(total)}, "isCorporate": plan.corporate != "",
	}
	set(o, "corporateCode", plan.corporate)
	if plan.taxed() {
		o["cityTax"] = without.amount(plan.group.property.tax.of(total, find.nights(), find.adults))
	}
	if len(broken) > 0 {
		o["validationMessages"] = broken
	}
	return o
}

// bookable counts the rooms left for every night of the search, counting those
// that own holds as free, and lists what stands against booking.
func (s *Sandbox) bookable(plan *ratePlan, find search, own *reservation) (int, []violation) {
	broken := s.violations(plan, find.arrival, find.departure, find.persons())
	mine := map[slot]int{}
	if own != nil && own.holds() {
		for _, slice := range own.slices {
			mine[slot{slice.plan.group.id, slice.night}]++
		}
	}
	units := s.rooms(plan.group, find.arrival)
	for night := find.arrival; night.Before(find.departure); night = night.AddDays(1) {
		units = min(units, s.free(plan.group, night)+mine[slot{plan.group.id, night}])
	}
	if units = max(0, units); units == 0 {
		broken = append(broken, violation{"UnitGroupFullyBooked", "The unit group is fully booked."})
	}
	return units, broken
}

// reservationOffers is GET /booking/v1/reservations/{id}/offers: what the stay
// could be amended to. Without requote, nights that keep their plan keep their
// price.
func (s *Sandbox) reservationOffers(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	if !r.amendable() {
		return refused("The reservation cannot be amended in status " + r.status + ".")
	}
	q := c.URL.Query()
	find, messages := s.search(q, search{
		arrival: r.arrival, departure: r.departure, adults: r.adults, childrenAges: r.childrenAges,
		promo: r.promo, corporate: r.corporate,
	})
	if messages != nil {
		return refused(messages...)
	}
	requote, _ := strconv.ParseBool(q.Get("requote"))
	var all []any
	for _, plan := range s.plans {
		if plan.group.property != r.property() || !within(find.groups, plan.group.id) {
			continue
		}
		if plan != r.plan() && !plan.open(find.promo, find.corporate) {
			continue
		}
		if o, ok := s.amendOffer(r, plan, find, requote); ok {
			all = append(all, o)
		}
	}
	return offerList(r.property(), all)
}

func (s *Sandbox) amendOffer(r *reservation, plan *ratePlan, find search, requote bool) (map[string]any, bool) {
	units, broken := s.bookable(plan, find, r)
	if len(broken) > 0 && !find.unavailable {
		return nil, false
	}
	var nights []any
	var total int64
	for night := find.arrival; night.Before(find.departure); night = night.AddDays(1) {
		gross := r.amended(plan, night, find.persons(), requote)
		total += gross
		from, to := s.nightBounds(night)
		nights = append(nights, map[string]any{
			"from": s.wireTime(from), "to": s.wireTime(to),
			"ratePlan": plan.embedded(true), "unitGroup": plan.group.forOffer(),
			"baseAmount": reduced.amount(gross), "totalGrossAmount": money(gross),
		})
	}
	o := s.offerCore(plan, find, total, units, broken)
	o["timeSlices"] = nights
	return o, true
}
