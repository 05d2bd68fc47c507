//go:build unix

package restriction_test

import (
	"context"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/restriction"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const aurora, boreal = consenttest.Aurora, consenttest.Boreal

func open(t *testing.T, ttl time.Duration) (*consenttest.House, *restriction.Store) {
	h := consenttest.New(t)
	return h, restriction.New(h.Pool, h.Writer, restriction.Options{TTL: ttl})
}

func cause() restriction.Cause {
	return restriction.Cause{Actor: "compliance", Case: ulid.Make().String(), Ground: "accuracy"}
}

var ada = subjects.Person{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com"}

func TestBusinessOpensNothingThatIsRestricted(t *testing.T) {
	t.Parallel()
	h, store := open(t, time.Hour)
	ctx := t.Context()
	booking, other := h.Booking(aurora, ada), h.Booking(aurora, ada)
	business := restriction.NewKeys(h.Ring, store)
	scope := keys.Scope{Tenant: aurora, ID: booking}
	sealed, err := h.Ring.Seal(ctx, scope, keys.Operations, "guest", []byte("Ada"))
	require.NoError(t, err)
	read := func(ctx context.Context, k *restriction.Keys) error {
		_, err := k.Open(ctx, scope, keys.Operations, "guest", sealed)
		return err
	}
	require.NoError(t, read(ctx, business))

	why := cause()
	n, err := store.Restrict(ctx, aurora, why, []string{booking})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.ErrorIs(t, read(ctx, business), restriction.ErrRestricted, "at once, whatever this process knew before")
	require.ErrorIs(t, store.Check(ctx, aurora, booking), restriction.ErrRestricted)
	require.NoError(t, store.Check(ctx, aurora, other))
	require.NoError(t, store.Check(ctx, boreal, booking), "another hotel's")
	n, err = store.Restrict(ctx, aurora, why, []string{booking})
	require.NoError(t, err)
	require.Zero(t, n, "marked before")
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'restriction.set'`))

	// What is sealed for a case is no business of the day.
	require.NoError(t, h.Ring.Ensure(ctx, keys.Case, scope))
	letter, err := business.Seal(ctx, scope, keys.Case, "letter", []byte("Dear"))
	require.NoError(t, err)
	_, err = business.Open(ctx, scope, keys.Case, "letter", letter)
	require.NoError(t, err)

	// An officer reads with a reason, which is noted first.
	_, err = store.Allow(ctx, aurora, restriction.Opening{Actor: "compliance", Case: why.Case, Reason: "curiosity"})
	require.ErrorIs(t, err, restriction.ErrCause)
	_, err = store.Allow(ctx, aurora, restriction.Opening{Actor: "compliance", Reason: restriction.ForClaims})
	require.ErrorIs(t, err, restriction.ErrCause)
	require.Zero(t, h.Count(`select count(*) from audit_outbox where kind = 'restriction.opened'`))
	officer, err := store.Allow(ctx, aurora, restriction.Opening{Actor: "compliance", Case: why.Case, Reason: restriction.ForClaims})
	require.NoError(t, err)
	require.NoError(t, read(officer, business))
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'restriction.opened'`))

	for name, bad := range map[string]restriction.Cause{
		"no actor": {Case: why.Case, Ground: why.Ground}, "no case": {Actor: "compliance", Ground: why.Ground},
		"no ground": {Actor: "compliance", Case: why.Case, Ground: "because"},
	} {
		_, err := store.Restrict(ctx, aurora, bad, []string{other})
		require.ErrorIs(t, err, restriction.ErrCause, name)
	}
	_, err = store.Restrict(ctx, aurora, why, nil)
	require.ErrorIs(t, err, restriction.ErrCause)
}

// TestAnotherProcessLearnsInTime: what one process restricts, another does not
// open once its knowledge is as old as the TTL.
func TestAnotherProcessLearnsInTime(t *testing.T) {
	t.Parallel()
	h, here := open(t, time.Hour)
	there := restriction.New(h.Pool, h.Writer, restriction.Options{TTL: time.Millisecond})
	ctx := t.Context()
	booking := h.Booking(aurora, ada)
	require.NoError(t, there.Check(ctx, aurora, booking))
	_, err := here.Restrict(ctx, aurora, cause(), []string{booking})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return there.Check(ctx, aurora, booking) != nil }, time.Minute, time.Millisecond)
}

func TestADatabaseThatIsAwayAllowsNothing(t *testing.T) {
	t.Parallel()
	h, store := open(t, time.Hour)
	booking := h.Booking(aurora, ada)
	h.Pool.Close()
	err := store.Check(t.Context(), aurora, booking)
	require.ErrorIs(t, err, restriction.ErrUnknown)
	require.True(t, restriction.Refused(err))
}

