package starter

import (
	"context"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/workflows/dsar"
)

// oldest bounds how long ago a request can have come in.
const oldest = 366 * 24 * time.Hour

// Open keeps a request and starts its workflow. A request that is kept and whose
// workflow cannot be started now is pending: the sweeper starts it.
func (q *Requests) Open(ctx context.Context, hotel, subject, key string, channel rights.Channel, r OpenRequest) (Case, bool, error) {
	o, zone, err := q.opening(ctx, hotel, subject, key, channel, r)
	if err != nil {
		return Case{}, false, err
	}
	kept, fresh, err := q.Cases.Open(ctx, o)
	if err != nil {
		return Case{}, false, requestProblem(err)
	}
	pending := !kept.State.Final() && !kept.Started && q.start(ctx, kept, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY) != nil
	c := q.caseOf(kept, zone)
	c.Pending = pending
	return c, fresh, nil
}

// opening checks a request and finds whom it is about.
func (q *Requests) opening(ctx context.Context, hotel, subject, key string, channel rights.Channel, r OpenRequest) (o rights.Opening, zone *time.Location, err error) {
	h, zone, err := q.place(ctx, hotel)
	if err != nil {
		return o, nil, err
	}
	o = rights.Opening{Hotel: hotel, Kind: r.Kind, Channel: channel, Call: r.Call, Language: r.Language, Wish: wishOf(r, h.Country)}
	if o.KeyHMAC, o.BodyHMAC, err = q.digests(ctx, hotel, key, "open", channel, r); err != nil {
		return o, nil, err
	}
	role := "compliance"
	if channel == rights.FoundInCall { // a call session handed it in itself
		role = "agent"
	}
	if o.OpenedBy, err = Pseudonym(ctx, q.Keys, hotel, role, subject); err != nil {
		return o, nil, err
	}
	received, err := q.received(ctx, hotel, &o, r)
	if err != nil {
		return o, nil, err
	}
	o.Clock = rights.Deadline(received, zone, q.Horizon)
	if err := checkContact(r); err != nil {
		return o, nil, err
	}
	if o.Match, o.Subject, err = q.whose(ctx, hotel, o.OpenedBy, r, o.Wish.Person); err != nil {
		return o, nil, err
	}
	scope, err := q.Keys.Create(ctx, hotel)
	if err != nil {
		return o, nil, keysAway("No key for the request can be made now.", err)
	}
	o.ID = scope.ID
	return o, zone, nil
}

// wishOf is what the requester said, to be sealed.
func wishOf(r OpenRequest, country string) rights.Wish {
	w := rights.Wish{
		Words: r.Words, Contact: rights.Contact{Email: r.Email, Phone: r.Phone}, Purposes: r.Purposes, Ground: r.Ground, Lift: r.Lift,
	}
	if r.Person != nil {
		w.Person = subjects.Person{
			FirstName: r.Person.FirstName, LastName: r.Person.LastName, Email: r.Person.Email, Phone: r.Person.Phone, Country: country,
		}
	}
	if r.Correct != nil {
		w.Correct = rights.Correction(*r.Correct)
	}
	return w
}

// received is when the clock begins: when the call was in which the request was
// found, when it is said to have come in, or now.
func (q *Requests) received(ctx context.Context, hotel string, o *rights.Opening, r OpenRequest) (time.Time, error) {
	now := q.now()
	if r.Call != "" {
		c, err := q.Calls.Call(ctx, hotel, r.Call)
		if errors.Is(err, calls.ErrNotFound) {
			return now, UnknownScope.In("/call_id", "The hotel has no such call.")
		}
		if err != nil {
			return now, problemOf(err)
		}
		o.Channel = rights.FoundInCall
		return c.StartedAt, nil
	}
	switch {
	case r.ReceivedAt.IsZero():
		return now, nil
	case r.ReceivedAt.After(now.Add(2 * time.Second)):
		return now, InvalidRequest.In("/received_at", "A request cannot have come in later than now.")
	case r.ReceivedAt.Before(now.Add(-oldest)):
		return now, InvalidRequest.In("/received_at", "A request cannot have come in more than a year ago.")
	}
	return r.ReceivedAt, nil
}

// checkContact refuses an address that no letter could go to.
func checkContact(r OpenRequest) error {
	if r.Email != "" {
		if _, err := notify.ParseEmail(r.Email); err != nil {
			return InvalidRequest.In("/email", "An e-mail address.")
		}
	}
	if _, err := letters.Choose([]string{r.Language}, nil); r.Language != "" && err != nil {
		return InvalidRequest.In("/language", "A language tag, such as de.")
	}
	return nil
}

// whose finds whom a request is about. That nobody or several match loses no
// request.
func (q *Requests) whose(ctx context.Context, hotel, actor string, r OpenRequest, p subjects.Person) (m rights.Match, ref subjects.Ref, err error) {
	switch {
	case r.Scope != "" && !ulidPattern.MatchString(r.Scope):
		return "", ref, InvalidRequest.In("/scope", "An id looks like 01JD3Z8Q4X0000000000000000.")
	case r.Scope != "":
		ref, err = q.Desk.Of(ctx, hotel, r.Scope)
	case r.Person != nil:
		ref, err = q.Desk.Identify(ctx, hotel, actor, p)
	case r.Call != "":
		ref, err = q.Desk.Of(ctx, hotel, r.Call)
	default:
		return rights.UnknownPerson, ref, nil
	}
	switch {
	case errors.Is(err, subjects.ErrUnknownSubject), errors.Is(err, subjects.ErrNothingToFind):
		return rights.UnknownPerson, subjects.Ref{}, nil
	case errors.Is(err, subjects.ErrAmbiguous):
		return rights.AmbiguousPerson, subjects.Ref{}, nil
	case err != nil:
		return "", ref, subjectProblem(err)
	}
	return rights.KnownPerson, ref, nil
}

