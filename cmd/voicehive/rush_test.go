//go:build full && linux

package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

const (
	// bookings is how many the fault runs make, callerCount at a time.
	bookings    = 200
	callerCount = 20
	// patience is how long a caller asks for the outcome of one booking.
	patience = 60 * time.Second
)

// A rush is many callers who book through the API. Each booking is let in by
// admit, so that whoever breaks things sets the pace.
type rush struct {
	h        *house
	api      *client.Client
	tickets  chan int
	admitted int
	closing  sync.Once
	wg       sync.WaitGroup
	done     atomic.Int64

	mu      sync.Mutex
	booked  map[string]starter.Reservation
	took    []time.Duration
	pending int // bookings that were answered 202 at least once
	failed  []string
}

func startRush(ctx context.Context, t *testing.T, h *house) *rush {
	t.Helper()
	api, err := client.New(h.API, h.Key)
	require.NoError(t, err)
	r := &rush{h: h, api: api, tickets: make(chan int, bookings), booked: map[string]starter.Reservation{}}
	for range callerCount {
		r.wg.Go(func() {
			for i := range r.tickets {
				r.serve(ctx, i)
			}
		})
	}
	t.Cleanup(r.end)
	return r
}

// admit lets in so many more bookings, and reports whether there were any
// left.
func (r *rush) admit(n int) bool {
	left := bookings - r.admitted
	for range min(n, left) {
		r.tickets <- r.admitted
		r.admitted++
	}
	return left > 0
}

// end sends the callers home when they are done.
func (r *rush) end() {
	r.closing.Do(func() { close(r.tickets) })
	r.wg.Wait()
}

func (r *rush) over() bool { return r.done.Load() == bookings }

// serve is one caller's call.
func (r *rush) serve(ctx context.Context, i int) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	quote, err := r.quote(ctx, i)
	if err != nil {
		r.note(i, began, starter.Reservation{}, false, fmt.Errorf("quote: %w", err))
		return
	}
	r.settle(ctx, i, began, client.NewKey(), quote)
}

// serveWhileAway is a call while Temporal is away: it must be answered pending
// at once, and become confirmed like any other.
func (r *rush) serveWhileAway(ctx context.Context, t *testing.T) {
	t.Helper()
	i, began, key := r.admitted, time.Now(), client.NewKey()
	require.Less(t, i, bookings)
	r.admitted++
	hurried, err := client.New(r.h.API, r.h.Key, client.WithWait(time.Second))
	require.NoError(t, err)
	quote, err := r.quote(ctx, i)
	require.NoError(t, err, "a quote needs no workflow")
	answer, err := hurried.Book(ctx, r.h.Hotel.ID, key, r.request(i, quote))
	require.NoError(t, err, "a booking while Temporal is away")
	require.Equal(t, ledger.Pending, answer.State)
	r.wg.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		r.settle(ctx, i, began, key, quote)
	})
}

func (r *rush) quote(ctx context.Context, i int) (id string, err error) {
	arrival := openDay(pms.DateOf(time.Now()).AddDays(10 + i))
	quote, err := r.api.Quote(ctx, r.h.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: arrival, Departure: arrival.AddDays(1 + i%3), Occupancy: pms.Occupancy{Adults: 2},
	}}})
	return quote.ID, err
}

func (r *rush) request(i int, quote string) starter.BookRequest {
	return starter.BookRequest{Quote: quote, Guest: pms.Guest{FirstName: "Test", LastName: fmt.Sprintf("Beispiel-%d", i)}}
}

// settle books under one key until the outcome is known.
func (r *rush) settle(ctx context.Context, i int, began time.Time, key, quote string) {
	var known string
	var waited bool
	reservation, err := r.api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
		answer, err := r.api.Book(ctx, r.h.Hotel.ID, key, r.request(i, quote))
		if err == nil {
			known, waited = answer.ID, waited || answer.State == ledger.Pending
		}
		return answer, err
	})
	if err != nil && known != "" {
		err = fmt.Errorf("%w; it is reservation %s", err, known)
	}
	r.note(i, began, reservation, waited, err)
}

// note keeps what a caller heard in the end.
func (r *rush) note(i int, began time.Time, reservation starter.Reservation, waited bool, err error) {
	defer r.done.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if waited {
		r.pending++
	}
	took := time.Since(began)
	switch {
	case err != nil:
		r.failed = append(r.failed, fmt.Sprintf("booking %d after %s: %v", i, short(took), err))
	case reservation.State != ledger.Confirmed || reservation.Confirmation == "":
		r.failed = append(r.failed, fmt.Sprintf("booking %d is %s: reservation %s", i, reservation.State, reservation.ID))
	default:
		r.booked[reservation.ID] = reservation
		r.took = append(r.took, took)
	}
}

// requireConfirmed ends the rush and requires that every caller heard
// "confirmed" in time.
func (r *rush) requireConfirmed(t *testing.T) {
	t.Helper()
	r.end()
	require.Empty(t, r.failed)
	require.Len(t, r.booked, bookings, "two callers got the same reservation")
}

// percentile is how long so many percent of the callers waited at most, from
// the quote to "confirmed".
func (r *rush) percentile(percent int) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.took) == 0 {
		return 0
	}
	took := slices.Sorted(slices.Values(r.took))
	return took[(len(took)-1)*percent/100]
}
