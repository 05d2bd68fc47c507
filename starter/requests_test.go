//go:build unix

package starter_test

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
)

// A bureau is a compliance officer's desk in a house.
type bureau struct {
	*dsartest.House
	*starter.Requests
	t *testing.T
}

func newBureau(t *testing.T) *bureau {
	t.Helper()
	h := dsartest.New(t, nil)
	return &bureau{House: h, t: t, Requests: starter.NewRequests(starter.RequestParts{
		Hotels: h.Registry, Desk: h.Desk, Cases: h.Cases, Calls: h.Calls, Keys: h.Ring, Temporal: h.Client, Horizon: dsartest.Horizon,
		Plans: h.Office,
	})}
}

// seen is the approval of an erasure by somebody who looked at it just now.
func (o *bureau) seen(id string) starter.ApproveRequest {
	o.t.Helper()
	shown, err := o.Show(o.t.Context(), dsartest.Aurora, id)
	require.NoError(o.t, err)
	require.NotNil(o.t, shown.Plan)
	require.NotEmpty(o.t, shown.Plan.Verdicts)
	return starter.ApproveRequest{PlanHash: shown.Plan.Hash}
}

const (
	ann = "https://id.example#ann"
	ben = "https://id.example#ben"
)

func fresh() string { return ulid.Make().String() }

// refusedWith expects a problem of a kind.
func refusedWith(t *testing.T, err error, kind starter.Kind) {
	t.Helper()
	var p *starter.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, kind.Code, p.Code, p.Error())
}

func TestARequestFromTheDeskToItsEnd(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	o.Work(worker.Options{})
	ctx, scope := t.Context(), o.Guest(dsartest.Ada())
	key := fresh()
	asked := starter.OpenRequest{Kind: rights.Erasure, Scope: scope, Words: "Please."}
	c, first, err := o.Requests.Open(ctx, dsartest.Aurora, ann, key, rights.ByAPI, asked)
	require.NoError(t, err)
	require.True(t, first)
	require.False(t, c.Pending)
	again, first, err := o.Requests.Open(ctx, dsartest.Aurora, ann, key, rights.ByAPI, asked)
	require.NoError(t, err)
	require.False(t, first)
	require.Equal(t, c.ID, again.ID)
	asked.Words = "Something else."
	_, _, err = o.Requests.Open(ctx, dsartest.Aurora, ann, key, rights.ByAPI, asked)
	refusedWith(t, err, starter.KeyReused)

	kept := rights.Case{Hotel: dsartest.Aurora, ID: c.ID}
	o.Await(kept, rights.Verifying)
	_, err = o.Verify(ctx, dsartest.Aurora, ann, fresh(), c.ID, starter.VerifyRequest{Send: true})
	require.NoError(t, err)
	code := o.Code(1)
	told, err := o.Verify(ctx, dsartest.Aurora, ann, fresh(), c.ID, starter.VerifyRequest{Code: code})
	require.NoError(t, err)
	require.Equal(t, rights.ByCode, told.Proof)
	_, err = o.Verify(ctx, dsartest.Aurora, ann, fresh(), c.ID, starter.VerifyRequest{Code: code})
	refusedWith(t, err, starter.RequestState)

	o.Await(kept, rights.Deciding)
	approval, seen := fresh(), o.seen(c.ID)
	approved, err := o.Approve(ctx, dsartest.Aurora, ann, approval, c.ID, seen)
	require.NoError(t, err)
	require.Equal(t, 1, approved.Approvals)
	approved, err = o.Approve(ctx, dsartest.Aurora, ann, approval, c.ID, seen)
	require.NoError(t, err, "the same request again is the same approval")
	require.Equal(t, 1, approved.Approvals)
	_, err = o.Approve(ctx, dsartest.Aurora, ben, approval, c.ID, seen)
	refusedWith(t, err, starter.KeyReused)
	_, err = o.Approve(ctx, dsartest.Aurora, ann, fresh(), c.ID, seen)
	refusedWith(t, err, starter.SamePerson)
	require.Equal(t, 1, o.Count(`select count(*) from dsar_act where problem = 'person'`), "a refused act stays known")
	_, err = o.Approve(ctx, dsartest.Aurora, ben, fresh(), c.ID, seen)
	require.NoError(t, err)

	o.Await(kept, rights.Completed)
	done, err := o.Show(ctx, dsartest.Aurora, c.ID)
	require.NoError(t, err)
	require.Equal(t, rights.Granted, done.Outcome)
	require.Equal(t, 2, done.Approvals)
	_, err = o.Withdraw(ctx, dsartest.Aurora, ann, fresh(), c.ID)
	refusedWith(t, err, starter.RequestState)
	require.Equal(t, 3, o.Count(`select count(*) from audit_outbox where kind = 'dsar.act_refused'`), "each refused act stands in the audit log")
	require.NotContains(t, o.Log.String(), "Zzyzx")
}

