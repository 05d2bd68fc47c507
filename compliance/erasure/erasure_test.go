//go:build unix

package erasure_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const aurora = consenttest.Aurora

func ada() subjects.Person {
	return subjects.Person{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.org", Phone: "+4930123456"}
}

// said is a call of a guest with a yes to transcription and a turn.
func said(t *testing.T, h *erasuretest.House) string {
	t.Helper()
	c := h.Call(aurora, time.Minute)
	h.Notice(aurora, c)
	h.Append(h.Said(aurora, c, consent.Transcription, consent.Given, 7*time.Second))
	require.NoError(t, h.Calls.AddTurn(t.Context(), aurora, calls.Turn{Call: c.ID, Seq: 1, Speaker: calls.Caller, Text: "Ada hier", To: time.Second}))
	require.NoError(t, h.Calls.End(t.Context(), aurora, c.ID))
	h.Runs.Put("call/" + aurora + "/" + c.ID)
	return c.ID
}

// Everything of a guest goes, everywhere, and what stays is listed with its
// rule; doing it again changes nothing and hands out the same certificate.
func TestEraseAndCertify(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking, call := h.Stayed(aurora, ada()), said(t, h)
	other := h.Stayed(aurora, subjects.Person{FirstName: "Emmy", LastName: "Noether", Email: "e@example.org"})
	_, err := h.Desk.Resolve(t.Context(), aurora, booking)
	require.NoError(t, err)
	request := h.Case(booking, call)

	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, erasure.StateErased, made.State)
	require.Equal(t, made.Live.Add(erasuretest.Horizon), made.Final)
	require.EqualValues(t, 1, made.Erased["guests"])
	require.EqualValues(t, 1, made.Erased["turns"])
	require.EqualValues(t, 2, made.Runs)
	require.EqualValues(t, 1, made.System["erased"])
	require.Equal(t, []string{"PMS-" + booking}, h.System.Erased())
	require.Equal(t, []string{"booking/" + aurora + "/" + other}, h.Runs.Left())
	require.Equal(t, erasure.ReadBack{}, made.ReadBack)

	for _, scope := range []string{booking, call} {
		require.True(t, h.Unreadable(aurora, scope, keys.Operations))
		require.True(t, h.Unreadable(aurora, scope, keys.Audit))
	}
	require.False(t, h.Unreadable(aurora, call, keys.Consent), "what proves a consent stays readable")
	require.False(t, h.Unreadable(aurora, other, keys.Operations))
	whose, err := h.Table.SubjectOf(t.Context(), aurora, keys.Scope{Tenant: aurora, ID: booking})
	require.NoError(t, err)
	require.Empty(t, whose, "nobody can tell whose it was")

	kept := map[register.Class]erasure.Kept{}
	for _, k := range made.Kept {
		kept[k.Class] = k
	}
	require.Equal(t, erasure.Restrict, kept[register.Consent].Action)
	require.NotEmpty(t, kept[register.Consent].Statute)
	require.False(t, kept[register.Consent].Until.IsZero())
	require.NotContains(t, kept, register.Guest)

	again, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, made, again)
	require.Equal(t, 1, h.Count(`select count(*) from erasure_certificate`))
	require.Len(t, h.System.Erased(), 1)
}

// A certificate names no booking, no call and no person.
func TestACertificateJoinsNothing(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking, call := h.Stayed(aurora, ada()), said(t, h)
	request := h.Case(booking, call)
	_, err := h.Carry(aurora, request)
	require.NoError(t, err)
	text, err := h.Office.Envelope(t.Context(), aurora, request, "")
	require.NoError(t, err)
	e, err := attest.Parse(text)
	require.NoError(t, err)
	for _, planted := range []string{booking, call, "Ada", "Lovelace", "example.org"} {
		require.NotContains(t, string(e.Payload), planted)
	}
	require.Zero(t, h.Count(`select count(*) from erasure where sealed is not null`), "the plan that joined them is gone")
}

