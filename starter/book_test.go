package starter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestBookModifyCancel(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double)
	require.NotEmpty(t, booked.Confirmation)
	require.Len(t, booked.Stays, 1)
	require.Empty(t, booked.Pending)
	require.True(t, booked.Settled())
	require.Equal(t, 1, d.Vendor.Count(sandbox.Confirmed))

	quote := d.longer(booked)
	changed, err := d.Modify(t.Context(), d.Hotel.ID, booked.ID, key(), quote.ID)
	require.NoError(t, err)
	require.Equal(t, booked.Departure.AddDays(1), changed.Departure)
	require.Equal(t, changed.Departure.String(), d.Vendor.Stays()[0].Departure)
	require.Greater(t, changed.Total.Amount, booked.Total.Amount)

	cancelled, err := d.Cancel(t.Context(), d.Hotel.ID, booked.ID, key())
	require.NoError(t, err)
	require.Equal(t, ledger.Cancelled, cancelled.State)
	require.Equal(t, 1, d.Vendor.Count(sandbox.Canceled))
	require.NoError(t, d.Vendor.Audit())
	require.NotContains(t, d.House.Log.String(), bookingtest.Marker)
}
