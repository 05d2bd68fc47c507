//go:build unix

package status

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// desk is a store on a database with some hotels, whose clock can be moved.
type desk struct {
	*Store
	t        *testing.T
	database *postgrestest.Database
	round    time.Time
}

func open(t *testing.T, hotels ...string) *desk {
	t.Helper()
	d := &desk{t: t, database: postgrestest.New(t, postgres.Migrations), round: time.Now().Add(-time.Hour).Truncate(time.Second)}
	pool := d.database.Pool(t)
	list, err := registry.New(pool)
	require.NoError(t, err)
	for _, id := range hotels {
		require.NoError(t, list.Add(t.Context(), registry.Hotel{
			ID: id, Name: "Aurora", Vendor: "apaleo", Property: "BER", TimeZone: "Europe/Berlin",
			Currency: "EUR", Country: "DE", Languages: []string{"de"}, CredentialsRef: "aurora",
		}))
	}
	d.Store = d.other()
	return d
}

// other is a store of another process, on the same database.
func (d *desk) other() *Store {
	store, err := New(d.database.Pool(d.t))
	require.NoError(d.t, err)
	return store
}

// check records the next round of a hotel.
func (d *desk) check(hotel, problem string) connectors.Status {
	d.t.Helper()
	d.round = d.round.Add(time.Minute)
	status, err := d.Record(d.t.Context(), Check{Hotel: hotel, At: d.round, Problem: problem})
	require.NoError(d.t, err)
	require.Equal(d.t, d.round, status.CheckedAt.Local())
	return status
}

func (d *desk) status(s *Store, hotel string) connectors.Status {
	d.t.Helper()
	status, err := s.Status(d.t.Context(), hotel)
	require.NoError(d.t, err)
	return status
}

func TestAStateTurnsWithTheSecondCheckThatAgrees(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora")
	require.Equal(t, connectors.Status{State: connectors.Available}, d.status(d.Store, "aurora"), "never checked")
	const down = "unavailable"
	for i, step := range []struct {
		problem string
		want    connectors.State
		reason  string
		turns   bool
	}{
		{"", connectors.Available, "", false},
		{"", connectors.Available, "", false},
		{down, connectors.Available, "", false},
		{"", connectors.Available, "", false},
		{down, connectors.Available, "", false},
		{"authentication", connectors.Degraded, "authentication", true},
		{down, connectors.Degraded, down, false},
		{"", connectors.Degraded, "", false},
		{down, connectors.Degraded, down, false},
		{"", connectors.Degraded, "", false},
		{"", connectors.Available, "", true},
		{"", connectors.Available, "", false},
	} {
		before := d.status(d.Store, "aurora")
		got := d.check("aurora", step.problem)
		require.Equal(t, step.want, got.State, "check %d", i)
		require.Equal(t, step.reason, got.Reason, "check %d", i)
		if step.turns {
			require.Equal(t, got.CheckedAt, got.Since, "check %d", i)
		} else if i > 0 {
			require.Equal(t, before.Since, got.Since, "check %d", i)
		}
		require.Equal(t, got, d.status(d.Store, "aurora"), "this process knows at once")
	}
}

func TestAHotelThatIsDownAtItsFirstChecks(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora")
	require.Equal(t, connectors.Available, d.check("aurora", "unavailable").State)
	require.Equal(t, connectors.Degraded, d.check("aurora", "unavailable").State)
}

