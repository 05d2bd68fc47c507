package apaleo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// TestStorm lets many callers book under faults of every kind, each repeating
// its own create with its own key until it knows. However answers get lost, a
// key never books twice and no room is sold twice.
func TestStorm(t *testing.T) {
	t.Parallel()
	const callers, each, rooms = 6, 12, 40
	d := newDesk(t, apaleo.Options{Seed: 11, Units: map[string]int{apaleo.Double: rooms}})
	for _, kind := range []apaleo.Kind{
		apaleo.ResetBefore, apaleo.ResetAfter, apaleo.LateCommit, apaleo.ErrorBefore, apaleo.ErrorAfter,
		apaleo.RateLimited, apaleo.MalformedJSON, apaleo.TruncatedJSON, apaleo.HTMLAnswer,
	} {
		d.fault(apaleo.Fault{Kind: kind, Operation: "createBooking", Probability: 0.12, Delay: time.Minute})
	}
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := range each {
				name := fmt.Sprintf("VH-%d-%d", caller, i)
				if !d.insist(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, name), name) {
					t.Errorf("%s: no trustworthy answer in 200 tries", name)
				}
			}
		})
	}
	wg.Wait()
	d.box.Advance(time.Hour) // what is late comes now
	require.NoError(t, d.box.Audit())
	byKey := map[string]int{}
	for _, s := range d.box.Stays() {
		byKey[s.Key]++
		require.Equal(t, s.Key, s.ExternalCode)
		require.Equal(t, 1, byKey[s.Key], "the key %s booked twice", s.Key)
	}
	require.Len(t, byKey, rooms, "72 wanted 40 rooms")
	require.Positive(t, d.box.State(false).Counters.LostAnswers)
}

// insist repeats a create until a real answer comes.
func (d *desk) insist(body obj, key string) bool {
	for range 200 {
		resp, err := d.send(http.MethodPost, bookingsPath, body, "Idempotency-Key", key)
		if err != nil {
			continue
		}
		fault := resp.Header.Get("X-Sandbox-Fault")
		code := resp.StatusCode
		_ = resp.Body.Close()
		if fault == "" && (code == http.StatusCreated || code == http.StatusUnprocessableEntity) {
			return true
		}
	}
	return false
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	box := apaleo.New(apaleo.Options{})
	defer box.Close()
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPost, bookingsPath, strings.NewReader(strings.Repeat(" ", 1<<20+1))))
	require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
}

func TestRestartedSandboxGivesOutOtherIDs(t *testing.T) {
	t.Parallel()
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")
	one, two := newDesk(t, apaleo.Options{}), newDesk(t, apaleo.Options{})
	require.NotEqual(t, one.book(body), two.book(body))
	one, two = newDesk(t, apaleo.Options{Seed: 3}), newDesk(t, apaleo.Options{Seed: 3})
	require.Equal(t, one.book(body), two.book(body))
}

// FuzzCreate sends arbitrary bodies and dates: the sandbox must neither break
// nor sell what it does not have.
func FuzzCreate(f *testing.F) {
	const form = `{"booker":{"lastName":"N"},"reservations":[{"arrival":%q,"departure":%q,"adults":%s,"channelCode":"Direct",` +
		`"timeSlices":[{"ratePlanId":"BER-STE-FLEX","totalAmount":{"amount":%s,"currency":"EUR"}}]}]}`
	f.Add("2026-11-10", "2026-11-11", "1", "10.5")
	f.Add("2026-11-10T15:00:00+01:00", "2026-11-11", "2", "0")
	f.Add("0000-01-01", "9999-12-31", "-1", "-1")
	f.Add("2026-13-10", "", "1e9", "1e300")
	box := apaleo.New(apaleo.Options{Clock: func() time.Time { return start }, TokenLifetime: 1000 * time.Hour})
	f.Cleanup(box.Close)
	server := httptest.NewServer(box)
	f.Cleanup(server.Close)
	d := &desk{t: f, box: box, url: server.URL, http: server.Client()}
	d.login()
	f.Fuzz(func(t *testing.T, arrival, departure, adults, amount string) {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, bookingsPath, strings.NewReader(fmt.Sprintf(form, arrival, departure, adults, amount)))
		req.Header.Set("Authorization", "Bearer "+d.token)
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		box.ServeHTTP(rec, req)
		require.Contains(t, []int{http.StatusCreated, http.StatusBadRequest, http.StatusUnprocessableEntity}, rec.Code)
		require.NoError(t, box.Audit())
	})
}
