package starter_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/credentials"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/status"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workers"
)

// TestAWriteWaitsForTheEndOfAMaintenance: what was asked for is stored, nothing
// goes to the hotel, and it is carried out afterwards.
func TestAWriteWaitsForTheEndOfAMaintenance(t *testing.T) {
	t.Parallel()
	o := &office{desk: openAlone(t, sandbox.Options{})}
	store := credentials.NewFileStore(filepath.Join(t.TempDir(), "credentials.yaml"))
	require.NoError(t, store.Put(t.Context(), "aurora", credentials.Credentials{
		ClientID: sandbox.DefaultClientID, ClientSecret: credentials.NewSecret(sandbox.DefaultClientSecret),
	}))
	// The worker and the edge are two processes, each with its own memory.
	factory := func() (*connectors.Factory, *status.Store) {
		statuses, err := status.New(o.Database.Pool(t))
		require.NoError(t, err)
		f, err := connectors.New(connectors.Deps{Hotels: o.House.Registry, Credentials: store, Statuses: statuses})
		require.NoError(t, err)
		return f, statuses
	}
	working, _ := factory()
	edge, operator := factory()
	o.serve(workers.Parts{Booking: booking.New(o.House.Ledger, working, o.Ring), Vendors: []string{"apaleo"}})
	o.Client = starter.New(starter.Options{
		Hotels: o.House.Registry, Connectors: edge, Keys: o.Ring, Ledger: o.House.Ledger,
		Temporal: o.wire, Logger: o.House.Log.Logger(),
	})
	quote := o.quote(sandbox.Double)
	_, err := operator.Maintain(t.Context(), o.Hotel.ID, "a new server", time.Time{})
	require.NoError(t, err)
	seen, err := working.Status(t.Context(), o.Hotel.ID)
	require.NoError(t, err)
	require.Equal(t, connectors.Maintenance, seen.State)

	before := o.Vendor.State(false).Counters.Requests
	_, err = o.Quote(t.Context(), o.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{stay(sandbox.Single)}})
	require.Error(t, err)
	pending, err := o.Book(o.leaving(), o.Hotel.ID, key(), request(quote))
	require.NoError(t, err)
	require.Equal(t, ledger.Pending, pending.State)
	require.Equal(t, before, o.Vendor.State(false).Counters.Requests, "nothing was asked of the hotel")

	_, err = operator.Reopen(t.Context(), o.Hotel.ID)
	require.NoError(t, err)
	o.becomes(pending.ID, ledger.Confirmed)
	require.Equal(t, 1, o.Vendor.Count(""))
}
