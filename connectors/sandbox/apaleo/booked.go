package apaleo

import (
	"net/http"
	"slices"

	"github.com/voicehive/voicehive/connectors/pms"
)

// setService puts a service on a reservation in place of what it had of it.
// Deliveries before today have happened and stay as they were.
func (r *reservation) setService(booked bookedService, today pms.Date) {
	i := r.serviceAt(booked.id)
	if i >= 0 {
		kept, _ := split(r.services[i].dates, today)
		_, wanted := split(booked.dates, today)
		booked.dates = append(kept, wanted...)
	}
	r.services = slices.Clone(r.services) // a copy of the reservation may hold the old ones
	if i < 0 {
		r.services = append(r.services, booked)
		return
	}
	r.services[i] = booked
}

func (r *reservation) serviceAt(id string) int {
	return slices.IndexFunc(r.services, func(b bookedService) bool { return b.id == id })
}

// split parts deliveries into those before a day and the rest.
func split(dates []serviceDate, day pms.Date) (before, rest []serviceDate) {
	for _, d := range dates {
		if d.day.Before(day) {
			before = append(before, d)
		} else {
			rest = append(rest, d)
		}
	}
	return before, rest
}

// removeService is DELETE /booking/v1/reservations/{id}/services. Deliveries
// of the past stay; nothing left to remove is refused. The status for a service
// that the reservation does not have is unconfirmed.
func (s *Sandbox) removeService(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	if !r.amendable() {
		return refused("Services cannot be removed in status " + r.status + ".")
	}
	i := r.serviceAt(c.URL.Query().Get("serviceId"))
	if i < 0 {
		return status(http.StatusNotFound)
	}
	past, rest := split(r.services[i].dates, s.today())
	if len(rest) == 0 {
		return refused("The service has been delivered.")
	}
	if len(past) > 0 {
		r.services[i].dates = past
	} else {
		r.services = slices.Delete(slices.Clone(r.services), i, i+1)
	}
	s.touch(r)
	s.emit("changed", r)
	return status(http.StatusNoContent)
}

// moveServices fits the services to an amended stay: usual ones follow its
// dates at the price and count they had, others keep the days that are still
// part of it. What becomes of services is unconfirmed.
func (r *reservation) moveServices() {
	var kept []bookedService
	for _, booked := range r.services {
		moved := booked
		moved.dates = nil
		for day := r.arrival; !day.After(r.departure); day = day.AddDays(1) {
			i := slices.IndexFunc(booked.dates, func(d serviceDate) bool { return d.day == day })
			switch {
			case booked.usual && booked.service.usual(day, r.arrival, r.departure):
				moved.dates = append(moved.dates, serviceDate{day: day, count: booked.dates[0].count, gross: booked.dates[0].gross})
			case !booked.usual && i >= 0:
				moved.dates = append(moved.dates, booked.dates[i])
			}
		}
		if len(moved.dates) > 0 {
			kept = append(kept, moved)
		}
	}
	r.services = kept
}

// touch notes that a reservation, and so its booking, changed now.
func (s *Sandbox) touch(r *reservation) {
	r.modified = s.stamp()
	r.booking.modified = r.modified
}

// addCityTax is PUT /booking/v1/reservation-actions/{id}/add-city-tax.
func (s *Sandbox) addCityTax(c *call) answer { return s.tax(c, true, (*reservation).addTaxReason) }

// removeCityTax is PUT /booking/v1/reservation-actions/{id}/remove-city-tax.
func (s *Sandbox) removeCityTax(c *call) answer {
	return s.tax(c, false, (*reservation).removeTaxReason)
}

func (s *Sandbox) tax(c *call, charged bool, reason func(*reservation) string) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	if code := reason(r); code != "" {
		return refused(code)
	}
	r.taxed = charged
	s.touch(r)
	s.emit("changed", r)
	return status(http.StatusNoContent)
}

func (r *reservation) addTaxReason() string {
	switch {
	case !r.amendable():
		return "AddCityTaxNotAllowedForReservationNotInStatusConfirmedOrInHouse"
	case r.taxed:
		return "AddCityTaxNotAllowedForReservationWithCityTax"
	case !r.plan().taxed():
		return "AddCityTaxNotAllowedForReservationForRatePlanNotSubjectToCityTax"
	}
	return ""
}

func (r *reservation) removeTaxReason() string {
	switch {
	case !r.amendable():
		return "RemoveCityTaxNotAllowedForReservationNotInStatusConfirmedOrInHouse"
	case !r.taxed:
		return "RemoveCityTaxNotAllowedForReservationWithoutCityTax"
	}
	return ""
}