// start starts a case's workflow, unless it runs or ran.
func (q *Requests) start(ctx context.Context, c rights.Case, reuse enums.WorkflowIdReusePolicy) error {
	ctx, cancel := context.WithTimeout(ctx, q.Patience)
	defer cancel()
	options := startOf(c)
	options.WorkflowIDReusePolicy = reuse
	_, err := q.Temporal.ExecuteWorkflow(ctx, options, dsar.Name, dsar.Input{Hotel: c.Hotel, Case: c.ID})
	var started *serviceAlreadyStarted
	if err == nil || errors.As(err, &started) {
		return nil
	}
	q.Logger.WarnContext(ctx, "A data-subject request's workflow cannot be started now; the sweeper will.", "hotel", c.Hotel, "case", c.ID, "reason", reasonOf(err))
	return err
}

// startOf are the options of a case's workflow, whoever starts it.
func startOf(c rights.Case) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       dsar.WorkflowID(c.Hotel, c.ID),
		TaskQueue:                dsar.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowTaskTimeout:      workflowTask,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			dsar.HotelAttribute.ValueSet(c.Hotel),
			dsar.KindAttribute.ValueSet(string(c.Kind)),
			dsar.StateAttribute.ValueSet(string(c.State)),
			dsar.DueAttribute.ValueSet(c.Due()),
		),
		StaticSummary: "Data-subject request (" + string(c.Kind) + ") at " + c.Hotel,
	}
}

// sweepAge is how old a case must be before its workflow is started by the
// sweeper, and sweepCases how many it takes at a time.
const (
	sweepAge   = 10 * time.Second
	sweepCases = 200
	// sweepEnded is how often it asks whether workflows that were started still
	// run.
	sweepEnded = 5 * time.Minute
)

// Sweep starts the workflows of cases that nobody carries out, until ctx ends:
// of those whose process died, or that came while Temporal was away.
func (q *Requests) Sweep(ctx context.Context, every time.Duration) {
	ticker, ended := time.NewTicker(orDefault(every, 5*time.Second)), time.NewTicker(sweepEnded)
	defer ticker.Stop()
	defer ended.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			q.SweepOnce(ctx, sweepAge)
		case <-ended.C:
			q.SweepEnded(ctx, sweepEnded)
		}
	}
}

// SweepOnce starts the workflows of cases that nobody has carried out for so
// long, and counts them.
func (q *Requests) SweepOnce(ctx context.Context, age time.Duration) (started int) {
	q.sweep(ctx, age, q.Cases.Unstarted, func(idle rights.Idle) {
		c, err := q.Cases.Read(ctx, idle.Hotel, idle.Case)
		if err == nil && q.start(ctx, c, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY) == nil {
			started++
		}
	})
	return started
}

// SweepEnded starts the workflows of open cases once more that were started so
// long ago and do not run: somebody terminated them, or the server's database is
// an older one. It counts them.
func (q *Requests) SweepEnded(ctx context.Context, age time.Duration) (started int) {
	q.sweep(ctx, age, q.Cases.Started, func(idle rights.Idle) {
		if q.runs(ctx, idle) {
			return
		}
		c, err := q.Cases.Read(ctx, idle.Hotel, idle.Case)
		if err != nil || c.State.Final() {
			return
		}
		q.Logger.WarnContext(ctx, "A data-subject request's workflow ended before the request; it is started once more.", "hotel", c.Hotel, "case", c.ID)
		if q.start(ctx, c, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE) == nil {
			started++
		}
	})
	return started
}

// runs tells whether a case's workflow runs; yes where nobody can tell.
func (q *Requests) runs(ctx context.Context, idle rights.Idle) bool {
	ctx, cancel := context.WithTimeout(ctx, q.Patience)
	defer cancel()
	run, err := q.Temporal.DescribeWorkflowExecution(ctx, dsar.WorkflowID(idle.Hotel, idle.Case), "")
	var gone *serviceerror.NotFound
	if err != nil {
		return !errors.As(err, &gone)
	}
	return run.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// sweep goes through cases page by page.
func (q *Requests) sweep(ctx context.Context, age time.Duration, list func(ctx context.Context, age time.Duration, after rights.Idle, most int) ([]rights.Idle, error), do func(rights.Idle)) {
	for last := (rights.Idle{}); ; {
		page, err := list(ctx, age, last, sweepCases)
		if err != nil {
			q.Logger.WarnContext(ctx, "The sweeper cannot read the data-subject requests.", "error", err)
			return
		}
		for _, idle := range page {
			do(idle)
		}
		if len(page) < sweepCases || ctx.Err() != nil {
			return
		}
		last = page[len(page)-1]
	}
}
