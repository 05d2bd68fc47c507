//go:build unix

package dsar_test

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/access"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
	eraseflow "github.com/voicehive/voicehive/workflows/erasure"
)

// doing does a task, and names somebody's booking with it.
func doing(h *dsartest.House, c rights.Case, task, scope string) (dsar.Status, error) {
	return h.Act(c, dsar.UpdateTask, rights.ActTaskDone, one, rights.Note{Scope: scope}, func(a *dsar.Act) { a.Task = task })
}

// another makes a guest who is somebody else.
func another(h *dsartest.House) string {
	mallory := dsartest.Ada()
	mallory.FirstName, mallory.LastName, mallory.Email = "Mallory", "Other", "mallory@example.net"
	return h.Guest(mallory)
}

func people(t *testing.T, h *dsartest.House, c rights.Case) rights.People {
	t.Helper()
	p, err := h.Cases.People(t.Context(), c.Hotel, c.ID)
	require.NoError(t, err)
	return p
}

// TestNoOtherTaskSwapsThePerson: only an open task that finds the guest names
// whom the case is about.
func TestNoOtherTaskSwapsThePerson(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Erasure, h.Guest(dsartest.Ada()))
	h.Start(c)
	h.Await(c, rights.Verifying)
	h.Prove(c)
	h.Await(c, rights.Deciding)
	_, err := approve(h, c, one)
	require.NoError(t, err)
	before, mallory := people(t, h, c), another(h)
	_, err = doing(h, c, ulid.Make().String(), mallory)
	refusedAs(t, err, dsar.RefusedTask)
	require.Equal(t, before, people(t, h, c))

	_, err = h.Act(c, dsar.UpdateTask, rights.ActTaskAdded, one, rights.Note{Text: "Look."})
	require.NoError(t, err)
	task := h.Await(c, rights.Open).Tasks[0].ID
	_, err = doing(h, c, task, mallory)
	require.NoError(t, err)
	require.Equal(t, before, people(t, h, c))
	h.Await(c, rights.Deciding)
	_, err = doing(h, c, task, mallory)
	refusedAs(t, err, dsar.RefusedTask)
	require.Equal(t, before, people(t, h, c))
}

// TestAnotherPersonIsProvenAnew: what one person proved and officers agreed to
// counts for nobody else, also where a task may name them.
func TestAnotherPersonIsProvenAnew(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	scope := h.Guest(dsartest.Ada())
	c := h.Open(rights.Erasure, scope)
	h.Start(c)
	h.Await(c, rights.Verifying)
	h.Prove(c)
	h.Await(c, rights.Deciding)
	_, err := approve(h, c, one)
	require.NoError(t, err)
	id := ulid.Make().String()
	_, err = h.Rights.AddTask(t.Context(), activities.NewTask{Ref: activities.Ref{Hotel: c.Hotel, Case: c.ID}, Kind: rights.FindGuest, Number: 99, Due: time.Now()})
	require.NoError(t, err)
	for _, task := range h.Read(c).Tasks {
		id = task.ID
	}
	status, err := doing(h, c, id, another(h))
	require.NoError(t, err)
	require.Equal(t, rights.Unproven, status.Proof)
	require.Zero(t, status.Approvals)
	read := h.Await(c, rights.Verifying)
	require.Equal(t, rights.Unproven, read.Proof)
	require.Zero(t, read.Approvals())
	require.Equal(t, 1, h.Count(`select count(*) from dsar_act where problem = 'void'`))
	_, err = approve(h, c, two)
	refusedAs(t, err, dsar.RefusedState)
	_, err = h.Act(c, dsar.UpdateVerify, rights.ActCodeTold, one, rights.Note{Code: h.Code(1)})
	refusedAs(t, err, dsar.RefusedState) // the code went to somebody else
	require.Zero(t, h.Count(`select count(*) from dsar_case where sealed_reply is null`))
}

