//go:build unix

package retention_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	activities "github.com/voicehive/voicehive/activities/retention"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/registry"
)

const (
	aurora = consenttest.Aurora
	one    = "compliance:1111111111111111"
)

// A desk is the activities on a real house.
type desk struct {
	*consenttest.House
	*testsuite.TestActivityEnvironment
	t        *testing.T
	engine   *retention.Engine
	holds    *holds.Store
	metrics  *prometheus.Registry
	starting map[string]error
	started  []string
	kept     time.Duration // by Temporal
}

func open(t *testing.T) *desk {
	t.Helper()
	h := consenttest.New(t)
	hotels, err := registry.New(h.Pool)
	require.NoError(t, err)
	for _, id := range []string{aurora, consenttest.Boreal} {
		require.NoError(t, hotels.Add(t.Context(), registry.Hotel{
			ID: id, Name: "Hotel", Vendor: "apaleo", Property: "MUC", TimeZone: "Europe/Berlin", Currency: "EUR",
			Country: "DE", Languages: []string{"de"}, CredentialsRef: "aurora",
		}))
	}
	policy, err := retention.Shipped()
	require.NoError(t, err)
	var suite testsuite.WorkflowTestSuite
	d := &desk{House: h, TestActivityEnvironment: suite.NewTestActivityEnvironment(), t: t, holds: holds.New(h.Pool, h.Writer), metrics: prometheus.NewRegistry(), starting: map[string]error{}, kept: 30 * 24 * time.Hour}
	signer, err := audit.OpenLocalSigner(filepath.Join(t.TempDir(), "audit.key"), "test")
	require.NoError(t, err)
	d.engine = retention.New(retention.Options{Pool: h.Pool, Policy: policy, Auditor: h.Writer, Keys: h.Ring, Objects: h.Objects, Signer: signer})
	a, err := activities.New(activities.Parts{
		Engine: d.engine, Holds: d.holds, Hotels: hotels, Table: h.Table, Starter: d, Registerer: d.metrics,
		History: func(context.Context) (time.Duration, error) { return d.kept, nil },
	})
	require.NoError(t, err)
	activities.Register(d, a)
	return d
}

// StartRetention implements activities.Starter.
func (d *desk) StartRetention(_ context.Context, hotel string) (bool, error) {
	d.started = append(d.started, hotel)
	return d.starting[hotel] == nil, d.starting[hotel]
}

func does[A any](d *desk, name string, in any) (out A, err error) {
	d.t.Helper()
	value, err := d.ExecuteActivity(name, in)
	if err == nil && value.HasValue() {
		require.NoError(d.t, value.Get(&out))
	}
	return out, err
}

