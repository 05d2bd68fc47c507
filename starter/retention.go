package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	retentionflow "github.com/voicehive/voicehive/workflows/retention"
)

// RetentionEngine plans and knows runs. *retention.Engine is one.
type RetentionEngine interface {
	Plan(ctx context.Context, h retention.Hotel) (retention.Plan, error)
	Show(ctx context.Context, hotel, id string) (retention.Run, error)
	Runs(ctx context.Context, hotel string) ([]retention.Run, error)
	Settings(ctx context.Context, hotel string) ([]retention.Setting, error)
	Set(ctx context.Context, h retention.Hotel, actor string, class register.Class, own *retention.Period) error
	Explain(ctx context.Context, h retention.Hotel, r retention.Record) (retention.Verdict, error)
	Rules(h retention.Hotel, class register.Class) []retention.Rule
}

// Retention is the way to what is erased when it has had its time, for
// compliance officers. Its errors are *Problem. It is safe for concurrent use.
type Retention struct {
	hotels   Hotels
	engine   RetentionEngine
	temporal client.Client
	macs     Macer
}

// NewRetention returns it on the given parts. Without Temporal nothing is
// started or decided.
func NewRetention(h Hotels, e RetentionEngine, t client.Client, m Macer) *Retention {
	return &Retention{hotels: h, engine: e, temporal: t, macs: m}
}

// bySchedule is who starts runs that nobody asked for.
const bySchedule = "schedule"

// startTime bounds how long a caller waits for the plan of a run.
const startTime = 20 * time.Second

// RetentionPolicy are the rules for a hotel, and what it set itself.
type RetentionPolicy struct {
	Country  string              `json:"country"`
	Digest   string              `json:"digest,omitempty"`
	Rules    []retention.Rule    `json:"rules" nullable:"false"`
	Settings []retention.Setting `json:"settings" nullable:"false"`
}

// RetentionTerm is a hotel's own term for a class.
type RetentionTerm struct {
	Period string `json:"period,omitempty" maxLength:"20" doc:"ISO 8601 in whole days, such as P30D; left out, the default counts again"`
}

// RetentionDecision is what a second person says to a plan.
type RetentionDecision struct {
	PlanHash string `json:"plan_hash,omitempty" maxLength:"64" doc:"The plan's hash as the run shows it; needed to approve"`
	Refuse   bool   `json:"refuse,omitempty"`
}

// RetentionQuestion asks what becomes of a record.
type RetentionQuestion struct {
	Class register.Class `json:"class" maxLength:"40" doc:"A class of data, such as guest or recording"`
	Scope string         `json:"scope,omitempty" maxLength:"26" doc:"The reservation or call that it is about; its dates are looked up"`
	// Anchors are the times that the rules count from.
	Anchors map[retention.Anchor]time.Time `json:"anchors,omitempty" doc:"When what counts happened, such as departure or call_end"`
	Asked   bool                           `json:"asked,omitempty" doc:"The person asks for its erasure"`
}

// RetentionRuns are the runs of a hotel.
type RetentionRuns struct {
	Runs []retention.Run `json:"runs" nullable:"false"`
}

// runsOf is hotel, or the house: its runs drop years of the audit log.
func (r *Retention) runsOf(ctx context.Context, id string) (retention.Hotel, error) {
	if id == retention.House.ID {
		return retention.House, nil
	}
	return r.hotel(ctx, id)
}

func (r *Retention) hotel(ctx context.Context, id string) (retention.Hotel, error) {
	h, err := (&Client{Options: Options{Hotels: r.hotels}}).hotel(ctx, id)
	return retention.Hotel{ID: h.ID, Country: h.Country, Zone: h.TimeZone}, err
}

// DryRun says what a run would erase now, and changes nothing.
func (r *Retention) DryRun(ctx context.Context, hotel string) (retention.Plan, error) {
	h, err := r.runsOf(ctx, hotel)
	if err != nil {
		return retention.Plan{}, err
	}
	plan, err := r.engine.Plan(ctx, h)
	return plan, retentionProblem(err)
}

