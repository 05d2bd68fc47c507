package apaleo_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// TestAbandonedRequests tells a client that went away from one whose connection
// the sandbox cut, and from one that got its answer.
func TestAbandonedRequests(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.fault(apaleo.Fault{Kind: apaleo.ResetAfter, Operation: "createBooking", Count: 1})
	d.fault(apaleo.Fault{Kind: apaleo.HoldAfter, Operation: "createBooking", Nth: 1, Count: 2})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1")
	_, err := d.send(http.MethodPost, bookingsPath, body)
	require.Error(t, err, "cut by the sandbox")

	data, err := json.Marshal(body)
	require.NoError(t, err)
	post := func() (hangUp func(), ended chan error) {
		ctx, cancel := context.WithCancel(t.Context())
		ended = make(chan error, 1)
		go func() {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+bookingsPath, readerOf(data))
			if err == nil {
				request.Header.Set("Authorization", "Bearer "+d.token)
				request.Header.Set("Content-Type", "application/json")
				var response *http.Response
				if response, err = d.http.Do(request); err == nil {
					err = response.Body.Close()
				}
			}
			ended <- err
		}()
		_, err := d.box.AwaitHeld(t.Context(), 1)
		require.NoError(t, err)
		return cancel, ended
	}
	hangUp, ended := post()
	open := d.box.State(false).Open
	require.Len(t, open, 1)
	require.Equal(t, "createBooking", open[0].Operation)
	require.NotEmpty(t, open[0].Peer)
	require.Zero(t, d.box.State(false).Counters.Abandoned, "a cut connection is not an abandoned one")
	hangUp()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Eventually(t, func() bool { return d.box.State(false).Counters.Abandoned == 1 }, time.Minute, time.Millisecond)
	state := d.box.State(false)
	require.Equal(t, open, state.Abandoned)
	require.Empty(t, state.Open)

	hangUp, ended = post()
	defer hangUp()
	require.Equal(t, 1, d.box.Release(""))
	require.NoError(t, <-ended)
	require.Eventually(t, func() bool { return len(d.box.State(false).Open) == 0 }, time.Minute, time.Millisecond)
	require.Equal(t, 1, d.box.State(false).Counters.Abandoned)

	d.box.Reset()
	require.Empty(t, d.box.State(false).Abandoned)
	require.Zero(t, d.box.State(false).Counters.Abandoned)
}
