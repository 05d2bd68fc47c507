//go:build bench

package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// TestParts measures, one caller at a time, what a booking does beside the bare
// Update-with-Start: where the cost of durability goes.
func TestParts(t *testing.T) {
	for _, backend := range []struct {
		name     string
		postgres bool
	}{{"SQLite", false}, {"Postgres", true}} {
		t.Run(backend.name, func(t *testing.T) {
			h := raiseForBench(t, backend.postgres)
			parts := &partTimes{}
			bare, apart := startAnchor(t, h), startAnchorOn(t, h, apartQueue)
			for range 60 {
				parts.time(t, "bare Update-with-Start", func() error { return bare(t.Context()) })
				parts.time(t, "the same, activity on another queue", func() error { return apart(t.Context()) })
			}
			parts.ledger(t, h)
			fmt.Printf("\nWhat the parts of a booking cost, Temporal on %s (load %s), median of 60\n", backend.name, load())
			parts.print()
		})
	}
}

// partTimes are milliseconds by part, in the order of first use.
type partTimes struct {
	names []string
	took  map[string][]float64
}

func (p *partTimes) time(t *testing.T, name string, part func() error) {
	t.Helper()
	began := time.Now()
	require.NoError(t, part(), name)
	if p.took == nil {
		p.took = map[string][]float64{}
	}
	if p.took[name] == nil {
		p.names = append(p.names, name)
	}
	p.took[name] = append(p.took[name], float64(time.Since(began).Microseconds())/1000)
}

func (p *partTimes) print() {
	for _, name := range p.names {
		slices.Sort(p.took[name])
		fmt.Printf("  %6.1f ms  %s\n", p.took[name][len(p.took[name])/2], name)
	}
}

// ledger takes the steps of a booking one by one, without Temporal.
func (p *partTimes) ledger(t *testing.T, h *house) {
	ctx := t.Context()
	parts, err := openStoresIn(ctx, "bench", h.setting)
	require.NoError(t, err)
	defer parts.close()
	conn, err := parts.factory.Connector(ctx, h.Hotel.ID)
	require.NoError(t, err)
	arrival := pms.DateOf(time.Now()).AddDays(60)
	offer, err := conn.Quote(ctx, pms.QuoteQuery{
		RoomTypeID: apaleo.Double, RatePlanID: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: pms.Occupancy{Adults: 2},
	})
	require.NoError(t, err)
	for range 60 {
		p.booking(t, h, parts, conn, offer)
	}
}

func (p *partTimes) booking(t *testing.T, h *house, parts *parts, conn pms.Connector, offer pms.Offer) {
	ctx := t.Context()
	var scope keys.Scope
	var draft pms.Draft
	p.time(t, "edge: key scope, draft, seal", func() (err error) {
		if scope, err = parts.ring.Create(ctx, h.Hotel.ID); err != nil {
			return err
		}
		draft, err = conn.Draft(pms.CreateRequest{Reference: pms.Reference(scope.ID), Booker: ada, Stays: []pms.StayRequest{{Offer: offer}}})
		if err == nil {
			_, err = parts.ring.Seal(ctx, scope, booking.SealPurpose, booking.PlaceIntent, draft.Body)
		}
		return err
	})
	mac := make([]byte, 32)
	copy(mac, scope.ID)
	entry := ledger.Entry{ID: scope.ID, State: ledger.Pending, Total: offer.Total, Stays: []pms.Stay{{Arrival: offer.Arrival, Departure: offer.Departure, Total: offer.Total}}}
	entry.Span()
	intent := ledger.Intent{ID: ledger.NewID(), Booking: scope.ID, Kind: ledger.Book, Quote: ledger.NewID(), KeyHMAC: mac, Sealed: draft.Body}
	p.time(t, "edge: store intent, guest and entry (commit)", func() error {
		_, _, err := parts.ledger.Reserve(ctx, h.Hotel.ID, ledger.Request{Intent: intent, BodyHMAC: mac, Entry: &entry, Guest: draft.Body})
		return err
	})
	p.time(t, "worker: load the booking's key", func() error {
		wrapper, err := keys.OpenLocalKeyring(parts.config.Keyring, parts.config.Environment)
		if err != nil {
			return err
		}
		return keys.New(keys.NewPostgres(parts.keysPool), wrapper, keys.Options{}).Load(ctx, keys.Operations, scope)
	})
	p.time(t, "activity: read and mark the intent (commit)", func() error {
		_, _, err := parts.ledger.Begin(ctx, h.Hotel.ID, intent.ID)
		return err
	})
	var made pms.Reservation
	p.time(t, "activity: the hotel's system, no delay in it", func() (err error) {
		made, err = conn.Create(ctx, draft)
		return err
	})
	p.time(t, "activity: record the outcome (commit)", func() error {
		confirmed := booking.EntryOf(scope.ID, made)
		return parts.ledger.Advance(ctx, h.Hotel.ID, confirmed, ledger.Settlement{Intent: intent.ID, Outcome: []byte(`{}`)})
	})
	p.time(t, "edge: read the ledger for the answer", func() error {
		_, err := parts.ledger.Entry(ctx, h.Hotel.ID, scope.ID)
		return err
	})
}
