// Package retention holds the side effects of erasing what has had its time:
// planning, deciding, erasing batch by batch, reading back and certifying, for
// one hotel at a time, and starting that for every hotel.
//
// Each activity can be repeated: what was done is known from the database, and
// a batch is committed with what tells of it. The package stands on the
// activities floor, above connectors; inputs and results hold numbers of rows
// and no row.
package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	RoundActivity  = "retention.round"
	WidenActivity  = "retention.widen_holds"
	PlanActivity   = "retention.plan"
	DecideActivity = "retention.decide"
	EndActivity    = "retention.end"
	ReadyActivity  = "retention.ready"
	EraseActivity  = "retention.erase"
	ShredActivity  = "retention.shred"
	FinishActivity = "retention.finish"
)

// Types of the errors that are not worth a retry.
const (
	// TypeChanged: the plan does not hold any more.
	TypeChanged = "plan_changed"
	// TypeRefused: the run does not wait for that, or not for that person.
	TypeRefused = "refused"
)

// Hotels knows the hotels. *registry.Registry is one.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
	Page(ctx context.Context, after string, most int) ([]registry.Hotel, error)
}

// Starter starts the run of one hotel, unless one is under way.
type Starter interface {
	StartRetention(ctx context.Context, hotel string) (started bool, err error)
}

// Table is where scopes have their subjects. *keys.Subjects is one.
type Table interface {
	Scopes(ctx context.Context, tenant string, subject uuid.UUID) ([]keys.Scope, error)
	SubjectOf(ctx context.Context, tenant string, scopes ...keys.Scope) (map[keys.Scope]uuid.UUID, error)
}

// Parts are what the activities need. Starter, History and Registerer may be
// nil.
type Parts struct {
	Engine  *retention.Engine
	Holds   *holds.Store
	Hotels  Hotels
	Table   Table
	Starter Starter
	// History tells for how long Temporal keeps runs that have ended.
	History    func(ctx context.Context) (time.Duration, error)
	Registerer prometheus.Registerer
}

// Activities are the activities of this package. Register a value made by New.
type Activities struct {
	Parts
	erased  *prometheus.CounterVec
	overdue *prometheus.CounterVec
	reviews prometheus.Gauge
	history *prometheus.GaugeVec
}

// New returns the activities on the given parts. It fails when a metric cannot
// be registered.
func New(p Parts) (*Activities, error) {
	a := &Activities{
		Parts: p,
		erased: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voicehive_retention_erased_rows_total", Help: "Rows erased because they had had their time, by store.",
		}, []string{"store"}),
		overdue: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voicehive_retention_overdue_rows_total", Help: "Rows that should have been gone after a run and were still there. It should stay at zero.",
		}, []string{"outcome"}),
		reviews: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "voicehive_holds_review_overdue", Help: "Legal holds of which nobody has asked in time whether they are still needed.",
		}),
	}
	a.history = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "voicehive_temporal_retention_over_rule", Help: "1 where Temporal keeps finished runs for longer than a hotel may.",
	}, []string{"hotel"})
	a.overdue.WithLabelValues("left")
	if p.Registerer == nil {
		return a, nil
	}
	for _, c := range []prometheus.Collector{a.erased, a.overdue, a.reviews, a.history} {
		if err := p.Registerer.Register(c); err != nil {
			return nil, fmt.Errorf("retention: register metrics: %w", err)
		}
	}
	return a, nil
}

