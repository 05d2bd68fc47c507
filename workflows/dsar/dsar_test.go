//go:build unix

package dsar_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
	eraseflow "github.com/voicehive/voicehive/workflows/erasure"
)

const (
	one   = "compliance:one"
	two   = "compliance:two"
	three = "compliance:three"
)

// refusedAs expects a refusal of a kind.
func refusedAs(t *testing.T, err error, kind string) {
	t.Helper()
	var refused *temporal.ApplicationError
	require.True(t, errors.As(err, &refused), "%v", err)
	require.Equal(t, kind, refused.Type(), "%v", err)
	require.NotContains(t, err.Error(), bookingtest.Marker)
}

func approve(h *dsartest.House, c rights.Case, actor string) (dsar.Status, error) {
	return h.Act(c, dsar.UpdateApprove, rights.ActApproved, actor, h.Seen(c))
}

// TestAnErasureFromReceiptToCertificate is the whole story of one right: proof,
// two people, the erasure, and the letters in the guest's language.
func TestAnErasureFromReceiptToCertificate(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Erasure, h.Guest(dsartest.Ada()))
	run := h.Start(c)
	receipt := h.Letters(c.ID, 1)[0]
	require.Equal(t, "fr", receipt.Language)
	h.Await(c, rights.Verifying)

	_, err := approve(h, c, one)
	refusedAs(t, err, dsar.RefusedState)
	h.Prove(c)
	h.Await(c, rights.Deciding)
	status, err := approve(h, c, one)
	require.NoError(t, err)
	require.Equal(t, 1, status.Approvals)
	_, err = approve(h, c, one)
	refusedAs(t, err, dsar.RefusedPerson)
	_, err = approve(h, c, two)
	require.NoError(t, err)

	var result dsar.Result
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, dsar.Result{State: rights.Completed, Outcome: rights.Granted, Certificate: c.ID}, result)
	require.Equal(t, []string{"erasure"}, h.Stand.Calls())
	require.Regexp(t, `(?m)[0-9a-f]{64}`, h.Letters("Attestation|Certificat", 1)[0].Text, "the letter names the certificate by its fingerprint")
	closed := h.Read(c)
	require.Equal(t, rights.Completed, closed.State)
	require.Equal(t, 2, closed.Approvals())
	_, err = h.Cases.Scopes(t.Context(), c.Hotel, c.ID)
	require.ErrorIs(t, err, rights.ErrForgotten, "a closed case does not join bookings")
	for kind, n := range map[string]int{
		"dsar.opened": 1, "dsar.identity_proven": 1, "dsar.approved": 2, "dsar.closed": 1, "dsar.person_found": 1,
	} {
		require.Equal(t, n, h.Count(`select count(*) from audit_outbox where kind = $1`, kind), kind)
	}
}

// TestEveryOtherRight is carried out by its own activities, with as many people
// as its tier asks for.
func TestEveryOtherRight(t *testing.T) {
	t.Parallel()
	for kind, want := range map[rights.Kind][]string{
		rights.Access: {"build", "link"}, rights.Portability: {"build portable", "link"}, rights.Rectification: {"rectify"},
		rights.Restriction: {"restrict"}, rights.Objection: {"object"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := dsartest.New(t, nil)
			h.Work(worker.Options{})
			c := h.Open(kind, h.Guest(dsartest.Ada()))
			run := h.Start(c)
			if c.Tier().NeedsProof() {
				h.Await(c, rights.Verifying)
				h.Prove(c)
			}
			for _, actor := range []string{one, two}[:c.Tier().Approvals()] {
				h.Await(c, rights.Deciding)
				_, err := approve(h, c, actor)
				require.NoError(t, err)
			}
			var result dsar.Result
			require.NoError(t, run.Get(t.Context(), &result))
			require.Equal(t, dsar.Result{State: rights.Completed, Outcome: rights.Granted}, result)
			require.Equal(t, want, h.Stand.Calls())
		})
	}
}

