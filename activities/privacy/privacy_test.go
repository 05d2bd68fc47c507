package privacy_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/privacy"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const aurora = consenttest.Aurora

// A run calls activities as a worker does.
type run struct {
	*consenttest.House
	env *testsuite.TestActivityEnvironment
}

func open(t *testing.T) *run {
	t.Helper()
	h := consenttest.New(t)
	var suite testsuite.WorkflowTestSuite
	r := &run{House: h, env: suite.NewTestActivityEnvironment()}
	privacy.Register(r.env, privacy.New(h.Consents, h.Calls, h.Desk))
	return r
}

func (r *run) gate(q privacy.Question) (p privacy.Permit, err error) {
	value, err := r.env.ExecuteActivity(privacy.GateActivity, q)
	if err == nil {
		err = value.Get(&p)
	}
	return p, err
}

// refused expects a refusal of a kind, final or not.
func refused(t *testing.T, err error, kind string, final bool) {
	t.Helper()
	var no *temporal.ApplicationError
	require.ErrorAs(t, err, &no)
	require.Equal(t, kind, no.Type())
	require.Equal(t, final, no.NonRetryable())
}

func TestGate(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Call(aurora, time.Minute)
	ask := privacy.Question{Hotel: aurora, Call: c.ID, Purpose: consent.Recording}

	_, err := r.gate(ask)
	refused(t, err, privacy.TypeNoNotice, true)
	r.Notice(aurora, c)
	_, err = r.gate(ask)
	refused(t, err, privacy.TypeNoConsent, true)
	r.Append(r.Said(aurora, c, consent.Recording, consent.Refused, 8*time.Second))
	_, err = r.gate(ask)
	refused(t, err, privacy.TypeNoConsent, true)

	yes := r.Append(r.Said(aurora, c, consent.Recording, consent.Given, 9*time.Second))
	permit, err := r.gate(ask)
	require.NoError(t, err)
	require.Equal(t, yes.ID, permit.Consent)
	_, err = r.gate(privacy.Question{Hotel: aurora, Call: c.ID, Purpose: consent.Transcription})
	refused(t, err, privacy.TypeNoConsent, true)

	r.Append(r.Said(aurora, c, consent.Recording, consent.Withdrawn, 20*time.Second))
	_, err = r.gate(ask)
	refused(t, err, privacy.TypeNoConsent, true)

	_, err = r.gate(privacy.Question{Hotel: aurora, Call: ulid.Make().String(), Purpose: consent.Recording})
	refused(t, err, privacy.TypeUnknownCall, true)
	_, err = r.gate(privacy.Question{Hotel: consenttest.Boreal, Call: c.ID, Purpose: consent.Recording})
	refused(t, err, privacy.TypeUnknownCall, true)
	_, err = r.gate(privacy.Question{Hotel: aurora, Call: c.ID, Purpose: consent.Marketing})
	refused(t, err, privacy.TypeNoConsent, true)
}

var errAway = errors.New("guest Ada: the store is away")

type away struct{}

func (away) AllowedAt(context.Context, string, string, consent.Purpose, time.Time) (consent.Standing, error) {
	return consent.Standing{Allowed: true}, errAway
}

func (away) NoticeProven(context.Context, string, string) (calls.Proof, error) {
	return calls.Proof{}, errAway
}

// Nobody to ask is a no, and says nothing that the store said.
func TestGateFailsClosed(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Call(aurora, time.Minute)
	r.Notice(aurora, c)
	r.Append(r.Said(aurora, c, consent.Recording, consent.Given, 9*time.Second))
	for _, a := range []*privacy.Activities{privacy.New(away{}, r.Calls, r.Desk), privacy.New(r.Consents, away{}, r.Desk)} {
		_, err := a.Gate(t.Context(), privacy.Question{Hotel: aurora, Call: c.ID, Purpose: consent.Recording})
		refused(t, err, privacy.TypeUnknown, false)
		require.NotContains(t, err.Error(), "Ada")
		require.NotErrorIs(t, err, errAway)
	}
}

func TestResolveAndErase(t *testing.T) {
	t.Parallel()
	r := open(t)
	ada := subjects.Person{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.org"}
	s := privacy.Scopes{Hotel: aurora, Scopes: []string{r.Booking(aurora, ada), r.Booking(aurora, ada)}}
	value, err := r.env.ExecuteActivity(privacy.ResolveActivity, s)
	require.NoError(t, err)
	var resolved privacy.Resolved
	require.NoError(t, value.Get(&resolved))
	require.Equal(t, 2, resolved.Joined, "both are of one person")

	_, err = r.env.ExecuteActivity(privacy.RowsErasedActivity, s)
	refused(t, err, privacy.TypeLeft, false)
	value, err = r.env.ExecuteActivity(privacy.EraseRowsActivity, s)
	require.NoError(t, err)
	var gone subjects.Counts
	require.NoError(t, value.Get(&gone))
	require.EqualValues(t, 2, gone.Guests)
	_, err = r.env.ExecuteActivity(privacy.RowsErasedActivity, s)
	require.NoError(t, err)

	// A consent's key stays: what it proves does too.
	operations := []keys.Purpose{keys.Operations, keys.Recording}
	value, err = r.env.ExecuteActivity(privacy.DestroyActivity, privacy.Destruction{Scopes: s, Purposes: operations})
	require.NoError(t, err)
	var destroyed subjects.Destroyed
	require.NoError(t, value.Get(&destroyed))
	require.Equal(t, 2, destroyed.Purposes[keys.Operations])
	_, err = r.Ring.Loaded(t.Context(), keys.Scope{Tenant: aurora, ID: s.Scopes[0]}, keys.Operations)
	require.ErrorIs(t, err, keys.ErrDestroyed)
	_, err = r.Ring.Loaded(t.Context(), keys.Scope{Tenant: aurora, ID: s.Scopes[0]}, keys.Audit)
	require.NoError(t, err)
}
