package reconciliation

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	hotels "github.com/voicehive/voicehive/activities/connection"
	activities "github.com/voicehive/voicehive/activities/reconciliation"
)

const (
	// pageSize is how many hotels are listed at once. Their work travels in
	// the state.
	pageSize = 50
	// width is how many hotels are compared at once, so that one whose system
	// is slow does not hold up the others.
	width = 4
	// days is how many days of arrivals one batch compares.
	days = 7
)

// Reconciliation is the workflow of one round.
func Reconciliation(ctx workflow.Context, in Input) (Result, error) {
	r := &round{in: in.withDefaults(), state: State{Began: workflow.Now(ctx)}}
	if in.State != nil {
		r.state = *in.State
	}
	r.steps = r.in.Steps
	return r.run(ctx)
}

// round is the workflow's memory. What must outlive the run is in state.
type round struct {
	in    Input
	state State
	// steps is how many batches this run may still begin.
	steps int
}

func (r *round) run(ctx workflow.Context) (Result, error) {
	for {
		if err := r.work(ctx); err != nil {
			return Result{}, err
		}
		switch {
		case r.steps == 0 && (len(r.state.Left) > 0 || !r.state.Listed):
			next := r.in
			next.State = &r.state
			return Result{}, workflow.NewContinueAsNewError(ctx, Name, next)
		case r.state.Listed:
			return r.state.Result, nil
		}
		if err := r.list(ctx); err != nil {
			return Result{}, err
		}
	}
}

// list takes up the next hotels.
func (r *round) list(ctx workflow.Context) error {
	r.steps--
	var page []hotels.Hotel
	ask := hotels.Page{After: r.state.After, Most: pageSize}
	if err := workflow.ExecuteActivity(withRecords(ctx), hotels.HotelsActivity, ask).Get(ctx, &page); err != nil {
		return err
	}
	for _, hotel := range page {
		r.state.Left = append(r.state.Left, Work{Hotel: hotel})
		r.state.After = hotel.ID
	}
	r.state.Listed = len(page) < pageSize
	return nil
}

// work makes batches, at some hotels at once, until nothing is left or the
// run's steps are used up.
func (r *round) work(ctx workflow.Context) error {
	group := workflow.NewWaitGroup(ctx)
	for range width {
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer group.Done()
			for {
				work, ok := r.take()
				if !ok || ctx.Err() != nil {
					return
				}
				r.step(ctx, work)
			}
		})
	}
	group.Wait(ctx)
	return ctx.Err()
}

func (r *round) take() (Work, bool) {
	if r.steps == 0 || len(r.state.Left) == 0 {
		return Work{}, false
	}
	r.steps--
	work := r.state.Left[0]
	r.state.Left = r.state.Left[1:]
	return work, true
}

// step makes one batch, and puts back what is left of the hotel's work. A
// hotel whose batch fails is left for the next round.
func (r *round) step(ctx workflow.Context, w Work) {
	batch := activities.Batch{
		Hotel: w.ID, Vendor: w.Vendor, After: w.Next, Size: r.in.Size,
		Window: activities.Window{
			Ahead: r.in.Ahead, Since: r.state.Began.Add(-r.in.Changed), Grace: r.in.Grace, Stuck: r.in.Stuck,
		},
	}
	activity := activities.BookingsActivity
	if w.Arrivals {
		activity, batch.Size = activities.ArrivalsActivity, days
	}
	var report activities.Report
	if err := workflow.ExecuteActivity(withHotel(ctx, w), activity, batch).Get(ctx, &report); err != nil {
		r.leave(ctx, w, err)
		return
	}
	r.state.Result.Compared += report.Compared
	r.state.Result.Tally.Merge(report.Tally)
	w.Next = report.Next
	switch {
	case w.Next != "":
	case w.Arrivals:
		r.state.Result.Hotels++
		return
	default:
		w.Arrivals = true
	}
	r.state.Left = append([]Work{w}, r.state.Left...)
}

func (r *round) leave(ctx workflow.Context, w Work, err error) {
	if temporal.IsCanceledError(err) {
		return // the round itself ends
	}
	workflow.GetLogger(ctx).Warn("A hotel cannot be reconciled in this round.", "hotel", w.ID, "reason", reasonOf(err))
	r.state.Result.Left++
	if len(r.state.Result.LeftHotels) < maxNamed {
		r.state.Result.LeftHotels = append(r.state.Result.LeftHotels, w.ID)
	}
}

// reasonOf names an error without its text.
func reasonOf(err error) string {
	var failed *temporal.ApplicationError
	var late *temporal.TimeoutError
	switch {
	case errors.As(err, &failed):
		return failed.Type()
	case errors.As(err, &late):
		return "timeout: " + late.TimeoutType().String()
	}
	return "unknown"
}
