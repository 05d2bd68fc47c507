package starter

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/workflows/dsar"
)

type serviceAlreadyStarted = serviceerror.WorkflowExecutionAlreadyStarted

// An order is what somebody wants to be done about a case.
type order struct {
	hotel, subject, key, id string
	update                  string
	kind                    rights.ActKind
	note                    rights.Note
	task                    string
	told                    bool
}

// Verify has a code sent or checked, or counts a person's word.
func (q *Requests) Verify(ctx context.Context, hotel, subject, key, id string, r VerifyRequest) (Case, error) {
	o := order{hotel: hotel, subject: subject, key: key, id: id, update: dsar.UpdateVerify}
	switch {
	case r.Send && r.Code == "" && !r.Manual:
		o.kind = rights.ActCodeAsked
	case strings.TrimSpace(r.Code) != "" && len(r.Code) <= 16 && !r.Send && !r.Manual:
		o.kind, o.note.Code = rights.ActCodeTold, r.Code
	case r.Manual && !r.Send && r.Code == "":
		o.kind = rights.ActVouched
	default:
		return Case{}, InvalidRequest.With("Say one of three: send_code, the code as the person told it, or manual.")
	}
	return q.act(ctx, o)
}

// Task does a task, or adds one.
func (q *Requests) Task(ctx context.Context, hotel, subject, key, id string, r TaskRequest) (Case, error) {
	o := order{
		hotel: hotel, subject: subject, key: key, id: id, update: dsar.UpdateTask, kind: rights.ActTaskDone,
		note: rights.Note{Text: r.Note, Scope: r.Scope}, task: r.Task,
	}
	if r.Task == "" {
		o.kind = rights.ActTaskAdded
	}
	if r.Scope != "" && (!ulidPattern.MatchString(r.Scope) || r.Task == "") {
		return Case{}, InvalidRequest.In("/scope", "The id of a reservation or call, with the task that it does.")
	}
	if r.Task != "" {
		if err := q.checkTask(ctx, o); err != nil {
			return Case{}, err
		}
	}
	return q.act(ctx, o)
}

// checkTask refuses a task that is not open, and one that finds a guest without
// saying whom.
func (q *Requests) checkTask(ctx context.Context, o order) error {
	c, err := q.Cases.Read(ctx, o.hotel, o.id)
	if err != nil {
		return requestProblem(err)
	}
	for _, t := range c.Tasks {
		if t.ID != o.task {
			continue
		}
		finds := t.Kind == rights.FindGuest || t.Kind == rights.ChooseGuest
		if finds && o.note.Scope == "" && t.DoneAt.IsZero() {
			return InvalidRequest.In("/scope", "Name any reservation or call of the person.")
		}
		if !finds && o.note.Scope != "" {
			return InvalidRequest.In("/scope", "Only a task that finds the guest takes one.")
		}
		return nil
	}
	return UnknownTask.With("See the request's tasks.")
}

// Approve counts a person's agreement; to an erasure, to the plan that they saw.
func (q *Requests) Approve(ctx context.Context, hotel, subject, key, id string, r ApproveRequest) (Case, error) {
	c, err := q.Cases.Read(ctx, hotel, id)
	if err != nil {
		return Case{}, requestProblem(err)
	}
	if c.Kind == rights.Erasure && r.PlanHash == "" {
		return Case{}, InvalidRequest.In("/plan_hash", "Look at the request, and say the hash of the plan that you approve.")
	}
	if c.Kind != rights.Erasure && r.PlanHash != "" {
		return Case{}, InvalidRequest.In("/plan_hash", "Only an erasure has a plan.")
	}
	return q.act(ctx, order{
		hotel: hotel, subject: subject, key: key, id: id, update: dsar.UpdateApprove, kind: rights.ActApproved, note: rights.Note{Plan: r.PlanHash},
	})
}

// Extend takes two more months, once the requester was told why.
func (q *Requests) Extend(ctx context.Context, hotel, subject, key, id string, r ExtendRequest) (Case, error) {
	if !among(r.Reasons, letters.ExtensionReasons()) {
		return Case{}, InvalidRequest.In("/reasons", "One or both of complexity and number.")
	}
	return q.act(ctx, order{
		hotel: hotel, subject: subject, key: key, id: id, update: dsar.UpdateExtend, kind: rights.ActExtended,
		note: rights.Note{Reasons: r.Reasons, Text: r.Note}, told: r.Told,
	})
}

// Refuse refuses a request, once the requester was told why and how to complain.
func (q *Requests) Refuse(ctx context.Context, hotel, subject, key, id string, r RefuseRequest) (Case, error) {
	if !among(r.Reasons, letters.RefusalReasons()) || len(r.Explanation) > 2000 {
		return Case{}, InvalidRequest.In("/reasons", "At least one of the known reasons, and an explanation of at most 2000 characters.")
	}
	return q.act(ctx, order{
		hotel: hotel, subject: subject, key: key, id: id, update: dsar.UpdateRefuse, kind: rights.ActRefused,
		note: rights.Note{Reasons: r.Reasons, Text: r.Explanation}, told: r.Told,
	})
}

// among tells whether there are reasons, and all are known.
func among(reasons, known []string) bool {
	return len(reasons) > 0 && !slices.ContainsFunc(reasons, func(r string) bool { return !slices.Contains(known, r) })
}

