//go:build unix

package webhooks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/webhooks"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

const (
	aurora = "hotel-aurora"
	borea  = "hotel-borea"
	vendor = "apaleo"
)

func open(t *testing.T) (*webhooks.Store, *postgrestest.Database) {
	t.Helper()
	database := postgrestest.New(t, postgres.Migrations)
	store, err := webhooks.New(database.Pool(t))
	require.NoError(t, err)
	return store, database
}

func known(t *testing.T, s *webhooks.Store, hotel, vendor string, secret credentials.Secret) bool {
	t.Helper()
	ok, err := s.Known(t.Context(), hotel, vendor, secret)
	require.NoError(t, err)
	return ok
}

func subscribe(t *testing.T, s *webhooks.Store, hotel, id string) credentials.Secret {
	t.Helper()
	secret, err := s.Prepare(t.Context(), hotel, vendor)
	require.NoError(t, err)
	_, err = s.Keep(t.Context(), hotel, vendor, secret, pms.SubscriptionID(id))
	require.NoError(t, err)
	return secret
}

func TestASecretOpensItsOwnHotelOnly(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	secret, other := subscribe(t, s, aurora, "sub-1"), subscribe(t, s, borea, "sub-2")
	require.GreaterOrEqual(t, len(secret.Reveal()), 43, "256 bits")
	for range 2 { // looked up, then from memory
		require.True(t, known(t, s, aurora, vendor, secret))
		require.False(t, known(t, s, aurora, vendor, other), "another hotel's secret")
		require.False(t, known(t, s, aurora, "mews", secret), "another vendor's address")
		require.False(t, known(t, s, "hotel-nowhere", vendor, secret))
		require.False(t, known(t, s, "NO hotel; drop", vendor, secret))
		require.False(t, known(t, s, aurora, vendor, credentials.Secret{}))
		require.False(t, known(t, s, aurora, vendor, credentials.NewSecret(secret.Reveal()[1:])))
	}
}

func TestSecretsAreNotStored(t *testing.T) {
	t.Parallel()
	s, database := open(t)
	secret := subscribe(t, s, aurora, "sub-1")
	require.NotContains(t, fmt.Sprintf("%v %+v %q", secret, secret, secret), secret.Reveal())
	database.Admin(t, fmt.Sprintf(`do $$ begin
		if exists (select from webhook_secret s where s::text like '%%%s%%') then raise 'the secret is in the table'; end if;
		if not exists (select from webhook_secret where hash = sha256('%s'::bytea)) then raise 'no hash'; end if;
	end $$`, secret.Reveal(), secret.Reveal()))
}

func TestRotationKeepsTwoSecretsValid(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	ctx := t.Context()
	_, err := s.Subscription(ctx, aurora, vendor)
	require.ErrorIs(t, err, webhooks.ErrNotSubscribed)

	first := subscribe(t, s, aurora, "sub-1")
	second, err := s.Prepare(ctx, aurora, vendor)
	require.NoError(t, err)
	require.True(t, known(t, s, aurora, vendor, second), "the vendor checks the address while it subscribes")
	require.True(t, known(t, s, aurora, vendor, first))
	in, err := s.Subscription(ctx, aurora, vendor)
	require.NoError(t, err)
	require.Equal(t, pms.SubscriptionID("sub-1"), in.ID, "not replaced yet")

	old, err := s.Keep(ctx, aurora, vendor, second, "sub-2")
	require.NoError(t, err)
	require.Equal(t, []pms.SubscriptionID{"sub-1"}, old)
	in, err = s.Subscription(ctx, aurora, vendor)
	require.NoError(t, err)
	require.Equal(t, pms.SubscriptionID("sub-2"), in.ID)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), in.Replacing, time.Minute)
	require.True(t, known(t, s, aurora, vendor, first), "late repeats come to the old address")
	require.True(t, known(t, s, aurora, vendor, second))

	third := subscribe(t, s, aurora, "sub-3")
	fresh, err := webhooks.New(s.Pool())
	require.NoError(t, err)
	require.False(t, known(t, fresh, aurora, vendor, first), "two are valid, not three")
	require.True(t, known(t, fresh, aurora, vendor, second))
	require.True(t, known(t, fresh, aurora, vendor, third))
}

