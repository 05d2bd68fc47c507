package rights_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// zones are those of hotels, and others whose clocks change at midnight.
var zones = []string{
	"Europe/Berlin", "Europe/Vienna", "Europe/Paris", "Europe/Rome", "Europe/Madrid", "Atlantic/Canary", "Europe/Lisbon", "Atlantic/Azores",
	"Europe/Amsterdam", "Europe/Warsaw", "Europe/Dublin", "Europe/Athens", "Europe/Helsinki", "UTC", "America/Martinique", "Indian/Reunion",
	"Asia/Beirut", "Africa/Cairo", "America/Sao_Paulo", "America/Havana", "Asia/Amman", "Pacific/Auckland", "Australia/Lord_Howe",
}

// cases is how many random receipts are held against the oracle.
const cases = 100_000

// receipt draws an instant in this century, now and then at the edge of a
// month, on a leap day, or within an hour of a midnight.
func receipt(r *rand.Rand) time.Time {
	at := time.Date(2001, 1, 1, 0, 0, r.IntN(59*365*86400), r.IntN(1e9), time.UTC)
	switch r.IntN(4) {
	case 0:
		at = time.Date(at.Year(), at.Month()+1, r.IntN(4)-2, r.IntN(24), r.IntN(60), r.IntN(60), 0, time.UTC)
	case 1:
		at = time.Date(at.Year()/4*4, 2, 28+r.IntN(2), r.IntN(24), r.IntN(60), 0, 0, time.UTC)
	case 2:
		at = at.Truncate(24 * time.Hour).Add(time.Duration(r.IntN(7200)-3600) * time.Second)
	}
	return at.Truncate(time.Microsecond)
}

// The oracle counts the day of receipt not, months as Postgres does, and ends a
// day where the next one begins: at the first midnight where there are two, as
// on the Azores each autumn.
const oracle = `
with asked as (
  select n, zone, (received at time zone zone)::date as day
  from unnest($1::timestamptz[], $2::text[]) with ordinality as c (received, zone, n)
), ends as (
  select n, k, zone, e::timestamp as local, e::timestamp at time zone zone as at
  from asked, lateral (values (1, (day + interval '1 month')::date + 1), (2, day + 31), (3, (day + interval '3 months')::date + 1)) v (k, e)
)
select case when (at - interval '1 hour') at time zone zone = local then at - interval '1 hour' else at end
from ends order by n, k`

func TestTheClockAgreesWithPostgres(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), postgrestest.New(t, postgres.Migrations).AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	r := rand.New(rand.NewPCG(12, 3))
	received, named, located := make([]time.Time, cases), make([]string, cases), map[string]*time.Location{}
	for _, name := range zones {
		located[name], err = time.LoadLocation(name)
		require.NoError(t, err)
	}
	for i := range cases {
		received[i], named[i] = receipt(r), zones[r.IntN(len(zones))]
	}
	rows, err := conn.Query(t.Context(), oracle, received, named)
	require.NoError(t, err)
	ends, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	require.NoError(t, err)
	require.Len(t, ends, 3*cases)
	for n := range cases {
		month, days, extended := ends[3*n], ends[3*n+1], ends[3*n+2]
		horizon := time.Duration(r.IntN(10*24)) * time.Hour
		c := rights.Deadline(received[n], located[named[n]], horizon)
		at := func() string { return received[n].String() + " in " + named[n] }
		if !c.Month.Equal(month) || !c.Days.Equal(days) || !c.Extended.Equal(extended) {
			require.Equal(t, []time.Time{month.UTC(), days.UTC(), extended.UTC()}, []time.Time{c.Month, c.Days, c.Extended}, at())
		}
		due := month
		if days.Before(due) {
			due = days
		}
		if !c.Due.Equal(due) || c.Internal.After(c.Due.Add(-horizon)) || c.Internal.Before(received[n]) || !c.Extended.After(c.Due) {
			t.Fatalf("%s: due %s, internal %s with horizon %s", at(), c.Due, c.Internal, horizon)
		}
		checkMarks(t, c, at)
	}
}

// checkMarks expects each mark where its share of the time has passed.
func checkMarks(t *testing.T, c rights.Clock, at func() string) {
	t.Helper()
	for end, marks := range map[time.Time][]rights.Mark{c.Internal: c.Marks, c.ExtendedInternal: c.ExtendedMarks} {
		whole := end.Sub(c.Received)
		if len(marks) != 4 || marks[3].Percent != 95 || !marks[3].Page() || marks[2].Page() {
			t.Fatalf("%s: marks %v", at(), marks)
		}
		for i, percent := range []int{50, 75, 90, 95} {
			want := c.Received.Add(time.Duration(float64(whole) * float64(percent) / 100))
			if d := marks[i].At.Sub(want).Abs(); marks[i].Percent != percent || d > time.Millisecond {
				t.Fatalf("%s: mark %d is off by %s", at(), percent, d)
			}
		}
	}
}

// The examples that the law is usually explained with.
func TestTheClockOfKnownDays(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		received, due, extended string
	}{
		"a month of 28 days":          {"2027-01-31T10:00:00+01:00", "2027-02-28", "2027-04-30"},
		"a leap year":                 {"2028-01-31T10:00:00+01:00", "2028-02-29", "2028-04-30"},
		"thirty days before a month":  {"2027-07-31T10:00:00+02:00", "2027-08-30", "2027-10-31"},
		"late in the evening":         {"2027-04-05T23:59:59+02:00", "2027-05-05", "2027-07-05"},
		"the next day in Berlin":      {"2027-04-05T22:30:00Z", "2027-05-06", "2027-07-06"},
		"no prolongation on a Sunday": {"2027-04-02T10:00:00+02:00", "2027-05-02", "2027-07-02"},
		"over the end of a year":      {"2027-12-15T10:00:00+01:00", "2028-01-14", "2028-03-15"},
	} {
		received, err := time.Parse(time.RFC3339, tc.received)
		require.NoError(t, err)
		c := rights.Deadline(received, berlin, 48*time.Hour)
		for want, end := range map[string]time.Time{tc.due: c.DueNow(false), tc.extended: c.DueNow(true)} {
			year, month, day := rights.LastDay(end, berlin)
			require.Equal(t, want, time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), name)
		}
		require.Equal(t, c.Due.Add(-48*time.Hour), c.InternalNow(false), name)
		require.Equal(t, c.Extended.Add(-48*time.Hour), c.InternalNow(true), name)
	}
}

// A horizon longer than the month leaves no time, and never a due date before
// the request.
func TestTheHorizonTakesNoMoreThanThereIs(t *testing.T) {
	t.Parallel()
	received := time.Date(2027, 2, 1, 9, 0, 0, 0, time.UTC)
	c := rights.Deadline(received, time.UTC, 400*24*time.Hour)
	require.Equal(t, received, c.Internal)
	require.Equal(t, received, c.Marks[0].At)
}
