package reconciliation_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func (d *desk) batch(size int, after string) reconciliation.Batch {
	return reconciliation.Batch{Hotel: d.Hotel.ID, Vendor: "apaleo", Window: d.window, Size: size, After: after}
}

// TestBatchesAreWholeAndEnd: every booking is compared once, and the cursor
// ends.
func TestBatchesAreWholeAndEnd(t *testing.T) {
	t.Parallel()
	d := open(t)
	for range 5 {
		d.book(sandbox.Single)
	}
	compared, batches := 0, 0
	for after := ""; ; batches++ {
		report, err := run[reconciliation.Report](d, reconciliation.BookingsActivity, d.batch(2, after))
		require.NoError(t, err)
		compared += report.Compared
		if after = report.Next; after == "" {
			break
		}
	}
	require.Equal(t, 5, compared)
	require.Equal(t, 2, batches)
}

// TestTheWindow: what is over, far ahead or long unchanged costs no request.
func TestTheWindow(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.book(sandbox.Single)
	count := func() int {
		report, err := run[reconciliation.Report](d, reconciliation.BookingsActivity, d.batch(10, ""))
		require.NoError(t, err)
		return report.Compared
	}
	require.Equal(t, 1, count())
	d.Database.Admin(t, "update booking set updated_at = now() - interval '2 days'")
	require.Equal(t, 1, count(), "it is to come")
	d.window.Ahead = 30
	require.Zero(t, count(), "it is far ahead")
	d.Database.Admin(t, "update booking set updated_at = now()")
	require.Equal(t, 1, count(), "it changed")
	d.window.Ahead = 45
	d.Database.Admin(t, "update booking set updated_at = now() - interval '2 days', arrival = current_date - 9, departure = current_date - 5")
	require.Zero(t, count(), "it is over")
	d.Database.Admin(t, "update booking set state = 'held'")
	require.Equal(t, 1, count(), "a hold must end")

	today, err := d.Hotel.Today(time.Now())
	require.NoError(t, err)
	first, err := run[reconciliation.Report](d, reconciliation.ArrivalsActivity, d.batch(7, ""))
	require.NoError(t, err)
	require.NotEmpty(t, first.Next)
	require.Equal(t, today.AddDays(7).String(), first.Next)
	late, err := run[reconciliation.Report](d, reconciliation.ArrivalsActivity, d.batch(7, today.AddDays(46).String()))
	require.NoError(t, err)
	require.Empty(t, late.Next)
	early, err := run[reconciliation.Report](d, reconciliation.ArrivalsActivity, d.batch(7, today.AddDays(-9).String()))
	require.NoError(t, err)
	require.Equal(t, first.Next, early.Next, "a round does not look back")
	_, err = run[reconciliation.Report](d, reconciliation.ArrivalsActivity, d.batch(7, "tomorrow"))
	require.Error(t, err)
}

// answers replaces what a connector answers.
type answers struct {
	pms.Connector
	read func() error
	list func() error
}

func (a answers) Reservation(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	if err := a.read(); err != nil {
		return pms.Reservation{}, err
	}
	return a.Connector.Reservation(ctx, id)
}

func (a answers) Arrivals(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
	if err := a.list(); err != nil {
		return func(yield func(pms.Stay, error) bool) { yield(pms.Stay{}, err) }
	}
	return a.Connector.Arrivals(ctx, day)
}

func (d *desk) answer(read, list error) {
	d.Connectors.Wrap(func(c pms.Connector) pms.Connector {
		return answers{c, func() error { return read }, func() error { return list }}
	})
}

func failure(kind, cause error) error {
	return &pms.Error{Kind: kind, Vendor: "apaleo", Operation: "read", RetryAfter: 7 * time.Second, Cause: cause}
}

func TestWhatAFailureMeansForTheRound(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.book(sandbox.Single)
	for name, test := range map[string]struct {
		err   error
		kind  string
		again bool
	}{
		"away":          {failure(pms.ErrUnavailable, nil), "unavailable", true},
		"busy":          {failure(pms.ErrRateLimited, nil), "rate_limited", true},
		"closed":        {failure(pms.ErrUnavailable, connectors.ErrMaintenance), reconciliation.TypeMaintenance, false},
		"no right":      {failure(pms.ErrPermission, nil), reconciliation.TypeConfiguration, false},
		"no entry":      {failure(pms.ErrAuthentication, nil), reconciliation.TypeConfiguration, false},
		"a large group": {failure(pms.ErrUnsupported, nil), "", true},
		"not readable":  {failure(pms.ErrValidation, nil), "", true},
	} {
		d.answer(test.err, nil)
		report, err := run[reconciliation.Report](d, reconciliation.BookingsActivity, d.batch(10, ""))
		if test.kind == "" {
			require.NoError(t, err, name)
			require.Empty(t, report.Tally, name)
			continue
		}
		var failed *temporal.ApplicationError
		require.ErrorAs(t, err, &failed, name)
		require.Equal(t, test.kind, failed.Type(), name)
		require.Equal(t, test.again, !failed.NonRetryable(), name)
		if test.again {
			require.Equal(t, 7*time.Second, failed.NextRetryDelay(), name)
		}
	}
	d.answer(nil, failure(pms.ErrUnsupported, nil))
	report, err := run[reconciliation.Report](d, reconciliation.ArrivalsActivity, d.batch(10, ""))
	require.NoError(t, err, "a vendor without such a list is not compared this way")
	require.Empty(t, report)
	d.answer(nil, failure(pms.ErrUnavailable, nil))
	_, err = run[reconciliation.Report](d, reconciliation.ArrivalsActivity, d.batch(10, ""))
	require.Error(t, err)
	_, err = run[reconciliation.Report](d, reconciliation.BookingsActivity, reconciliation.Batch{Hotel: "hotel-gone", Size: 1})
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, reconciliation.TypeUnknownHotel, failed.Type())
}

