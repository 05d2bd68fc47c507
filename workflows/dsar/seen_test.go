//go:build unix

package dsar_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
)

// heldBack keeps an activity waiting until it may go on.
type heldBack struct {
	interceptor.WorkerInterceptorBase
	activity string
	goOn     <-chan struct{}
}

func (h *heldBack) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &heldActivity{interceptor.ActivityInboundInterceptorBase{Next: next}, h}
}

type heldActivity struct {
	interceptor.ActivityInboundInterceptorBase
	*heldBack
}

func (h *heldActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if activity.GetInfo(ctx).ActivityType.Name == h.activity {
		select {
		case <-h.goOn:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return h.Next.ExecuteActivity(ctx, in)
}

// TestNobodyAgreesToWhatNobodySees: a case is deciding only once it knows whose
// bookings and calls it is about, from which the verdicts follow.
func TestNobodyAgreesToWhatNobodySees(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	goOn := make(chan struct{})
	h.Work(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&heldBack{activity: activities.FindActivity, goOn: goOn}}})
	scope := h.Guest(dsartest.Ada())
	c := h.Open(rights.Erasure, scope)
	h.Start(c)
	h.Await(c, rights.Verifying)
	scopes, err := h.Cases.Scopes(t.Context(), c.Hotel, c.ID)
	require.NoError(t, err)
	require.Empty(t, scopes)
	h.Prove(c)
	_, err = approve(h, c, one)
	refusedAs(t, err, dsar.RefusedState)
	require.Equal(t, rights.Verifying, h.Read(c).State)

	close(goOn)
	h.Await(c, rights.Deciding)
	scopes, err = h.Cases.Scopes(t.Context(), c.Hotel, c.ID)
	require.NoError(t, err)
	require.Equal(t, []string{scope}, scopes)
	require.Zero(t, h.Read(c).Approvals())
	for _, actor := range []string{one, two} {
		_, err = approve(h, c, actor)
		require.NoError(t, err)
	}
	h.Await(c, rights.Completed)
}

// TestWhoComesToNothingIsLookedForFirst: nobody is asked to decide about a
// person of whom nothing is known any more; somebody finds them again.
func TestWhoComesToNothingIsLookedForFirst(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	goOn := make(chan struct{})
	h.Work(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&heldBack{activity: activities.FindActivity, goOn: goOn}}})
	scope := h.Guest(dsartest.Ada())
	c := h.Open(rights.Access, scope)
	h.Start(c)
	h.Await(c, rights.Verifying)
	h.Prove(c)
	require.NoError(t, h.Table.Forget(t.Context(), c.Hotel, keys.Scope{Tenant: c.Hotel, ID: scope}))
	close(goOn)
	task := h.Await(c, rights.Open).Tasks[0]
	require.Equal(t, rights.FindGuest, task.Kind)
	require.Zero(t, h.Count(`select count(*) from audit_outbox where kind = 'dsar.person_found'`))

	again := h.Guest(dsartest.Ada())
	_, err := h.Act(c, dsar.UpdateTask, rights.ActTaskDone, one, rights.Note{Scope: again}, func(a *dsar.Act) { a.Task = task.ID })
	require.NoError(t, err)
	h.Await(c, rights.Verifying) // of whoever they are now, nothing is proven
	for _, actor := range []string{one, two} {
		_, err = h.Act(c, dsar.UpdateVerify, rights.ActVouched, actor, rights.Note{})
		require.NoError(t, err)
	}
	h.Await(c, rights.Deciding)
	scopes, err := h.Cases.Scopes(t.Context(), c.Hotel, c.ID)
	require.NoError(t, err)
	require.Contains(t, scopes, again)
}
