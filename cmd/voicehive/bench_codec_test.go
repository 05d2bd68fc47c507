//go:build bench

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	apiclient "github.com/voicehive/voicehive/starter/api/client"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// TestCodecShare measures what sealing costs a booking, beside the booking and
// in turn with it: all payloads of a booking's history go through the codec's
// own Encode once and through its Decode twice, for the server hands most of
// them to one worker and some to a second reader.
func TestCodecShare(t *testing.T) {
	h := raiseForBench(t, false)
	api, err := apiclient.New(h.API, h.Key)
	require.NoError(t, err)
	for _, pair := range h.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	parts, err := openAll(t.Context(), "bench")
	require.NoError(t, err)
	defer parts.close()
	first, _ := bookForBench(t, h, api)
	share := newCodecShare(t, parts, reservation.WorkflowID(h.Hotel.ID, first.ID))
	var booking, encode, decode []time.Duration
	for range 60 {
		_, took := bookForBench(t, h, api)
		booking = append(booking, took)
		encode, decode = append(encode, share.encode(t)), append(decode, share.decode(t))
	}
	whole, seal, open := middle(booking), middle(encode), middle(decode)
	cost := seal + 2*open
	fmt.Printf(`
What sealing costs a booking (load %s), medians of 60 in turn
  booking, POST to confirmed   %9.3f ms
  Encode its %2d payloads       %9.3f ms  (%d bytes as they are, %d sealed)
  Decode them                  %9.3f ms
  Encode once, Decode twice    %9.3f ms  %.2f %% of the booking
`, load(), ms(whole), len(share.plain), ms(seal), payloadsSize(share.plain), payloadsSize(share.sealed), ms(open), ms(cost), 100*ms(cost)/ms(whole))
}

// A codecShare is the payloads of a booking, as the SDK hands them to the codec
// and as it gets them back.
type codecShare struct {
	codec         converter.DataConverter
	plain, sealed []*commonpb.Payload
}

func newCodecShare(t *testing.T, parts *parts, workflow string) *codecShare {
	t.Helper()
	s := &codecShare{codec: sealing(t.Context(), t, parts, workflow), sealed: payloadsOf(t.Context(), t, parts, workflow)}
	for _, sealed := range s.sealed {
		s.plain = append(s.plain, s.opened(t, sealed))
	}
	for i, plain := range s.plain {
		again, err := s.codec.ToPayload(converter.NewRawValue(plain))
		require.NoError(t, err)
		require.NotEqual(t, s.sealed[i].Data, again.Data, "it is sealed anew")
		require.True(t, proto.Equal(plain, s.opened(t, again)), "and is the same inside")
	}
	return s
}

// opened goes through the codec alone: a raw value is not converted.
func (s *codecShare) opened(t *testing.T, sealed *commonpb.Payload) *commonpb.Payload {
	t.Helper()
	var raw converter.RawValue
	require.NoError(t, s.codec.FromPayload(sealed, &raw))
	return raw.Payload()
}

func (s *codecShare) encode(t *testing.T) time.Duration {
	began := time.Now()
	for _, plain := range s.plain {
		if _, err := s.codec.ToPayload(converter.NewRawValue(plain)); err != nil {
			require.NoError(t, err)
		}
	}
	return time.Since(began)
}

func (s *codecShare) decode(t *testing.T) time.Duration {
	began := time.Now()
	var raw converter.RawValue
	for _, sealed := range s.sealed {
		if err := s.codec.FromPayload(sealed, &raw); err != nil {
			require.NoError(t, err)
		}
	}
	return time.Since(began)
}

// bookForBench books once and tells how long it took.
func bookForBench(t *testing.T, h *house, api *apiclient.Client) (starter.Reservation, time.Duration) {
	t.Helper()
	arrival := openDay(pms.DateOf(time.Now()).AddDays(30))
	quote, err := api.Quote(t.Context(), h.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: arrival, Departure: arrival.AddDays(3), Occupancy: pms.Occupancy{Adults: 2},
	}}})
	require.NoError(t, err)
	began := time.Now()
	r, err := api.Book(t.Context(), h.Hotel.ID, apiclient.NewKey(), starter.BookRequest{Quote: quote.ID, Guest: ada})
	require.NoError(t, err)
	return r, time.Since(began)
}

func middle(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

func ms(d time.Duration) float64 { return d.Seconds() * 1e3 }

func payloadsSize(payloads []*commonpb.Payload) (n int) {
	for _, p := range payloads {
		n += len(p.Data)
	}
	return n
}
