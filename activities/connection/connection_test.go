package connection_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/connection"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/status"
)

// A desk checks a house's hotel as a worker would.
type desk struct {
	*bookingtest.House
	t          *testing.T
	store      *status.Store
	activities *connection.Activities
	round      time.Time
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{House: bookingtest.New(t, sandbox.Options{}), t: t, round: time.Now().Add(-time.Hour)}
	var err error
	d.store, err = status.New(d.Database.Pool(t))
	require.NoError(t, err)
	d.activities = connection.New(d.Connectors, d.store)
	return d
}

// check plays the next round.
func (d *desk) check(hotel string) (connection.Found, error) {
	d.t.Helper()
	d.round = d.round.Add(time.Minute)
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(d.Log.Logger()))
	env := suite.NewTestActivityEnvironment()
	connection.RegisterPMS(env, d.activities)
	value, err := env.ExecuteActivity(connection.HealthActivity, connection.Probe{Hotel: hotel, At: d.round})
	if err != nil {
		return connection.Found{}, err
	}
	var found connection.Found
	require.NoError(d.t, value.Get(&found))
	return found, nil
}

func (d *desk) found(state connectors.State, problem string) {
	d.t.Helper()
	got, err := d.check(d.Hotel.ID)
	require.NoError(d.t, err)
	require.Equal(d.t, connection.Found{State: state, Problem: problem}, got)
}

func TestAHotelThatGoesDownAndComesBack(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.found(connectors.Available, "")
	d.Fault(t, sandbox.Fault{Kind: sandbox.ErrorBefore, Count: 1000})
	d.found(connectors.Available, "unavailable")
	d.found(connectors.Degraded, "unavailable")
	d.Vendor.ClearFaults()
	d.found(connectors.Degraded, "")
	d.found(connectors.Available, "")
}

// answers is a connector whose health a test chooses.
type answers struct {
	pms.Connector
	health func(context.Context) error
}

func (a answers) Health(ctx context.Context) (pms.Health, error) { return pms.Health{}, a.health(ctx) }

func TestWhatAnAnswerSays(t *testing.T) {
	t.Parallel()
	d := open(t)
	answer := func(err error) {
		d.Connectors.Wrap(func(c pms.Connector) pms.Connector {
			return answers{c, func(context.Context) error { return err }}
		})
	}
	kind := func(kind error) error {
		return fmt.Errorf("wrapped: %w", &pms.Error{Kind: kind, Vendor: "apaleo", Operation: "health"})
	}
	for _, told := range []error{pms.ErrAuthentication, pms.ErrPermission, pms.ErrNotFound, pms.ErrUnavailable} {
		answer(kind(told))
		found, err := d.check(d.Hotel.ID)
		require.NoError(t, err)
		require.Equal(t, pms.KindName(told), found.Problem)
		require.False(t, found.Untold)
	}
	before, err := d.store.Status(t.Context(), d.Hotel.ID)
	require.NoError(t, err)
	for _, untold := range []error{pms.ErrRateLimited, pms.ErrUnsupported} {
		answer(kind(untold))
		found, err := d.check(d.Hotel.ID)
		require.NoError(t, err)
		require.True(t, found.Untold)
	}
	answer(errors.New("our own database is away"))
	_, err = d.check(d.Hotel.ID)
	require.ErrorContains(t, err, "could not be made")
	after, err := d.store.Status(t.Context(), d.Hotel.ID)
	require.NoError(t, err)
	require.Equal(t, before.CheckedAt, after.CheckedAt, "what says nothing of the hotel is not recorded")
}

func TestAWrongEntryIsAProblemOfTheHotel(t *testing.T) {
	t.Parallel()
	d := open(t)
	wrong := d.Hotel
	wrong.ID, wrong.CredentialsRef = "hotel-wrong", "nobodys"
	require.NoError(t, d.Registry.Add(t.Context(), wrong))
	found, err := d.check(wrong.ID)
	require.NoError(t, err)
	require.Equal(t, "configuration", found.Problem)
	wrong.ID, wrong.Vendor = "hotel-other", "other"
	require.NoError(t, d.Registry.Add(t.Context(), wrong))
	found, err = d.check(wrong.ID)
	require.NoError(t, err)
	require.Equal(t, "configuration", found.Problem)

	_, err = d.check("hotel-gone")
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.NonRetryable())
	require.Equal(t, "unknown_hotel", failed.Type())
}

// TestACheckThatIsCutOffSaysNothing: a worker that is told to stop is no sign
// of a hotel that is down.
func TestACheckThatIsCutOffSaysNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	d.Connectors.Wrap(func(c pms.Connector) pms.Connector {
		return answers{c, func(asked context.Context) error {
			cancel()
			<-asked.Done()
			return &pms.Error{Kind: pms.ErrUnavailable, Vendor: "apaleo", Operation: "health", Cause: asked.Err()}
		}}
	})
	_, err := d.activities.Health(ctx, connection.Probe{Hotel: d.Hotel.ID, At: time.Now()})
	require.ErrorContains(t, err, "cut off")
	require.ErrorIs(t, err, context.Canceled)
	now, err := d.store.Status(t.Context(), d.Hotel.ID)
	require.NoError(t, err)
	require.Zero(t, now.CheckedAt)
}

func TestHotels(t *testing.T) {
	t.Parallel()
	d := open(t)
	second := d.Hotel
	second.ID, second.Vendor = "hotel-borealis", "mews"
	require.NoError(t, d.Registry.Add(t.Context(), second))
	page, err := d.activities.Hotels(t.Context(), connection.Page{Most: 10})
	require.NoError(t, err)
	require.Equal(t, []connection.Hotel{{ID: d.Hotel.ID, Vendor: "apaleo"}, {ID: second.ID, Vendor: "mews"}}, page)
	page, err = d.activities.Hotels(t.Context(), connection.Page{After: d.Hotel.ID, Most: 1})
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Equal(t, second.ID, page[0].ID)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = d.activities.Hotels(ended, connection.Page{Most: 1})
	require.Error(t, err)
}