func TestLiftingNeedsTheGuestToBeTold(t *testing.T) {
	t.Parallel()
	h, store := open(t, time.Hour)
	ctx := t.Context()
	first, second := h.Booking(aurora, ada), h.Booking(aurora, ada)
	why, claims := cause(), cause()
	claims.Ground = "claims"
	_, err := store.Restrict(ctx, aurora, why, []string{first, second})
	require.NoError(t, err)
	_, err = store.Restrict(ctx, aurora, claims, []string{second})
	require.NoError(t, err)

	_, err = store.Lift(ctx, aurora, "compliance", why.Case)
	require.ErrorIs(t, err, restriction.ErrNotTold)
	letter := ulid.Make().String()
	require.NoError(t, h.Pool.Tenant(aurora).QueryRow(ctx, `
		insert into message (hotel, id, scope, purpose, channel, kind) values ($1, $2, $3, 'case', 'email', 'restriction_lifted') returning id`,
		aurora, letter, first).Scan(&letter))
	notice, err := store.Announce(ctx, aurora, "compliance", why.Case, letter)
	require.NoError(t, err)
	require.Equal(t, letter, notice)
	again, err := store.Announce(ctx, aurora, "compliance", why.Case, ulid.Make().String())
	require.NoError(t, err)
	require.Equal(t, letter, again, "one letter is enough")
	_, err = store.Lift(ctx, aurora, "compliance", why.Case)
	require.ErrorIs(t, err, restriction.ErrNotTold, "it waits in the outbox")
	require.ErrorIs(t, store.Check(ctx, aurora, first), restriction.ErrRestricted)

	h.Database.Admin(t, "update message set state = 'sent' where id = '"+letter+"'")
	n, err := store.Lift(ctx, aurora, "compliance", why.Case)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.NoError(t, store.Check(ctx, aurora, first))
	require.ErrorIs(t, store.Check(ctx, aurora, second), restriction.ErrRestricted, "the other case's mark stands")
	n, err = store.Lift(ctx, aurora, "compliance", why.Case)
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'restriction.lifted'`))

	_, err = store.Announce(ctx, aurora, "compliance", claims.Case, restriction.ByHand)
	require.NoError(t, err)
	n, err = store.Lift(ctx, aurora, "compliance", claims.Case)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = store.Announce(ctx, aurora, "compliance", claims.Case, letter)
	require.ErrorIs(t, err, restriction.ErrNotRestricted)
	all, err := store.List(ctx, aurora, "", 10)
	require.NoError(t, err)
	require.Len(t, all, 3)
	for _, r := range all {
		require.False(t, r.LiftedAt.IsZero())
	}
}

// reached counts what came through to the server.
type reached struct {
	interceptor.ClientOutboundInterceptor
	starts int
}

func (r *reached) ExecuteWorkflow(context.Context, *interceptor.ClientExecuteWorkflowInput) (client.WorkflowRun, error) {
	r.starts++
	return nil, nil
}

func (r *reached) SignalWithStartWorkflow(context.Context, *interceptor.ClientSignalWithStartWorkflowInput) (client.WorkflowRun, error) {
	r.starts++
	return nil, nil
}

func (r *reached) UpdateWithStartWorkflow(context.Context, *interceptor.ClientUpdateWithStartWorkflowInput) (client.WorkflowUpdateHandle, error) {
	r.starts++
	return nil, nil
}

func TestNoWorkflowStartsForWhatIsRestricted(t *testing.T) {
	t.Parallel()
	h, store := open(t, time.Hour)
	ctx := t.Context()
	booking := h.Booking(aurora, ada)
	_, err := store.Restrict(ctx, aurora, cause(), []string{booking})
	require.NoError(t, err)
	server := &reached{}
	out := restriction.Starts(store).InterceptClient(server)
	start := func(ctx context.Context, id string) []error {
		_, one := out.ExecuteWorkflow(ctx, &interceptor.ClientExecuteWorkflowInput{Options: &client.StartWorkflowOptions{ID: id}})
		_, two := out.SignalWithStartWorkflow(ctx, &interceptor.ClientSignalWithStartWorkflowInput{Options: &client.StartWorkflowOptions{ID: id}})
		_, three := out.UpdateWithStartWorkflow(ctx, &interceptor.ClientUpdateWithStartWorkflowInput{UpdateOptions: &client.UpdateWorkflowOptions{WorkflowID: id}})
		return []error{one, two, three}
	}
	for _, id := range []string{"booking/" + aurora + "/" + booking, "call/" + aurora + "/" + booking} {
		for _, err := range start(ctx, id) {
			require.ErrorIs(t, err, restriction.ErrRestricted, id)
		}
	}
	require.Zero(t, server.starts)
	for _, id := range []string{"booking/" + aurora + "/" + ulid.Make().String(), "dsar/" + aurora + "/" + booking, "system/" + aurora + "/message/" + booking} {
		for _, err := range start(ctx, id) {
			require.NoError(t, err, id)
		}
	}
	require.Equal(t, 9, server.starts)
}
