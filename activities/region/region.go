// Package region checks again and again that everything still stands in the EU:
// the side effects of the workflow that a Schedule starts each hour. A name can
// be turned to another provider, and a hotel's attestation runs out.
//
// A check's result is what it found, good or bad; an error of an activity means
// that nothing could be found out, or that nobody could be told. The package
// stands on the activities floor, above connectors.
package region

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	SettingsActivity = "region.settings"
	HotelsActivity   = "region.hotels"
)

// TaskKind is the kind of the task that is left where a person must look.
const TaskKind = "region"

// forgetAfter is when an endpoint that nobody checks any more is forgotten:
// processes that are started seldom check theirs at their start only.
const forgetAfter = 31 * 24 * time.Hour

// Hotels knows the hotels and what they attested.
type Hotels interface {
	Page(ctx context.Context, after string, most int) ([]registry.Hotel, error)
	Endpoints(ctx context.Context, hotel string, addresses map[string]string) ([]region.Endpoint, error)
}

// Tasks takes work that only a person can finish.
type Tasks interface {
	AddTask(ctx context.Context, tenant string, t ledger.Task) error
}

// Journal remembers changes where nobody can rewrite them.
type Journal interface {
	Record(ctx context.Context, changes []region.Change) error
}

// Parts are what the activities need; Journal and Registerer may be nil.
type Parts struct {
	Guard      *region.Guard
	Store      *region.Store
	Hotels     Hotels
	Tasks      Tasks
	Journal    Journal
	Registerer prometheus.Registerer
	Logger     *slog.Logger
}

// Activities are the activities of the drift check. Register a value made by
// New.
type Activities struct {
	Parts
	drifts *prometheus.CounterVec
}

// New returns the activities on the given parts. It fails when its metric
// cannot be registered.
func New(p Parts) (*Activities, error) {
	a := &Activities{Parts: p, drifts: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "eu_region_drift_total",
		Help: "Endpoints that were found to stand otherwise than at the check before, by role and their state now.",
	}, []string{"role", "state"})}
	// An alert sees an increase only of what was there before.
	for _, role := range region.Roles() {
		for _, state := range []region.State{region.Fail, region.Unknown} {
			a.drifts.WithLabelValues(string(role), string(state))
		}
	}
	if a.Logger == nil {
		a.Logger = slog.New(slog.DiscardHandler)
	}
	if p.Registerer != nil {
		if err := p.Registerer.Register(a.drifts); err != nil {
			return nil, fmt.Errorf("region: register metrics: %w", err)
		}
	}
	return a, nil
}

// Register registers the activities, for a worker on the queue of records.
func Register(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Settings, activity.RegisterOptions{Name: SettingsActivity})
	r.RegisterActivityWithOptions(a.HotelPage, activity.RegisterOptions{Name: HotelsActivity})
}

// A Round asks for a check. At is when it began: an attempt that is repeated
// counts once.
type Round struct {
	At time.Time `json:"at"`
}

// A Page asks for a check of hotels, by id, from the one after the last one
// seen.
type Page struct {
	At    time.Time `json:"at"`
	After string    `json:"after,omitempty"`
	Most  int       `json:"most"`
}

// Found counts what a check found.
type Found struct {
	Checked int `json:"checked"`
	Refused int `json:"refused"`
	Changed int `json:"changed"`
	// Hotels is how many hotels were on the page, Last the last of them.
	Hotels int    `json:"hotels,omitempty"`
	Last   string `json:"last,omitempty"`
}

// Settings checks the endpoints of the settings, and forgets what nobody
// checks any more.
func (a *Activities) Settings(ctx context.Context, in Round) (Found, error) {
	defer heartbeat.Start(ctx)()
	found, err := a.check(ctx, in.At, a.Guard.Endpoints())
	if err != nil {
		return Found{}, err
	}
	_, err = a.Store.Forget(ctx, in.At.Add(-forgetAfter))
	return found, err
}

// HotelPage checks the hotels' systems of a page.
func (a *Activities) HotelPage(ctx context.Context, in Page) (Found, error) {
	defer heartbeat.Start(ctx)()
	hotels, err := a.Hotels.Page(ctx, in.After, in.Most)
	if err != nil {
		return Found{}, err
	}
	var endpoints []region.Endpoint
	last := in.After
	for _, h := range hotels {
		last = h.ID
		addresses, err := connectors.Addresses(h)
		if err != nil {
			continue // a vendor of another build: nobody here calls it
		}
		its, err := a.Hotels.Endpoints(ctx, h.ID, addresses)
		if err != nil {
			return Found{}, err
		}
		endpoints = append(endpoints, its...)
	}
	found, err := a.check(ctx, in.At, endpoints)
	found.Hotels, found.Last = len(hotels), last
	return found, err
}

func (a *Activities) check(ctx context.Context, at time.Time, endpoints []region.Endpoint) (Found, error) {
	findings := a.Guard.Check(ctx, endpoints...)
	found := Found{Checked: len(findings)}
	for _, f := range findings {
		if f.Refuses(a.Guard.Production()) {
			found.Refused++
		}
	}
	changes, err := a.Store.Record(ctx, at, findings, func(changes []region.Change) error { return a.tell(ctx, changes) })
	found.Changed = len(changes)
	return found, err
}

// tell makes sure that somebody learns of the changes: the journal, and for
// what must not be used any more a line in the log and a task.
func (a *Activities) tell(ctx context.Context, changes []region.Change) error {
	if a.Journal != nil {
		if err := a.Journal.Record(ctx, changes); err != nil {
			return err
		}
	}
	for _, c := range changes {
		fields := []any{"endpoint", c.Is.Endpoint, "host", c.Is.Host, "was", c.Was.State, "is", c.Is.State,
			"provider", c.Is.Provider, "region", c.Is.Region, "reason", c.Is.Reason}
		if c.Was.State != "" {
			a.drifts.WithLabelValues(string(c.Is.Role), string(c.Is.State)).Inc()
		}
		switch {
		case c.Worse(a.Guard.Production()):
			a.Logger.Error("An endpoint is not known to be in the EU any more.", fields...)
			if err := a.leaveTask(ctx, c); err != nil {
				return err
			}
		case c.Moved:
			a.Logger.Warn("An endpoint stands elsewhere than before.", fields...)
		case c.Was.State != "":
			a.Logger.Info("An endpoint's state changed.", fields...)
		}
	}
	return nil
}

func (a *Activities) leaveTask(ctx context.Context, c region.Change) error {
	tenant := c.Is.Tenant
	if tenant == "" {
		tenant = registry.System
	}
	err := a.Tasks.AddTask(ctx, tenant, ledger.Task{
		Booking: c.Is.Endpoint, Kind: TaskKind,
		Detail: fmt.Sprintf("%s (%s) is not known to be in the EU: %s. See voicehive region list.", c.Is.Endpoint, c.Is.Host, c.Is.Reason),
	})
	if err != nil {
		return fmt.Errorf("region: leave a task: %w", err)
	}
	return nil
}
