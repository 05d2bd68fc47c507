package apaleo

import (
	"net/http"
	"slices"

	"github.com/voicehive/voicehive/connectors/pms"
)

// amended is what a night costs when the stay changes: the price it has while
// the plan stays, with the difference for more or fewer persons, else today's.
func (r *reservation) amended(plan *ratePlan, night pms.Date, persons int, requote bool) int64 {
	i := slices.IndexFunc(r.slices, func(t timeSlice) bool { return t.night == night && t.plan == plan })
	if i < 0 || requote {
		return plan.nightly(night, persons)
	}
	return max(0, r.slices[i].gross+personSurcharge(persons)-personSurcharge(r.persons()))
}

// amend is PUT /booking/v1/reservation-actions/{id}/amend: the whole desired
// stay replaces the present one, or nothing changes.
func (s *Sandbox) amend(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	var want desiredStay
	if refusal, ok := c.decode(&want); !ok {
		return refusal
	}
	if r.status != Confirmed && r.status != InHouse {
		return refused("The reservation cannot be amended in status " + r.status + ".")
	}
	changed := *r
	if messages := s.shape(&changed, want); messages != nil {
		return refused(messages...)
	}
	for i, slice := range want.TimeSlices {
		if slice.price() == nil {
			changed.slices[i].gross = r.amended(changed.slices[i].plan, changed.slices[i].night, changed.persons(), want.Requote)
		}
	}
	if message := s.fixed(r, &changed); message != "" {
		return refused(message)
	}
	s.giveBack(r)
	if messages := s.take(&changed); messages != nil {
		s.keep(r)
		return refused(messages...)
	}
	changed.modified = s.stamp()
	*r = changed
	r.booking.modified = changed.modified
	s.emit("amended", r)
	return status(http.StatusNoContent)
}

// fixed tells why a change touches what is past; "" when it does not.
func (s *Sandbox) fixed(r, changed *reservation) string {
	if r.status == Confirmed {
		if changed.arrival.Before(s.today()) {
			return "arrival: is in the past."
		}
		return ""
	}
	if changed.arrival != r.arrival {
		return "arrival: the guest is in the house already."
	}
	for i, slice := range r.slices {
		if slice.night.Before(s.today()) && (i >= len(changed.slices) || changed.slices[i] != slice) {
			return "timeSlices: nights that have passed cannot be changed."
		}
	}
	return ""
}

// keep takes back the rooms that giveBack has just freed under the same lock.
func (s *Sandbox) keep(r *reservation) {
	for _, slice := range r.slices {
		s.sold[slot{slice.plan.group.id, slice.night}]++
	}
}

// cancel is PUT /booking/v1/reservation-actions/{id}/cancel.
func (s *Sandbox) cancel(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	switch {
	case r == nil:
		return status(http.StatusNotFound)
	case r.status != Confirmed:
		return refused("Only a confirmed reservation can be canceled; this one is " + r.status + ".")
	case !s.now().Before(r.arrivesAt):
		return refused("The reservation cannot be canceled after its arrival.")
	}
	s.giveBack(r)
	r.status, r.cancelled, r.modified = Canceled, s.stamp(), s.stamp()
	r.booking.modified = r.modified
	s.emit("canceled", r)
	return status(http.StatusNoContent)
}
