package ledger_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

const (
	aurora = "hotel-aurora"
	boreal = "hotel-boreal"
)

// A book is a ledger in a database of its own.
type book struct {
	*ledger.Ledger
	t        testing.TB
	database *postgrestest.Database
}

func open(t testing.TB) *book {
	d := postgrestest.New(t, postgres.Migrations)
	return &book{Ledger: ledger.New(d.Pool(t, postgres.WithMaxConns(20))), t: t, database: d}
}

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// request asks for a new booking under a key.
func request(key, body string) ledger.Request {
	id := ledger.NewID()
	entry := stayed(id, 0, ledger.Pending)
	return ledger.Request{
		Intent:   ledger.Intent{ID: ledger.NewID(), Booking: id, Kind: ledger.Book, KeyHMAC: digest(key), Sealed: []byte("sealed draft")},
		BodyHMAC: digest(body), Entry: &entry, Guest: []byte("sealed guest"),
	}
}

// stayed is an entry with one stay.
func stayed(id string, version int64, state ledger.State) ledger.Entry {
	e := ledger.Entry{
		ID: id, Version: version, State: state, Total: pms.Money{Amount: 25800, Currency: "EUR"},
		Stays: []pms.Stay{{
			ID: "X-1", Arrival: pms.MustParseDate("2027-03-01"), Departure: pms.MustParseDate("2027-03-03"),
			Guest: &pms.Guest{LastName: "Noether"},
		}},
	}
	e.Span()
	return e
}

func (b *book) reserve(r ledger.Request) ledger.Intent {
	b.t.Helper()
	kept, fresh, err := b.Reserve(b.t.Context(), aurora, r)
	require.NoError(b.t, err)
	require.True(b.t, fresh)
	return kept
}

func (b *book) entry(id string) ledger.Entry {
	b.t.Helper()
	entry, err := b.Entry(b.t.Context(), aurora, id)
	require.NoError(b.t, err)
	return entry
}

func (b *book) advance(e ledger.Entry, s ledger.Settlement) error {
	return b.Advance(context.Background(), aurora, e, s)
}

func TestReserve(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := request("key", "body")
	b.reserve(r)
	entry := b.entry(r.Intent.Booking)
	require.Equal(t, ledger.Book, entry.Pending)
	require.Nil(t, entry.Stays[0].Guest, "a guest is never stored in the clear")
	guest, err := b.Guest(t.Context(), aurora, entry.ID)
	require.NoError(t, err)
	require.Equal(t, []byte("sealed guest"), guest)

	repeat := request("key", "body")
	kept, fresh, err := b.Reserve(t.Context(), aurora, repeat)
	require.NoError(t, err)
	require.False(t, fresh)
	require.Equal(t, r.Intent.ID, kept.ID)
	_, err = b.Entry(t.Context(), aurora, repeat.Intent.Booking)
	require.ErrorIs(t, err, ledger.ErrNotFound, "a repeat stores nothing")

	_, _, err = b.Reserve(t.Context(), aurora, request("key", "another body"))
	require.ErrorIs(t, err, ledger.ErrKeyReused)

	known, err := b.KnownIntent(t.Context(), aurora, digest("key"), digest("body"))
	require.NoError(t, err)
	require.Equal(t, r.Intent.ID, known.ID)
	_, err = b.KnownIntent(t.Context(), aurora, digest("key"), digest("other"))
	require.ErrorIs(t, err, ledger.ErrKeyReused)
	_, err = b.KnownIntent(t.Context(), aurora, digest("no such key"), digest("body"))
	require.ErrorIs(t, err, ledger.ErrNotFound)
}

func TestReserveOnceOfManyAtOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	const callers = 50
	var mu sync.Mutex
	var all sync.WaitGroup
	kept, fresh := map[string]int{}, 0
	for range callers {
		all.Go(func() {
			intent, first, err := b.Reserve(t.Context(), aurora, request("key", "body"))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("reserve: %v", err)
			}
			kept[intent.ID]++
			if first {
				fresh++
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, fresh)
	require.Len(t, kept, 1)
	open, err := b.OpenIntents(t.Context(), time.Now().Add(time.Minute), ledger.OpenIntent{}, 100)
	require.NoError(t, err)
	require.Len(t, open, 1)
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := request("key", "body")
	b.reserve(r)
	confirmed := stayed(r.Intent.Booking, 3, ledger.Confirmed)
	confirmed.VendorBooking, confirmed.Confirmation = "X", "X-1"
	require.NoError(t, b.advance(confirmed, ledger.Settlement{Intent: r.Intent.ID, Outcome: []byte(`{"state": "confirmed"}`)}))

	for _, version := range []int64{-1, 0, 2, 3} {
		stale := stayed(confirmed.ID, version, ledger.Cancelled)
		require.ErrorIs(t, b.advance(stale, ledger.Settlement{}), ledger.ErrStale)
	}
	require.ErrorIs(t, b.advance(stayed(ledger.NewID(), 9, ledger.Confirmed), ledger.Settlement{}), ledger.ErrStale)

	cancelled := stayed(confirmed.ID, 4, ledger.Cancelled)
	require.NoError(t, b.advance(cancelled, ledger.Settlement{}))
	after := b.entry(confirmed.ID)
	require.Equal(t, ledger.Cancelled, after.State)
	require.Equal(t, "X", after.VendorBooking, "what the vendor calls it stays")
	require.Equal(t, "X-1", after.Confirmation)
	require.Empty(t, after.Pending)
}

// TestAdvanceAndSettleAreOne: a stale advance settles nothing.
func TestAdvanceAndSettleAreOne(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := request("key", "body")
	b.reserve(r)
	require.NoError(t, b.advance(stayed(r.Intent.Booking, 2, ledger.Confirmed), ledger.Settlement{}))
	settlement := ledger.Settlement{Intent: r.Intent.ID, Outcome: []byte(`{"state": "rejected"}`)}
	require.ErrorIs(t, b.advance(stayed(r.Intent.Booking, 1, ledger.Rejected), settlement), ledger.ErrStale)
	intent, _, err := b.Open(t.Context(), aurora, r.Intent.ID)
	require.NoError(t, err)
	require.True(t, intent.SettledAt.IsZero())
	require.Equal(t, []byte("sealed draft"), intent.Sealed)
}

func TestTheFirstAnswerStands(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := request("key", "body")
	b.reserve(r)
	for _, outcome := range []string{`{"state": "confirmed"}`, `{"state": "rejected"}`} {
		require.NoError(t, b.Settle(t.Context(), aurora, ledger.Settlement{Intent: r.Intent.ID, Outcome: []byte(outcome)}))
	}
	intent, _, err := b.Open(t.Context(), aurora, r.Intent.ID)
	require.NoError(t, err)
	require.JSONEq(t, `{"state": "confirmed"}`, string(intent.Outcome))
	require.Empty(t, intent.Sealed, "the draft is of no more use")
}

func TestConcurrentAdvances(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := request("key", "body")
	b.reserve(r)
	var all sync.WaitGroup
	results := make(chan error, 20)
	for i := range cap(results) {
		all.Go(func() {
			results <- b.advance(stayed(r.Intent.Booking, int64(1+i%4), ledger.Confirmed), ledger.Settlement{})
		})
	}
	all.Wait()
	close(results)
	moved := 0
	for err := range results {
		switch {
		case err == nil:
			moved++
		case !errors.Is(err, ledger.ErrStale):
			t.Errorf("advance: %v", err)
		}
	}
	require.LessOrEqual(t, moved, 4)
	require.Equal(t, int64(4), b.entry(r.Intent.Booking).Version)
}

// TestTheLedgerOnlyMovesForward tries random sequences of writes against a
// model: the highest version so far.
func TestTheLedgerOnlyMovesForward(t *testing.T) {
	t.Parallel()
	b := open(t)
	states := []ledger.State{ledger.Held, ledger.Confirmed, ledger.Cancelled, ledger.Rejected, ledger.Released, ledger.Unknown}
	rapid.Check(t, func(rt *rapid.T) {
		r := request(ledger.NewID(), "body")
		b.reserve(r)
		want := stayed(r.Intent.Booking, 0, ledger.Pending)
		for _, version := range rapid.SliceOfN(rapid.Int64Range(-2, 12), 1, 12).Draw(rt, "versions") {
			next := stayed(want.ID, version, rapid.SampledFrom(states).Draw(rt, "state"))
			err := b.advance(next, ledger.Settlement{})
			if version > want.Version {
				require.NoError(rt, err)
				want = next
			} else {
				require.ErrorIs(rt, err, ledger.ErrStale)
			}
			got := b.entry(want.ID)
			require.Equal(rt, want.Version, got.Version)
			require.Equal(rt, want.State, got.State)
		}
	})
}

func TestAdoptOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	var all sync.WaitGroup
	ids := make(chan string, 20)
	for range cap(ids) {
		all.Go(func() {
			entry := stayed(ledger.NewID(), 1, ledger.Confirmed)
			entry.VendorBooking = "VENDORS"
			id, err := b.Adopt(t.Context(), aurora, entry, []byte("sealed guest"))
			if err != nil {
				t.Errorf("adopt: %v", err)
			}
			ids <- id
		})
	}
	all.Wait()
	close(ids)
	first := <-ids
	for id := range ids {
		require.Equal(t, first, id)
	}
	found, err := b.ByVendor(t.Context(), aurora, "VENDORS")
	require.NoError(t, err)
	require.Equal(t, first, found)

	// The same number at another hotel is another booking.
	entry := stayed(ledger.NewID(), 1, ledger.Confirmed)
	entry.VendorBooking = "VENDORS"
	other, err := b.Adopt(t.Context(), boreal, entry, []byte("sealed guest"))
	require.NoError(t, err)
	require.Equal(t, entry.ID, other)
}