func TestCodesThatProveNothing(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Access, h.Guest(dsartest.Ada()))
	h.Start(c)
	h.Await(c, rights.Verifying)
	tell := func(code string) dsar.Status {
		status, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeTold, one, rights.Note{Code: code})
		require.NoError(t, err)
		return status
	}
	_, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeTold, one, rights.Note{Code: "123456"})
	refusedAs(t, err, dsar.RefusedState) // none was sent
	ask := func() {
		_, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeAsked, one, rights.Note{})
		require.NoError(t, err)
	}
	ask()
	first := h.Code(1)
	ask()
	second := h.Code(2)
	wrong := "000000"
	if second == wrong {
		wrong = "000001"
	}
	if first != second {
		require.Equal(t, "code_wrong", tell(first).Problem, "a newer code replaces it")
	}
	require.Equal(t, "code_wrong", tell(wrong).Problem)
	for range 4 {
		tell(wrong)
	}
	require.Equal(t, "code_over", tell(second).Problem, "too many guesses")
	require.GreaterOrEqual(t, h.Count(`select count(*) from audit_outbox where kind = 'dsar.act_refused'`), 6, "guesses show in the audit log")
	require.Equal(t, rights.Unproven, h.Read(c).Proof)
	ask()
	status := tell(h.Code(3))
	require.Equal(t, rights.ByCode, status.Proof)
	_, err = h.Act(c, dsar.UpdateVerify, rights.ActVouched, one, rights.Note{})
	refusedAs(t, err, dsar.RefusedState)
	require.Zero(t, h.Count(`select count(*) from dsar_act where kind = 'code_told' and sealed is not null and done_at is not null`), "what was told is forgotten")
}

// TestTwoPeopleVouch is the way without a code: there is no address on file.
func TestTwoPeopleVouch(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	guest := dsartest.Ada()
	guest.Email = ""
	c := h.Open(rights.Restriction, h.Guest(guest))
	h.Start(c)
	h.Await(c, rights.Verifying)
	status, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeAsked, one, rights.Note{})
	require.NoError(t, err)
	require.Equal(t, "no_address", status.Problem)
	vouch := func(actor string) (dsar.Status, error) {
		return h.Act(c, dsar.UpdateVerify, rights.ActVouched, actor, rights.Note{})
	}
	status, err = vouch(one)
	require.NoError(t, err)
	require.Equal(t, rights.Unproven, status.Proof)
	_, err = vouch(one)
	refusedAs(t, err, dsar.RefusedPerson)
	status, err = vouch(two)
	require.NoError(t, err)
	require.Equal(t, rights.ByPeople, status.Proof)
	kinds := map[rights.TaskKind]int{}
	for _, task := range h.Read(c).Tasks {
		kinds[task.Kind]++
	}
	require.Equal(t, 1, kinds[rights.CheckIdentity])
	require.Equal(t, 1, kinds[rights.TellByHand], "the receipt could go nowhere")
}

// TestNobodyIsKnown: the request is kept, and somebody finds the guest.
func TestNobodyIsKnown(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Erasure, "", func(o *rights.Opening) { o.Wish.Contact.Email = "somebody@example.org" })
	h.Start(c)
	h.Letters(c.ID, 1)
	read := h.Await(c, rights.Open)
	require.Len(t, read.Tasks, 1)
	require.Equal(t, rights.FindGuest, read.Tasks[0].Kind)
	_, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeAsked, one, rights.Note{})
	refusedAs(t, err, dsar.RefusedState)
	do := func(scope string) (dsar.Status, error) {
		return h.Act(c, dsar.UpdateTask, rights.ActTaskDone, one, rights.Note{Scope: scope}, func(a *dsar.Act) { a.Task = read.Tasks[0].ID })
	}
	status, err := do(h.Scope(dsartest.Aurora))
	require.NoError(t, err)
	require.Equal(t, "unknown_guest", status.Problem)
	require.Equal(t, 1, status.Blocking)
	_, err = do(h.Guest(dsartest.Ada()))
	require.NoError(t, err)
	require.Equal(t, rights.KnownPerson, h.Await(c, rights.Verifying).Match)
	_, err = do(h.Guest(dsartest.Ada()))
	refusedAs(t, err, dsar.RefusedTask)
	h.Prove(c) // the code goes to the address on file
	require.Contains(t, h.Letters("Votre code", 1)[0].To[0], bookingtest.Marker)
}

func TestExtensionOnceAndToldFirst(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Access, h.Guest(dsartest.Ada()))
	h.Start(c)
	h.Await(c, rights.Verifying)
	extend := func() (dsar.Status, error) {
		return h.Act(c, dsar.UpdateExtend, rights.ActExtended, one, rights.Note{Reasons: []string{"complexity"}})
	}
	status, err := extend()
	require.NoError(t, err)
	require.True(t, status.Extended)
	require.Equal(t, c.Clock.Extended, status.Due.UTC())
	require.Equal(t, c.Clock.ExtendedInternal, status.Internal.UTC())
	h.Letters(c.ID, 2) // receipt and extension
	read := h.Read(c)
	require.False(t, read.ExtendedAt.IsZero())
	require.Equal(t, c.Clock.Extended, read.Due())
	_, err = extend()
	refusedAs(t, err, dsar.RefusedExtended)
}

