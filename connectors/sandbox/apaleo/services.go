package apaleo

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Services that each property sells beside the room, as <property>-<code>.
const (
	Breakfast    = "BRKF" // for each person, the morning after each night
	Parking      = "PARK" // for the room, each night
	LateCheckout = "LATE" // once, on the day of departure
)

// A service is something that can be added to a stay.
type service struct {
	id, code, name, description string
	property                    *property
	perPerson                   bool
	nextDay                     bool // delivered the morning after
	once                        bool // on the day of departure alone
	price                       int64
	tax                         vat
}

// A bookedService is a service on a reservation.
type bookedService struct {
	*service
	usual bool // booked for its usual dates, so it moves with the stay
	dates []serviceDate
}

// A serviceDate is one delivery; gross is what count of them cost together.
type serviceDate struct {
	day   pms.Date
	count int
	gross int64
}

func (b bookedService) total() int64 {
	var sum int64
	for _, d := range b.dates {
		sum += d.gross
	}
	return sum
}

// extras are the services of all properties.
func extras(all []*property) []*service {
	var found []*service
	for _, p := range all {
		found = append(found,
			&service{id: p.id + "-" + Breakfast, code: Breakfast, property: p, name: "Breakfast", description: "Buffet from seven to eleven.", perPerson: true, nextDay: true, price: 18_00, tax: reduced},
			&service{id: p.id + "-" + Parking, code: Parking, property: p, name: "Parking", description: "A place in the garage.", price: 25_00, tax: normal},
			&service{id: p.id + "-" + LateCheckout, code: LateCheckout, property: p, name: "Late check-out", description: "The room until three in the afternoon.", once: true, price: 30_00, tax: normal})
	}
	return found
}

func (s *Sandbox) service(id string) *service {
	for _, v := range s.services {
		if v.id == id {
			return v
		}
	}
	return nil
}

// usual reports whether a service is delivered on a day of a stay when nobody
// asks for days.
func (v *service) usual(day, arrival, departure pms.Date) bool {
	switch {
	case v.once:
		return day == departure
	case v.nextDay:
		return day.After(arrival)
	}
	return day.Before(departure)
}

// count is how many are offered: one for each person, or one.
func (v *service) count(persons int) int {
	if v.perPerson {
		return persons
	}
	return 1
}

// serviceOffers is GET /booking/v1/service-offers: what a stay that is not
// booked yet could have.
func (s *Sandbox) serviceOffers(c *call) answer {
	q := c.URL.Query()
	plan := s.plan(q.Get("ratePlanId"))
	if plan == nil {
		return status(http.StatusNotFound)
	}
	find, messages := s.search(q, search{})
	if messages != nil {
		return refused(messages...)
	}
	return s.offerServices(plan, find, q)
}

// reservationServiceOffers is GET /booking/v1/reservations/{id}/service-offers.
func (s *Sandbox) reservationServiceOffers(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	if !r.amendable() {
		return status(http.StatusNoContent)
	}
	find := search{arrival: r.arrival, departure: r.departure, adults: r.adults, childrenAges: r.childrenAges}
	return s.offerServices(r.plan(), find, c.URL.Query())
}

func (s *Sandbox) offerServices(plan *ratePlan, find search, q url.Values) answer {
	usualOnly := true
	if text := q.Get("onlyDefaultDates"); text != "" {
		usualOnly, _ = strconv.ParseBool(text)
	}
	var all []any
	for _, v := range s.services {
		if v.property == plan.group.property {
			all = append(all, v.offer(plan, find, usualOnly))
		}
	}
	return answer{status: http.StatusOK, body: map[string]any{"services": all}}
}

// offer prices a service for its usual dates; others are shown when asked for
// and do not count. That the amount of a date is for the whole count is
// unconfirmed.
func (v *service) offer(plan *ratePlan, find search, usualOnly bool) map[string]any {
	count := v.count(find.persons())
	each := v.price * int64(count)
	var dates []any
	var total int64
	for day := find.arrival; !day.After(find.departure); day = day.AddDays(1) {
		usual := v.usual(day, find.arrival, find.departure)
		if !usual && usualOnly {
			continue
		}
		if usual {
			total += each
		}
		dates = append(dates, map[string]any{
			"serviceDate": day.String(), "amount": v.tax.amount(each), "isDefaultDate": usual, "isMandatory": false,
		})
	}
	prepay := int64(0)
	if plan.prepaid {
		prepay = total
	}
	return map[string]any{
		"service": v.wire(), "count": count, "totalAmount": v.tax.amount(total),
		"prePaymentAmount": money(prepay), "dates": dates,
	}
}