// TestARoundCountsOnce: an activity that lost its answer records again.
func TestARoundCountsOnce(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora")
	first := d.check("aurora", "unavailable")
	for _, at := range []time.Time{d.round, d.round.Add(-time.Minute)} {
		again, err := d.Record(t.Context(), Check{Hotel: "aurora", At: at, Problem: "unavailable"})
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
	require.Equal(t, connectors.Degraded, d.check("aurora", "unavailable").State)
}

func TestMaintenanceIsSeenByEveryProcess(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora", "borealis")
	d.check("aurora", "unavailable")
	d.check("aurora", "unavailable")
	other := d.other()
	late := time.Now()
	other.now = func() time.Time { return late }
	require.Equal(t, connectors.Degraded, d.status(other, "aurora").State)

	until := time.Now().Add(time.Hour).Truncate(time.Second)
	begun, err := d.Maintain(t.Context(), "aurora", "a new server", until)
	require.NoError(t, err)
	require.Equal(t, connectors.Maintenance, begun.State)
	require.Equal(t, "a new server", begun.Reason)
	require.True(t, until.Equal(begun.Until))
	require.WithinDuration(t, time.Now(), begun.Since, time.Minute)
	require.Equal(t, connectors.Degraded, d.status(other, "aurora").State, "from memory")
	late = late.Add(fresh)
	require.Equal(t, begun, d.status(other, "aurora"))
	require.Equal(t, connectors.Available, d.status(other, "borealis").State)

	d.check("aurora", "")
	require.Equal(t, connectors.Maintenance, d.check("aurora", "").State, "health checks do not open it")
	longer, err := d.Maintain(t.Context(), "aurora", "it takes longer", time.Time{})
	require.NoError(t, err)
	require.Equal(t, begun.Since, longer.Since)
	require.Zero(t, longer.Until)
	ended, err := d.Reopen(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, connectors.Available, ended.State, "what the checks found meanwhile")
	ended, err = d.Reopen(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, connectors.Available, ended.State)
}

func TestAMaintenanceEndsByItself(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora")
	begun, err := d.Maintain(t.Context(), "aurora", "a new server", time.Now().Add(time.Hour))
	require.NoError(t, err)
	d.database.Admin(t, `update connection set maintained_since = now() - interval '2 hours', maintained_until = now() - interval '1 second'`)
	require.Equal(t, connectors.Available, d.status(d.other(), "aurora").State)
	again, err := d.Maintain(t.Context(), "aurora", "once more", time.Time{})
	require.NoError(t, err)
	require.WithinDuration(t, begun.Since, again.Since, time.Hour, "another maintenance has another beginning")
}

func TestMaintenanceRefuses(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora")
	for name, test := range map[string]struct {
		reason string
		until  time.Time
	}{
		"no reason":   {"", time.Time{}},
		"blanks":      {" later ", time.Time{}},
		"long":        {strings.Repeat("a", MaxReason+1), time.Time{}},
		"control":     {"a\nb", time.Time{}},
		"not UTF-8":   {"a\xff", time.Time{}},
		"in the past": {"later", time.Now().Add(-time.Second)},
	} {
		_, err := d.Maintain(t.Context(), "aurora", test.reason, test.until)
		require.ErrorIs(t, err, ErrMaintenance, name)
	}
	require.Equal(t, connectors.Available, d.status(d.other(), "aurora").State)
	_, err := d.Maintain(t.Context(), "nobody", "later", time.Time{})
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
	_, err = d.Reopen(t.Context(), "nobody")
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
}

func TestWhileTheDatabaseIsAwayTheLastStatusHolds(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora")
	_, err := d.Maintain(t.Context(), "aurora", "a new server", time.Time{})
	require.NoError(t, err)
	pool := d.database.Pool(t)
	store, err := New(pool)
	require.NoError(t, err)
	now := time.Now()
	store.now = func() time.Time { return now }
	require.Equal(t, connectors.Maintenance, d.status(store, "aurora").State)
	pool.Close()
	now = now.Add(time.Hour)
	require.Equal(t, connectors.Maintenance, d.status(store, "aurora").State)
	_, err = store.Status(t.Context(), "borealis")
	require.Error(t, err, "of a hotel that was never read nothing is known")
	_, err = store.Record(t.Context(), Check{Hotel: "aurora", At: now})
	require.Error(t, err)
	_, err = store.Reopen(t.Context(), "aurora")
	require.Error(t, err)
	_, err = store.List(t.Context())
	require.Error(t, err)
	require.Empty(t, gauges(t, store.Collector()))
}

func TestManyCallersMakeOneRead(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora")
	store := d.other()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			status, err := store.Status(t.Context(), "aurora")
			require.NoError(t, err)
			require.Equal(t, connectors.Available, status.State)
		})
	}
	all.Wait()
	require.Equal(t, 1, store.cache.Len())
}

func TestListAndMetrics(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora", "borealis", "corona")
	d.check("borealis", "unavailable")
	d.check("borealis", "unavailable")
	_, err := d.Maintain(t.Context(), "corona", "a new server", time.Time{})
	require.NoError(t, err)
	all, err := d.List(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3)
	for i, want := range []connectors.State{connectors.Available, connectors.Degraded, connectors.Maintenance} {
		require.Equal(t, want, all[i].State)
		require.Equal(t, "apaleo", all[i].Vendor)
		status := d.status(d.other(), all[i].Hotel)
		require.Equal(t, status, all[i].Status)
	}
	page, err := d.Page(t.Context(), "aurora", 1)
	require.NoError(t, err)
	require.Equal(t, "borealis", page[0].Hotel)
	require.Len(t, page, 1)
	_, err = d.Reopen(t.Context(), "corona")
	require.NoError(t, err)

	require.Equal(t, map[string]float64{"available": 2, "degraded": 1, "maintenance": 0}, gauges(t, d.Collector()))
}

// gauges gathers a collector's values by status.
func gauges(t *testing.T, c prometheus.Collector) map[string]float64 {
	t.Helper()
	metrics := prometheus.NewRegistry()
	require.NoError(t, metrics.Register(c))
	families, err := metrics.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, family := range families {
		require.Equal(t, "voicehive_hotel_connections", family.GetName())
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range m.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			require.Equal(t, "apaleo", labels["vendor"])
			values[labels["status"]] = m.GetGauge().GetValue()
		}
	}
	return values
}

// TestHotelsSeeOnlyTheirOwn: row security holds the status apart, and only the
// operator's role closes a connection.
func TestHotelsSeeOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	d := open(t, "aurora", "borealis")
	d.check("aurora", "")
	pool := d.database.Pool(t)
	var n int
	require.NoError(t, pool.Tenant("borealis").QueryRow(t.Context(), "select count(*) from connection").Scan(&n))
	require.Zero(t, n)
	require.NoError(t, pool.Tenant("aurora").QueryRow(t.Context(), "select count(*) from connection").Scan(&n))
	require.Equal(t, 1, n)
	for _, statements := range []postgres.Statements{pool.Tenant("aurora"), pool.Role(postgres.RoleChecker)} {
		_, err := statements.Exec(t.Context(), "update connection set maintained_since = now()")
		require.ErrorContains(t, err, "permission denied")
	}
	_, err := pool.Role(postgres.RoleChecker).Exec(t.Context(), "select credentials_ref from hotel")
	require.ErrorContains(t, err, "permission denied", "the checker knows which hotels there are, and no more")
}