// TestARequestThatNobodyMatches is kept, with a task.
func TestARequestThatNobodyMatches(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	ctx := t.Context()
	open := func(r starter.OpenRequest) starter.Case {
		c, _, err := o.Requests.Open(ctx, dsartest.Aurora, ann, fresh(), rights.ByCLI, r)
		require.NoError(t, err)
		read, err := o.Show(ctx, dsartest.Aurora, c.ID)
		require.NoError(t, err)
		return read
	}
	c := open(starter.OpenRequest{Kind: rights.Access, Person: &starter.PersonQuery{LastName: "Nobody", Phone: "+49 30 1234567"}, Words: "What do you have?"})
	require.Equal(t, rights.UnknownPerson, c.Match)
	require.Equal(t, rights.FindGuest, c.Tasks[0].Kind)
	c = open(starter.OpenRequest{Kind: rights.Access})
	require.Equal(t, rights.UnknownPerson, c.Match)

	one, two := dsartest.Ada(), dsartest.Ada()
	one.Email, two.Email, two.FirstName = "one@example.org", "two@example.org", "Bea"
	o.Guest(one)
	o.Guest(two)
	c = open(starter.OpenRequest{Kind: rights.Access, Person: &starter.PersonQuery{LastName: one.LastName}})
	require.Equal(t, rights.AmbiguousPerson, c.Match)
	require.Equal(t, rights.ChooseGuest, c.Tasks[0].Kind)

	words, err := o.Words(ctx, dsartest.Aurora, ann, c.ID)
	require.NoError(t, err)
	require.Equal(t, one.LastName, words.Person.LastName)
	require.Equal(t, 1, o.Count(`select count(*) from audit_outbox where kind = 'dsar.read'`))
	all, err := o.List(ctx, dsartest.Aurora, starter.CaseQuery{Open: true, Most: 2})
	require.NoError(t, err)
	require.Len(t, all, 2)
	rest, err := o.List(ctx, dsartest.Aurora, starter.CaseQuery{Open: true, After: all[1].ID})
	require.NoError(t, err)
	require.Len(t, rest, 1)
}

// TestARequestFoundInACall runs from the call on.
func TestARequestFoundInACall(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	call := o.Call(dsartest.Aurora, 3*time.Hour)
	c, _, err := o.Requests.Open(t.Context(), dsartest.Aurora, ann, fresh(), rights.ByAPI, starter.OpenRequest{Kind: rights.Erasure, Call: call.ID})
	require.NoError(t, err)
	require.Equal(t, rights.FoundInCall, c.Channel)
	require.WithinDuration(t, call.StartedAt, c.Clock.Received, time.Second)
	_, _, err = o.Requests.Open(t.Context(), dsartest.Aurora, ann, fresh(), rights.ByAPI, starter.OpenRequest{Kind: rights.Erasure, Call: ulid.Make().String()})
	refusedWith(t, err, starter.UnknownScope)
}

func TestRequestsThatCannotBe(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	for name, r := range map[string]starter.OpenRequest{
		"no kind":                    {},
		"unknown kind":               {Kind: "forgetting"},
		"from the future":            {Kind: rights.Access, ReceivedAt: time.Now().Add(time.Hour)},
		"from long ago":              {Kind: rights.Access, ReceivedAt: time.Now().AddDate(-2, 0, 0)},
		"nothing to correct":         {Kind: rights.Rectification},
		"a correction of an access":  {Kind: rights.Access, Correct: &starter.Correction{LastName: "New"}},
		"an objection to nothing":    {Kind: rights.Objection},
		"a restriction for no cause": {Kind: rights.Restriction},
		"a broken address":           {Kind: rights.Access, Email: "a@b\r\nBcc: c@d"},
		"a broken scope":             {Kind: rights.Access, Scope: "../x"},
		"a broken language":          {Kind: rights.Access, Language: "de\r\n"},
	} {
		_, _, err := o.Requests.Open(t.Context(), dsartest.Aurora, ann, fresh(), rights.ByAPI, r)
		refusedWith(t, err, starter.InvalidRequest)
		require.NotContains(t, err.Error(), "Bcc", name)
	}
	_, _, err := o.Requests.Open(t.Context(), dsartest.Aurora, ann, "", rights.ByAPI, starter.OpenRequest{Kind: rights.Access})
	refusedWith(t, err, starter.MissingKey)
	_, err = o.Show(t.Context(), dsartest.Aurora, ulid.Make().String())
	refusedWith(t, err, starter.UnknownRequest)
	_, err = o.Approve(t.Context(), dsartest.Aurora, ann, fresh(), ulid.Make().String(), starter.ApproveRequest{})
	refusedWith(t, err, starter.UnknownRequest)
	require.Zero(t, o.Count(`select count(*) from dsar_case`))
}

// TestTheSweeperStartsWhatNobodyCarriesOut: the request was kept, and its
// process died before the workflow was started.
func TestTheSweeperStartsWhatNobodyCarriesOut(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	c := o.House.Open(rights.Access, o.Guest(dsartest.Ada()))
	require.Zero(t, o.SweepOnce(t.Context(), time.Hour), "it is too young")
	require.Equal(t, 1, o.SweepOnce(t.Context(), 0))
	o.Work(worker.Options{})
	o.Await(c, rights.Verifying)
	require.Zero(t, o.SweepOnce(t.Context(), 0), "it is carried out")
	run, err := o.Client.DescribeWorkflowExecution(t.Context(), dsar.WorkflowID(c.Hotel, c.ID), "")
	require.NoError(t, err)
	require.Contains(t, run.GetWorkflowExecutionInfo().GetSearchAttributes().GetIndexedFields(), "DSARDue")
}