// A hold of a person reaches what comes later, or is found to be theirs later.
func TestAHoldOfAPersonGrows(t *testing.T) {
	t.Parallel()
	d := open(t)
	ada := subjects.Person{FirstName: "Ada", LastName: "Example", Email: "ada@example.com"}
	booking := func() string {
		scope := d.Booking(aurora, ada)
		_, err := d.Desk.Resolve(t.Context(), aurora, scope)
		require.NoError(t, err)
		return scope
	}
	first := booking()
	held, err := d.holds.Place(t.Context(), aurora, one, holds.Request{
		Matter: "2026-17", Reason: holds.Litigation, Kind: holds.Subject, Scopes: []string{first}, ReviewAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	_, err = d.holds.Place(t.Context(), aurora, one, holds.Request{
		Matter: "2026-18", Reason: holds.Litigation, Kind: holds.Booking, Scopes: []string{first}, ReviewAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	second := booking()
	n, err := does[int](d, activities.WidenActivity, activities.HotelRef{Hotel: aurora})
	require.NoError(t, err)
	require.Equal(t, 1, n, "and the hold of the booking stays as it is")
	held, err = d.holds.Show(t.Context(), aurora, held.ID)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{first, second}, held.Scopes)
	n, err = does[int](d, activities.WidenActivity, activities.HotelRef{Hotel: aurora})
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestARoundStartsEveryHotelAndCountsReviews(t *testing.T) {
	t.Parallel()
	d := open(t)
	held, err := d.holds.Place(t.Context(), aurora, one, holds.Request{Matter: "2026-17", Reason: holds.Audit, Kind: holds.Hotel, ReviewAt: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	d.Database.Admin(t, "set session_replication_role = replica", "update legal_hold set placed_at = placed_at - interval '2 days', review_at = review_at - interval '1 day' where id = '"+held.ID+"'")
	out, err := does[activities.Started](d, activities.RoundActivity, activities.Page{Most: 10})
	require.NoError(t, err)
	require.Equal(t, activities.Started{Hotels: 2, Started: 2, Last: consenttest.Boreal}, out)
	require.Equal(t, []string{aurora, consenttest.Boreal}, d.started)
	require.Equal(t, 1.0, metric(t, d, "voicehive_holds_review_overdue"))
	// Who reaches the years of the audit log starts the house's run too, once.
	d.engine.Shards, err = audit.NewShards(d.Pool, "audit.example", nil, nil)
	require.NoError(t, err)
	d.started = nil
	out, err = does[activities.Started](d, activities.RoundActivity, activities.Page{Most: 1})
	require.NoError(t, err)
	require.Equal(t, 2, out.Started)
	_, err = does[activities.Started](d, activities.RoundActivity, activities.Page{Most: 1, After: aurora})
	require.NoError(t, err)
	require.Equal(t, []string{retention.House.ID, aurora, consenttest.Boreal}, d.started)
	d.starting[aurora] = errors.New("away")
	_, err = does[activities.Started](d, activities.RoundActivity, activities.Page{Most: 10})
	require.Error(t, err)
}

func metric(t *testing.T, d *desk, name string) float64 {
	t.Helper()
	families, err := d.metrics.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue() + f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// A run that was begun and lost its workflow is taken up, and each activity can
// be repeated.
func TestEachStepCanBeRepeated(t *testing.T) {
	t.Parallel()
	d := open(t)
	scope := d.Booking(aurora, subjects.Person{FirstName: "Ada", LastName: "Example", Email: "ada@example.com"})
	d.Database.Admin(t, "update booking set arrival = current_date - 102, departure = current_date - 100")
	start := activities.Start{Hotel: aurora, Actor: "schedule"}
	planned, err := does[activities.Planned](d, activities.PlanActivity, start)
	require.NoError(t, err)
	require.Equal(t, retention.Planned, planned.State)
	again, err := does[activities.Planned](d, activities.PlanActivity, start)
	require.NoError(t, err)
	require.Equal(t, planned, again)
	ref := activities.RunRef{Hotel: aurora, Run: planned.Run}
	err = decided(d, activities.Decision{RunRef: ref, Actor: one, Hash: planned.Hash})
	var refused *temporal.ApplicationError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, activities.TypeRefused, refused.Type())
	require.True(t, refused.NonRetryable())
	for range 2 {
		_, err = does[any](d, activities.ReadyActivity, ref)
		require.NoError(t, err)
		for _, store := range planned.Stores {
			step, err := does[retention.Step](d, activities.EraseActivity, activities.Erasure{RunRef: ref, Store: store, Batches: 5})
			require.NoError(t, err)
			require.True(t, step.Done)
		}
		_, err = does[int](d, activities.ShredActivity, ref)
		require.NoError(t, err)
	}
	for range 2 {
		out, err := does[activities.Finished](d, activities.FinishActivity, ref)
		require.NoError(t, err)
		require.Equal(t, retention.Done, out.State)
		require.EqualValues(t, planned.Rows, out.Erased)
		require.Zero(t, out.Overdue)
		require.Zero(t, metric(t, d, "voicehive_temporal_retention_over_rule"))
	}
	d.kept = 31 * 24 * time.Hour
	_, err = does[activities.Finished](d, activities.FinishActivity, ref)
	require.NoError(t, err)
	require.Equal(t, 1.0, metric(t, d, "voicehive_temporal_retention_over_rule"))
	require.Zero(t, d.Count(`select count(*) from guest where booking = $1`, scope))
	require.Zero(t, metric(t, d, "voicehive_retention_overdue_rows_total"))
}

func decided(d *desk, in activities.Decision) error {
	_, err := does[any](d, activities.DecideActivity, in)
	return err
}
