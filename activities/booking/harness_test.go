package booking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// A bench runs activities in a house whose clock can be moved.
type bench struct {
	*bookingtest.House
	t      testing.TB
	offset time.Duration
}

func newBench(t testing.TB, options sandbox.Options) *bench {
	b := &bench{House: bookingtest.New(t, options), t: t}
	b.Activities.SetClock(func() time.Time { return time.Now().Add(b.offset) })
	return b
}

// advance moves the activities' clock and the vendor's.
func (b *bench) advance(d time.Duration) {
	b.offset += d
	b.Vendor.Advance(d)
}

// run executes an activity as a worker would, and holds what it answers
// against the rule that nothing names a guest.
func (b *bench) run(activity string, in any) (booking.Outcome, error) {
	b.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(b.Log.Logger()))
	env := suite.NewTestActivityEnvironment()
	booking.RegisterPMS(env, b.Activities)
	booking.RegisterLocal(env, b.Activities)
	value, err := env.ExecuteActivity(activity, in)
	require.NotContains(b.t, b.Log.String(), bookingtest.Marker)
	if err != nil {
		for link := err; link != nil; link = errors.Unwrap(link) {
			require.NotContains(b.t, link.Error(), bookingtest.Marker)
		}
		return booking.Outcome{}, err
	}
	var out booking.Outcome
	require.NoError(b.t, value.Get(&out))
	return out, nil
}

// must is run without an error.
func (b *bench) must(activity string, in any) booking.Outcome {
	b.t.Helper()
	out, err := b.run(activity, in)
	require.NoError(b.t, err)
	return out
}

// fails is run with an error of the type.
func (b *bench) fails(kind, activity string, in any) *temporal.ApplicationError {
	b.t.Helper()
	_, err := b.run(activity, in)
	var failed *temporal.ApplicationError
	require.ErrorAs(b.t, err, &failed)
	require.Equal(b.t, kind, failed.Type(), failed.Error())
	return failed
}

// book makes a confirmed booking of rooms.
func (b *bench) book(rooms ...string) ledger.Entry {
	b.t.Helper()
	w := b.ask(false, rooms...)
	require.Equal(b.t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
	return b.Entry(b.t, w.Booking)
}

// ask stores the wish to book, or hold, rooms.
func (b *bench) ask(hold bool, rooms ...string) booking.Write {
	b.t.Helper()
	var offers []pms.Offer
	for _, room := range rooms {
		offers = append(offers, b.Offer(b.t, room))
	}
	return b.Ask(b.t, hold, offers...)
}

// answers replaces what a connector answers; nil functions change nothing.
type answers struct {
	pms.Connector
	caps    func(pms.Capabilities) pms.Capabilities
	create  func(pms.Draft) (pms.Draft, error)
	amend   func(pms.AmendRequest) error
	cancel  func(pms.StayID) error
	release func() error
}

func (a answers) Capabilities() pms.Capabilities {
	if a.caps == nil {
		return a.Connector.Capabilities()
	}
	return a.caps(a.Connector.Capabilities())
}

func (a answers) Create(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	if a.create == nil {
		return a.Connector.Create(ctx, d)
	}
	d, err := a.create(d)
	if err != nil {
		return pms.Reservation{}, err
	}
	return a.Connector.Create(ctx, d)
}

func (a answers) Amend(ctx context.Context, r pms.AmendRequest) error {
	if a.amend != nil {
		if err := a.amend(r); err != nil {
			return err
		}
	}
	return a.Connector.Amend(ctx, r)
}

func (a answers) Cancel(ctx context.Context, id pms.StayID) error {
	if a.cancel != nil {
		if err := a.cancel(id); err != nil {
			return err
		}
	}
	return a.Connector.Cancel(ctx, id)
}

func (a answers) Release(ctx context.Context, id pms.ReservationID) error {
	if a.release != nil {
		if err := a.release(); err != nil {
			return err
		}
	}
	return a.Connector.Release(ctx, id)
}

// answer puts answers in front of the vendor.
func (b *bench) answer(a answers) {
	b.Connectors.Wrap(func(c pms.Connector) pms.Connector {
		a.Connector = c
		return a
	})
}

// undisturbed takes them away.
func (b *bench) undisturbed() { b.Connectors.Wrap(nil) }

// kindOf is a vendor's failure of a kind.
func kindOf(kind error) error {
	return &pms.Error{Kind: kind, Vendor: "apaleo", Operation: "test"}
}
