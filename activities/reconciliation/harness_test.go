package reconciliation_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// A desk is a house whose bookings are reconciled, with workflows that the
// test plays.
type desk struct {
	*bookingtest.House
	t          *testing.T
	records    *reconciliation.Records
	activities *reconciliation.Activities
	runs       *runs
	window     reconciliation.Window
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{House: bookingtest.New(t, sandbox.Options{}), t: t, runs: &runs{}}
	d.records = reconciliation.NewRecords(d.Database.Pool(t))
	var err error
	d.activities, err = reconciliation.New(d.parts())
	require.NoError(t, err)
	d.window = reconciliation.Window{
		Ahead: 45, Since: time.Now().Add(-time.Hour), Grace: time.Minute, Stuck: time.Hour,
	}
	return d
}

func (d *desk) parts() reconciliation.Parts {
	return reconciliation.Parts{
		Ledger: d.Ledger, Records: d.records, Connectors: d.Connectors, Hotels: d.Registry, Runs: d.runs,
	}
}

// runs are the workflows that the activities see, and what is asked of them.
type runs struct {
	mu      sync.Mutex
	open    []string
	calls   []string
	away    bool
	refresh func(booking string) error
}

var errAway = errors.New("temporal is away")

func (r *runs) Running(_ context.Context, _, id string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.away {
		return false, errAway
	}
	return slices.Contains(r.open, id), nil
}

func (r *runs) Reissue(_ context.Context, _, intent string) error { return r.call("reissue " + intent) }

func (r *runs) Refresh(_ context.Context, _, id string) error {
	if err := r.call("refresh " + id); err != nil || r.refresh == nil {
		return err
	}
	return r.refresh(id)
}

func (r *runs) call(what string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.away {
		return errAway
	}
	r.calls = append(r.calls, what)
	return nil
}

// run executes an activity of any package as a worker would.
func run[T any](d *desk, activity string, in any) (T, error) {
	d.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(d.Log.Logger()))
	env := suite.NewTestActivityEnvironment()
	booking.RegisterPMS(env, d.Activities)
	reconciliation.RegisterPMS(env, d.activities)
	var out T
	value, err := env.ExecuteActivity(activity, in)
	require.NotContains(d.t, d.Log.String(), bookingtest.Marker)
	if err != nil {
		for link := err; link != nil; link = errors.Unwrap(link) {
			require.NotContains(d.t, link.Error(), bookingtest.Marker)
		}
		return out, err
	}
	require.NoError(d.t, value.Get(&out))
	return out, nil
}

// book makes a confirmed booking.
func (d *desk) book(room string) ledger.Entry {
	d.t.Helper()
	w := d.Ask(d.t, false, d.Offer(d.t, room))
	out, err := run[booking.Outcome](d, booking.CreateActivity, w)
	require.NoError(d.t, err)
	require.Equal(d.t, ledger.Confirmed, out.State)
	return d.Entry(d.t, w.Booking)
}

// atTheDesk makes a booking at the hotel that no intent of ours asked for.
func (d *desk) atTheDesk(room, reference string) pms.Reservation {
	d.t.Helper()
	draft, err := d.Conn(d.t).Draft(pms.CreateRequest{
		Reference: pms.Reference(reference), Booker: bookingtest.Guest(), Stays: []pms.StayRequest{{Offer: d.Offer(d.t, room)}},
	})
	require.NoError(d.t, err)
	draft.Key = ledger.NewID()
	made, err := d.Conn(d.t).Create(d.t.Context(), draft)
	require.NoError(d.t, err)
	return made
}

// round compares everything once, as the workflow does.
func (d *desk) round() reconciliation.Tally {
	d.t.Helper()
	tally, err := d.tryRound()
	require.NoError(d.t, err)
	return tally
}

func (d *desk) tryRound() (reconciliation.Tally, error) {
	d.t.Helper()
	var tally reconciliation.Tally
	for activity, size := range map[string]int{reconciliation.BookingsActivity: 2, reconciliation.ArrivalsActivity: 7} {
		batch := reconciliation.Batch{Hotel: d.Hotel.ID, Vendor: "apaleo", Window: d.window, Size: size}
		if activity == reconciliation.ArrivalsActivity {
			batch.After = bookingtest.Arrival().AddDays(-1).String() // nobody arrives before
		}
		for {
			report, err := run[reconciliation.Report](d, activity, batch)
			if err != nil {
				return tally, err
			}
			tally.Merge(report.Tally)
			if batch.After = report.Next; batch.After == "" {
				break
			}
		}
	}
	return tally, nil
}

// finds expects a round to find just this.
func (d *desk) finds(kind reconciliation.Kind, result reconciliation.Result) {
	d.t.Helper()
	tally := d.round()
	require.NotEmpty(d.t, tally, "nothing was found")
	for _, c := range tally {
		require.Equal(d.t, kind, c.Kind)
		if c.Result != reconciliation.Known {
			require.Equal(d.t, result, c.Result)
			require.Equal(d.t, 1, c.Count)
		}
	}
}

// tasks are the open tasks.
func (d *desk) tasks() []reconciliation.Task {
	d.t.Helper()
	tasks, err := d.records.Tasks(d.t.Context(), d.Hotel.ID, false, 100)
	require.NoError(d.t, err)
	for _, task := range tasks {
		require.NotContains(d.t, task.Detail, bookingtest.Marker)
	}
	return tasks
}

// task expects one open task, of a kind, for a booking.
func (d *desk) task(kind reconciliation.Kind, booking string) reconciliation.Task {
	d.t.Helper()
	tasks := d.tasks()
	require.Len(d.t, tasks, 1)
	require.Equal(d.t, string(kind), tasks[0].Kind)
	require.Equal(d.t, booking, tasks[0].Booking)
	return tasks[0]
}

// settled expects that another round raises and repairs nothing more.
func (d *desk) settled() {
	d.t.Helper()
	tasks, calls := d.tasks(), len(d.runs.calls)
	writes := d.Requests("createBooking") + d.Requests("amend") + d.Requests("cancel")
	for _, c := range d.round() {
		require.Equal(d.t, reconciliation.Known, c.Result, "%s", c.Kind)
	}
	require.Equal(d.t, tasks, d.tasks())
	require.Len(d.t, d.runs.calls, calls)
	require.Equal(d.t, writes, d.Requests("createBooking")+d.Requests("amend")+d.Requests("cancel"), "nothing is booked or cancelled")
}
