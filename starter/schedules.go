package starter

import (
	"context"
	"errors"
	"fmt"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/workflows/connection"
	"github.com/voicehive/voicehive/workflows/evidence"
	"github.com/voicehive/voicehive/workflows/reconciliation"
	"github.com/voicehive/voicehive/workflows/region"
	"github.com/voicehive/voicehive/workflows/retention"
)

// Schedules says how often what comes round is done.
type Schedules struct {
	// Health is how often every hotel's connection is checked; a minute when
	// zero. A state turns with the second check that agrees.
	Health time.Duration
	// Reconciliation is how often ledger, hotels and workflows are compared;
	// six hours when zero.
	Reconciliation time.Duration
	// Region is how often every endpoint is checked to be in the EU; an hour
	// when zero.
	Region time.Duration
	// Retention is how often what has had its time is erased; a day when zero.
	Retention time.Duration
	// Evidence is how often it is seen to that last month has its packs of
	// evidence; a day when zero.
	Evidence time.Duration
	// Reconcile is what each round is told; its zero fields take the
	// workflow's defaults.
	Reconcile reconciliation.Input
}

// A Schedule is one that was applied.
type Schedule struct {
	ID    string `json:"id"`
	Every string `json:"every"`
	// Created tells that there was none of that id before.
	Created bool `json:"created"`
}

// schedulesTime bounds the work on one Schedule.
const schedulesTime = 20 * time.Second

// ApplySchedules creates the Schedules, or brings those that are there to what
// o says. One that an operator paused stays paused. Doing it again changes
// nothing, and several processes may do it at once. The keys of registry.System
// must exist.
func ApplySchedules(ctx context.Context, c client.Client, o Schedules) ([]Schedule, error) {
	o.Health = orDefault(o.Health, time.Minute)
	o.Reconciliation = orDefault(o.Reconciliation, 6*time.Hour)
	o.Region = orDefault(o.Region, time.Hour)
	o.Retention = orDefault(o.Retention, 24*time.Hour)
	o.Evidence = orDefault(o.Evidence, 24*time.Hour)
	if o.Health < 10*time.Second || o.Reconciliation < time.Minute || o.Region < time.Minute || o.Retention < time.Minute || o.Evidence < time.Minute {
		return nil, errors.New("starter: health checks lie 10 seconds apart at least, reconciliations, region checks, retention and evidence a minute")
	}
	var applied []Schedule
	for _, s := range []struct {
		options client.ScheduleOptions
		every   time.Duration
	}{
		{healthSchedule(o), o.Health},
		{reconciliationSchedule(o), o.Reconciliation},
		{regionSchedule(o), o.Region},
		{retentionSchedule(o), o.Retention},
		{evidenceSchedule(o), o.Evidence},
	} {
		created, err := applySchedule(ctx, c, s.options)
		if err != nil {
			return nil, fmt.Errorf("starter: apply schedule %s: %w", s.options.ID, err)
		}
		applied = append(applied, Schedule{ID: s.options.ID, Every: s.every.String(), Created: created})
	}
	return applied, nil
}

// healthSchedule checks connections. A round that was missed is not made up:
// what counts is now. One that hangs, for want of workers, ends.
func healthSchedule(o Schedules) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            connection.Name,
		Spec:          every(o.Health, o.Health/10),
		Overlap:       enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: 10 * time.Second,
		Action: &client.ScheduleWorkflowAction{
			ID: connection.WorkflowID, Workflow: connection.Name, TaskQueue: connection.TaskQueue,
			Args:                     []any{connection.Input{}},
			WorkflowExecutionTimeout: max(10*time.Minute, 2*o.Health),
			Priority:                 temporal.Priority{PriorityKey: 4},
		},
	}
}

// reconciliationSchedule compares. A round that was missed is made up once
// within the time between two.
func reconciliationSchedule(o Schedules) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            reconciliation.Name,
		Spec:          every(o.Reconciliation, min(o.Reconciliation/10, 10*time.Minute)),
		Overlap:       enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: o.Reconciliation,
		Action: &client.ScheduleWorkflowAction{
			ID: reconciliation.WorkflowID, Workflow: reconciliation.Name, TaskQueue: reconciliation.TaskQueue,
			Args:                     []any{o.Reconcile},
			WorkflowExecutionTimeout: 24 * time.Hour,
			Priority:                 temporal.Priority{PriorityKey: 5},
		},
	}
}

// regionSchedule checks that endpoints stand where they stood. A round that was
// missed is made up once: what happened meanwhile shows in the next one.
func regionSchedule(o Schedules) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            region.Name,
		Spec:          every(o.Region, o.Region/10),
		Overlap:       enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: o.Region,
		Action: &client.ScheduleWorkflowAction{
			ID: region.WorkflowID, Workflow: region.Name, TaskQueue: region.TaskQueue,
			Args:                     []any{region.Input{}},
			WorkflowExecutionTimeout: max(time.Hour, 2*o.Region),
			Priority:                 temporal.Priority{PriorityKey: 4},
		},
	}
}

// retentionSchedule erases what has had its time. A round that was missed is
// made up once. It only starts the hotels' own runs, which may take long.
func retentionSchedule(o Schedules) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            retention.RoundName,
		Spec:          every(o.Retention, min(o.Retention/10, time.Hour)),
		Overlap:       enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: o.Retention,
		Action: &client.ScheduleWorkflowAction{
			ID: retention.RoundID, Workflow: retention.RoundName, TaskQueue: retention.TaskQueue,
			Args:                     []any{retention.RoundInput{}},
			WorkflowExecutionTimeout: 24 * time.Hour,
			Priority:                 temporal.Priority{PriorityKey: 5},
		},
	}
}

// evidenceSchedule makes last month's packs, and makes up for those that are
// missing.
func evidenceSchedule(o Schedules) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            evidence.Name,
		Spec:          every(o.Evidence, min(o.Evidence/10, time.Hour)),
		Overlap:       enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: o.Evidence,
		Action: &client.ScheduleWorkflowAction{
			ID: evidence.WorkflowID, Workflow: evidence.Name, TaskQueue: evidence.TaskQueue,
			Args:                     []any{evidence.Input{}},
			WorkflowExecutionTimeout: 24 * time.Hour,
			Priority:                 temporal.Priority{PriorityKey: 5},
		},
	}
}

// every spreads the beginning of rounds, so that not every installation asks
// a vendor in the same second.
func every(interval, jitter time.Duration) client.ScheduleSpec {
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: interval}}, Jitter: jitter}
}

func applySchedule(ctx context.Context, c client.Client, o client.ScheduleOptions) (created bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, schedulesTime)
	defer cancel()
	// Create comes first for its key too: only there is it made sure that what
	// the update sends can be sealed.
	_, err = c.ScheduleClient().Create(ctx, o)
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return err == nil, err
	}
	return false, c.ScheduleClient().GetHandle(ctx, o.ID).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			return &client.ScheduleUpdate{Schedule: &client.Schedule{
				Action: o.Action, Spec: &o.Spec, State: in.Description.Schedule.State,
				Policy: &client.SchedulePolicies{Overlap: o.Overlap, CatchupWindow: o.CatchupWindow},
			}}, nil
		},
	})
}
