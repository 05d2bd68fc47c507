//go:build bench

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	apiclient "github.com/voicehive/voicehive/starter/api/client"
)

// TestCodecShare measures what sealing costs a booking, beside the booking: all
// payloads of a booking's history are sealed once and opened twice, for the
// server hands most of them to one worker and some to a second reader.
func TestCodecShare(t *testing.T) {
	h := raiseForBench(t, false)
	api, err := apiclient.New(h.API, h.Key)
	require.NoError(t, err)
	ctx := t.Context()
	const bookings = 60
	var took []time.Duration
	var last starter.Reservation
	for range bookings {
		arrival := openDay(pms.DateOf(time.Now()).AddDays(30))
		quote, err := api.Quote(ctx, h.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
			RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
			Arrival: arrival, Departure: arrival.AddDays(3), Occupancy: pms.Occupancy{Adults: 2},
		}}})
		require.NoError(t, err)
		began := time.Now()
		r, err := api.Book(ctx, h.Hotel.ID, apiclient.NewKey(), starter.BookRequest{Quote: quote.ID, Guest: ada})
		require.NoError(t, err)
		took, last = append(took, time.Since(began)), r
	}
	slices.Sort(took)
	booking := took[len(took)/2]

	for _, pair := range h.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	parts, err := openAll(ctx, "bench")
	require.NoError(t, err)
	defer parts.close()
	payloads := payloadsOf(ctx, t, parts, "booking/"+h.Hotel.ID+"/"+last.ID)
	scope := keys.Scope{Tenant: h.Hotel.ID, ID: last.ID}
	plugin, err := parts.plugin(defaultNamespace)
	require.NoError(t, err)
	bytes := 0
	var rounds []time.Duration
	for range 200 {
		began := time.Now()
		for _, p := range payloads {
			_, err := parts.ring.Seal(ctx, scope, keys.Operations, "bench", p.Data)
			require.NoError(t, err)
		}
		for range 2 {
			for _, opened := range plugin.Open(ctx, payloads, func(string) bool { return true }) {
				require.NotNil(t, opened.Payload)
			}
		}
		rounds = append(rounds, time.Since(began))
	}
	for _, p := range payloads {
		bytes += len(p.Data)
	}
	slices.Sort(rounds)
	codec := rounds[len(rounds)/2]
	fmt.Printf("\nWhat sealing costs a booking (load %s)\n  booking, POST to confirmed: median %.1f ms\n  its %d payloads, %d bytes, sealed once and opened twice: median %.3f ms, %.2f %% of it\n",
		load(), booking.Seconds()*1e3, len(payloads), bytes, codec.Seconds()*1e3, 100*codec.Seconds()/booking.Seconds())
}

// payloadsOf are the sealed payloads of a workflow's history.
func payloadsOf(ctx context.Context, t *testing.T, parts *parts, workflow string) (payloads []*commonpb.Payload) {
	t.Helper()
	history, err := parts.temporal.WorkflowService().GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
		Namespace: defaultNamespace, Execution: &commonpb.WorkflowExecution{WorkflowId: workflow},
		HistoryEventFilterType: enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
	})
	require.NoError(t, err)
	require.NoError(t, proxy.VisitPayloads(ctx, history, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, found []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, p := range found {
				if string(p.Metadata["encoding"]) == "binary/encrypted" {
					payloads = append(payloads, p)
				}
			}
			return found, nil
		},
	}))
	require.NotEmpty(t, payloads)
	return payloads
}
