package starter_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workers"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// build is the worker version of all tests.
const build = "test"

// desk is a house with a client, and a worker that can be sent away.
type desk struct {
	*bookingtest.House
	*starter.Client
	t        testing.TB
	temporal *bookingtest.Namespace
	wire     *wire
	stop     func()
}

// A wire is the way to Temporal. It counts what goes over it, and can be cut.
type wire struct {
	client.Client
	sent    atomic.Int64
	signals atomic.Int64
	cut     atomic.Bool
	leaving atomic.Pointer[func()] // the caller of the next update
	name    string                 // of the namespace
}

func (w *wire) UpdateWithStartWorkflow(ctx context.Context, o client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	if w.cut.Load() {
		return nil, serviceerror.NewUnavailable("the wire is cut")
	}
	w.sent.Add(1)
	if leave := w.leaving.Swap(nil); leave != nil {
		go w.onceKnown(ctx, o.UpdateOptions, *leave)
	}
	return w.Client.UpdateWithStartWorkflow(ctx, o)
}

// onceKnown calls leave once the server has the update.
func (w *wire) onceKnown(ctx context.Context, o client.UpdateWorkflowOptions, leave func()) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		_, err := w.WorkflowService().PollWorkflowExecutionUpdate(ctx, &workflowservice.PollWorkflowExecutionUpdateRequest{
			Namespace:  w.name,
			UpdateRef:  &updatepb.UpdateRef{WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: o.WorkflowID}, UpdateId: o.UpdateID},
			WaitPolicy: &updatepb.WaitPolicy{}, // for nothing
		})
		if err == nil {
			leave()
			return
		}
		<-tick.C
	}
}

func (w *wire) SignalWithStartWorkflow(ctx context.Context, id, signal string, arg any, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	if w.cut.Load() {
		return nil, serviceerror.NewUnavailable("the wire is cut")
	}
	w.signals.Add(1)
	return w.Client.SignalWithStartWorkflow(ctx, id, signal, arg, o, workflow, args...)
}

func (w *wire) SignalWorkflow(ctx context.Context, id, run, signal string, arg any) error {
	if w.cut.Load() {
		return serviceerror.NewUnavailable("the wire is cut")
	}
	w.signals.Add(1)
	return w.Client.SignalWorkflow(ctx, id, run, signal, arg)
}

// open opens a desk with a worker.
func open(t testing.TB, options sandbox.Options) *desk {
	t.Helper()
	d := openAlone(t, options)
	d.work()
	return d
}

// openAlone opens a desk whose worker has not come yet.
func openAlone(t testing.TB, options sandbox.Options) *desk {
	t.Helper()
	h := bookingtest.New(t, options)
	d := &desk{House: h, t: t, temporal: h.Temporal(t, reservation.SearchAttributes(), nil)}
	d.wire = &wire{Client: d.temporal.Client, name: d.temporal.Name}
	d.Client = d.client(starter.Options{})
	return d
}

// client makes one more client on the desk's parts.
func (d *desk) client(o starter.Options) *starter.Client {
	o.Hotels, o.Connectors, o.Keys, o.Ledger = d.House.Registry, d.House.Connectors, d.Ring, d.House.Ledger
	o.Temporal, o.Logger = d.wire, d.House.Log.Logger()
	return starter.New(o)
}

// leaving is the time of a caller who leaves when the server has its update, and
// waits for no outcome.
func (d *desk) leaving() context.Context {
	ctx, cancel := context.WithCancel(d.t.Context())
	leave := func() { cancel() }
	d.t.Cleanup(leave)
	d.wire.leaving.Store(&leave)
	return ctx
}

