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
	if message := s.change(r, want); message != nil {
		return refused(message...)
	}
	return status(http.StatusNoContent)
}

// change replaces a stay, or tells why it cannot be. A code is not asked for
// again: the vendor's model of an amendment has no place for one.
func (s *Sandbox) change(r *reservation, want desiredStay) []string {
	if !r.amendable() {
		return []string{"The reservation cannot be amended in status " + r.status + "."}
	}
	changed := *r
	if messages := s.shape(&changed, want); messages != nil {
		return messages
	}
	if changed.property() != r.property() {
		return []string{"timeSlices: the rate plan is another property's."}
	}
	for i, slice := range want.TimeSlices {
		if slice.price() == nil {
			changed.slices[i].gross = r.amended(changed.slices[i].plan, changed.slices[i].night, changed.persons(), want.Requote)
		}
	}
	if message := s.fixed(r, &changed); message != "" {
		return []string{message}
	}
	s.giveBack(r)
	if messages := s.take(&changed); messages != nil {
		s.keep(r)
		return messages
	}
	changed.taxed = changed.plan().taxed() && (r.taxed || !r.plan().taxed())
	changed.moveServices()
	*r = changed
	s.touch(r)
	s.emit("amended", r)
	return nil
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
