//go:build unix

package dsartest

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/access"
	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/erasure"
	eraseflow "github.com/voicehive/voicehive/workflows/erasure"
)

// Stand stands in for what carries a right out. It does nothing, and answers
// what a test says.
type Stand struct {
	mu    sync.Mutex
	calls []string
	// Erasures are what erasures come to, one after the other; the last one
	// counts for all after it, and erased where there is none.
	Erasures []eraseflow.Result
	// office is asked whether people agreed to what is erased.
	office *erasure.Office
	// Tasks is how many bookings a person has to correct.
	Tasks int
	// Fail is what every activity answers when it is not nil.
	Fail error
	// Message is the letter that tells of a restriction's end.
	Message func(access.Restrict) string
	// Untold: nobody knows where to tell of it.
	Untold bool
	// Link is the letter that hands a pack out.
	Link func(access.Link) string
}

// Calls are what was asked for, in order.
func (s *Stand) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.calls...)
}

// Set changes the answers while workers run.
func (s *Stand) Set(change func(*Stand)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *Stand) called(what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, what)
	return s.Fail
}

// Soon defers an erasure for some seconds from when it is asked for.
const Soon = "soon"

// erasureActivity lets the stand-in's workflow ask what comes of it.
const erasureActivity = "stand.erasure"

func (s *Stand) erasure(ctx context.Context, in eraseflow.Input) (eraseflow.Result, error) {
	_, err := s.office.Prepare(ctx, in.Hotel, in.Case, in.Plan)
	if errors.Is(err, erasure.ErrPlanChanged) {
		return eraseflow.Result{State: eraseflow.PlanChanged}, nil
	}
	if err != nil {
		return eraseflow.Result{}, err
	}
	if err := s.called("erasure"); err != nil {
		return eraseflow.Result{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.Erasures) == 0 {
		return eraseflow.Result{State: eraseflow.Erased, Certificate: in.Case}, nil
	}
	r := s.Erasures[0]
	if len(s.Erasures) > 1 {
		s.Erasures = s.Erasures[1:]
	}
	if r.DeferredUntil == Soon || r.State == eraseflow.Deferred && r.DeferredUntil == "" {
		r.DeferredUntil = time.Now().Add(3 * time.Second).Format(time.RFC3339) // the stay is nearly over
	}
	return r, nil
}

func (s *Stand) registerErasure(w worker.Worker) {
	w.RegisterActivityWithOptions(s.erasure, activity.RegisterOptions{Name: erasureActivity})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context, in eraseflow.Input) (r eraseflow.Result, err error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
		err = workflow.ExecuteActivity(ctx, erasureActivity, in).Get(ctx, &r)
		return r, err
	}, workflow.RegisterOptions{Name: eraseflow.Name})
}

func (s *Stand) registerAccess(w worker.Worker) {
	register := func(name string, f any) { w.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name}) }
	register(access.BuildActivity, func(_ context.Context, b access.Build) (access.Built, error) {
		what := "build"
		if b.Portable {
			what = "build portable"
		}
		return access.Built{Pack: b.Case}, s.called(what)
	})
	register(access.LinkActivity, func(_ context.Context, l access.Link) (out access.Linked, err error) {
		if s.Link != nil {
			out.Message = s.Link(l)
		}
		return out, s.called("link")
	})
	register(access.RectifyActivity, func(context.Context, access.Case) (access.Rectified, error) {
		return access.Rectified{Changed: 1, Tasks: s.Tasks}, s.called("rectify")
	})
	register(access.RestrictActivity, func(_ context.Context, r access.Restrict) (out access.Restricted, err error) {
		what := "restrict"
		switch {
		case r.Lift && r.Told:
			what = "lift"
		case r.Lift && r.ByHand:
			what = "lift by hand"
		case r.Lift && s.Untold:
			what, out.Untold = "announce", true
		case r.Lift && s.Message != nil:
			what, out.Message = "announce", s.Message(r)
		}
		return out, s.called(what)
	})
	register(access.ObjectActivity, func(context.Context, access.Case) (access.Objected, error) {
		return access.Objected{Suppressed: 1}, s.called("object")
	})
}

// noRuns knows of no run.
type noRuns struct{}

func (noRuns) Count(context.Context, []string) (map[string]int, error) { return nil, nil }
func (noRuns) Delete(context.Context, []string) (int, error)           { return 0, nil }

// erasures are the house's plans, and certificates of what the stand-in does.
type erasures struct{ *erasure.Office }

func (erasures) Envelope(_ context.Context, hotel, request, id string) ([]byte, error) {
	now := time.Now().UTC()
	predicate, err := json.Marshal(erasure.Certificate{ID: id, Hotel: hotel, Case: request, State: erasure.StateErased, Live: now, Final: now.Add(Horizon)})
	if err != nil {
		return nil, err
	}
	statement, err := json.Marshal(attest.Statement{Predicate: predicate})
	if err != nil {
		return nil, err
	}
	return json.Marshal(attest.Envelope{Payload: statement})
}