// TestACodeGoesWhereTheHouseWroteLongBefore: whoever books in a guest's name
// puts an address on file at once.
func TestACodeGoesWhereTheHouseWroteLongBefore(t *testing.T) {
	t.Parallel()
	ask := func(h *dsartest.House, scope string) (rights.Case, dsar.Status) {
		c := h.Open(rights.Access, scope)
		h.Start(c)
		h.Await(c, rights.Verifying)
		status, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeAsked, one, rights.Note{})
		require.NoError(t, err)
		return c, status
	}
	with := func(email string) (g func(*dsartest.House, time.Time) string) {
		return func(h *dsartest.House, since time.Time) string {
			guest := dsartest.Ada()
			guest.Phone, guest.Email = "+49 30 1234567", email
			return h.GuestSince(guest, since)
		}
	}
	victim, mallory := with("victim@example.org"), with("mallory@example.net")
	long, lately := time.Now().AddDate(0, -3, 0), time.Now().AddDate(0, 0, -2)
	t.Run("a new booking", func(t *testing.T) {
		t.Parallel()
		h := dsartest.New(t, nil)
		h.Work(worker.Options{})
		scope := victim(h, long)
		mallory(h, lately)
		_, status := ask(h, scope)
		require.Empty(t, status.Problem)
		require.Equal(t, []string{"victim@example.org"}, h.Letters("Votre code", 1)[0].To)
	})
	t.Run("a new booking alone", func(t *testing.T) {
		t.Parallel()
		h := dsartest.New(t, nil)
		h.Work(worker.Options{})
		c, status := ask(h, mallory(h, lately))
		require.Equal(t, "no_address", status.Problem)
		require.Equal(t, 1, h.Count(`select count(*) from dsar_task where kind = 'check_identity' and case_id = $1`, c.ID))
	})
	t.Run("they differ", func(t *testing.T) {
		t.Parallel()
		h := dsartest.New(t, nil)
		h.Work(worker.Options{})
		scope := victim(h, long)
		mallory(h, long)
		c, status := ask(h, scope)
		require.Equal(t, "no_address", status.Problem)
		require.Equal(t, 1, h.Count(`select count(*) from dsar_task where kind = 'check_identity' and case_id = $1`, c.ID))
	})
}

// TestACaseGetsSoManyCodes, however long it is open; then people vouch.
func TestACaseGetsSoManyCodes(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Access, h.Guest(dsartest.Ada()))
	ref := func() activities.ActRef { return asked(t, h, c, rights.ActCodeAsked, rights.Note{}) }
	for range 10 {
		sent, err := h.Rights.SendCode(t.Context(), ref())
		require.NoError(t, err)
		require.Empty(t, sent.Problem)
		h.Database.Admin(t, `update one_time_code set created_at = created_at - interval '2 hours'`)
	}
	h.Start(c)
	h.Await(c, rights.Verifying)
	status, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeAsked, one, rights.Note{})
	require.NoError(t, err)
	require.Equal(t, activities.ProblemCodesOver, status.Problem)
	require.Equal(t, 10, h.Count(`select count(*) from one_time_code`))
	require.Equal(t, 1, h.Count(`select count(*) from dsar_task where kind = 'check_identity'`))
}

// TestWhatAnErasureLeftIsDoneBeforeItIsTold: a pass that waits for a stay's end
// left something at the hotel's system, and the last one found nothing.
func TestWhatAnErasureLeftIsDoneBeforeItIsTold(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	left := erasure.Kept{Class: register.Booking, Records: 1, Verdict: erasure.Verdict{Action: erasure.Manual}}
	h.Stand.Erasures = []eraseflow.Result{
		{State: eraseflow.Partly, DeferredUntil: dsartest.Soon, Left: []erasure.Kept{left}}, {State: eraseflow.Erased, Certificate: "C"},
	}
	h.Work(worker.Options{})
	c := agreed(t, h)
	h.Await(c, rights.Waiting)
	task := h.Read(c).Tasks[0]
	require.Equal(t, rights.CarryOutByHand, task.Kind)
	h.Await(c, rights.Open)
	require.Equal(t, []string{"erasure", "erasure"}, h.Stand.Calls())
	_, err := doing(h, c, task.ID, "")
	require.NoError(t, err)
	require.Equal(t, "C", h.Await(c, rights.Completed).Certificate)
	require.Len(t, h.Read(c).Tasks, 1)
}

