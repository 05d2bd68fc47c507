//go:build unix

package starter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
)

// nobodies are subjects that no identity provider let in as a person, and
// elsewhere is somebody whom another one did.
var nobodies = []string{"key:01JD3Z8Q4X", "cli:root", "operator", "https://id.example", "https://id.example#", "#ann", "ann", ""}

const elsewhere = "https://other.example#ann"

// deciding brings an erasure to where people approve it.
func (o *bureau) deciding() rights.Case {
	o.t.Helper()
	c, _, err := o.Requests.Open(o.t.Context(), dsartest.Aurora, ann, fresh(), rights.ByAPI, starter.OpenRequest{Kind: rights.Erasure, Scope: o.Guest(dsartest.Ada())})
	require.NoError(o.t, err)
	kept := rights.Case{Hotel: dsartest.Aurora, ID: c.ID, Kind: rights.Erasure}
	o.Await(kept, rights.Verifying)
	o.Prove(kept)
	return o.Await(kept, rights.Deciding)
}

// TestOnePersonIsNotTwo: who has a key, or a login on the machine, or an account
// at another provider, counts for nobody beside themselves.
func TestOnePersonIsNotTwo(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	o.Work(worker.Options{})
	ctx, c := t.Context(), o.deciding()
	seen := o.seen(c.ID)
	for _, who := range nobodies {
		_, err := o.Approve(ctx, dsartest.Aurora, who, fresh(), c.ID, seen)
		refusedWith(t, err, starter.PersonNeeded)
		_, err = o.Verify(ctx, dsartest.Aurora, who, fresh(), c.ID, starter.VerifyRequest{Manual: true})
		refusedWith(t, err, starter.PersonNeeded)
	}
	_, err := o.Approve(ctx, dsartest.Aurora, ann, fresh(), c.ID, seen)
	require.NoError(t, err)
	_, err = o.Approve(ctx, dsartest.Aurora, elsewhere, fresh(), c.ID, seen)
	refusedWith(t, err, starter.OtherProvider)
	require.Equal(t, 1, o.Count(`select count(*) from dsar_act where problem = 'provider'`), "it stays known")
	require.Equal(t, 1, o.Read(c).Approvals())
	_, err = o.Approve(ctx, dsartest.Aurora, ben, fresh(), c.ID, seen)
	require.NoError(t, err)
	o.Await(c, rights.Completed)
}

// TestTwoWhoVouchAreOfOneProvider, too.
func TestTwoWhoVouchAreOfOneProvider(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	o.Work(worker.Options{})
	c, _, err := o.Requests.Open(t.Context(), dsartest.Aurora, ann, fresh(), rights.ByAPI, starter.OpenRequest{Kind: rights.Access, Scope: o.Guest(dsartest.Ada())})
	require.NoError(t, err)
	kept := rights.Case{Hotel: dsartest.Aurora, ID: c.ID}
	o.Await(kept, rights.Verifying)
	vouch := func(who string) error {
		_, err := o.Verify(t.Context(), dsartest.Aurora, who, fresh(), c.ID, starter.VerifyRequest{Manual: true})
		return err
	}
	require.NoError(t, vouch(ann))
	refusedWith(t, vouch(elsewhere), starter.OtherProvider)
	refusedWith(t, vouch(ann), starter.SamePerson)
	require.Equal(t, rights.Unproven, o.Read(kept).Proof)
	require.NoError(t, vouch(ben))
	o.Await(kept, rights.Deciding)
}

