package retention

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/retention"
)

// A Start asks for a plan, by who wants it.
type Start struct {
	Hotel string `json:"hotel"`
	Actor string `json:"actor"`
}

// A RunRef names a run.
type RunRef struct {
	Hotel string `json:"hotel"`
	Run   string `json:"run"`
}

// A Planned is a run that was begun.
type Planned struct {
	Run       string          `json:"run"`
	State     retention.State `json:"state"`
	StartedBy string          `json:"started_by"`
	Hash      string          `json:"plan_hash"`
	Rows      int64           `json:"rows"`
	Stores    []string        `json:"stores,omitempty"`
	Because   []string        `json:"because,omitempty"`
}

// A Decision on a run that waits.
type Decision struct {
	RunRef
	Actor  string `json:"actor"`
	Hash   string `json:"plan_hash,omitempty"`
	Refuse bool   `json:"refuse,omitempty"`
}

// An Ending of a run that does not erase.
type Ending struct {
	RunRef
	State retention.State `json:"state"`
}

// An Erasure asks for some batches of one store.
type Erasure struct {
	RunRef
	Store   string `json:"store"`
	Batches int    `json:"batches"`
}

// Finished is what came of a run.
type Finished struct {
	State   retention.State `json:"state"`
	Erased  int64           `json:"erased"`
	Overdue int64           `json:"overdue"`
}

// hotel is what the rules ask of a hotel.
func (a *Activities) hotel(ctx context.Context, id string) (retention.Hotel, error) {
	if id == retention.House.ID {
		return retention.House, nil
	}
	h, err := a.Hotels.Hotel(ctx, id)
	return retention.Hotel{ID: h.ID, Country: h.Country, Zone: h.TimeZone}, err
}

// Plan plans a run and begins it. A run that was begun before and has not ended
// is taken up: this attempt may be the second, or the workflow that began it
// was ended by hand.
func (a *Activities) Plan(ctx context.Context, in Start) (Planned, error) {
	defer heartbeat.Start(ctx)()
	h, err := a.hotel(ctx, in.Hotel)
	if err != nil {
		return Planned{}, err
	}
	if open, err := a.open(ctx, in.Hotel); err != nil || open.ID != "" {
		return planned(open), err
	}
	plan, err := a.Engine.Plan(ctx, h)
	if err != nil {
		return Planned{}, refusedOr(err)
	}
	r, err := a.Engine.Begin(ctx, in.Hotel, in.Actor, plan)
	if errors.Is(err, retention.ErrOpen) {
		r, err = a.open(ctx, in.Hotel)
	}
	return planned(r), refusedOr(err)
}

// open is the run of a hotel that has not ended; none has no id.
func (a *Activities) open(ctx context.Context, hotel string) (retention.Run, error) {
	all, err := a.Engine.Runs(ctx, hotel)
	if err != nil {
		return retention.Run{}, err
	}
	for _, r := range all {
		if r.State == retention.Planned || r.State == retention.Waiting || r.State == retention.Running {
			return a.Engine.Show(ctx, hotel, r.ID)
		}
	}
	return retention.Run{}, nil
}

func planned(r retention.Run) Planned {
	p := Planned{Run: r.ID, State: r.State, StartedBy: r.StartedBy, Hash: r.PlanHash, Rows: r.Plan.Rows, Because: r.Because}
	for _, part := range r.Plan.Parts {
		if part.Rows > 0 {
			p.Stores = append(p.Stores, part.Store)
		}
	}
	return p
}

// Decide carries out what a second person decided.
func (a *Activities) Decide(ctx context.Context, in Decision) error {
	if in.Refuse {
		return refusedOr(a.Engine.Refuse(ctx, in.Hotel, in.Actor, in.Run))
	}
	return refusedOr(a.Engine.Approve(ctx, in.Hotel, in.Actor, in.Run, in.Hash))
}

// End ends a run that does not erase.
func (a *Activities) End(ctx context.Context, in Ending) error {
	return refusedOr(a.Engine.End(ctx, in.Hotel, in.Run, in.State))
}

// Ready makes sure that a run may go ahead.
func (a *Activities) Ready(ctx context.Context, in RunRef) error {
	defer heartbeat.Start(ctx)()
	h, err := a.hotel(ctx, in.Hotel)
	if err != nil {
		return err
	}
	_, err = a.Engine.Ready(ctx, h, in.Run)
	return refusedOr(err)
}

// Erase erases some batches of a store. Each beat tells how far it is; what
// counts after a crash is what the database has of it.
func (a *Activities) Erase(ctx context.Context, in Erasure) (retention.Step, error) {
	h, err := a.hotel(ctx, in.Hotel)
	if err != nil {
		return retention.Step{}, err
	}
	step, err := a.Engine.Erase(ctx, h, in.Run, in.Store, in.Batches, func(s retention.Step) error {
		activity.RecordHeartbeat(ctx, s)
		return ctx.Err()
	})
	a.erased.WithLabelValues(in.Store).Add(float64(step.Erased))
	return step, refusedOr(err)
}

// Shred destroys the keys that nothing needs any more, and answers how many.
func (a *Activities) Shred(ctx context.Context, in RunRef) (int, error) {
	defer heartbeat.Start(ctx)()
	return a.Engine.Shred(ctx, in.Hotel, in.Run, ctx.Err)
}

// Finish reads back what is left, and certifies.
func (a *Activities) Finish(ctx context.Context, in RunRef) (Finished, error) {
	defer heartbeat.Start(ctx)()
	h, err := a.hotel(ctx, in.Hotel)
	if err != nil {
		return Finished{}, err
	}
	keeps := 0
	if a.History != nil {
		kept, err := a.History(ctx)
		if err != nil {
			return Finished{}, err
		}
		keeps = int((kept + 24*time.Hour - 1) / (24 * time.Hour))
		switch err := a.Engine.CheckHistory(ctx, h, kept); {
		case errors.Is(err, retention.ErrHistory):
			activity.GetLogger(ctx).Error(err.Error())
			a.history.WithLabelValues(in.Hotel).Set(1)
		case err != nil:
			return Finished{}, err
		default:
			a.history.WithLabelValues(in.Hotel).Set(0)
		}
	}
	r, err := a.Engine.Finish(ctx, h, in.Run, keeps)
	if err != nil {
		return Finished{}, refusedOr(err)
	}
	out := Finished{State: r.State, Erased: r.Erased}
	if r.Overdue != nil {
		out.Overdue = *r.Overdue
		a.overdue.WithLabelValues("left").Add(float64(out.Overdue))
	}
	return out, nil
}