// work starts a worker; d.stop sends it away.
func (d *desk) work() {
	d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan struct{}), make(chan error, 1)
	table := workers.Table(workers.Parts{Booking: d.Activities, Vendors: []string{"apaleo"}})
	go func() {
		ended <- workers.Run(ctx, d.temporal.Client, table, workers.Options{
			BuildID: build, Logger: d.House.Log.Logger(), Started: func() { close(started) },
		})
	}()
	select {
	case <-started:
	case err := <-ended:
		d.t.Fatalf("the worker did not start: %v", err)
	}
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			d.t.Errorf("the worker: %v", err)
		}
	})
	d.t.Cleanup(func() { d.stop() })
	bounded, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	require.NoError(d.t, temporal.SetCurrentVersion(bounded, d.temporal.Client, table[0].Deployment(), build))
}

// quote prices two nights in each of the rooms.
func (d *desk) quote(rooms ...string) starter.Quote {
	d.t.Helper()
	var r starter.QuoteRequest
	for _, room := range rooms {
		r.Stays = append(r.Stays, stay(room))
	}
	quote, err := d.Quote(d.t.Context(), d.Hotel.ID, r)
	require.NoError(d.t, err)
	return quote
}

func stay(room string) starter.StayRequest {
	return starter.StayRequest{
		RoomType: pms.RoomTypeID(room), RatePlan: pms.RatePlanID(sandbox.Flexible(room)),
		Arrival: bookingtest.Arrival(), Departure: bookingtest.Arrival().AddDays(2), Occupancy: pms.Occupancy{Adults: 1},
	}
}

func request(q starter.Quote) starter.BookRequest {
	return starter.BookRequest{Quote: q.ID, Guest: bookingtest.Guest()}
}

// book books a quote of the rooms and expects it confirmed.
func (d *desk) book(rooms ...string) starter.Reservation {
	d.t.Helper()
	booked, err := d.Book(d.t.Context(), d.Hotel.ID, key(), request(d.quote(rooms...)))
	require.NoError(d.t, err)
	require.Equal(d.t, ledger.Confirmed, booked.State)
	return booked
}

// longer quotes a change of a reservation: each stay a night longer.
func (d *desk) longer(r starter.Reservation) starter.Quote {
	d.t.Helper()
	change := starter.QuoteRequest{Reservation: r.ID}
	for _, stay := range r.Stays {
		change.Changes = append(change.Changes, starter.ChangedStay{Stay: stay.ID, Departure: stay.Departure.AddDays(1)})
	}
	quote, err := d.Quote(d.t.Context(), d.Hotel.ID, change)
	require.NoError(d.t, err)
	return quote
}

// sweep runs the sweeper until the test ends.
func (d *desk) sweep() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Sweep(ctx, starter.Sweeping{Every: 50 * time.Millisecond, Age: time.Nanosecond, Batch: 2})
	}()
	d.t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// becomes waits until the ledger has the booking in a state.
func (d *desk) becomes(id string, state ledger.State) {
	d.t.Helper()
	require.Eventually(d.t, func() bool {
		r, err := d.Reservation(d.t.Context(), d.Hotel.ID, id)
		return err == nil && r.State == state
	}, 2*time.Minute, 20*time.Millisecond, "the booking does not become %s", state)
}

// untouched counts what is written and sent, and returns a check that nothing
// has been since.
func (d *desk) untouched() func() {
	d.t.Helper()
	count := func() (n []int) {
		for _, table := range []string{"intent", "booking", "guest", "operator_task"} {
			n = append(n, d.Rows(d.t, table))
		}
		return append(n, int(d.wire.sent.Load()), d.Requests("createBooking"), d.Requests("amend"), d.Requests("cancel"))
	}
	before := count()
	return func() {
		d.t.Helper()
		require.Equal(d.t, before, count(), "a refused request changed something")
	}
}

// key is a fresh idempotency key.
func key() string { return "key-" + ledger.NewID() }

// problem expects err to be a problem of the kind.
func problem(t testing.TB, err error, kind starter.Kind) *starter.Problem {
	t.Helper()
	var p *starter.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, kind.Code, p.Code, p.Detail)
	require.NotContains(t, err.Error(), bookingtest.Marker)
	return p
}