// Withdraw ends a request that the requester took back.
func (q *Requests) Withdraw(ctx context.Context, hotel, subject, key, id string) (Case, error) {
	return q.act(ctx, order{hotel: hotel, subject: subject, key: key, id: id, update: dsar.UpdateWithdraw, kind: rights.ActWithdrawn})
}

// act keeps what is to be done and has the workflow do it. What the workflow
// refuses is noted, and stands in the audit log.
func (q *Requests) act(ctx context.Context, o order) (Case, error) {
	if _, _, err := q.place(ctx, o.hotel); err != nil {
		return Case{}, err
	}
	known, err := q.Cases.Read(ctx, o.hotel, o.id)
	if err != nil {
		return Case{}, requestProblem(err)
	}
	name := Pseudonym
	if o.kind == rights.ActApproved || o.kind == rights.ActVouched {
		name = oneOfTwo
	}
	actor, err := name(ctx, q.Keys, o.hotel, "compliance", o.subject)
	if err != nil {
		return Case{}, err
	}
	// The actor is part of what a key came with: one person's key is no answer to
	// another's request.
	asking := rights.Asking{Hotel: o.hotel, Case: o.id, ID: ulid.Make().String(), Kind: o.kind, Actor: actor, Note: o.note}
	if asking.KeyHMAC, asking.BodyHMAC, err = q.digests(ctx, o.hotel, o.key, o.id, o.kind, o.note, o.task, o.told, actor); err != nil {
		return Case{}, err
	}
	id, fresh, err := q.Cases.Ask(ctx, asking)
	if err != nil {
		return Case{}, requestProblem(err)
	}
	if err := q.instructed(ctx, o.hotel, actor, o.kind); err != nil {
		if dropped := q.Cases.Drop(ctx, o.hotel, o.id, id, "uninstructed"); dropped != nil {
			return Case{}, requestProblem(dropped)
		}
		return Case{}, err
	}
	if known.State.Final() {
		return q.onClosed(ctx, o, known, id, fresh)
	}
	act := dsar.Act{ID: id, Kind: o.kind, Actor: actor, Task: o.task, Told: o.told}
	status, err := q.update(ctx, known, o.update, act)
	return q.answer(ctx, o, id, status, err)
}

// onClosed answers an act on a closed case: one that was done before is as it
// was, any other is refused.
func (q *Requests) onClosed(ctx context.Context, o order, c rights.Case, act string, fresh bool) (Case, error) {
	if !fresh {
		for _, done := range c.Acts {
			if done.ID == act {
				return q.show(ctx, o.hotel, o.id)
			}
		}
	}
	if err := q.Cases.Drop(ctx, o.hotel, o.id, act, "closed"); err != nil {
		return Case{}, requestProblem(err)
	}
	return Case{}, RequestState.With("The request is " + string(c.State) + ".")
}

// update sends an act to the case's workflow, and starts that where it does not
// run yet.
func (q *Requests) update(ctx context.Context, c rights.Case, name string, act dsar.Act) (status dsar.Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, q.Patience)
	defer cancel()
	handle, err := q.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: q.Temporal.NewWithStartWorkflowOperation(startOf(c), dsar.Name, dsar.Input{Hotel: c.Hotel, Case: c.ID}),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID: act.ID, WorkflowID: dsar.WorkflowID(c.Hotel, c.ID), UpdateName: name, Args: []any{act},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = handle.Get(ctx, &status)
	}
	return status, err
}

// answer tells what came of an act. Where nobody knows yet it is pending, and
// the same request again asks once more.
func (q *Requests) answer(ctx context.Context, o order, act string, status dsar.Status, err error) (Case, error) {
	var refused *temporal.ApplicationError
	switch {
	case err == nil:
		c, err := q.show(ctx, o.hotel, o.id)
		c.Problem = status.Problem
		return c, err
	case errors.As(err, &refused) && refusalOfAct(refused) != nil:
		if err := q.Cases.Drop(ctx, o.hotel, o.id, act, strings.TrimPrefix(refused.Type(), "refused_")); err != nil {
			return Case{}, requestProblem(err)
		}
		return Case{}, refusalOfAct(refused)
	}
	q.Logger.WarnContext(ctx, "An act on a data-subject request is not answered yet.", "hotel", o.hotel, "case", o.id, "kind", string(o.kind), "reason", reasonOf(err))
	c, err := q.show(context.WithoutCancel(ctx), o.hotel, o.id)
	c.Pending = true
	return c, err
}

// refusalOfAct is the problem of what a workflow refused; nil for any other
// failure.
func refusalOfAct(refused *temporal.ApplicationError) *Problem {
	// The workflow's words are ours, and hold nothing of a guest.
	said := refused.Message() + "."
	switch refused.Type() {
	case dsar.RefusedState:
		return RequestState.With(said)
	case dsar.RefusedRequest:
		return InvalidRequest.With(said)
	case dsar.RefusedPerson:
		return SamePerson.With(said)
	case dsar.RefusedLate:
		return RequestLate.With(said)
	case dsar.RefusedExtended:
		return AlreadyExtended.With(said)
	case dsar.RefusedTask:
		return UnknownTask.With(said)
	case dsar.RefusedPlan:
		return PlanChanged.With(said)
	case dsar.RefusedProvider:
		return OtherProvider.With(said)
	case dsar.RefusedUntold:
		return RequesterNotTold.With(said)
	}
	return nil
}
