package apaleo_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// fault adds a fault over the control API, as a test in another process would.
func (d *desk) fault(f apaleo.Fault) string {
	d.t.Helper()
	return d.must(http.StatusCreated, http.MethodPost, "/sandbox/v1/faults", f).text("id")
}

// TestFaults scripts each fault for one create and tells whether the room was
// taken and what the client saw.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fault  apaleo.Fault
		status int // 0: no answer came
		broken bool
		booked int
		lost   int
	}{
		{fault: apaleo.Fault{Kind: apaleo.Delay, Delay: time.Millisecond}, status: 201, booked: 1},
		{fault: apaleo.Fault{Kind: apaleo.ResetBefore}},
		{fault: apaleo.Fault{Kind: apaleo.ResetAfter}, booked: 1, lost: 1},
		{fault: apaleo.Fault{Kind: apaleo.ErrorBefore}, status: 503},
		{fault: apaleo.Fault{Kind: apaleo.ErrorBefore, Status: 502}, status: 502},
		{fault: apaleo.Fault{Kind: apaleo.ErrorAfter}, status: 500, booked: 1, lost: 1},
		{fault: apaleo.Fault{Kind: apaleo.RateLimited, RetryAfter: 2 * time.Second}, status: 429},
		{fault: apaleo.Fault{Kind: apaleo.Forbidden}, status: 403},
		{fault: apaleo.Fault{Kind: apaleo.MalformedJSON}, status: 201, broken: true, booked: 1, lost: 1},
		{fault: apaleo.Fault{Kind: apaleo.TruncatedJSON}, status: 201, broken: true, booked: 1, lost: 1},
		{fault: apaleo.Fault{Kind: apaleo.HTMLAnswer}, status: 200, broken: true, booked: 1, lost: 1},
		{fault: apaleo.Fault{Kind: apaleo.RevokeTokens}, status: 401},
	} {
		t.Run(string(tc.fault.Kind), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, apaleo.Options{})
			tc.fault.Operation, tc.fault.Count = "createBooking", 1
			d.fault(tc.fault)
			body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1")
			resp, err := d.send(http.MethodPost, bookingsPath, body, "Idempotency-Key", "k")
			if tc.status == 0 {
				require.Error(t, err)
			} else {
				require.NoError(t, err)
				require.Equal(t, tc.status, resp.StatusCode)
				data, err := io.ReadAll(resp.Body)
				require.NoError(t, resp.Body.Close())
				require.Equal(t, tc.broken, err != nil || (len(data) > 0 && !json.Valid(data)))
			}
			if tc.status == 429 {
				require.Equal(t, "2", resp.Header.Get("Retry-After"))
				require.Equal(t, "0", resp.Header.Get("x-rate-limit-remaining"))
			}
			require.Equal(t, tc.booked, d.box.Count(apaleo.Confirmed))
			state := d.box.State(false)
			require.Equal(t, tc.lost, state.Counters.LostAnswers)
			require.Equal(t, 1, state.Counters.Faults[tc.fault.Kind])
			require.Equal(t, 1, state.Counters.Requests["createBooking"])

			// The fault is spent: the repeat works, and books no second room.
			if tc.fault.Kind == apaleo.RevokeTokens {
				d.login()
			}
			d.must(http.StatusCreated, http.MethodPost, bookingsPath, body, "Idempotency-Key", "k")
			require.Equal(t, 1, d.box.Count(apaleo.Confirmed))
		})
	}
}

func TestLateCommitAppearsLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.fault(apaleo.Fault{Kind: apaleo.LateCommit, Operation: "POST " + bookingsPath, Delay: 30 * time.Second, Count: 1})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1")
	_, err := d.send(http.MethodPost, bookingsPath, body)
	require.Error(t, err)
	d.must(http.StatusNoContent, http.MethodGet, "/booking/v1/reservations?externalCode=VH-1", nil)
	require.Equal(t, 1, d.box.State(false).Late)
	d.box.Advance(29 * time.Second)
	d.must(http.StatusNoContent, http.MethodGet, "/booking/v1/reservations?externalCode=VH-1", nil)
	d.box.Advance(time.Second)
	d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations?externalCode=VH-1", nil)
	require.Equal(t, 1, d.box.State(false).Counters.LateCommits)
}

func TestLateCommitMayWithholdTheAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.fault(apaleo.Fault{Kind: apaleo.LateCommit, Operation: "createBooking", Delay: time.Second, Withhold: true})
	data, err := json.Marshal(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1"))
	require.NoError(t, err)
	ctx, giveUp := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+bookingsPath, readerOf(data))
		if err == nil {
			req.Header.Set("Authorization", "Bearer "+d.token)
			req.Header.Set("Content-Type", "application/json")
			var resp *http.Response
			if resp, err = d.http.Do(req); err == nil {
				err = resp.Body.Close()
			}
		}
		failed <- err
	}()
	require.Eventually(t, func() bool { return d.box.State(false).Late == 1 }, time.Minute, time.Millisecond)
	select {
	case <-failed:
		t.Fatal("the answer was not withheld")
	default:
	}
	giveUp()
	require.ErrorIs(t, <-failed, context.Canceled)
	d.box.Advance(time.Second)
	require.Equal(t, 1, d.box.Count(apaleo.Confirmed))
}