func TestForgedCertificatesAreRefused(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	request := h.Case(h.Stayed(aurora, ada()))
	_, err := h.Carry(aurora, request)
	require.NoError(t, err)
	text, err := h.Office.Envelope(t.Context(), aurora, request, "")
	require.NoError(t, err)
	c, err := erasure.VerifyCertificate(text, h.Trusted())
	require.NoError(t, err)
	require.Equal(t, request, c.Case)

	e, err := attest.Parse(text)
	require.NoError(t, err)
	e.Payload = []byte(strings.Replace(string(e.Payload), `"state":"erased"`, `"state":"partly"`, 1))
	forged, err := json.Marshal(e)
	require.NoError(t, err)
	_, err = erasure.VerifyCertificate(forged, h.Trusted())
	require.ErrorIs(t, err, attest.ErrSignature)

	stranger := erasuretest.New(t)
	_, err = erasure.VerifyCertificate(text, stranger.Trusted())
	require.ErrorIs(t, err, attest.ErrSignature)
	other, err := attest.Sign(t.Context(), h.Signer, attest.Predicates+"something/v1", []attest.Subject{attest.Digested("x", nil)}, c)
	require.NoError(t, err)
	wrong, err := json.Marshal(other)
	require.NoError(t, err)
	_, err = erasure.VerifyCertificate(wrong, h.Trusted())
	require.ErrorIs(t, err, erasure.ErrCertificate)
	_, err = erasure.VerifyCertificate([]byte("no"), h.Trusted())
	require.ErrorIs(t, err, attest.ErrEnvelope)
}

// Somebody whose stay is ahead or under way is erased once it is over.
func TestAStayAheadDefers(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	ahead, over := h.Stayed(aurora, ada()), h.Stayed(aurora, ada())
	h.Move(ahead, "3")
	request := h.Case(ahead, over)
	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, erasure.StatePartly, made.State)
	require.Equal(t, 1, h.Count(`select count(*) from guest where booking = $1`, ahead))
	require.Zero(t, h.Count(`select count(*) from guest where booking = $1`, over))
	require.False(t, h.Unreadable(aurora, ahead, keys.Operations))
	require.Equal(t, []string{"PMS-" + over}, h.System.Erased())
	i := slices.IndexFunc(made.Kept, func(k erasure.Kept) bool { return k.Class == register.Guest })
	require.Equal(t, erasure.Defer, made.Kept[i].Action)
	require.Equal(t, time.Now().UTC().AddDate(0, 0, 4).Format(time.DateOnly), made.Kept[i].Until.Format(time.DateOnly))

	h.Move(ahead, "0")
	made, err = h.Carry(aurora, h.Case(ahead))
	require.NoError(t, err)
	require.Equal(t, erasure.StateDeferred, made.State, "the day of departure is not over")
	h.Move(ahead, "(-1)")
	made, err = h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, erasure.StateErased, made.State)
	require.Zero(t, h.Count(`select count(*) from guest`))
}

// A stay that is booked again between plan and erasure is not erased either.
func TestAStayThatIsMovedWins(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	request := h.Case(booking)
	plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	h.Move(booking, "3")
	for _, step := range h.Steps(aurora, request, plan) {
		require.NoError(t, step(t.Context()))
	}
	require.Equal(t, 1, h.Count(`select count(*) from guest`))
	require.False(t, h.Unreadable(aurora, booking, keys.Operations))
	require.Empty(t, h.System.Erased())
	made, err := h.Office.Certify(t.Context(), aurora, request, plan.Hash())
	require.NoError(t, err)
	require.Equal(t, erasure.StateDeferred, made.State)
}