// late opens a case whose due date has passed.
func late(h *dsartest.House, scope string) rights.Case {
	return h.Open(rights.Access, scope, func(o *rights.Opening) {
		o.Clock = rights.Deadline(time.Now().AddDate(0, 0, -40), time.UTC, dsartest.Horizon)
	})
}

// TestTooLate: no extension comes after the due date, and every mark of the clock
// has left its task. A refusal does come: nobody waits for an answer for ever.
func TestTooLate(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := late(h, h.Guest(dsartest.Ada()))
	h.Start(c)
	h.Await(c, rights.Verifying)
	_, err := h.Act(c, dsar.UpdateExtend, rights.ActExtended, one, rights.Note{Reasons: []string{"number"}})
	refusedAs(t, err, dsar.RefusedLate)
	require.Eventually(t, func() bool {
		return h.Count(`select count(*) from dsar_task where kind = 'reminder'`) == 3 &&
			h.Count(`select count(*) from dsar_task where kind = 'deadline_near'`) == 1 &&
			h.Count(`select count(*) from operator_task where kind = 'dsar_deadline_near'`) == 1
	}, time.Minute, 20*time.Millisecond)
	_, err = h.Act(c, dsar.UpdateRefuse, rights.ActRefused, one, rights.Note{Reasons: []string{"identity"}})
	require.NoError(t, err)
	h.Await(c, rights.Refused)
	require.Len(t, h.Letters(c.ID, 2), 2, "the receipt and the refusal")
}

// TestARefusalTellsWhyAndHowToComplain, and nothing is carried out.
func TestARefusalTellsWhyAndHowToComplain(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Erasure, h.Guest(dsartest.Ada()))
	run := h.Start(c)
	h.Await(c, rights.Verifying)
	status, err := h.Act(c, dsar.UpdateRefuse, rights.ActRefused, one, rights.Note{Reasons: []string{"identity"}, Text: "Désolé."})
	require.NoError(t, err)
	require.Equal(t, rights.Refused, status.State)
	letter := h.Letters("réponse", 1)[0]
	require.Contains(t, letter.Text, "Désolé.")
	require.Contains(t, letter.Text, "https://www.bfdi.bund.de", "the hotel's country names the authority")
	var result dsar.Result
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, dsar.Result{State: rights.Refused, Outcome: rights.Denied}, result)
	require.Empty(t, h.Stand.Calls())
}

// TestARefusalThatCannotBeTold stays open until somebody says that they told.
func TestARefusalThatCannotBeTold(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Erasure, "")
	h.Start(c)
	h.Await(c, rights.Open)
	refuse := func(told bool) (dsar.Status, error) {
		return h.Act(c, dsar.UpdateRefuse, rights.ActRefused, one, rights.Note{Reasons: []string{"identity"}}, func(a *dsar.Act) { a.Told = told })
	}
	_, err := refuse(false)
	refusedAs(t, err, dsar.RefusedUntold)
	require.Equal(t, rights.Open, h.Read(c).State)
	status, err := refuse(true)
	require.NoError(t, err)
	require.Equal(t, rights.Refused, status.State)
}

func TestAWithdrawalEndsIt(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Access, h.Guest(dsartest.Ada()))
	run := h.Start(c)
	h.Await(c, rights.Verifying)
	_, err := h.Act(c, dsar.UpdateWithdraw, rights.ActWithdrawn, one, rights.Note{})
	require.NoError(t, err)
	var result dsar.Result
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, dsar.Result{State: rights.Withdrawn, Outcome: rights.Gone}, result)
}

// agreed is a case that is proven and approved.
func agreed(t *testing.T, h *dsartest.House) rights.Case {
	t.Helper()
	c := h.Open(rights.Erasure, h.Guest(dsartest.Ada()))
	h.Start(c)
	h.Await(c, rights.Verifying)
	h.Prove(c)
	h.Await(c, rights.Deciding)
	for _, actor := range []string{one, two} {
		_, err := approve(h, c, actor)
		require.NoError(t, err)
	}
	return c
}