// StartRetention starts the run of a hotel for the Schedule, unless one is
// under way.
func (r *Retention) StartRetention(ctx context.Context, hotel string) (started bool, err error) {
	err = r.start(ctx, hotel, bySchedule)
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) {
		return false, nil
	}
	return err == nil, err
}

func (r *Retention) start(ctx context.Context, hotel, actor string) error {
	_, err := r.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: retentionflow.RunID(hotel), TaskQueue: retentionflow.TaskQueue,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            "Erase what has had its time at " + hotel,
		Priority:                                 temporal.Priority{PriorityKey: 5, FairnessKey: hotel},
	}, retentionflow.RunName, retentionflow.Input{Hotel: hotel, Actor: actor})
	if err != nil {
		return fmt.Errorf("starter: start a retention run: %w", err)
	}
	return nil
}

// Run starts a run as a person, and answers what it planned.
func (r *Retention) Run(ctx context.Context, hotel, subject string) (retention.Run, error) {
	if _, err := r.runsOf(ctx, hotel); err != nil {
		return retention.Run{}, err
	}
	actor, err := oneOfTwo(ctx, r.macs, hotel, "compliance", subject)
	if err != nil {
		return retention.Run{}, err
	}
	before, err := r.engine.Runs(ctx, hotel)
	if err != nil {
		return retention.Run{}, retentionProblem(err)
	}
	err = r.start(ctx, hotel, actor)
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) {
		return retention.Run{}, RetentionState.With("A run of the hotel is under way; look at its runs.").because(err)
	}
	if err != nil {
		return retention.Run{}, problemOf(err)
	}
	return r.planned(ctx, hotel, before)
}

// planned waits until the run that was started has its plan.
func (r *Retention) planned(ctx context.Context, hotel string, before []retention.Run) (retention.Run, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		all, err := r.engine.Runs(ctx, hotel)
		if err != nil {
			return retention.Run{}, retentionProblem(err)
		}
		if len(all) > 0 && (len(before) == 0 || all[0].ID != before[0].ID || all[0].FinishedAt.IsZero()) {
			return r.Show(ctx, hotel, all[0].ID)
		}
		select {
		case <-ctx.Done():
			return retention.Run{}, Unavailable.With("The run was started and is not planned yet; look at the hotel's runs in a moment.")
		case <-ticker.C:
		}
	}
}

// Show reads a run.
func (r *Retention) Show(ctx context.Context, hotel, id string) (retention.Run, error) {
	run, err := r.engine.Show(ctx, hotel, id)
	return run, retentionProblem(err)
}

// Runs lists the runs of a hotel, the newest first.
func (r *Retention) Runs(ctx context.Context, hotel string) (RetentionRuns, error) {
	if _, err := r.runsOf(ctx, hotel); err != nil {
		return RetentionRuns{}, err
	}
	all, err := r.engine.Runs(ctx, hotel)
	if all == nil {
		all = []retention.Run{}
	}
	return RetentionRuns{Runs: all}, retentionProblem(err)
}

