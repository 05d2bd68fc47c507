package apaleo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"sync"
	"time"
)

// A Fault scripts one thing that goes wrong. Of several that match a request
// the first added wins, except that delays add up with it.
type Fault struct {
	// ID is given by the sandbox.
	ID string `json:"id,omitempty"`
	// Operation is the name of an operation as State counts it, such as
	// createBooking, or its method and pattern ("PUT
	// /booking/v1/reservation-actions/{id}/amend"); for webhook kinds an event
	// such as reservation/created. Wildcards as in path.Match; "" is "*", but
	// never touches the token operation.
	Operation string `json:"operation,omitempty"`
	Kind      Kind   `json:"kind"`
	// Probability in (0,1]; 0 means always. It draws from the seeded source.
	Probability float64 `json:"probability,omitempty"`
	// Nth lets the fault start at the n-th matching request, counted from 1.
	Nth int `json:"nth,omitempty"`
	// Count is how often it happens before it is spent; 0 means no limit.
	Count int `json:"count,omitempty"`
	// Delay of Delay, LateCommit, ListLag and SlowBody.
	Delay time.Duration `json:"-"`
	// RetryAfter adds a Retry-After header to a 429 or 5xx. That the vendor
	// sends one is unconfirmed.
	RetryAfter time.Duration `json:"-"`
	// Status replaces the usual one of the error and html kinds.
	Status int `json:"status,omitempty"`
	// Withhold keeps a late commit's connection open, silent, until the
	// client gives up.
	Withhold bool `json:"withhold,omitempty"`
	// Fired is how often it happened so far; set by the sandbox.
	Fired int `json:"fired,omitempty"`

	matched int
}

type faultText struct {
	Delay      string `json:"delay,omitempty"`
	RetryAfter string `json:"retry_after,omitempty"`
}

// MarshalJSON writes durations as Go does: "1.5s".
func (f Fault) MarshalJSON() ([]byte, error) {
	type plain Fault
	text := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}
	return json.Marshal(struct {
		plain
		faultText
	}{plain(f), faultText{text(f.Delay), text(f.RetryAfter)}})
}

// UnmarshalJSON reads what MarshalJSON writes. Unknown fields are refused,
// because a misspelt one would script another fault than was meant.
func (f *Fault) UnmarshalJSON(data []byte) error {
	type plain Fault
	var wire struct {
		*plain
		faultText
	}
	wire.plain = (*plain)(f)
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err := dec.Decode(&wire)
	if err != nil {
		return err
	}
	if f.Delay, err = span(wire.faultText.Delay); err != nil {
		return err
	}
	if f.RetryAfter, err = span(wire.faultText.RetryAfter); err != nil {
		return err
	}
	return nil
}

// span reads a duration; "" is none.
func span(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errors.New("durations must look like 1.5s")
	}
	return d, nil
}

func (f Fault) check() error {
	if !slices.Contains(Kinds(), f.Kind) {
		return fmt.Errorf("the fault kind is not known; use one of %v", Kinds())
	}
	if _, err := path.Match(f.Operation, ""); err != nil {
		return errors.New("the operation pattern is malformed")
	}
	if f.Probability < 0 || f.Probability > 1 || f.Nth < 0 || f.Count < 0 || f.Delay < 0 || f.Delay > time.Hour*48 {
		return errors.New("probability must be in [0,1]; nth, count and delay must not be negative, delay at most 48h")
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return errors.New("status must be from 200 to 599")
	}
	return nil
}

// matches reports whether one of the names is what the fault is about.
func (f *Fault) matches(names ...string) bool {
	for _, name := range names {
		if f.Operation == name {
			return true
		}
		if ok, err := path.Match(f.Operation, name); ok && err == nil {
			return true
		}
	}
	return f.Operation == "" && names[0] != "token"
}

// faultSet is the script. It has its own lock, for it is asked without the
// sandbox's.
type faultSet struct {
	mu     sync.Mutex
	seed   uint64
	random *rand.Rand
	next   int
	all    []*Fault
}

func newFaultSet(seed uint64) *faultSet {
	f := &faultSet{seed: seed}
	f.clear()
	return f
}

func (s *faultSet) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = nil
	s.random = source(s.seed, 2)
}

func (s *faultSet) add(f Fault) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	f.ID, f.Fired, f.matched = fmt.Sprintf("fault-%d", s.next), 0, 0
	s.all = append(s.all, &f)
	return f
}

func (s *faultSet) remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.all)
	s.all = slices.DeleteFunc(s.all, func(f *Fault) bool { return f.ID == id })
	return len(s.all) < before
}

func (s *faultSet) list() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Fault, len(s.all))
	for i, f := range s.all {
		all[i] = *f
	}
	return all
}

// draw waits out the delays that match and tells how long they were, and the
// first other fault; its Kind is "" when nothing else goes wrong.
func (s *faultSet) draw(ctx context.Context, op operation) (Fault, time.Duration) {
	var wait time.Duration
	var drawn Fault
	s.mu.Lock()
	for _, f := range s.all {
		if slices.Contains(ambient, f.Kind) || (f.Kind != Delay && drawn.Kind != "") {
			continue
		}
		if !f.matches(op.name, op.method+" "+op.path) || !s.fires(f) {
			continue
		}
		if f.Kind == Delay {
			wait += f.Delay
		} else {
			drawn = *f
		}
	}
	s.mu.Unlock()
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return drawn, wait
}

// drawEvent tells whether a webhook fault hits an event.
func (s *faultSet) drawEvent(kind Kind, event string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.all {
		if f.Kind == kind && f.matches(event) && s.fires(f) {
			return true
		}
	}
	return false
}

func (s *faultSet) fires(f *Fault) bool {
	f.matched++
	if f.matched < f.Nth || (f.Count > 0 && f.Fired >= f.Count) {
		return false
	}
	if f.Probability > 0 && s.random.Float64() >= f.Probability {
		return false
	}
	f.Fired++
	return true
}

func (s *faultSet) listLag() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lag time.Duration
	for _, f := range s.all {
		if f.Kind == ListLag {
			lag = max(lag, f.Delay)
		}
	}
	return lag
}
