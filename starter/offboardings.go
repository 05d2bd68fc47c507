package starter

import (
	"context"
	"errors"
	"fmt"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/offboarding"
	"github.com/voicehive/voicehive/compliance/audit"
	offboardingflow "github.com/voicehive/voicehive/workflows/offboarding"
)

// Offboardings is the way to the end of a hotel's contract. People are known by
// what the edge knows them by, and stand in the record under pseudonyms.
type Offboardings struct {
	store    *offboarding.Store
	hotels   Hotels
	macs     Macer
	temporal client.Client
}

// NewOffboardings returns it on the given parts.
func NewOffboardings(s *offboarding.Store, h Hotels, m Macer, c client.Client) *Offboardings {
	return &Offboardings{store: s, hotels: h, macs: m, temporal: c}
}

// Open asks for a hotel's end. Nothing happens until another person approves.
func (o *Offboardings) Open(ctx context.Context, who string, asked offboarding.Opening) (offboarding.Record, error) {
	hotel, err := o.hotels.Hotel(ctx, asked.Hotel)
	if err != nil {
		return offboarding.Record{}, err
	}
	asked.Hotel = hotel.ID
	if asked.Actor, err = oneOfTwo(ctx, o.macs, audit.HouseTenant, "ops", who); err != nil {
		return offboarding.Record{}, err
	}
	r, err := o.store.Open(ctx, asked)
	if err != nil {
		return offboarding.Record{}, err
	}
	return r, o.start(ctx, r)
}

// start starts the run of a record that has none yet.
func (o *Offboardings) start(ctx context.Context, r offboarding.Record) error {
	_, err := o.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: offboardingflow.WorkflowID(r.ID), TaskQueue: offboardingflow.TaskQueue, StaticSummary: "Off-boarding of " + r.Hotel,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		Priority:                 temporal.Priority{PriorityKey: 5, FairnessKey: audit.HouseTenant},
	}, offboardingflow.Name, offboardingflow.Input{
		Ref: offboarding.Ref{Offboarding: r.ID, Hotel: r.Hotel}, OpenedBy: r.OpenedBy, GiveBack: r.GiveBack,
	})
	var ended *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &ended) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("starter: start an off-boarding, which is written down; `voicehive offboarding approve` starts it too: %w", err)
	}
	return nil
}

// Approve says that another person agrees.
func (o *Offboardings) Approve(ctx context.Context, who, id string) (offboardingflow.State, error) {
	r, err := o.store.Read(ctx, id)
	if err != nil {
		return offboardingflow.State{}, err
	}
	actor, err := oneOfTwo(ctx, o.macs, audit.HouseTenant, "ops", who)
	if err != nil {
		return offboardingflow.State{}, err
	}
	if err := besides(r.OpenedBy, actor); err != nil {
		return offboardingflow.State{}, err
	}
	if r.State == offboarding.Waiting { // its start may have been cut off
		if err := o.start(ctx, r); err != nil {
			return offboardingflow.State{}, err
		}
	}
	return o.decide(ctx, who, id, offboardingflow.UpdateApprove, offboardingflow.Decision{})
}

// Handed says that the hotel has the pack of that digest: from here on its data
// is removed.
func (o *Offboardings) Handed(ctx context.Context, who, id, sha256 string) (offboardingflow.State, error) {
	return o.decide(ctx, who, id, offboardingflow.UpdateHanded, offboardingflow.Decision{SHA256: sha256})
}

// Withdraw ends it before anything is removed.
func (o *Offboardings) Withdraw(ctx context.Context, who, id, reason string) (offboardingflow.State, error) {
	return o.decide(ctx, who, id, offboardingflow.UpdateWithdraw, offboardingflow.Decision{Reason: reason})
}

// OffboardingRefused is a decision that could not be taken; nothing has changed.
type OffboardingRefused struct{ Kind, Why string }

func (e *OffboardingRefused) Error() string { return "off-boarding: " + e.Why }

func (o *Offboardings) decide(ctx context.Context, who, id, update string, d offboardingflow.Decision) (s offboardingflow.State, err error) {
	if d.Actor, err = Pseudonym(ctx, o.macs, audit.HouseTenant, "ops", who); err != nil {
		return s, err
	}
	handle, err := o.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: offboardingflow.WorkflowID(id), UpdateName: update, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &s)
	}
	var refused *temporal.ApplicationError
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &refused):
		return s, &OffboardingRefused{refused.Type(), refused.Message()}
	case errors.As(err, &gone):
		return s, offboarding.ErrState
	case err != nil:
		return s, fmt.Errorf("starter: decide on an off-boarding: %w", err)
	}
	return s, nil
}
