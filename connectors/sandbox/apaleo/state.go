package apaleo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Counters tell what the sandbox did since New or Reset.
type Counters struct {
	// Requests by operation, refused ones included.
	Requests map[string]int `json:"requests"`
	// Faults injected, by kind.
	Faults map[Kind]int `json:"faults"`
	// LostAnswers are writes and reads that took effect and whose answer the
	// client did not get whole.
	LostAnswers int `json:"lost_answers"`
	// Throttled are requests refused by the rate limit.
	Throttled int `json:"throttled"`
	// LateCommits took effect after their connection was cut.
	LateCommits int `json:"late_commits"`
	// Replays are creates answered from a remembered Idempotency-Key.
	Replays int `json:"replayed_creates"`
	// Abandoned are requests whose client went away before the answer: it
	// died, or gave up.
	Abandoned int `json:"abandoned"`
}

// Stay is one reservation as the sandbox holds it, for assertions.
type Stay struct {
	ID           string    `json:"id"`
	Booking      string    `json:"booking"`
	ExternalCode string    `json:"external_code,omitempty"`
	Key          string    `json:"key,omitempty"` // the Idempotency-Key that created it
	Status       string    `json:"status"`
	Property     string    `json:"property"`
	UnitGroup    string    `json:"unit_group"`
	RatePlan     string    `json:"rate_plan"`
	Arrival      string    `json:"arrival"`
	Departure    string    `json:"departure"`
	Adults       int       `json:"adults"`
	Total        int64     `json:"total_cents"`   // the vendor's totalGrossAmount
	Payable      int64     `json:"payable_cents"` // with city tax and fees; what an ended stay costs
	Services     []string  `json:"services,omitempty"`
	Created      time.Time `json:"created"`
}

// State is a picture of the sandbox. It holds no guest data.
type State struct {
	Now      time.Time      `json:"now"`
	Counters Counters       `json:"counters"`
	Bookings int            `json:"bookings"`
	ByStatus map[string]int `json:"reservations_by_status"`
	Late     int            `json:"late_commits_pending"`
	Held     []Held         `json:"held"`
	// Open are the requests in hand, oldest first; Abandoned are the latest
	// whose client went away before the answer.
	Open         []Request     `json:"open"`
	Abandoned    []Request     `json:"abandoned"`
	Faults       []Fault       `json:"faults"`
	Webhooks     WebhookCounts `json:"webhooks"`
	Reservations []Stay        `json:"reservations,omitempty"`
	// Oversold names the invariant broken; "" as it always should be.
	Oversold string `json:"oversold,omitempty"`
}

func newCounters() Counters {
	return Counters{Requests: map[string]int{}, Faults: map[Kind]int{}}
}

// note counts a request and its fault.
func (s *Sandbox) note(op operation, fault Fault, delayed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.Requests[op.name]++
	if delayed {
		s.counters.Faults[Delay]++
	}
	if fault.Kind == "" {
		return
	}
	s.counters.Faults[fault.Kind]++
	if slices.Contains(spoiling, fault.Kind) {
		s.counters.LostAnswers++
	}
}

// throttle counts a request that the rate limit refused.
func (s *Sandbox) throttle(op operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.Requests[op.name]++
	s.counters.Throttled++
}

func (s *Sandbox) lost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.LostAnswers++
}

// Stays lists every reservation in the order of creation, after letting late
// commits that are due happen.
func (s *Sandbox) Stays() []Stay {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Stay, len(s.order))
	for i, r := range s.order {
		all[i] = Stay{
			ID: r.id, Booking: r.booking.id, ExternalCode: r.external, Key: r.booking.key, Status: r.status,
			Property: r.property().id, UnitGroup: r.plan().group.id, RatePlan: r.plan().id,
			Arrival: r.arrival.String(), Departure: r.departure.String(),
			Adults: r.adults, Total: r.total(), Payable: r.payable(), Created: r.created,
		}
		for _, booked := range r.services {
			all[i].Services = append(all[i].Services, booked.id)
		}
	}
	return all
}

// Count counts the reservations in a status; all of them for "".
func (s *Sandbox) Count(status string) int {
	n := 0
	for _, stay := range s.Stays() {
		if status == "" || stay.Status == status {
			n++
		}
	}
	return n
}

// State takes a picture, with the reservations when asked to.
func (s *Sandbox) State(withReservations bool) State {
	stays := s.Stays()
	state := State{
		ByStatus: map[string]int{}, Faults: s.faults.list(), Webhooks: s.hooks.counts(),
	}
	for _, stay := range stays {
		state.ByStatus[stay.Status]++
	}
	if withReservations {
		state.Reservations = stays
	}
	if err := s.Audit(); err != nil {
		state.Oversold = err.Error()
	}
	s.holds.mu.Lock()
	state.Held = s.holds.list()
	s.holds.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	state.Now, state.Bookings, state.Late = s.stamp(), len(s.bookings), len(s.late)
	state.Counters = s.counters
	state.Counters.Requests = maps.Clone(s.counters.Requests)
	state.Counters.Faults = maps.Clone(s.counters.Faults)
	state.Open, state.Abandoned, state.Counters.Abandoned = s.traffic.picture()
	return state
}

// Audit counts the rooms sold from the reservations themselves. It answers an
// error when a unit group was oversold on some night, or when the books that
// sales rely on say otherwise.
func (s *Sandbox) Audit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sold := map[slot]int{}
	for _, r := range s.order {
		if !r.holds() {
			continue
		}
		for _, slice := range r.slices {
			sold[slot{slice.plan.group.id, slice.night}]++
		}
	}
	for at, n := range sold {
		if units := s.rooms(s.group(at.group), at.night); n > units {
			return fmt.Errorf("%s is oversold on %s: %d of %d", at.group, at.night, n, units)
		}
	}
	if !maps.Equal(sold, s.sold) {
		return fmt.Errorf("the books and the reservations differ")
	}
	return nil
}

// AddFault adds a fault to the script and answers it with its ID.
func (s *Sandbox) AddFault(f Fault) (Fault, error) {
	if err := f.check(); err != nil {
		return Fault{}, err
	}
	return s.faults.add(f), nil
}

// RemoveFault ends a fault; false when there is none with the id.
func (s *Sandbox) RemoveFault(id string) bool { return s.faults.remove(id) }

// ClearFaults ends every fault. Answers held already stay held.
func (s *Sandbox) ClearFaults() { s.faults.clear() }

// AwaitHeld waits until n answers at least are held back.
func (s *Sandbox) AwaitHeld(ctx context.Context, n int) ([]Held, error) {
	return s.holds.await(ctx, n)
}

// Release sends the held answer with the id, or all for "", and counts them.
func (s *Sandbox) Release(id string) int { return s.holds.release(id, false) }

// Drop loses the held answer with the id, or all for "", and counts them.
func (s *Sandbox) Drop(id string) int { return s.holds.release(id, true) }