// TestWhatWasErasedStaysOfTheCase: a later pass sees what the first one was
// about, though whose it was is forgotten; what is another's by now goes.
func TestWhatWasErasedStaysOfTheCase(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	first, second := h.Guest(dsartest.Ada()), h.Guest(dsartest.Ada())
	c := h.Open(rights.Erasure, first)
	ref := activities.Ref{Hotel: c.Hotel, Case: c.ID}
	found, err := h.Rights.Find(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, 2, found.Scopes)
	p, theirs := people(t, h, c), another(h)
	_, err = h.Desk.Of(t.Context(), c.Hotel, theirs)
	require.NoError(t, err)
	p.Scopes = append(p.Scopes, theirs)
	_, err = h.Cases.Find(t.Context(), c.Hotel, c.ID, p)
	require.NoError(t, err)
	require.NoError(t, h.Table.Forget(t.Context(), c.Hotel, keys.Scope{Tenant: c.Hotel, ID: first}))
	for range 2 {
		_, err = h.Rights.Find(t.Context(), ref)
		require.NoError(t, err)
		require.ElementsMatch(t, []string{first, second}, people(t, h, c).Scopes)
	}
	require.NoError(t, h.Table.Forget(t.Context(), c.Hotel, keys.Scope{Tenant: c.Hotel, ID: second}))
	found, err = h.Rights.Find(t.Context(), ref)
	require.NoError(t, err)
	require.True(t, found.Known)
	require.Equal(t, 2, found.Scopes)
}

// TestARestrictionsEndIsToldByHand where no letter can tell it.
func TestARestrictionsEndIsToldByHand(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*dsartest.Stand){
		"nobody knows where": func(s *dsartest.Stand) { s.Untold = true },
		"the letter fails":   func(s *dsartest.Stand) { s.Message = func(access.Restrict) string { return ulid.Make().String() } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dsartest.New(t, nil)
			set(h.Stand)
			h.Work(worker.Options{})
			c := h.Open(rights.Restriction, h.Guest(dsartest.Ada()), func(o *rights.Opening) { o.Wish = rights.Wish{Lift: true} })
			h.Start(c)
			h.Await(c, rights.Verifying)
			h.Prove(c)
			h.Await(c, rights.Deciding)
			_, err := approve(h, c, one)
			require.NoError(t, err)
			task := h.Await(c, rights.Open).Tasks[0]
			require.Equal(t, rights.TellByHand, task.Kind)
			require.Equal(t, []string{"announce"}, h.Stand.Calls())
			_, err = doing(h, c, task.ID, "")
			require.NoError(t, err)
			require.Equal(t, rights.Granted, h.Await(c, rights.Completed).Outcome)
			require.Equal(t, []string{"announce", "lift by hand"}, h.Stand.Calls())
		})
	}
}

// TestACaseThatIsStartedAgainLeavesNewTasks: its run was terminated, and the
// first task that this one leaves was done in that.
func TestACaseThatIsStartedAgainLeavesNewTasks(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Stand.Erasures = []eraseflow.Result{{State: eraseflow.Held}, {State: eraseflow.Held}, {State: eraseflow.Erased, Certificate: "C"}}
	h.Work(worker.Options{})
	c := agreed(t, h)
	first := h.Await(c, rights.Open).Tasks[0]
	require.NoError(t, h.Client.TerminateWorkflow(t.Context(), dsar.WorkflowID(c.Hotel, c.ID), "", "a test"))
	h.Start(c)
	_, err := doing(h, c, first.ID, "")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(h.Read(c).Tasks) == 2 }, time.Minute, 20*time.Millisecond)
	h.Await(c, rights.Open)
	second := h.Read(c).Tasks[1]
	require.True(t, second.DoneAt.IsZero())
	_, err = doing(h, c, second.ID, "")
	require.NoError(t, err)
	require.Equal(t, "C", h.Await(c, rights.Completed).Certificate)
}
