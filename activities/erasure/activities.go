package erasure

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// Office plans, carries out and certifies. *erasure.Office is one.
type Office interface {
	Prepare(ctx context.Context, hotel, request, approved string) (erasure.Plan, error)
	EraseRows(ctx context.Context, hotel, request, hash string, batch int) (subjects.Counts, error)
	EraseSystem(ctx context.Context, hotel, request, hash string, beat func()) error
	GiveUpSystem(ctx context.Context, hotel, request, hash string) error
	Tell(ctx context.Context, hotel, request, hash string) (int, error)
	GiveUpRecipients(ctx context.Context, hotel, request, hash string) error
	DeleteRuns(ctx context.Context, hotel, request, hash string, batch int) (int, error)
	DestroyKeys(ctx context.Context, hotel, request, hash string, batch int) (int, error)
	Check(ctx context.Context, hotel, request, hash string) (erasure.Plan, erasure.ReadBack, error)
	Certify(ctx context.Context, hotel, request, hash string) (erasure.Certificate, error)
}

// Activities are the activities of this package. Register a value made by New.
type Activities struct{ office Office }

// New returns the activities on an office.
func New(o Office) *Activities { return &Activities{o} }

// Register registers them on a worker of the records queue.
func Register(r worker.ActivityRegistry, a *Activities) {
	for name, fn := range map[string]any{
		PlanActivity: a.Plan, RowsActivity: a.Rows, SystemActivity: a.System, GiveUpActivity: a.GiveUp,
		RecipientsActivity: a.Recipients, GiveUpRecipientsActivity: a.GiveUpRecipients, RunsActivity: a.Runs, KeysActivity: a.Keys,
		ReadBackActivity: a.ReadBack, CertifyActivity: a.Certify,
	} {
		r.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}

// Plan plans and keeps the plan; it refuses one that is not the approved one.
func (a *Activities) Plan(ctx context.Context, c Case) (Planned, error) {
	defer heartbeat.Start(ctx)()
	p, err := a.office.Prepare(ctx, c.Hotel, c.Case, c.Plan)
	if err != nil {
		return Planned{}, refused(err)
	}
	return Planned{
		Hash: p.Hash(), Batches: len(p.Batches()), Erase: p.Count(erasure.Erase), Restrict: p.Count(erasure.Restrict),
		Hold: p.Count(erasure.Hold), Defer: p.Count(erasure.Defer), Until: p.Until(erasure.Defer),
	}, nil
}

// Rows erases rows and objects of a batch.
func (a *Activities) Rows(ctx context.Context, b Batch) (subjects.Counts, error) {
	defer heartbeat.Start(ctx)()
	gone, err := a.office.EraseRows(ctx, b.Hotel, b.Case.Case, b.Plan, b.Batch)
	return gone, refused(err)
}

// System erases at the hotel's own system. TypeAway: it does not answer now.
func (a *Activities) System(ctx context.Context, c Case) error {
	defer heartbeat.Start(ctx)()
	err := a.office.EraseSystem(ctx, c.Hotel, c.Case, c.Plan, func() { activity.RecordHeartbeat(ctx) })
	if errors.Is(err, erasure.ErrLeft) {
		// The cause's text may come from anywhere.
		return temporal.NewApplicationErrorWithOptions("erasure: the hotel's system does not answer; it is tried again", TypeAway,
			temporal.ApplicationErrorOptions{Cause: fmt.Errorf("%T", err), Category: temporal.ApplicationErrorCategoryBenign})
	}
	return refused(err)
}

// GiveUp leaves to staff what the hotel's system never answered to.
func (a *Activities) GiveUp(ctx context.Context, c Case) error {
	defer heartbeat.Start(ctx)()
	return refused(a.office.GiveUpSystem(ctx, c.Hotel, c.Case, c.Plan))
}

// Recipients tells everybody else to whom data was disclosed.
func (a *Activities) Recipients(ctx context.Context, c Case) (int, error) {
	defer heartbeat.Start(ctx)()
	told, err := a.office.Tell(ctx, c.Hotel, c.Case, c.Plan)
	return told, refused(err)
}

// GiveUpRecipients leaves to staff those who never answered.
func (a *Activities) GiveUpRecipients(ctx context.Context, c Case) error {
	defer heartbeat.Start(ctx)()
	return refused(a.office.GiveUpRecipients(ctx, c.Hotel, c.Case, c.Plan))
}

// Runs deletes the workflow runs of a batch.
func (a *Activities) Runs(ctx context.Context, b Batch) (int, error) {
	defer heartbeat.Start(ctx)()
	n, err := a.office.DeleteRuns(ctx, b.Hotel, b.Case.Case, b.Plan, b.Batch)
	return n, refused(err)
}

// Keys destroys the keys of a batch.
func (a *Activities) Keys(ctx context.Context, b Batch) (int, error) {
	defer heartbeat.Start(ctx)()
	n, err := a.office.DestroyKeys(ctx, b.Hotel, b.Case.Case, b.Plan, b.Batch)
	return n, refused(err)
}

// ReadBack reads every store and tells what is left that should be gone.
func (a *Activities) ReadBack(ctx context.Context, c Case) (erasure.ReadBack, error) {
	defer heartbeat.Start(ctx)()
	_, left, err := a.office.Check(ctx, c.Hotel, c.Case, c.Plan)
	if errors.Is(err, erasure.ErrLeft) || errors.Is(err, erasure.ErrNoPlan) {
		err = nil // the workflow decides; without a plan it was certified before
	}
	return left, refused(err)
}

// Certify signs what was done, or returns what was signed before.
func (a *Activities) Certify(ctx context.Context, c Case) (Certified, error) {
	defer heartbeat.Start(ctx)()
	made, err := a.office.Certify(ctx, c.Hotel, c.Case, c.Plan)
	if err != nil {
		return Certified{}, refused(err)
	}
	out := Certified{Certificate: made.ID, State: made.State, Live: made.Live, Final: made.Final}
	for _, k := range made.Kept {
		if k.Action != erasure.Keep {
			out.Left = append(out.Left, k)
		}
		if k.Action == erasure.Defer && k.Until.After(out.Until) {
			out.Until = k.Until
		}
	}
	return out, nil
}

// refused is the one place where errors become errors of Temporal. What is
// decided is not tried again.
func refused(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, erasure.ErrPlanChanged):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypePlanChanged, nil)
	case errors.Is(err, erasure.ErrLeft):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeLeft, nil)
	case errors.Is(err, erasure.ErrNobody), errors.Is(err, erasure.ErrTooMany), errors.Is(err, erasure.ErrNoPlan),
		errors.Is(err, rights.ErrForgotten), errors.Is(err, rights.ErrPeople), errors.Is(err, rights.ErrNotFound), errors.Is(err, keys.ErrDestroyed):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeUnknownCase, nil)
	}
	return err
}