func TestHeldAnswerIsReleasedOrDropped(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.fault(apaleo.Fault{Kind: apaleo.HoldAfter, Operation: "createBooking"})
	create := func() chan error {
		done := make(chan error, 1)
		go func() {
			resp, err := d.send(http.MethodPost, bookingsPath, stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1"))
			if err == nil {
				err = resp.Body.Close()
			}
			done <- err
		}()
		return done
	}
	first := create()
	held := d.must(http.StatusOK, http.MethodGet, "/sandbox/v1/held?wait=30s", nil).list("held")
	require.Len(t, held, 1)
	require.Equal(t, "createBooking", held[0].text("operation"))
	require.Equal(t, 1, d.box.Count(apaleo.Confirmed), "the room is taken while the answer is on its way")
	select {
	case <-first:
		t.Fatal("the answer was not held")
	default:
	}
	released := d.must(http.StatusOK, http.MethodPost, "/sandbox/v1/release", obj{"id": held[0].text("id")})
	require.EqualValues(t, 1, released["released"])
	require.NoError(t, <-first)

	second := create()
	_, err := d.box.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, 1, d.box.Drop(""))
	require.Error(t, <-second)
	require.Equal(t, 1, d.box.State(false).Counters.LostAnswers)
	require.Equal(t, 2, d.box.Count(apaleo.Confirmed))
	require.Empty(t, d.must(http.StatusOK, http.MethodGet, "/sandbox/v1/held", nil).list("held"))
}

func TestListLagHidesNewReservations(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.fault(apaleo.Fault{Kind: apaleo.ListLag, Delay: 10 * time.Second})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1"))
	d.must(http.StatusNoContent, http.MethodGet, "/booking/v1/reservations?externalCode=VH-1", nil)
	d.must(http.StatusNoContent, http.MethodGet, bookingsPath+"?externalCode=VH-1", nil)
	d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id, nil)
	d.box.Advance(10 * time.Second)
	d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations?externalCode=VH-1", nil)
}

func TestFaultsAreScripted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{Seed: 7})
	get := func() int { code, _ := d.call(http.MethodGet, countPath, nil); return code }
	id := d.fault(apaleo.Fault{Kind: apaleo.ErrorBefore, Operation: "property*", Nth: 2, Count: 2})
	require.Equal(t, []int{200, 503, 503, 200}, []int{get(), get(), get(), get()})
	d.must(http.StatusNoContent, http.MethodDelete, "/sandbox/v1/faults/"+id, nil)
	d.must(http.StatusNotFound, http.MethodDelete, "/sandbox/v1/faults/"+id, nil)

	d.fault(apaleo.Fault{Kind: apaleo.ErrorBefore, Probability: 0.5})
	run := func() (codes []int) {
		for range 40 {
			codes = append(codes, get())
		}
		return codes
	}
	first := run()
	require.Contains(t, first, 200)
	require.Contains(t, first, 503)
	d.login() // a fault for every operation spares the token
	d.must(http.StatusNoContent, http.MethodDelete, "/sandbox/v1/faults", nil)
	require.Equal(t, 200, get())
	d.fault(apaleo.Fault{Kind: apaleo.ErrorBefore, Probability: 0.5})
	require.Equal(t, first, run(), "the same seed draws the same faults")
}

func TestControlRefusesNonsense(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	for _, body := range []string{`{"kind":"meteor"}`, `{"kind":"delay","delay":"-1s"}`, `{"kind":"delay","probability":2}`, `{"kind":"html","status":7}`, `{"kind":"delay","operation":"["}`} {
		d.must(http.StatusUnprocessableEntity, http.MethodPost, "/sandbox/v1/faults", []byte(body))
	}
	for _, body := range []string{`{"kind":"delay","delay":"soon"}`, `{"kind":"delay","dealy":"1s"}`, `{"kind":`} {
		d.must(http.StatusBadRequest, http.MethodPost, "/sandbox/v1/faults", []byte(body))
	}
	d.must(http.StatusUnprocessableEntity, http.MethodGet, "/sandbox/v1/held?wait=1h", nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPost, "/sandbox/v1/clock", obj{"advance": "much"})
	d.must(http.StatusNotFound, http.MethodPost, "/sandbox/v1/reservations/X/status", obj{"status": "InHouse"})
	d.must(http.StatusUnprocessableEntity, http.MethodPost, "/sandbox/v1/reservations/X/status", obj{"status": "Lost"})
}

func TestResetForgetsEverything(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1"))
	d.must(http.StatusOK, http.MethodPost, "/sandbox/v1/clock", obj{"advance": "25h"})
	d.fault(apaleo.Fault{Kind: apaleo.ResetBefore})
	state := d.must(http.StatusOK, http.MethodGet, "/sandbox/v1/state?reservations=true", nil)
	require.Len(t, state.list("reservations"), 1)
	require.Equal(t, "VH-1", state.list("reservations")[0].text("external_code"))
	d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/reset", nil)
	require.Zero(t, d.box.Count(""))
	require.Equal(t, start.UTC(), d.box.Now().UTC())
	d.login()
	d.must(http.StatusNoContent, http.MethodGet, "/booking/v1/reservations", nil)
}