func TestAnotherPlanThanTheApprovedOneIsRefused(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	one, two := h.Stayed(aurora, ada()), h.Stayed(aurora, ada())
	request := h.Case(one)
	plan, err := h.Office.Plan(t.Context(), aurora, request)
	require.NoError(t, err)
	h.Cases.Set(request, one, two)
	_, err = h.Office.Prepare(t.Context(), aurora, request, plan.Hash())
	require.ErrorIs(t, err, erasure.ErrPlanChanged)
	now, err := h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	_, err = h.Office.EraseRows(t.Context(), aurora, request, plan.Hash(), 0)
	require.ErrorIs(t, err, erasure.ErrPlanChanged)
	require.Equal(t, 2, h.Count(`select count(*) from guest`))
	_, err = h.Office.EraseRows(t.Context(), aurora, request, now.Hash(), 0)
	require.NoError(t, err)
	_, err = h.Office.Prepare(t.Context(), aurora, h.Case(), "")
	require.ErrorIs(t, err, erasure.ErrNobody)
	_, err = h.Office.EraseRows(t.Context(), aurora, h.Case(one), now.Hash(), 0)
	require.ErrorIs(t, err, erasure.ErrNoPlan)
}

// Each step can be the last one before a death, and each can be repeated.
func TestKilledAtAnyStepItResumes(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	for cut := range 6 {
		booking, call := h.Stayed(aurora, ada()), said(t, h)
		request := h.Case(booking, call)
		plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
		require.NoError(t, err)
		for _, step := range h.Steps(aurora, request, plan)[:min(cut, 5)] {
			require.NoError(t, step(t.Context()))
			require.NoError(t, step(t.Context()), "a step whose answer was lost is done again")
		}
		if cut == 5 {
			_, err = h.Office.Certify(t.Context(), aurora, request, plan.Hash())
			require.NoError(t, err)
			again, err := h.Office.Certify(t.Context(), aurora, request, plan.Hash())
			require.NoError(t, err)
			require.EqualValues(t, 1, again.Erased["guests"])
			continue
		}
		_, err = h.Office.Certify(t.Context(), aurora, request, plan.Hash())
		if cut < 5 {
			require.ErrorIs(t, err, erasure.ErrLeft, "nothing is certified that was not done (%d)", cut)
		}
		for _, step := range h.Steps(aurora, request, plan)[min(cut, 5):] {
			require.NoError(t, step(t.Context()))
		}
		made, err := h.Office.Certify(t.Context(), aurora, request, plan.Hash())
		require.NoError(t, err)
		require.Equal(t, erasure.StateErased, made.State)
		require.EqualValues(t, 1, made.Erased["guests"], "counted once")
		require.EqualValues(t, 2, made.Runs)
	}
}

// A hotel's system that refuses becomes a task, and one that is away is tried
// again; neither holds up the rest.
func TestTheHotelsSystemRefusesOrIsAway(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	request := h.Case(booking)
	h.System.Fail(errors.New("guest Ada: connection refused"))
	_, err := h.Carry(aurora, request)
	require.ErrorIs(t, err, erasure.ErrLeft)
	plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	for i, step := range h.Steps(aurora, request, plan) {
		if err := step(t.Context()); i == 1 {
			require.ErrorIs(t, err, erasure.ErrLeft)
		} else {
			require.NoError(t, err)
		}
	}
	require.Zero(t, h.Count(`select count(*) from guest`), "the rest is erased meanwhile")
	require.NoError(t, h.Office.GiveUpSystem(t.Context(), aurora, request, plan.Hash()))
	made, err := h.Office.Certify(t.Context(), aurora, request, plan.Hash())
	require.NoError(t, err)
	require.Equal(t, erasure.StatePartly, made.State)
	require.EqualValues(t, 1, made.System["manual"])
	require.Equal(t, 1, h.Count(`select count(*) from operator_task where booking = $1 and closed_at is null`, booking))

	refusing := h.Stayed(aurora, ada())
	h.System.Fail(erasure.ErrRefused{Problem: "unsupported"})
	made, err = h.Carry(aurora, h.Case(refusing))
	require.NoError(t, err)
	require.Equal(t, erasure.StatePartly, made.State)
	require.Equal(t, 2, h.Count(`select count(*) from operator_task`))
	require.Zero(t, h.Count(`select count(*) from operator_task where detail like '%Ada%'`))
}

// Every class of the register is treated somehow.
func TestEveryClassIsTreated(t *testing.T) {
	t.Parallel()
	treated := erasure.Treated()
	for _, class := range register.Classes() {
		require.Contains(t, treated, class, "say in treatment what an erasure does with it")
	}
}