// TestTemporalAway: what cannot be repaired now is repaired by the next
// attempt, and no finding is lost.
func TestTemporalAway(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.Ask(t, false, d.Offer(t, sandbox.Single))
	d.age("intent", 10*time.Minute)
	d.runs.away = true
	_, err := d.tryRound()
	require.Error(t, err)
	d.runs.away = false
	d.finds(reconciliation.Terminated, reconciliation.Repaired)
	require.Equal(t, []string{"reissue " + w.Intent}, d.runs.calls)
}

// TestNewsBetweenTwoReadsIsNoDrift: the ledger was read, then somebody
// recorded what the hotel says meanwhile.
func TestNewsBetweenTwoReadsIsNoDrift(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.book(sandbox.Single)
	d.Database.Admin(t, "update booking set total_amount = total_amount + 1")
	d.Connectors.Wrap(func(c pms.Connector) pms.Connector {
		return answers{c, func() error {
			d.Database.Admin(t, "update booking set version = version + 1")
			return nil
		}, func() error { return nil }}
	})
	report, err := run[reconciliation.Report](d, reconciliation.BookingsActivity, d.batch(10, ""))
	require.NoError(t, err)
	require.Empty(t, report.Tally)
}

func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.book(sandbox.Single)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.records.Tasks(ended, d.Hotel.ID, false, 1)
	require.ErrorIs(t, err, context.Canceled)
	_, err = d.records.Task(ended, d.Hotel.ID, "x")
	require.ErrorIs(t, err, context.Canceled)
	d.Database.Admin(t, "drop table repair cascade; drop table operator_task cascade")
	d.Database.Admin(t, "update booking set total_amount = total_amount + 1")
	_, err = d.tryRound()
	require.Error(t, err, "a finding that cannot be kept is no success")
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	d.atTheDesk(sandbox.Single, ours.ID)
	registry := prometheus.NewRegistry()
	parts := d.parts()
	parts.Registerer = registry
	var err error
	d.activities, err = reconciliation.New(parts)
	require.NoError(t, err)
	d.round()
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "voicehive_reconciliation_findings_total", families[0].GetName())
	require.NotContains(t, families[0].String(), bookingtest.Marker)
	require.Contains(t, families[0].String(), "duplicate")
	_, err = reconciliation.New(parts)
	require.Error(t, err, "registered once")
	var already prometheus.AlreadyRegisteredError
	require.True(t, errors.As(err, &already))
}

// TestTwoBookingsFarAhead: beyond the days whose arrivals are compared, the
// lookup of a booking that never came about still finds both.
func TestTwoBookingsFarAhead(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	d.atTheDesk(sandbox.Single, ours.ID)
	d.Database.Admin(t, "update booking set state = 'unknown', vendor_booking = null, version = version + 1")
	report, err := run[reconciliation.Report](d, reconciliation.BookingsActivity, d.batch(10, ""))
	require.NoError(t, err)
	require.Empty(t, report.Tally, "the list of arrivals names them")
	d.window.Ahead = 10
	report, err = run[reconciliation.Report](d, reconciliation.BookingsActivity, d.batch(10, ""))
	require.NoError(t, err)
	require.Equal(t, reconciliation.Tally{{Kind: reconciliation.Duplicate, Result: reconciliation.Raised, Count: 1}}, report.Tally)
	d.task(reconciliation.Duplicate, ours.ID)
}

// TestUnderWayAtTheHotel: two bookings with one reference are no finding while
// something is asked of them: one may be about to replace the other.
func TestUnderWayAtTheHotel(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	w := d.Want(t, ledger.Cancel, ours.ID, "")
	d.atTheDesk(sandbox.Single, ours.ID)
	d.atTheDesk(sandbox.Single, w.Intent) // booked anew for a change
	require.Empty(t, d.round())
	d.Database.Admin(t, "update intent set settled_at = now(), outcome = '{}'")
	tally := d.round()
	require.Equal(t, 1, len(d.tasks()), "%v", tally)
	require.Equal(t, ours.ID, d.tasks()[0].Booking, "the intent's reference is the booking's too")
}
