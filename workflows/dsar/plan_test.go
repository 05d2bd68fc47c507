//go:build unix

package dsar_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
	eraseflow "github.com/voicehive/voicehive/workflows/erasure"
)

// calls is a guest whose bookings are known to be one person's.
func calls() pms.Guest {
	g := dsartest.Ada()
	g.Phone = "+49 30 5550199"
	return g
}

// books makes a booking of that guest, whom the house knows again.
func books(t *testing.T, h *dsartest.House) string {
	t.Helper()
	scope := h.Guest(calls())
	_, err := h.Desk.Of(t.Context(), dsartest.Aurora, scope)
	require.NoError(t, err)
	return scope
}

// deciding brings an erasure to where people approve it.
func deciding(h *dsartest.House, scope string) rights.Case {
	c := h.Open(rights.Erasure, scope)
	h.Start(c)
	h.Await(c, rights.Verifying)
	h.Prove(c)
	return h.Await(c, rights.Deciding)
}

// both have two people approve what there is now.
func both(t *testing.T, h *dsartest.House, c rights.Case) {
	t.Helper()
	for _, actor := range []string{one, two} {
		_, err := approve(h, c, actor)
		require.NoError(t, err)
	}
}

// TestAPlanThatGrowsBetweenTwoApprovals: the first one is void, the second one
// is refused, and both are asked again.
func TestAPlanThatGrowsBetweenTwoApprovals(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := deciding(h, books(t, h))
	seen := h.Seen(c)
	status, err := approve(h, c, one)
	require.NoError(t, err)
	require.Equal(t, 1, status.Approvals)
	books(t, h)
	_, err = h.Act(c, dsar.UpdateApprove, rights.ActApproved, two, seen)
	refusedAs(t, err, dsar.RefusedPlan)
	read := h.Read(c)
	require.Equal(t, rights.Deciding, read.State)
	require.Zero(t, read.Approvals())
	require.Len(t, read.Void, 1)
	require.Equal(t, seen.Plan, read.Void[0].Plan)
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'dsar.approval_void'`))
	require.Len(t, people(t, h, c).Scopes, 2)

	require.NotEqual(t, seen, h.Seen(c))
	both(t, h, c)
	h.Await(c, rights.Completed)
	require.Equal(t, []string{"erasure"}, h.Stand.Calls())
	require.Equal(t, 2, h.Read(c).Approvals())
}

// TestAnApprovalNamesThePlan that there is.
func TestAnApprovalNamesThePlan(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := deciding(h, books(t, h))
	for _, wrong := range []string{"", "ca", "7a3e0000000000000000000000000000000000000000000000000000000000bb"} {
		_, err := h.Act(c, dsar.UpdateApprove, rights.ActApproved, one, rights.Note{Plan: wrong})
		refusedAs(t, err, dsar.RefusedPlan)
	}
	require.Zero(t, h.Read(c).Approvals())
	both(t, h, c)
	h.Await(c, rights.Completed)
}

// armed does something once before an activity, from a moment on.
type armed struct {
	interceptor.WorkerInterceptorBase
	activity string
	once     atomic.Pointer[func()]
}

func (a *armed) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &armedActivity{interceptor.ActivityInboundInterceptorBase{Next: next}, a}
}

type armedActivity struct {
	interceptor.ActivityInboundInterceptorBase
	*armed
}

func (a *armedActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if activity.GetInfo(ctx).ActivityType.Name == a.activity {
		if do := a.once.Swap(nil); do != nil {
			(*do)()
		}
	}
	return a.Next.ExecuteActivity(ctx, in)
}

// TestAPlanThatGrowsBeforeItIsCarriedOut: two people have approved, and the guest
// books once more before anything is erased. Nothing is, until both approve what
// there is now.
func TestAPlanThatGrowsBeforeItIsCarriedOut(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	hook := &armed{activity: activities.FindActivity}
	h.Work(worker.Options{Interceptors: []interceptor.WorkerInterceptor{hook}})
	c := deciding(h, books(t, h))
	again := func() { books(t, h) }
	hook.once.Store(&again)
	both(t, h, c)
	var read rights.Case
	require.Eventually(t, func() bool {
		read = h.Read(c)
		return read.State == rights.Deciding && len(read.Void) == 2
	}, time.Minute, 20*time.Millisecond)
	require.Zero(t, read.Approvals())
	require.Empty(t, h.Stand.Calls())
	require.Equal(t, 2, h.Count(`select count(*) from audit_outbox where kind = 'dsar.approval_void'`))
	both(t, h, c)
	h.Await(c, rights.Completed)
	require.Equal(t, []string{"erasure"}, h.Stand.Calls())
}

// TestWaitingVoidsNothing: a stay is ahead for weeks and then over, something
// came with it, and what was approved before is carried out.
func TestWaitingVoidsNothing(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Stand.Erasures = []eraseflow.Result{{State: eraseflow.Deferred}, {State: eraseflow.Erased, Certificate: "C"}}
	h.Work(worker.Options{})
	scope := books(t, h)
	h.Database.Admin(t, `update booking set departure = now()::date + 21`)
	c := deciding(h, scope)
	seen := h.Seen(c)
	both(t, h, c)
	h.Await(c, rights.Waiting)
	h.Database.Admin(t, `update booking set arrival = now()::date - 9, departure = now()::date - 7`)
	h.Database.Admin(t, `insert into operator_task (hotel, id, booking, kind, detail) values ('`+c.Hotel+`', gen_random_uuid(), '`+scope+`', 'look', 'look')`)
	require.Equal(t, seen, h.Seen(c), "time alone does not name another plan")
	closed := h.Await(c, rights.Completed)
	require.Equal(t, []string{"erasure", "erasure"}, h.Stand.Calls())
	require.Empty(t, closed.Void)
	require.Equal(t, 2, closed.Approvals())
}

// askedAgain is the way of a case whose hold is released between its approval and
// the erasure: what was to be kept is not erased on the old approvals.
func askedAgain(t *testing.T, h *dsartest.House) rights.Case {
	h.Stand.Erasures = []eraseflow.Result{{State: eraseflow.Held}, {State: eraseflow.Erased, Certificate: "C"}}
	scope := books(t, h)
	h.Database.Admin(t, `update booking set arrival = now()::date - 9, departure = now()::date - 7`)
	held, err := holds.New(h.Pool, h.Writer).Place(t.Context(), dsartest.Aurora, three, holds.Request{
		Matter: "2026-17/B", Reason: holds.Litigation, Kind: holds.Booking, Scopes: []string{scope}, ReviewAt: time.Now().AddDate(0, 1, 0),
	})
	require.NoError(t, err)
	c := deciding(h, scope)
	both(t, h, c)
	read := h.Await(c, rights.Open)
	h.Database.Admin(t, `update legal_hold set asked_by = 'compliance:one', asked_at = now() - interval '3 days', released_by = 'compliance:two',
		released_at = now() - interval '2 days', grace_until = now() - interval '1 day' where id = '`+held.ID+`'`)
	_, err = doing(h, c, read.Tasks[len(read.Tasks)-1].ID, "")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		read = h.Read(c)
		return read.State == rights.Deciding && len(read.Void) == 2
	}, time.Minute, 20*time.Millisecond)
	require.Equal(t, []string{"erasure"}, h.Stand.Calls())
	both(t, h, c)
	return h.Await(c, rights.Completed)
}

func TestAHoldThatIsReleasedAsksAgain(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := askedAgain(t, h)
	require.Equal(t, 2, c.Approvals())
	require.Equal(t, []string{"erasure", "erasure"}, h.Stand.Calls())
}
