package apaleo_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// writeFaults are what can happen to a write, what must be said of it, and
// whether it took effect all the same.
var writeFaults = []struct {
	fault sandbox.Fault
	kind  error // nil: nobody notices
	done  bool
}{
	{sandbox.Fault{Kind: sandbox.ResetBefore}, pms.ErrOutcomeUnknown, false},
	{sandbox.Fault{Kind: sandbox.ResetAfter}, pms.ErrOutcomeUnknown, true},
	{sandbox.Fault{Kind: sandbox.ErrorBefore}, pms.ErrOutcomeUnknown, false},
	{sandbox.Fault{Kind: sandbox.ErrorAfter}, pms.ErrOutcomeUnknown, true},
	{sandbox.Fault{Kind: sandbox.MalformedJSON}, pms.ErrOutcomeUnknown, true},
	{sandbox.Fault{Kind: sandbox.TruncatedJSON}, pms.ErrOutcomeUnknown, true},
	{sandbox.Fault{Kind: sandbox.HTMLAnswer}, pms.ErrOutcomeUnknown, true},
	{sandbox.Fault{Kind: sandbox.HoldAfter}, pms.ErrOutcomeUnknown, true}, // until the time-out
	{sandbox.Fault{Kind: sandbox.RateLimited, RetryAfter: 7 * time.Second}, pms.ErrRateLimited, false},
	{sandbox.Fault{Kind: sandbox.RateLimited}, pms.ErrRateLimited, false},
	{sandbox.Fault{Kind: sandbox.Forbidden}, pms.ErrPermission, false},
	{sandbox.Fault{Kind: sandbox.RevokeTokens}, nil, true},
}

func TestCreateThroughFaults(t *testing.T) {
	t.Parallel()
	for _, test := range writeFaults {
		t.Run(string(test.fault.Kind), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, sandbox.Options{})
			draft := r.draft(t, "01JN", false, r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 2))
			test.fault.Operation, test.fault.Count = "POST /booking/v1/bookings", 1
			r.fault(t, test.fault)

			_, err := r.Create(t.Context(), draft)
			if test.kind == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, test.kind)
				require.Equal(t, 1, r.sandbox.State(false).Counters.Requests["createBooking"], "a write is not repeated")
				requireClean(t, err)
			}
			require.Equal(t, test.done, r.sandbox.Count("") == 1)
			if test.kind == pms.ErrRateLimited {
				var failure *pms.Error
				require.ErrorAs(t, err, &failure)
				require.Positive(t, failure.RetryAfter)
			}

			booked, err := r.Create(t.Context(), draft)
			require.NoError(t, err, "the same key again")
			require.Equal(t, pms.StatusConfirmed, booked.Status)
			require.Equal(t, 1, r.sandbox.Count(""), "booked once")
			require.NoError(t, r.sandbox.Audit())
		})
	}
}

func TestAmendAndCancelThroughFaults(t *testing.T) {
	t.Parallel()
	for _, test := range writeFaults {
		t.Run(string(test.fault.Kind), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, sandbox.Options{})
			stay := r.book(t, "01JO", 2).Stays[0].ID
			offer, err := r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: stay, Departure: arrival.AddDays(3)})
			require.NoError(t, err)
			test.fault.Operation, test.fault.Count = "PUT /booking/v1/reservation-actions/{id}/*", 1
			for _, write := range []func() error{
				func() error { return r.Amend(t.Context(), pms.AmendRequest{Stay: stay, Offer: offer}) },
				func() error { return r.Cancel(t.Context(), stay) },
			} {
				r.fault(t, test.fault)
				err := write()
				if test.kind == nil || test.fault.Kind == sandbox.MalformedJSON { // a 204 has no JSON to spoil
					require.NoError(t, err)
					continue
				}
				require.ErrorIs(t, err, test.kind)
			}
		})
	}
}

func TestReadsThroughFaults(t *testing.T) {
	t.Parallel()
	for kind, want := range map[sandbox.Kind]error{
		sandbox.ResetBefore: pms.ErrUnavailable, sandbox.ErrorBefore: pms.ErrUnavailable, sandbox.MalformedJSON: pms.ErrUnavailable,
		sandbox.TruncatedJSON: pms.ErrUnavailable, sandbox.HTMLAnswer: pms.ErrUnavailable, sandbox.RateLimited: pms.ErrRateLimited,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, sandbox.Options{})
			read := func() error {
				_, err := r.Availability(t.Context(), pms.AvailabilityQuery{Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple})
				return err
			}
			r.fault(t, sandbox.Fault{Kind: kind, Count: 1})
			if want == pms.ErrUnavailable {
				require.NoError(t, read(), "one repeat mends it")
			} else {
				require.ErrorIs(t, read(), want)
			}
			r.fault(t, sandbox.Fault{Kind: kind})
			require.ErrorIs(t, read(), want)
		})
	}
}

func TestLateCommitIsUnknownThenTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	draft := r.draft(t, "01JP", false, r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 1))
	r.fault(t, sandbox.Fault{Operation: "createBooking", Kind: sandbox.LateCommit, Delay: 20 * time.Second, Count: 1})
	_, err := r.Create(t.Context(), draft)
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
	require.Zero(t, r.sandbox.Count(""))
	_, err = r.ByReference(t.Context(), "01JP")
	require.ErrorIs(t, err, pms.ErrNotFound)
	r.sandbox.Advance(30 * time.Second)
	found, err := r.ByReference(t.Context(), "01JP")
	require.NoError(t, err)
	booked, err := r.Create(t.Context(), draft)
	require.NoError(t, err)
	require.Equal(t, found.ID, booked.ID)
	require.Equal(t, 1, r.sandbox.Count(""))
}

func TestKeyWithAnotherBodyIsConflict(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	one := r.draft(t, "01JQ", false, r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 1))
	other := r.draft(t, "01JQ", false, r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 2))
	_, err := r.Create(t.Context(), one)
	require.NoError(t, err)
	_, err = r.Create(t.Context(), other)
	require.ErrorIs(t, err, pms.ErrConflict)
	require.Equal(t, 1, r.sandbox.Count(""))
}

// TestErrorsHoldNoGuestData has a vendor that repeats the guest in every place
// where an error could pick it up.
func TestErrorsHoldNoGuestData(t *testing.T) {
	t.Parallel()
	answers := map[string]func(w http.ResponseWriter){
		"422": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprintf(w, `{"messages":["booker.email: %s is not valid","not available for %s"]}`, secretMarker, secretMarker)
		},
		"400": func(w http.ResponseWriter) { http.Error(w, secretMarker, http.StatusBadRequest) },
		"401": func(w http.ResponseWriter) { http.Error(w, secretMarker, http.StatusUnauthorized) },
		"500": func(w http.ResponseWriter) { http.Error(w, secretMarker, http.StatusInternalServerError) },
		"302": func(w http.ResponseWriter) {
			w.Header().Set("Location", "/x?"+secretMarker)
			w.WriteHeader(http.StatusFound)
		},
		"html": func(w http.ResponseWriter) { fmt.Fprintf(w, "<html>%s</html>", secretMarker) },
		"type": func(w http.ResponseWriter) {
			fmt.Fprintf(w, `{"id": ["%s"], "offers": "%s"}`, secretMarker, secretMarker)
		},
		"date": func(w http.ResponseWriter) {
			fmt.Fprintf(w, `{"offers":[{"arrival":"%s"}],"reservations":[{"arrival":"%s"}]}`, secretMarker, secretMarker)
		},
		"money": func(w http.ResponseWriter) {
			fmt.Fprintf(w, `{"reservations":[{"id":"A-1","property":{"id":"BER"},"totalGrossAmount":{"amount":1,"currency":"%s"}}]}`, secretMarker)
		},
		"no http": func(w http.ResponseWriter) { raw(w, secretMarker+"\r\n\r\n") },
		"header":  func(w http.ResponseWriter) { raw(w, "HTTP/1.1 200 OK\r\n"+secretMarker+"\r\n\r\n") },
		"chunk": func(w http.ResponseWriter) {
			raw(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+secretMarker+"\r\n")
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := newRig(t, sandbox.Options{})
			offer := good.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 1)
			draft := good.draft(t, secretMarker, false, offer)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/token") {
					w.Header().Set("Content-Type", "application/json")
					fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
					return
				}
				answer(w)
			}))
			t.Cleanup(server.Close)
			bad := connect(t, server.URL)
			_, create := bad.Create(t.Context(), draft)
			_, read := bad.Availability(t.Context(), pms.AvailabilityQuery{
				Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple, PromoCode: secretMarker,
			})
			_, byReference := bad.ByReference(t.Context(), secretMarker)
			amend := bad.Amend(t.Context(), pms.AmendRequest{Stay: secretMarker, Offer: offer})
			failed := 0
			for _, err := range []error{create, read, byReference, amend} {
				if err != nil {
					failed++
					requireClean(t, err)
				}
			}
			require.Positive(t, failed)
		})
	}
}

// raw answers bytes that need not be HTTP.
func raw(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(text))
}

// requireClean looks for the marker in an error, in every form and cause.
func requireClean(t *testing.T, err error) {
	t.Helper()
	var failure *pms.Error
	require.ErrorAs(t, err, &failure)
	for e := error(failure); e != nil; {
		require.NotContains(t, fmt.Sprintf("%v %+v %#v %s", e, e, e, slog.AnyValue(e)), secretMarker)
		var inner *pms.Error
		if errors.As(e, &inner) {
			e = inner.Cause
			continue
		}
		e = errors.Unwrap(e)
	}
}
