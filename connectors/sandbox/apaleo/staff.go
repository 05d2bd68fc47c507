package apaleo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/voicehive/voicehive/connectors/pms"
)

// staffClient is the client that events of the hotel's own staff name.
const staffClient = "VHSB-AC-FRONTDESK"

// ErrNoReservation means that there is no reservation with the id.
var ErrNoReservation = errors.New("there is no such reservation")

// A StaffChange is what the desk changes of a stay; zero values leave a thing
// as it is.
type StaffChange struct {
	Arrival   pms.Date `json:"arrival,omitzero"`
	Departure pms.Date `json:"departure,omitzero"`
	Adults    int      `json:"adults,omitempty"`
	RatePlan  string   `json:"rate_plan,omitempty"`
	// Nightly is a price in cents for every night; 0 keeps prices, and gives
	// new nights today's.
	Nightly int64 `json:"nightly_cents,omitempty"`
}

// asStaff runs a change of a reservation as the hotel's staff and sends its
// events.
func (s *Sandbox) asStaff(id string, change func(*reservation) error) error {
	s.mu.Lock()
	r := s.reservations[id]
	if r == nil {
		s.mu.Unlock()
		return ErrNoReservation
	}
	s.actor = staffClient
	err := change(r)
	s.actor = s.opts.ClientID
	events := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	s.hooks.send(events)
	return err
}

// StaffAmend changes a stay as the hotel's staff would, with its event. Even
// the desk does not oversell the sandbox.
func (s *Sandbox) StaffAmend(id string, to StaffChange) error {
	return s.asStaff(id, func(r *reservation) error {
		want := desiredStay{
			Arrival: r.arrival.String(), Departure: r.departure.String(),
			Adults: cmp.Or(to.Adults, r.adults), ChildrenAges: r.childrenAges,
		}
		arrival, departure := r.arrival, r.departure
		if !to.Arrival.IsZero() {
			arrival, want.Arrival = to.Arrival, to.Arrival.String()
		}
		if !to.Departure.IsZero() {
			departure, want.Departure = to.Departure, to.Departure.String()
		}
		nights := arrival.NightsUntil(departure)
		if nights < 1 || nights > horizon {
			return errors.New("the departure must be after the arrival, by 400 nights at most")
		}
		for i := range nights {
			plan := r.slices[min(i, len(r.slices)-1)].plan.id
			slice := desiredSlice{RatePlanID: cmp.Or(to.RatePlan, plan)}
			if to.Nightly > 0 {
				price := money(to.Nightly)
				slice.TotalGrossAmount = &price
			}
			want.TimeSlices = append(want.TimeSlices, slice)
		}
		return firstOf(s.change(r, want))
	})
}

// StaffCancel cancels a stay as the hotel's staff would, with its event.
func (s *Sandbox) StaffCancel(id string) error {
	return s.asStaff(id, func(r *reservation) error {
		if message := s.cancelReason(r); message != "" {
			return errors.New(message)
		}
		s.end(r, Canceled)
		s.emit("canceled", r)
		return nil
	})
}

// StaffEvent sends an event about a reservation that changes nothing the
// sandbox keeps, such as unit-assigned.
func (s *Sandbox) StaffEvent(id, kind string) error {
	if !slices.Contains(reservationEvents, kind) {
		return fmt.Errorf("the event must be one of %v", reservationEvents)
	}
	return s.asStaff(id, func(r *reservation) error {
		s.emit(kind, r)
		return nil
	})
}

// SetRooms leaves n rooms of a unit group to sell on each night from the first
// until before the other, whatever is sold already. Rooms given back later can
// be sold again.
func (s *Sandbox) SetRooms(unitGroup string, from, to pms.Date, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	nights := from.NightsUntil(to)
	switch {
	case s.group(unitGroup) == nil:
		return errors.New("there is no such unit group")
	case nights < 1 || nights > horizon:
		return errors.New("the nights must be from 1 to 400")
	case n < 0 || n > 100_000:
		return errors.New("the rooms must be from 0 to 100000")
	}
	for night := from; night.Before(to); night = night.AddDays(1) {
		at := slot{unitGroup, night}
		s.limits[at] = s.sold[at] + n
	}
	return nil
}

// WithholdGuests leaves guest data out of every answer from now on, or shows it
// again, as the vendor's switch at an app's registration does.
func (s *Sandbox) WithholdGuests(withhold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.withhold = withhold
}

// TokenRequests counts the requests to the token endpoint, refused ones too.
func (s *Sandbox) TokenRequests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counters.Requests["token"]
}

// firstOf makes an error of the vendor's messages.
func firstOf(messages []string) error {
	if len(messages) == 0 {
		return nil
	}
	return errors.New(messages[0])
}
