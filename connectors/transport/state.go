package transport

import (
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// A State is how a hotel's way to its vendor stands, in this process. It holds
// nothing of requests and answers.
type State struct {
	Vendor string `json:"vendor"`
	Hotel  string `json:"hotel"`
	// Circuit is closed, half_open or open; through an open one nothing is sent.
	Circuit string `json:"circuit"`
	// Since is when the circuit came into this state; of a client that is new,
	// when it was made.
	Since time.Time `json:"since"`
	// Pause is how long an open circuit stays so at least.
	Pause time.Duration `json:"pause"`
	// Outcomes counts the attempts of the last five minutes by outcome: ok,
	// cancelled, or the kind of error.
	Outcomes map[string]int `json:"outcomes"`
	// LastOK is when an attempt last went well; zero: never yet.
	LastOK time.Time `json:"last_ok"`
	// LastFailure is the attempt that last failed; nil: none yet.
	LastFailure *Failure `json:"last_failure,omitempty"`
	// Busy requests are under way, BusyReads of them reads, of Slots; Waiting
	// ones have no slot yet.
	Busy      int `json:"busy"`
	BusyReads int `json:"busy_reads"`
	Waiting   int `json:"waiting"`
	Slots     int `json:"slots"`
}

// A Failure is an attempt that failed.
type Failure struct {
	At        time.Time `json:"at"`
	Operation string    `json:"operation"`
	Outcome   string    `json:"outcome"` // the kind of error, as in metrics
}

// State tells how the way stands. It makes no request.
func (c *Client) State() State {
	s := State{
		Vendor:    c.o.Vendor,
		Hotel:     c.o.Hotel,
		Busy:      int(c.bulkhead.busy.Load()),
		BusyReads: int(c.bulkhead.busyReads.Load()),
		Waiting:   int(c.bulkhead.waiting[Read].Load() + c.bulkhead.waiting[Write].Load()),
		Slots:     c.bulkhead.slots,
	}
	switch c.breaker.State() {
	case circuitbreaker.OpenState:
		s.Circuit, s.Pause = "open", c.breaker.RemainingDelay()
	case circuitbreaker.HalfOpenState:
		s.Circuit = "half_open"
	default:
		s.Circuit = "closed"
	}
	c.past.tell(&s)
	return s
}

// past remembers how the last attempts of a client ended, for five minutes.
type past struct {
	now func() time.Time

	mu      sync.Mutex
	minutes [5]minute
	since   time.Time // of the circuit's state
	ok      time.Time
	failure *Failure
}

// minute is the outcomes of one minute since 1970. Outcomes are few: kinds of
// error.
type minute struct {
	number   int64
	outcomes map[string]int
}

func newPast(now func() time.Time) *past { return &past{now: now, since: now()} }

func (p *past) note(operation, outcome string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	number := now.Unix() / 60
	at := &p.minutes[number%int64(len(p.minutes))]
	if at.number != number {
		*at = minute{number, make(map[string]int)}
	}
	at.outcomes[outcome]++
	switch outcome {
	case "ok":
		p.ok = now
	case "cancelled":
	default:
		p.failure = &Failure{At: now, Operation: operation, Outcome: outcome}
	}
}

// turned is told when the circuit changes its state.
func (p *past) turned(circuitbreaker.StateChangedEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since = p.now()
}

func (p *past) tell(s *State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Since, s.LastOK = p.since, p.ok
	if p.failure != nil {
		last := *p.failure
		s.LastFailure = &last
	}
	s.Outcomes = make(map[string]int)
	oldest := p.now().Unix()/60 - int64(len(p.minutes)) + 1
	for _, m := range p.minutes {
		if m.number < oldest {
			continue
		}
		for outcome, n := range m.outcomes {
			s.Outcomes[outcome] += n
		}
	}
}
