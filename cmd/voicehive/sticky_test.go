//go:build full && linux

package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// TestStickyOff books, changes and cancels while every workflow task is
// replayed from its history: what is not deterministic shows at once.
func TestStickyOff(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	o := roomy()
	o.WorkerArgs = []string{"--no-sticky"}
	h := raiseForTest(ctx, t, o)
	api, err := client.New(h.API, h.Key)
	require.NoError(t, err)
	const guests = 20
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range guests {
		group.Go(func() error { return bookChangeCancel(running, t, h, api, i) })
	}
	require.NoError(t, group.Wait())

	state := settledState(ctx, t, h)
	require.Equal(t, map[string]int{apaleo.Canceled: guests}, state.ByStatus)
	require.Empty(t, state.Oversold)
	for _, stay := range state.Reservations {
		require.Equal(t, apaleo.Family, stay.UnitGroup)
	}
	b := openBooks(ctx, t, h)
	require.Equal(t, guests, b.count(ctx, "booking where state = 'cancelled'"))
	require.Zero(t, b.count(ctx, "intent where settled_at is null"))

	var ready readyLine
	require.NoError(t, json.Unmarshal(h.Workers()[0].Ready, &ready))
	fetch(ctx, t, ready.URL+"/healthz")
	fetch(ctx, t, ready.URL+"/readyz")
	requireMetrics(ctx, t, ready.URL,
		"voicehive_pms_request_duration_seconds", "temporal_activity_execution_latency_seconds",
		"temporal_workflow_task_execution_latency_seconds", "temporal_worker_task_slots_available")
}

// bookChangeCancel is one guest who cannot decide.
func bookChangeCancel(ctx context.Context, t *testing.T, h *house, api *client.Client, i int) error {
	arrival := openDay(pms.DateOf(time.Now()).AddDays(30 + i))
	quote, err := api.Quote(ctx, h.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: arrival, Departure: arrival.AddDays(2), Occupancy: pms.Occupancy{Adults: 2},
	}}})
	if err != nil {
		return err
	}
	settle := func(write func(context.Context, string) (starter.Reservation, error)) (starter.Reservation, error) {
		key := client.NewKey()
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) { return write(ctx, key) })
	}
	booked, err := settle(func(ctx context.Context, key string) (starter.Reservation, error) {
		return api.Book(ctx, h.Hotel.ID, key, starter.BookRequest{Quote: quote.ID, Guest: ada})
	})
	if err != nil {
		return err
	}
	change, err := api.Quote(ctx, h.Hotel.ID, starter.QuoteRequest{Reservation: booked.ID, Changes: []starter.ChangedStay{{
		RoomType: apaleo.Family, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Family)), Departure: arrival.AddDays(3),
	}}})
	if err != nil {
		return err
	}
	changed, err := settle(func(ctx context.Context, key string) (starter.Reservation, error) {
		return api.Modify(ctx, h.Hotel.ID, booked.ID, key, change.ID)
	})
	if err != nil {
		return err
	}
	cancelled, err := settle(func(ctx context.Context, key string) (starter.Reservation, error) {
		return api.Cancel(ctx, h.Hotel.ID, booked.ID, key)
	})
	if err != nil {
		return err
	}
	if changed.Departure != arrival.AddDays(3) || changed.Confirmation != booked.Confirmation || cancelled.State != ledger.Cancelled {
		t.Errorf("booking %s was changed to %s, and is %s", booked.ID, changed.Departure, cancelled.State)
	}
	return nil
}