// TestTheWrongPlanIsNotApproved: the desk says that it is another one, and shows
// what is void.
func TestTheWrongPlanIsNotApproved(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	o.Work(worker.Options{})
	ctx, c := t.Context(), o.deciding()
	_, err := o.Approve(ctx, dsartest.Aurora, ann, fresh(), c.ID, starter.ApproveRequest{})
	refusedWith(t, err, starter.InvalidRequest)
	wrong, key := starter.ApproveRequest{PlanHash: strings.Repeat("0", 64)}, fresh()
	for range 2 {
		_, err = o.Approve(ctx, dsartest.Aurora, ann, key, c.ID, wrong)
		refusedWith(t, err, starter.PlanChanged)
	}
	require.Equal(t, 1, o.Count(`select count(*) from dsar_act where problem = 'plan'`))

	seen := o.seen(c.ID)
	_, err = o.Approve(ctx, dsartest.Aurora, ann, fresh(), c.ID, seen)
	require.NoError(t, err)
	o.Database.Admin(t, `update dsar_act set sealed_plan = null`) // it covers nothing now
	_, err = o.Approve(ctx, dsartest.Aurora, ben, fresh(), c.ID, seen)
	require.NoError(t, err)
	shown, err := o.Show(ctx, dsartest.Aurora, c.ID)
	require.NoError(t, err)
	require.Equal(t, 1, shown.Approvals)
	var void []starter.CaseAct
	for _, act := range shown.Acts {
		if !act.VoidAt.IsZero() {
			void = append(void, act)
		}
	}
	require.Len(t, void, 1)
	require.Equal(t, seen.PlanHash, void[0].Plan)
	other, _, err := o.Requests.Open(ctx, dsartest.Aurora, ann, fresh(), rights.ByAPI, starter.OpenRequest{Kind: rights.Access})
	require.NoError(t, err)
	_, err = o.Approve(ctx, dsartest.Aurora, ann, fresh(), other.ID, seen)
	refusedWith(t, err, starter.InvalidRequest)
}

// TestHoldsAreOfPeople: each of the two who place and release one is a person,
// and both are known to one provider.
func TestHoldsAreOfPeople(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	ctx, desk := t.Context(), starter.NewHolds(o.Registry, holds.New(o.Pool, o.Writer), o.House.Desk, o.Ring)
	asked := starter.HoldRequest{Matter: "2026-17/B", Reason: holds.Litigation, Kind: holds.Booking, Scope: o.Guest(dsartest.Ada()), ReviewAt: time.Now().AddDate(0, 1, 0)}
	for _, who := range nobodies {
		_, err := desk.Place(ctx, dsartest.Aurora, who, asked)
		refusedWith(t, err, starter.PersonNeeded)
	}
	held, err := desk.Place(ctx, dsartest.Aurora, ann, asked)
	require.NoError(t, err)
	for who, kind := range map[string]starter.Kind{"key:1": starter.PersonNeeded, ann: starter.SamePerson, elsewhere: starter.OtherProvider} {
		_, err = desk.Approve(ctx, dsartest.Aurora, who, held.ID)
		refusedWith(t, err, kind)
	}
	_, err = desk.Approve(ctx, dsartest.Aurora, ben, held.ID)
	require.NoError(t, err)
	_, err = desk.Release(ctx, dsartest.Aurora, ann, held.ID, starter.HoldRelease{})
	require.NoError(t, err)
	for who, kind := range map[string]starter.Kind{"cli:root": starter.PersonNeeded, ann: starter.SamePerson, elsewhere: starter.OtherProvider} {
		_, err = desk.Release(ctx, dsartest.Aurora, who, held.ID, starter.HoldRelease{})
		refusedWith(t, err, kind)
	}
	_, err = desk.Review(ctx, dsartest.Aurora, "key:1", held.ID, starter.HoldReview{ReviewAt: time.Now().AddDate(0, 2, 0)})
	require.NoError(t, err, "one person is enough to keep it")
	_, err = desk.Release(ctx, dsartest.Aurora, ben, held.ID, starter.HoldRelease{})
	require.NoError(t, err)
}

// TestTheSweeperStartsWhatEnded: somebody terminated the workflow of an open
// case, and it goes on where it was.
func TestTheSweeperStartsWhatEnded(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	o.Work(worker.Options{})
	ctx, c := t.Context(), o.deciding()
	seen := o.seen(c.ID)
	_, err := o.Approve(ctx, dsartest.Aurora, ann, fresh(), c.ID, seen)
	require.NoError(t, err)
	require.Zero(t, o.SweepEnded(ctx, 0), "it runs")
	id := dsar.WorkflowID(c.Hotel, c.ID)
	require.NoError(t, o.Client.TerminateWorkflow(ctx, id, "", "by a test"))
	require.Zero(t, o.SweepEnded(ctx, time.Hour), "it is too young")
	require.Equal(t, 1, o.SweepEnded(ctx, 0))
	require.Zero(t, o.SweepEnded(ctx, 0), "it runs again")
	_, err = o.Approve(ctx, dsartest.Aurora, ben, fresh(), c.ID, seen)
	require.NoError(t, err, "the first approval stands")
	o.Await(c, rights.Completed)
	require.NoError(t, o.Client.GetWorkflow(ctx, id, "").Get(ctx, nil))
	require.Zero(t, o.SweepEnded(ctx, 0), "what is closed stays closed")
}
