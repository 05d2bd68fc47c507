package apaleo

import (
	"slices"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// wire is the reservation as GET /booking/v1/reservations shows it.
func (s *Sandbox) wire(r *reservation, expand []string, single bool) map[string]any {
	m := s.wireCore(r, true)
	m["bookingId"] = r.booking.id
	m["created"], m["modified"] = s.wireStamp(r.created), s.wireStamp(r.modified)
	m["guaranteeType"] = r.guarantee
	m["balance"] = money(-r.payable())
	m["hasCityTax"], m["allFoliosHaveInvoice"] = r.taxed, false
	set(m, "comment", r.comment)
	set(m, "travelPurpose", r.purpose)
	set(m, "promoCode", r.promo)
	set(m, "corporateCode", r.corporate)
	for name, at := range map[string]time.Time{"cancellationTime": r.cancelled, "checkInTime": r.checkedIn, "checkOutTime": r.checkedOut, "noShowTime": r.notShownUp} {
		if !at.IsZero() {
			m[name] = s.wireTime(at)
		}
	}
	if r.commission != nil {
		m["commission"] = r.commission
	}
	s.wirePersons(m, r)
	if single {
		m["taxDetails"] = r.taxDetails()
		m["payableAmount"] = map[string]any{"guest": money(r.payable())}
	}
	for _, part := range expand {
		switch part {
		case "booker":
			if !s.withhold {
				m["booker"] = r.booking.booker
			}
		case "timeSlices":
			m["timeSlices"] = s.wireSlices(r)
		case "actions":
			m["actions"] = s.wireActions(r)
		case "services":
			m["services"] = r.wireServices()
		case "assignedUnits":
			m["assignedUnits"] = []any{}
		case "company":
			if r.company != "" {
				m["company"] = map[string]any{"id": r.company, "code": "EXAMPLE", "name": "Example Company", "canCheckOutOnAr": false}
			}
		}
	}
	return m
}

// wirePersons adds what tells who sleeps and pays there.
func (s *Sandbox) wirePersons(m map[string]any, r *reservation) {
	if s.withhold {
		return
	}
	if r.primary != nil {
		m["primaryGuest"] = r.primary
	}
	if len(r.additional) > 0 {
		m["additionalGuests"] = r.additional
	}
	if r.account != nil {
		m["paymentAccount"] = r.account.wire()
	}
}

// wireCore holds what a reservation shows inside a booking too.
func (s *Sandbox) wireCore(r *reservation, full bool) map[string]any {
	cancellation, noShow := s.fees(r.plan(), s.terms(r.plan(), r.arrival, r.lodging(), r.created), true)
	m := map[string]any{
		"id": r.id, "status": r.status,
		"arrival": s.wireTime(r.arrivesAt), "departure": s.wireTime(r.departsAt),
		"adults": r.adults, "totalGrossAmount": money(r.total()), "channelCode": r.channel,
		"property":        r.property().embedded(full),
		"unitGroup":       r.plan().group.embedded(full),
		"ratePlan":        r.plan().embedded(full),
		"cancellationFee": cancellation, "noShowFee": noShow,
	}
	if len(r.childrenAges) > 0 {
		m["childrenAges"] = r.childrenAges
	}
	set(m, "externalCode", r.external)
	set(m, "source", r.source)
	set(m, "guestComment", r.guestComment)
	return m
}

// wireBooking shows reservations, and the names of what they point to, only
// when asked to expand them.
func (s *Sandbox) wireBooking(b *booking, expand []string) map[string]any {
	m := map[string]any{"id": b.id, "created": s.wireStamp(b.created), "modified": s.wireStamp(b.modified)}
	set(m, "comment", b.comment)
	set(m, "bookerComment", b.bookerNote)
	if !s.withhold {
		m["booker"] = b.booker
		if b.account != nil {
			m["paymentAccount"] = b.account.wire()
		}
	}
	if slices.Contains(expand, "reservations") {
		var all []any
		for _, r := range b.reservations {
			all = append(all, s.wireInBooking(r, expand))
		}
		m["reservations"] = all
	}
	return m
}

func (s *Sandbox) wireInBooking(r *reservation, expand []string) map[string]any {
	m := s.wireCore(r, false)
	for _, part := range expand {
		switch part {
		case "property":
			m[part] = r.property().embedded(true)
		case "unitGroup":
			m[part] = r.plan().group.embedded(true)
		case "ratePlan":
			m[part] = r.plan().embedded(true)
		case "services":
			m[part] = r.wireServices()
		}
	}
	return m
}

// propertyValues sums a booking up by property.
func (b *booking) propertyValues() []any {
	var order []*property
	totals, payables := map[*property]int64{}, map[*property]int64{}
	for _, r := range b.reservations {
		p := r.property()
		if !slices.Contains(order, p) {
			order = append(order, p)
		}
		payables[p] += r.payable()
		if r.holds() {
			totals[p] += r.total()
		}
	}
	values := make([]any, len(order))
	for i, p := range order {
		values[i] = map[string]any{
			"property": p.embedded(true), "totalGrossAmount": money(totals[p]), "balance": money(-payables[p]),
		}
	}
	return values
}

func (s *Sandbox) wireSlices(r *reservation) []any {
	var all []any
	for i, slice := range r.slices {
		from, to := s.bounds(r, i)
		all = append(all, map[string]any{
			"from": s.wireTime(from), "to": s.wireTime(to), "serviceDate": slice.night.String(),
			"ratePlan": slice.plan.embedded(true), "unitGroup": slice.plan.group.embedded(true),
			"baseAmount": reduced.amount(slice.gross), "totalGrossAmount": money(slice.gross),
		})
	}
	return all
}

// bounds are the moments at which a night of a reservation begins and ends.
func (s *Sandbox) bounds(r *reservation, i int) (from, to time.Time) {
	from, to = s.nightBounds(r.slices[i].night)
	if i == 0 {
		from = r.arrivesAt
	}
	if i == len(r.slices)-1 {
		to = r.departsAt
	}
	return from, to
}

func (s *Sandbox) nightBounds(night pms.Date) (from, to time.Time) {
	return night.At(checkInHour, 0, s.zone), night.AddDays(1).At(checkOutHour, 0, s.zone)
}

// wireActions tells what may be done with a reservation now, and the vendor's
// code for why not.
func (s *Sandbox) wireActions(r *reservation) []any {
	confirmed := r.status == Confirmed
	departure := ""
	if !r.amendable() {
		departure = "AmendDepartureNotAllowedForReservationNotInStatusConfirmedOrInHouse"
	}
	service := ""
	if !r.amendable() {
		service = "RemoveServiceNotAllowedForReservationNotInStatusConfirmedOrInHouse"
	}
	unless := func(ok bool, code string) string {
		if ok {
			return ""
		}
		return code
	}
	var all []any
	for _, a := range []struct{ name, reason string }{
		{"Cancel", unless(confirmed, "CancelNotAllowedForReservationNotInStatusConfirmed")},
		{"AmendArrival", unless(confirmed, "AmendArrivalNotAllowedForReservationNotInStatusConfirmed")},
		{"AmendDeparture", departure},
		{"NoShow", s.noShowReason(r)},
		{"AddCityTax", r.addTaxReason()},
		{"RemoveCityTax", r.removeTaxReason()},
		{"RemoveService", service},
	} {
		m := map[string]any{"action": a.name, "isAllowed": a.reason == ""}
		if a.reason != "" {
			m["reasons"] = []any{map[string]string{"code": a.reason, "message": "Not possible in the present state."}}
		}
		all = append(all, m)
	}
	return all
}

func set(m map[string]any, name, value string) {
	if value != "" {
		m[name] = value
	}
}