func TestSecretsEnd(t *testing.T) {
	t.Parallel()
	s, database := open(t)
	ctx := t.Context()
	dropped, err := s.Prepare(ctx, aurora, vendor)
	require.NoError(t, err)
	require.NoError(t, s.Drop(ctx, aurora, vendor, dropped))
	require.False(t, known(t, s, aurora, vendor, dropped))
	_, err = s.Keep(ctx, aurora, vendor, dropped, "sub-0")
	require.Error(t, err, "what is gone cannot be kept")

	forgotten, err := s.Prepare(ctx, aurora, vendor)
	require.NoError(t, err)
	database.Admin(t, "update webhook_secret set expires_at = now()")
	require.False(t, known(t, s, aurora, vendor, forgotten), "a subscription that was never made")

	secret, other := subscribe(t, s, aurora, "sub-1"), subscribe(t, s, borea, "sub-2")
	require.True(t, known(t, s, aurora, vendor, secret))
	require.NoError(t, s.End(ctx, aurora, vendor))
	require.False(t, known(t, s, aurora, vendor, secret))
	require.True(t, known(t, s, borea, vendor, other))
	_, err = s.Subscription(ctx, aurora, vendor)
	require.ErrorIs(t, err, webhooks.ErrNotSubscribed)
}

// TestAStormOfGuessesLeavesTheKnownAlone: guessing costs a look at the database
// each, and there are only so many.
func TestAStormOfGuessesLeavesTheKnownAlone(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	s.SetClock(time.Unix(1_900_000_000, 0))
	secret := subscribe(t, s, aurora, "sub-1")
	require.True(t, known(t, s, aurora, vendor, secret))
	var err error
	for i := 0; err == nil && i < 1000; i++ {
		_, err = s.Known(t.Context(), "hotel-nowhere", vendor, credentials.NewSecret("guess"))
	}
	require.ErrorIs(t, err, webhooks.ErrBusy)
	require.True(t, known(t, s, aurora, vendor, secret))
}

func event(id, reservation string) pms.Event {
	return pms.Event{ID: id, Kind: pms.EventAmended, ReservationID: pms.ReservationID(reservation), StayID: pms.StayID(reservation + "-1")}
}

func take(t *testing.T, s *webhooks.Store, hotel string, events ...pms.Event) []webhooks.Delivery {
	t.Helper()
	taken, err := s.Take(t.Context(), hotel, vendor, events)
	require.NoError(t, err)
	return taken
}

func due(t *testing.T, s *webhooks.Store) []webhooks.Delivery {
	t.Helper()
	found, err := s.Due(t.Context(), 100)
	require.NoError(t, err)
	return found
}

func TestADeliveryIsTakenOnce(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	require.Len(t, take(t, s, aurora, event("e1", "R1"), event("e1", "R2"), event("e1", "R1")), 2, "one delivery may tell of two reservations")
	require.Empty(t, take(t, s, aurora, event("e1", "R1")))
	require.Len(t, take(t, s, borea, event("e1", "R1")), 1, "another hotel's ids are its own")
	require.Len(t, take(t, s, aurora, event("", "R1")), 1)
	require.Len(t, take(t, s, aurora, event("", "R1")), 1, "without an id nothing is a repeat")
}