// TestAStayIsInTheWay: the case waits, the requester is told once, and goes on
// by itself.
func TestAStayIsInTheWay(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Stand.Erasures = []eraseflow.Result{
		{State: eraseflow.Deferred}, {State: eraseflow.Erased, Certificate: "C"},
	}
	h.Work(worker.Options{})
	c := agreed(t, h)
	closed := h.Await(c, rights.Completed)
	require.Equal(t, "C", closed.Certificate)
	h.Letters("séjour", 1)
	require.Equal(t, []string{"erasure", "erasure"}, h.Stand.Calls())
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'dsar.deferred'`))
}

// TestALegalHoldNeedsAPerson, and what the law keeps is told.
func TestALegalHoldNeedsAPerson(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	kept := erasure.Kept{Class: register.Invoice, Records: 2, Verdict: erasure.Verdict{Action: erasure.Restrict, Until: time.Now().AddDate(8, 0, 0)}}
	h.Stand.Erasures = []eraseflow.Result{
		{State: eraseflow.Held}, {State: eraseflow.Partly, Certificate: "C", Left: []erasure.Kept{kept}},
	}
	h.Work(worker.Options{})
	c := agreed(t, h)
	read := h.Await(c, rights.Open)
	task := read.Tasks[len(read.Tasks)-1]
	require.Equal(t, rights.LookInto, task.Kind)
	_, err := h.Act(c, dsar.UpdateTask, rights.ActTaskDone, three, rights.Note{Text: "The matter is closed."}, func(a *dsar.Act) { a.Task = task.ID })
	require.NoError(t, err)
	closed := h.Await(c, rights.Completed)
	require.Equal(t, rights.Partly, closed.Outcome)
	letter := h.Letters("satisfaite en partie", 1)[0]
	require.Contains(t, letter.Text, "https://www.bfdi.bund.de")
}

// TestWhatOnlyPeopleCanDo is waited for: nothing is told as done before it is.
func TestWhatOnlyPeopleCanDo(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Stand.Tasks = 1
	h.Work(worker.Options{})
	c := h.Open(rights.Rectification, h.Guest(dsartest.Ada()))
	h.Start(c)
	h.Await(c, rights.Verifying)
	h.Prove(c)
	h.Await(c, rights.Deciding)
	_, err := approve(h, c, one)
	require.NoError(t, err)
	task := h.Await(c, rights.Open).Tasks[0]
	require.Equal(t, rights.CarryOutByHand, task.Kind)
	_, err = h.Act(c, dsar.UpdateWithdraw, rights.ActWithdrawn, one, rights.Note{})
	refusedAs(t, err, dsar.RefusedState)
	_, err = h.Act(c, dsar.UpdateTask, rights.ActTaskDone, two, rights.Note{}, func(a *dsar.Act) { a.Task = task.ID })
	require.NoError(t, err)
	require.Equal(t, rights.Granted, h.Await(c, rights.Completed).Outcome)
	require.Equal(t, []string{"rectify"}, h.Stand.Calls(), "it is not done twice")
}

// TestAFailureNeedsAPerson, who lets it be tried again; what was agreed holds.
func TestAFailureNeedsAPerson(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Stand.Fail = temporal.NewNonRetryableApplicationError("the pack is too large", "access_too_large", nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Objection, h.Guest(dsartest.Ada()))
	h.Start(c)
	task := h.Await(c, rights.Open).Tasks[0]
	require.Equal(t, rights.LookInto, task.Kind)
	h.Stand.Set(func(s *dsartest.Stand) { s.Fail = nil })
	_, err := h.Act(c, dsar.UpdateTask, rights.ActTaskDone, two, rights.Note{}, func(a *dsar.Act) { a.Task = task.ID })
	require.NoError(t, err)
	h.Await(c, rights.Completed)
	require.Equal(t, []string{"object", "object"}, h.Stand.Calls())
}

// TestTheSamePersonAgain is joined to the case that goes on, also when it shows
// only later who it is.
func TestTheSamePersonAgain(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	scope := h.Guest(dsartest.Ada())
	first := h.Open(rights.Access, scope)
	h.Start(first)
	again := h.Open(rights.Access, scope)
	require.Equal(t, rights.Joined, again.State)
	require.Equal(t, first.ID, again.JoinedTo)
	require.Equal(t, rights.Received, h.Open(rights.Erasure, scope).State, "another right is another case")

	unknown := h.Open(rights.Access, "")
	run := h.Start(unknown)
	task := h.Await(unknown, rights.Open).Tasks[0]
	_, err := h.Act(unknown, dsar.UpdateTask, rights.ActTaskDone, one, rights.Note{Scope: scope}, func(a *dsar.Act) { a.Task = task.ID })
	require.NoError(t, err)
	var result dsar.Result
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, rights.Joined, result.State)
	require.Equal(t, first.ID, h.Read(unknown).JoinedTo)
}
