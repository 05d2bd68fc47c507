package reconciliation

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	BookingsActivity = "reconciliation.bookings"
	ArrivalsActivity = "reconciliation.arrivals"
)

// Connectors finds the connector of a hotel.
type Connectors interface {
	Connector(ctx context.Context, hotel string) (pms.Connector, error)
}

// Hotels finds a hotel's registry entry.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
}

// Runs are the workflows of bookings.
type Runs interface {
	// Running reports whether a workflow of the booking is open.
	Running(ctx context.Context, hotel, booking string) (bool, error)
	// Reissue sends an open intent to its booking's workflow again, and begins
	// one where there is none.
	Reissue(ctx context.Context, hotel, intent string) error
	// Refresh has the booking's workflow read the booking at the hotel.
	Refresh(ctx context.Context, hotel, booking string) error
}

// Parts are what the activities need. All but Registerer are required.
type Parts struct {
	Ledger     *ledger.Ledger
	Records    *Records
	Connectors Connectors
	Hotels     Hotels
	Runs       Runs
	// Registerer shows what is found; nil shows nothing.
	Registerer prometheus.Registerer
}

// Activities are the activities of reconciliation. Register a value made by
// New.
type Activities struct {
	Parts
	findings *prometheus.CounterVec
	now      func() time.Time
}

// New returns the activities on the given parts.
func New(p Parts) (*Activities, error) {
	findings := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "voicehive_reconciliation_findings_total",
		Help: "What reconciliation found, by vendor, kind and what came of it: repaired, task (raised now) or known (a task has it).",
	}, []string{"vendor", "kind", "outcome"})
	if p.Registerer != nil {
		if err := p.Registerer.Register(findings); err != nil {
			return nil, fmt.Errorf("reconciliation: register metrics: %w", err)
		}
	}
	return &Activities{Parts: p, findings: findings, now: time.Now}, nil
}

// RegisterPMS registers the activities, for a worker on a vendor's queue.
func RegisterPMS(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Bookings, activity.RegisterOptions{Name: BookingsActivity})
	r.RegisterActivityWithOptions(a.Arrivals, activity.RegisterOptions{Name: ArrivalsActivity})
}

// A Window says which bookings a round looks at.
type Window struct {
	// Ahead is how many days of arrivals are compared, today included.
	Ahead int `json:"ahead"`
	// Since is the moment after which a changed booking is looked at, wherever
	// it stands.
	Since time.Time `json:"since"`
	// Grace is how old an intent must be before it can be a finding: a younger
	// one is on its way.
	Grace time.Duration `json:"grace"`
	// Stuck is how old an open intent must be to be called stuck although its
	// workflow runs.
	Stuck time.Duration `json:"stuck"`
}

// A Batch is one step of a round at one hotel.
type Batch struct {
	Hotel  string `json:"hotel"`
	Vendor string `json:"vendor"`
	Window Window `json:"window"`
	// After is where the batch before ended; empty at the beginning.
	After string `json:"after,omitempty"`
	// Size is how many bookings, or days, are compared in this batch.
	Size int `json:"size"`
}

// A Report is what a batch found.
type Report struct {
	// Next is where the next batch begins; empty when this was the last.
	Next string `json:"next,omitempty"`
	// Compared counts the bookings, or stays, that were looked at.
	Compared int   `json:"compared"`
	Tally    Tally `json:"tally,omitempty"`
}

// Kind is what is wrong.
type Kind string

// The kinds of findings.
const (
	// Duplicate: the hotel has two bookings with one reference of ours.
	Duplicate Kind = "duplicate"
	// Orphan: the hotel has a booking with our reference that the ledger does
	// not have, or counts as never made.
	Orphan Kind = "orphan"
	// Missing: the ledger has a booking that the hotel does not know.
	Missing Kind = "missing"
	// Terminated: something was asked for, and the workflow that should do it
	// is gone.
	Terminated Kind = "terminated"
	// Drift: dates, room, status or price differ.
	Drift Kind = "drift"
	// Stuck: something was asked for long ago and is still open.
	Stuck Kind = "stuck"
)

// Result is what came of a finding.
type Result string

// What can come of a finding.
const (
	Repaired Result = "repaired"
	Raised   Result = "task"
	Known    Result = "known" // a task says so already
)

// A Count is how often a kind of finding came to a result.
type Count struct {
	Kind   Kind   `json:"kind"`
	Result Result `json:"result"`
	Count  int    `json:"count"`
}

// A Tally counts findings.
type Tally []Count

// Add counts n more of a kind and result.
func (t *Tally) Add(kind Kind, result Result, n int) {
	for i := range *t {
		if (*t)[i].Kind == kind && (*t)[i].Result == result {
			(*t)[i].Count += n
			return
		}
	}
	*t = append(*t, Count{kind, result, n})
}

// Merge adds another tally.
func (t *Tally) Merge(other Tally) {
	for _, c := range other {
		t.Add(c.Kind, c.Result, c.Count)
	}
}