func TestWhatNobodyCarriedOutIsFound(t *testing.T) {
	t.Parallel()
	s, database := open(t)
	carried := take(t, s, aurora, event("e1", "R1"))[0]
	require.NoError(t, s.Close(t.Context(), carried))
	take(t, s, aurora, event("e2", "R2"))
	take(t, s, borea, event("e3", ""))
	require.Empty(t, due(t, s), "who took them still has them")

	later := func() { database.Admin(t, "update webhook_delivery set due_at = now()") }
	later()
	var found []string
	for _, d := range due(t, s) {
		found = append(found, d.Hotel+"/"+string(d.Reservation))
	}
	require.ElementsMatch(t, []string{aurora + "/R2", borea + "/"}, found)
	require.Empty(t, due(t, s), "they are taken up again")

	for try := range 3 {
		later()
		again := due(t, s)
		require.Len(t, again, 2, "try %d", try)
		for _, d := range again {
			require.NoError(t, s.Defer(t.Context(), d))
		}
		require.Empty(t, due(t, s), "not at once again")
	}
	later()
	for _, d := range due(t, s) {
		require.NoError(t, s.Close(t.Context(), d))
	}
	later()
	require.Empty(t, due(t, s))
}

// TestTwoProcessesShareWhatIsDue: none is taken up by both.
func TestTwoProcessesShareWhatIsDue(t *testing.T) {
	t.Parallel()
	const all = 60
	s, database := open(t)
	other, err := webhooks.New(database.Pool(t))
	require.NoError(t, err)
	for i := range all {
		take(t, s, aurora, event(fmt.Sprint(i), "R1"))
	}
	database.Admin(t, "update webhook_delivery set due_at = now()")
	counts := make(chan int, 2)
	for _, store := range []*webhooks.Store{s, other} {
		go func() {
			found, err := store.Due(t.Context(), all)
			if err != nil {
				t.Error(err)
			}
			counts <- len(found)
		}()
	}
	require.Equal(t, all, <-counts+<-counts)
}

func TestOldDeliveriesAreThrownAway(t *testing.T) {
	t.Parallel()
	s, database := open(t)
	take(t, s, aurora, event("e1", "R1"), event("e2", "R2"))
	n, err := s.Purge(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	database.Admin(t, "update webhook_delivery set received_at = now() - interval '73 hours' where reservation = 'R1'")
	n, err = s.Purge(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Len(t, take(t, s, aurora, event("e1", "R1"), event("e2", "R2")), 1)
}

func TestErrorsNameNoSecret(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	pool := database.Pool(t)
	s, err := webhooks.New(pool)
	require.NoError(t, err)
	pool.Close()
	secret := credentials.NewSecret(strings.Repeat("s", 43))
	ctx := t.Context()
	_, failed := s.Prepare(ctx, aurora, vendor)
	require.Error(t, failed)
	_, failed = s.Keep(ctx, aurora, vendor, secret, "sub-1")
	require.Error(t, failed)
	require.NotContains(t, failed.Error(), secret.Reveal())
	require.Error(t, s.Drop(ctx, aurora, vendor, secret))
	require.Error(t, s.End(ctx, aurora, vendor))
	_, failed = s.Known(ctx, aurora, vendor, secret)
	require.Error(t, failed)
	require.NotContains(t, failed.Error(), secret.Reveal())
	_, failed = s.Subscription(ctx, aurora, vendor)
	require.Error(t, failed)
	_, failed = s.Take(ctx, aurora, vendor, []pms.Event{event("e1", "R1")})
	require.Error(t, failed)
	_, failed = s.Due(ctx, 1)
	require.Error(t, failed)
	_, failed = s.Purge(ctx)
	require.Error(t, failed)
	v := &hotelSystem{t: t, store: s}
	_, failed = s.Subscribe(ctx, v, aurora, vendor, public)
	require.Error(t, failed)
	require.Error(t, s.Unsubscribe(ctx, v, aurora, vendor))
	_, failed = s.Check(ctx, v, aurora, vendor)
	require.Error(t, failed)
	require.Error(t, s.Close(ctx, webhooks.Delivery{Hotel: aurora}))
	require.Error(t, s.Defer(ctx, webhooks.Delivery{Hotel: aurora}))
}
