package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/postgres"
)

func TestAHotelSeesNothingOfAnother(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := request("key", "body")
	b.reserve(r)
	quote := ledger.Quote{ID: ledger.NewID(), ExpiresAt: time.Now().Add(time.Hour)}
	require.NoError(t, b.SaveQuote(t.Context(), aurora, quote))
	confirmed := stayed(r.Intent.Booking, 1, ledger.Confirmed)
	confirmed.VendorBooking = "VENDORS"
	require.NoError(t, b.advance(confirmed, ledger.Settlement{}))
	require.NoError(t, b.AddTask(t.Context(), aurora, ledger.Task{Booking: confirmed.ID, Kind: "k", Detail: "d"}))

	ctx := t.Context()
	for what, read := range map[string]func() error{
		"entry":  func() error { _, err := b.Entry(ctx, boreal, confirmed.ID); return err },
		"intent": func() error { _, _, err := b.Open(ctx, boreal, r.Intent.ID); return err },
		"quote":  func() error { _, err := b.Quote(ctx, boreal, quote.ID); return err },
		"guest":  func() error { _, err := b.Guest(ctx, boreal, confirmed.ID); return err },
		"vendor": func() error { _, err := b.ByVendor(ctx, boreal, "VENDORS"); return err },
		"key":    func() error { _, err := b.KnownIntent(ctx, boreal, digest("key"), digest("body")); return err },
	} {
		require.ErrorIs(t, read(), ledger.ErrNotFound, what)
	}
	tasks, err := b.Tasks(ctx, boreal)
	require.NoError(t, err)
	require.Empty(t, tasks)
	require.ErrorIs(t, b.Advance(ctx, boreal, stayed(confirmed.ID, 9, ledger.Cancelled), ledger.Settlement{}), ledger.ErrStale)
	require.NoError(t, b.Settle(ctx, boreal, ledger.Settlement{Intent: r.Intent.ID, Outcome: []byte(`{}`)}))
	require.NoError(t, b.MarkSent(ctx, boreal, r.Intent.ID))
	intent, entry, err := b.Open(ctx, aurora, r.Intent.ID)
	require.NoError(t, err)
	require.True(t, intent.SettledAt.IsZero())
	require.True(t, intent.SentAt.IsZero())
	require.Equal(t, ledger.Confirmed, entry.State)

	// Another hotel may use the same key.
	_, fresh, err := b.Reserve(ctx, boreal, request("key", "another body"))
	require.NoError(t, err)
	require.True(t, fresh)
}

func TestTheSweeperSeesOpenIntentsOnly(t *testing.T) {
	t.Parallel()
	b := open(t)
	settled, waiting, young := request("settled", "b"), request("waiting", "b"), request("young", "b")
	for _, r := range []ledger.Request{settled, waiting, young} {
		b.reserve(r)
	}
	elsewhere := request("waiting", "b")
	_, _, err := b.Reserve(t.Context(), boreal, elsewhere)
	require.NoError(t, err)
	require.NoError(t, b.Settle(t.Context(), aurora, ledger.Settlement{Intent: settled.Intent.ID, Outcome: []byte(`{}`)}))
	b.database.Admin(t, "update intent set created_at = now() - interval '1 hour' where id <> '"+young.Intent.ID+"'",
		"update intent set created_at = now() - interval '2 hours' where id = '"+elsewhere.Intent.ID+"'")

	found, err := b.OpenIntents(t.Context(), time.Now().Add(-time.Minute), ledger.OpenIntent{}, 10)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, []string{boreal, aurora}, []string{found[0].Hotel, found[1].Hotel}, "the oldest first")
	require.Equal(t, waiting.Intent.ID, found[1].ID)
	require.Equal(t, waiting.Intent.Booking, found[1].Booking)
	var pages []ledger.OpenIntent
	for _, after := range []ledger.OpenIntent{{}, found[0], found[1]} {
		page, err := b.OpenIntents(t.Context(), time.Now().Add(-time.Minute), after, 1)
		require.NoError(t, err)
		pages = append(pages, page...)
	}
	require.Equal(t, found, pages)

	err = b.database.Pool(t).AsRole(t.Context(), postgres.RoleSweeper, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "select sealed from intent")
		return err
	})
	require.ErrorContains(t, err, "permission denied")
}

func TestQuotesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	b := open(t)
	stay := stayed("", 0, "").Stays[0]
	offer := pms.Offer{
		RoomType: pms.Named{ID: "BER-DBL", Name: "Double"}, RatePlan: pms.Named{ID: "FLEX"}, Arrival: stay.Arrival, Departure: stay.Departure,
		Occupancy: pms.Occupancy{Adults: 2, ChildrenAges: []int{3}}, Available: 4, Total: pms.Money{Amount: 1, Currency: "EUR"},
		Nights:    []pms.Night{{Date: stay.Arrival, Total: pms.Money{Amount: 1, Currency: "EUR"}}},
		Guarantee: pms.GuaranteeNone, Vendor: []byte(`{"a":1}`),
	}
	quote := ledger.Quote{
		ID: ledger.NewID(), Booking: ledger.NewID(), Offers: []pms.Offer{offer}, Before: []pms.Stay{stay},
		ExpiresAt: time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond),
	}
	require.NoError(t, b.SaveQuote(t.Context(), aurora, quote))
	elsewhere := ledger.New(b.database.Pool(t)) // has not saved it, so it reads the database
	for _, l := range []*ledger.Ledger{b.Ledger, elsewhere} {
		got, err := l.Quote(t.Context(), aurora, quote.ID)
		require.NoError(t, err)
		require.JSONEq(t, `{"a":1}`, string(got.Offers[0].Vendor))
		want := quote
		want.Before = ledger.StaysOf(quote.Before)
		got.Offers = slices.Clone(got.Offers)
		got.Offers[0].Vendor = offer.Vendor
		require.Empty(t, cmp.Diff(want, got, cmp.AllowUnexported(pms.Date{}), cmp.Transformer("utc", time.Time.UTC)))
	}
}

func TestTasksAreListedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, kind := range []string{"a", "b", "a"} {
		require.NoError(t, b.AddTask(t.Context(), aurora, ledger.Task{Booking: "01", Kind: kind, Detail: "do it"}))
	}
	tasks, err := b.Tasks(t.Context(), aurora)
	require.NoError(t, err)
	require.Len(t, tasks, 2)

	b.database.Admin(t, "update operator_task set closed_at = now() where kind = 'a'")
	tasks, err = b.Tasks(t.Context(), aurora)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	require.NoError(t, b.AddTask(t.Context(), aurora, ledger.Task{Booking: "01", Kind: "a", Detail: "do it again"}))
	tasks, err = b.Tasks(t.Context(), aurora)
	require.NoError(t, err)
	require.Len(t, tasks, 2, "it came up again")
	require.NoError(t, b.Ping(t.Context()))
}

func TestSpanLeavesOutTheCancelled(t *testing.T) {
	t.Parallel()
	day := pms.MustParseDate("2027-03-01")
	stay := func(status pms.Status, from, to int) pms.Stay {
		return pms.Stay{Status: status, Arrival: day.AddDays(from), Departure: day.AddDays(to)}
	}
	e := ledger.Entry{Stays: []pms.Stay{
		stay(pms.StatusCancelled, 0, 9), stay(pms.StatusConfirmed, 4, 5), stay(pms.StatusConfirmed, 2, 3),
	}}
	e.Span()
	require.Equal(t, []pms.Date{day.AddDays(2), day.AddDays(5)}, []pms.Date{e.Arrival, e.Departure})
	e.Stays = e.Stays[:1]
	e.Span()
	require.Equal(t, []pms.Date{day, day.AddDays(9)}, []pms.Date{e.Arrival, e.Departure})
}