// Decide says yes or no to the plan of a run that waits.
func (r *Retention) Decide(ctx context.Context, hotel, subject, id string, d RetentionDecision) (retention.Run, error) {
	if _, err := r.runsOf(ctx, hotel); err != nil {
		return retention.Run{}, err
	}
	name := oneOfTwo
	if d.Refuse { // nothing is erased by that
		name = Pseudonym
	}
	actor, err := name(ctx, r.macs, hotel, "compliance", subject)
	if err != nil {
		return retention.Run{}, err
	}
	run, err := r.Show(ctx, hotel, id)
	if err != nil {
		return run, err
	}
	switch {
	case run.State != retention.Waiting:
		return run, RetentionState.With("The run waits for no decision.")
	case d.Refuse:
	case run.PlanHash != d.PlanHash:
		return run, PlanChanged.With("Look at the run again, and approve the plan that it has.")
	default:
		if err := r.besides(ctx, hotel, run, actor); err != nil {
			return run, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	update, err := r.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: retentionflow.RunID(hotel), UpdateName: retentionflow.DecideUpdate, UpdateID: id + "/" + actor + "/" + fmt.Sprint(d.Refuse),
		Args:         []any{retentionflow.Decision{Actor: actor, Hash: d.PlanHash, Refuse: d.Refuse}},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = update.Get(ctx, nil)
	}
	var gone *serviceerror.NotFound
	var refused *temporal.ApplicationError
	switch {
	case errors.As(err, &gone):
		return run, RetentionState.With("The run has ended.").because(err)
	case errors.As(err, &refused):
		return run, RetentionState.With("The run did not take the decision; look at it again.").because(err)
	case err != nil:
		return run, problemOf(err)
	}
	return r.Show(ctx, hotel, id)
}

// besides refuses whoever started a run or set a term that it goes by, or could
// have under another account.
func (r *Retention) besides(ctx context.Context, hotel string, run retention.Run, actor string) error {
	if run.StartedBy != bySchedule {
		if err := besides(run.StartedBy, actor); err != nil {
			return err
		}
	}
	all, err := r.engine.Settings(ctx, hotel)
	if err != nil {
		return retentionProblem(err)
	}
	for _, own := range all {
		if !slices.ContainsFunc(run.Plan.Parts, func(p retention.Part) bool { return p.Class == own.Class && p.Rows > 0 }) {
			continue
		}
		if err := besides(own.SetBy, actor); err != nil {
			return err
		}
	}
	return nil
}

// Explain says what becomes of a record, and by which rules.
func (r *Retention) Explain(ctx context.Context, hotel string, q RetentionQuestion) (retention.Verdict, error) {
	h, err := r.hotel(ctx, hotel)
	if err != nil {
		return retention.Verdict{}, err
	}
	if err := q.Class.Validate(); err != nil {
		return retention.Verdict{}, InvalidRequest.In("/class", "One of the classes of data in the register of processing.")
	}
	if q.Scope != "" && !ulidPattern.MatchString(q.Scope) {
		return retention.Verdict{}, InvalidRequest.In("/scope", "An id looks like 01JD3Z8Q4X0000000000000000.")
	}
	verdict, err := r.engine.Explain(ctx, h, retention.Record{Class: q.Class, Scope: q.Scope, Anchors: q.Anchors, Asked: q.Asked})
	return verdict, retentionProblem(err)
}

// Policy are the rules for a hotel; class chooses, empty takes all.
func (r *Retention) Policy(ctx context.Context, hotel string, class register.Class) (RetentionPolicy, error) {
	h, err := r.hotel(ctx, hotel)
	if err != nil {
		return RetentionPolicy{}, err
	}
	settings, err := r.engine.Settings(ctx, hotel)
	if settings == nil {
		settings = []retention.Setting{}
	}
	return RetentionPolicy{Country: h.Country, Rules: r.engine.Rules(h, class), Settings: settings}, retentionProblem(err)
}

// Set sets a hotel's own term, or takes it back.
func (r *Retention) Set(ctx context.Context, hotel, subject string, class register.Class, t RetentionTerm) (RetentionPolicy, error) {
	h, err := r.hotel(ctx, hotel)
	if err != nil {
		return RetentionPolicy{}, err
	}
	actor, err := oneOfTwo(ctx, r.macs, hotel, "compliance", subject)
	if err != nil {
		return RetentionPolicy{}, err
	}
	var own *retention.Period
	if t.Period != "" {
		period, err := retention.ParsePeriod(t.Period)
		if err != nil {
			return RetentionPolicy{}, InvalidRequest.In("/period", "ISO 8601 in whole days, such as P30D or P1Y.")
		}
		own = &period
	}
	if err := r.engine.Set(ctx, h, actor, class, own); err != nil {
		return RetentionPolicy{}, retentionProblem(err)
	}
	return r.Policy(ctx, hotel, class)
}

// retentionProblem is the one place where refusals of the engine become
// problems.
func retentionProblem(err error) error {
	switch {
	case errors.Is(err, retention.ErrUnknownRun):
		return UnknownRetention.With("Look at the hotel's runs.").because(err)
	case errors.Is(err, retention.ErrSetting):
		return InvalidRequest.With(err.Error())
	case errors.Is(err, retention.ErrState), errors.Is(err, retention.ErrOpen):
		return RetentionState.With("Look at the hotel's runs.").because(err)
	}
	return problemOf(err)
}