func (v *service) wire() map[string]any {
	unit := "Room"
	if v.perPerson {
		unit = "Person"
	}
	return map[string]any{
		"id": v.id, "code": v.code, "name": v.name, "description": v.description,
		"pricingUnit": unit, "defaultGrossPrice": money(v.price),
	}
}

// reservationServices is GET /booking/v1/reservations/{id}/services.
func (s *Sandbox) reservationServices(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	switch {
	case r == nil:
		return status(http.StatusNotFound)
	case len(r.services) == 0:
		return status(http.StatusNoContent)
	}
	return answer{status: http.StatusOK, body: map[string]any{"services": r.wireServices(), "count": len(r.services)}}
}

func (r *reservation) wireServices() []any {
	all := make([]any, len(r.services))
	for i, booked := range r.services {
		dates := make([]any, len(booked.dates))
		for j, d := range booked.dates {
			dates[j] = map[string]any{
				"serviceDate": d.day.String(), "count": d.count, "amount": booked.tax.amount(d.gross), "isMandatory": false,
			}
		}
		all[i] = map[string]any{
			"service": booked.wire(), "totalAmount": booked.tax.amount(booked.total()), "dates": dates,
		}
	}
	return all
}

// serviceRequest is what a client asks of a service.
type serviceRequest struct {
	ServiceID string               `json:"serviceId"`
	Count     *int                 `json:"count"`
	Amount    *moneyValue          `json:"amount"`
	Dates     []serviceDateRequest `json:"dates"`
}

type serviceDateRequest struct {
	Date   string      `json:"serviceDate"`
	Count  *int        `json:"count"`
	Amount *moneyValue `json:"amount"`
}

// bookService is PUT /booking/v1/reservation-actions/{id}/book-service: the
// dates asked for replace those that the reservation has, past ones apart.
func (s *Sandbox) bookService(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	var want serviceRequest
	if refusal, ok := c.decode(&want); !ok {
		return refusal
	}
	if !r.amendable() {
		return refused("Services cannot be booked in status " + r.status + ".")
	}
	booked, message := s.plannedService(r, want)
	if message != "" {
		return refused(message)
	}
	r.setService(booked, s.today())
	s.touch(r)
	s.emit("changed", r)
	return status(http.StatusNoContent)
}

// plannedService checks and prices a request against a stay.
func (s *Sandbox) plannedService(r *reservation, want serviceRequest) (bookedService, string) {
	v := s.service(want.ServiceID)
	if v == nil || v.property != r.property() {
		return bookedService{}, "serviceId: the property has no such service."
	}
	booked := bookedService{service: v, usual: len(want.Dates) == 0}
	dates := want.Dates
	if booked.usual {
		for day := r.arrival; !day.After(r.departure); day = day.AddDays(1) {
			if v.usual(day, r.arrival, r.departure) {
				dates = append(dates, serviceDateRequest{Date: day.String()})
			}
		}
	}
	for _, date := range dates {
		planned, message := v.planned(r, want, date)
		if message != "" {
			return bookedService{}, message
		}
		if slices.ContainsFunc(booked.dates, func(d serviceDate) bool { return d.day == planned.day }) {
			return bookedService{}, "dates: a service date is named twice."
		}
		booked.dates = append(booked.dates, planned)
	}
	return booked, ""
}

// planned is one delivery. That an amount in a request is for one of the count
// is unconfirmed.
func (v *service) planned(r *reservation, want serviceRequest, date serviceDateRequest) (serviceDate, string) {
	day, err := pms.ParseDate(date.Date)
	if err != nil || day.Before(r.arrival) || day.After(r.departure) {
		return serviceDate{}, "dates: must be days of the stay."
	}
	count := v.count(r.persons())
	for _, n := range []*int{want.Count, date.Count} {
		if n != nil {
			count = *n
		}
	}
	if count < 1 || count > 100 {
		return serviceDate{}, "count: must be from 1 to 100."
	}
	price := v.price
	for _, m := range []*moneyValue{want.Amount, date.Amount} {
		if m == nil {
			continue
		}
		cents, ok := m.cents()
		if !ok {
			return serviceDate{}, fmt.Sprintf("amount: must be from 0 to 10000000 and in %s.", currency)
		}
		price = cents
	}
	return serviceDate{day: day, count: count, gross: price * int64(count)}, ""
}