// Register registers the activities, for a worker on the queue of records.
func Register(r worker.ActivityRegistry, a *Activities) {
	for name, fn := range map[string]any{
		RoundActivity: a.Round, WidenActivity: a.Widen, PlanActivity: a.Plan, DecideActivity: a.Decide, EndActivity: a.End,
		ReadyActivity: a.Ready, EraseActivity: a.Erase, ShredActivity: a.Shred, FinishActivity: a.Finish,
	} {
		r.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}

// A Page asks for the hotels behind one, by id.
type Page struct {
	After string `json:"after,omitempty"`
	Most  int    `json:"most"`
}

// Started counts what a page of hotels came to.
type Started struct {
	Hotels  int    `json:"hotels"`
	Started int    `json:"started"`
	Last    string `json:"last,omitempty"`
}

// Round starts the runs of a page of hotels, and with the first page that of the
// house. A hotel whose last run still waits or goes on gets no second one.
func (a *Activities) Round(ctx context.Context, in Page) (Started, error) {
	defer heartbeat.Start(ctx)()
	overdue, err := a.Holds.Overdue(ctx)
	if err != nil {
		return Started{}, err
	}
	a.reviews.Set(float64(overdue))
	hotels, err := a.Hotels.Page(ctx, in.After, in.Most)
	if err != nil {
		return Started{}, err
	}
	out := Started{Hotels: len(hotels), Last: in.After}
	if in.After == "" && a.Engine.Shards != nil {
		if started, err := a.Starter.StartRetention(ctx, retention.House.ID); err != nil {
			return Started{}, err
		} else if started {
			out.Started++
		}
	}
	for _, h := range hotels {
		out.Last = h.ID
		if h.ID == registry.System {
			continue
		}
		started, err := a.Starter.StartRetention(ctx, h.ID)
		if err != nil {
			return Started{}, err
		}
		if started {
			out.Started++
		}
	}
	return out, nil
}

// A HotelRef names a hotel.
type HotelRef struct {
	Hotel string `json:"hotel"`
}

// Widen brings holds of subjects up to date: what was found to be the person's
// since they were placed is held too. It answers how many scopes came.
func (a *Activities) Widen(ctx context.Context, in HotelRef) (int, error) {
	defer heartbeat.Start(ctx)()
	all, err := a.Holds.List(ctx, in.Hotel, false)
	if err != nil {
		return 0, err
	}
	widened := 0
	for _, h := range all {
		if h.Kind != holds.Subject {
			continue
		}
		if h, err = a.Holds.Show(ctx, in.Hotel, h.ID); err != nil {
			return widened, err
		}
		fresh, err := a.beyond(ctx, in.Hotel, h)
		if err != nil {
			return widened, err
		}
		if err := a.Holds.Widen(ctx, in.Hotel, actor, h.ID, fresh); err != nil {
			return widened, err
		}
		widened += len(fresh)
	}
	return widened, nil
}

// actor is who the audit log says it was.
const actor = "worker"

// beyond are the scopes of a hold's people that it does not have yet.
func (a *Activities) beyond(ctx context.Context, hotel string, h holds.Hold) ([]string, error) {
	known := map[string]bool{}
	scopes := make([]keys.Scope, len(h.Scopes))
	for i, id := range h.Scopes {
		known[id] = true
		scopes[i] = keys.Scope{Tenant: hotel, ID: id}
	}
	subjects, err := a.Table.SubjectOf(ctx, hotel, scopes...)
	if err != nil {
		return nil, err
	}
	var fresh []string
	asked := map[uuid.UUID]bool{}
	for _, subject := range subjects {
		if asked[subject] || subject == uuid.Nil {
			continue
		}
		asked[subject] = true
		its, err := a.Table.Scopes(ctx, hotel, subject)
		if err != nil {
			return nil, err
		}
		for _, scope := range its {
			if !known[scope.ID] {
				known[scope.ID] = true
				fresh = append(fresh, scope.ID)
			}
		}
	}
	return fresh, nil
}

// refusedOr makes refusals of the engine final, and leaves the rest to be tried
// again.
func refusedOr(err error) error {
	kind := TypeRefused
	switch {
	case err == nil:
		return nil
	case errors.Is(err, retention.ErrChanged):
		kind = TypeChanged
	case errors.Is(err, retention.ErrSamePerson), errors.Is(err, retention.ErrPlanHash), errors.Is(err, retention.ErrState),
		errors.Is(err, retention.ErrUnknownRun), errors.Is(err, retention.ErrPolicy), errors.Is(err, retention.ErrObjects):
	default:
		return err
	}
	return temporal.NewNonRetryableApplicationError(err.Error(), kind, err)
}
