//go:build unix

package holds_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const (
	aurora = consenttest.Aurora
	boreal = consenttest.Boreal
	one    = "compliance:1111111111111111"
	two    = "compliance:2222222222222222"
)

func open(t *testing.T) (*consenttest.House, *holds.Store) {
	h := consenttest.New(t)
	return h, holds.New(h.Pool, h.Writer)
}

func request(kind holds.Kind, scopes ...string) holds.Request {
	return holds.Request{Matter: "2026-17/B", Reason: holds.Litigation, Kind: kind, Scopes: scopes, ReviewAt: time.Now().Add(90 * 24 * time.Hour)}
}

// binding are the holds that bind for scopes.
func binding(t *testing.T, h *consenttest.House, hotel string, scopes ...string) (found []holds.Hold) {
	t.Helper()
	require.NoError(t, h.Pool.InTenant(t.Context(), hotel, func(tx pgx.Tx) (err error) {
		found, err = holds.In(t.Context(), tx, hotel, scopes)
		return err
	}))
	return found
}

func TestAHoldBindsFromItsPlacingToTheEndOfItsGrace(t *testing.T) {
	t.Parallel()
	h, store := open(t)
	ctx, scope, other := t.Context(), ulid.Make().String(), ulid.Make().String()
	held, err := store.Place(ctx, aurora, one, request(holds.Booking, scope))
	require.NoError(t, err)
	require.Equal(t, holds.Proposed, held.State)
	require.Equal(t, []string{scope}, held.Scopes)
	found := binding(t, h, aurora, scope, other)
	require.Len(t, found, 1)
	require.True(t, found[0].Keeps(register.Guest, scope))
	require.False(t, found[0].Keeps(register.Guest, other))
	require.Empty(t, binding(t, h, aurora, other))
	require.Empty(t, binding(t, h, boreal, scope), "another hotel's")

	_, err = store.Approve(ctx, aurora, one, held.ID)
	require.ErrorIs(t, err, holds.ErrSamePerson)
	held, err = store.Approve(ctx, aurora, two, held.ID)
	require.NoError(t, err)
	require.Equal(t, holds.Active, held.State)
	_, err = store.Approve(ctx, aurora, two, held.ID)
	require.ErrorIs(t, err, holds.ErrDone)
	_, err = store.Approve(ctx, boreal, two, held.ID)
	require.ErrorIs(t, err, holds.ErrUnknown)

	held, err = store.Release(ctx, aurora, two, held.ID, 0)
	require.NoError(t, err)
	require.Equal(t, holds.Leaving, held.State)
	_, err = store.Release(ctx, aurora, two, held.ID, 0)
	require.ErrorIs(t, err, holds.ErrSamePerson)
	held, err = store.Release(ctx, aurora, one, held.ID, 0)
	require.NoError(t, err)
	require.Equal(t, holds.Grace, held.State)
	require.Len(t, binding(t, h, aurora, scope), 1, "it binds in its grace")
	_, err = store.Release(ctx, aurora, one, held.ID, 0)
	require.Error(t, err)

	pass(t, h, held.ID, "40 days")
	require.Empty(t, binding(t, h, aurora, scope))
	all, err := store.List(ctx, aurora, false)
	require.NoError(t, err)
	require.Empty(t, all)
	all, err = store.List(ctx, aurora, true)
	require.NoError(t, err)
	require.Equal(t, holds.Released, all[0].State)
	require.Equal(t, []string{"hold.placed", "hold.approved", "hold.release_asked", "hold.released"}, kinds(t, h))
}

// pass moves all of a hold into the past, behind its guard's back.
func pass(t *testing.T, h *consenttest.House, id, ago string) {
	h.Database.Admin(t, "set session_replication_role = replica", `update legal_hold set placed_at = placed_at - interval '`+ago+`', lapses_at = lapses_at - interval '`+ago+`',
		approved_at = approved_at - interval '`+ago+`', review_at = review_at - interval '`+ago+`', asked_at = asked_at - interval '`+ago+`',
		released_at = released_at - interval '`+ago+`', grace_until = grace_until - interval '`+ago+`' where id = '`+id+`'`)
}

func kinds(t *testing.T, h *consenttest.House) (all []string) {
	for _, kind := range audittest.Kinds(audittest.Waiting(t, h.Database.AdminURL, h.Ring)) {
		all = append(all, string(kind))
	}
	return all
}

// A hold that nobody approves ends, and does not come to life again.
func TestAHoldThatNobodyApprovesLapses(t *testing.T) {
	t.Parallel()
	h, store := open(t)
	held, err := store.Place(t.Context(), aurora, one, request(holds.Hotel))
	require.NoError(t, err)
	require.Len(t, binding(t, h, aurora), 1)
	pass(t, h, held.ID, "8 days")
	require.Empty(t, binding(t, h, aurora))
	_, err = store.Approve(t.Context(), aurora, two, held.ID)
	require.ErrorIs(t, err, holds.ErrEnded)
	held, err = store.Show(t.Context(), aurora, held.ID)
	require.NoError(t, err)
	require.Equal(t, holds.Lapsed, held.State)
}

func TestOverdueReviewsAreCounted(t *testing.T) {
	t.Parallel()
	h, store := open(t)
	for i, hotel := range []string{aurora, boreal} {
		held, err := store.Place(t.Context(), hotel, one, request(holds.Hotel))
		require.NoError(t, err)
		_, err = store.Approve(t.Context(), hotel, two, held.ID)
		require.NoError(t, err)
		if i == 0 {
			pass(t, h, held.ID, "100 days")
			held, err = store.Show(t.Context(), hotel, held.ID)
			require.NoError(t, err)
			require.True(t, held.ReviewOverdue)
		}
	}
	n, err := store.Overdue(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	all, err := store.List(t.Context(), aurora, false)
	require.NoError(t, err)
	_, err = store.Review(t.Context(), aurora, two, all[0].ID, time.Now().Add(24*time.Hour))
	require.NoError(t, err)
	n, err = store.Overdue(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestAHoldKeepsItsClasses(t *testing.T) {
	t.Parallel()
	h, store := open(t)
	r := request(holds.Hotel)
	r.Classes = []register.Class{register.Recording, register.Turn}
	_, err := store.Place(t.Context(), aurora, one, r)
	require.NoError(t, err)
	found := binding(t, h, aurora, ulid.Make().String())
	require.Len(t, found, 1)
	require.True(t, found[0].Keeps(register.Turn, "anything"))
	require.False(t, found[0].Keeps(register.Guest, "anything"))
}

func TestWhatIsNoHoldIsRefused(t *testing.T) {
	t.Parallel()
	h, store := open(t)
	scope := ulid.Make().String()
	for name, spoil := range map[string]func(*holds.Request){
		"matter":        func(r *holds.Request) { r.Matter = "Ada Example against us" },
		"reason":        func(r *holds.Request) { r.Reason = "because" },
		"kind":          func(r *holds.Request) { r.Kind = "everything" },
		"no scope":      func(r *holds.Request) { r.Scopes = nil },
		"strange scope": func(r *holds.Request) { r.Scopes = []string{"ada@example.com"} },
		"hotel + scope": func(r *holds.Request) { r.Kind = holds.Hotel },
		"class":         func(r *holds.Request) { r.Classes = []register.Class{"shoes"} },
		"past review":   func(r *holds.Request) { r.ReviewAt = time.Now().Add(-time.Hour) },
		"late review":   func(r *holds.Request) { r.ReviewAt = time.Now().Add(2 * holds.MaxReview) },
	} {
		r := request(holds.Booking, scope)
		spoil(&r)
		_, err := store.Place(t.Context(), aurora, one, r)
		require.ErrorIs(t, err, holds.ErrInvalid, name)
		require.NotContains(t, err.Error(), "Ada", name)
		require.NotContains(t, err.Error(), "ada@", name)
	}
	require.Zero(t, h.Count(`select count(*) from legal_hold`))
	require.Empty(t, kinds(t, h))
}

// The database decides whether a hold or a delete was first: many pairs of them
// race, and each either deleted before the hold was there, or saw it.
func TestAHoldAndADeleteRace(t *testing.T) {
	t.Parallel()
	h, store := open(t)
	before, seen := 0, 0
	for range 40 {
		scope := h.Booking(aurora, subjects.Person{FirstName: "Ada", LastName: "Example", Email: "ada@example.com"})
		deleted, placed := make(chan error, 1), make(chan error, 1)
		go func() {
			deleted <- h.Pool.InTenant(context.WithoutCancel(t.Context()), aurora, func(tx pgx.Tx) error {
				found, err := holds.In(t.Context(), tx, aurora, []string{scope})
				if err == nil && len(found) > 0 {
					err = holds.ErrHeld
				}
				if err == nil {
					_, err = tx.Exec(t.Context(), `delete from guest where hotel = $1 and booking = $2`, aurora, scope)
				}
				return err
			})
		}()
		left := 0 // of the guest when Place returned
		go func() {
			_, err := store.Place(t.Context(), aurora, one, request(holds.Booking, scope))
			left = h.Count(`select count(*) from guest where booking = $1`, scope)
			placed <- err
		}()
		require.NoError(t, <-placed)
		err := <-deleted
		require.Equal(t, left, h.Count(`select count(*) from guest where booking = $1`, scope), "what stands once a hold is there stays")
		if errors.Is(err, holds.ErrHeld) {
			seen++
			require.Equal(t, 1, left)
			continue
		}
		require.NoError(t, err)
		before++
		require.Zero(t, left)
	}
	t.Logf("%d deletes were first, %d holds", before, seen)
}

// Place waits for a delete that is under way, and no later one gets past it.
func TestAHoldWaitsForDeletesUnderWay(t *testing.T) {
	t.Parallel()
	ctx := context.WithoutCancel(t.Context())
	for name, ask := range map[string]func(tx pgx.Tx, scope string) (held int, err error){
		"In": func(tx pgx.Tx, scope string) (int, error) {
			found, err := holds.In(ctx, tx, aurora, []string{scope})
			return len(found), err
		},
		"Over": func(tx pgx.Tx, _ string) (int, error) {
			reach, err := holds.Over(ctx, tx, aurora, register.Guest)
			return len(reach.Holds), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			waits(t, ask)
		})
	}
}

func waits(t *testing.T, ask func(tx pgx.Tx, scope string) (held int, err error)) {
	h, store := open(t)
	scope := h.Booking(aurora, subjects.Person{LastName: "Example", Email: "ada@example.com"})
	placed := make(chan error, 1)
	require.NoError(t, h.Pool.InTenant(t.Context(), aurora, func(tx pgx.Tx) error {
		held, err := ask(tx, scope)
		require.NoError(t, err)
		require.Zero(t, held)
		go func() {
			_, err := store.Place(t.Context(), aurora, one, request(holds.Booking, scope))
			placed <- err
		}()
		require.Eventually(t, func() bool {
			return h.Count(`select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`) == 1
		}, time.Minute, time.Millisecond, "it waits")
		_, err = tx.Exec(t.Context(), `delete from guest where hotel = $1 and booking = $2`, aurora, scope)
		return err
	}))
	require.NoError(t, <-placed)
	require.Zero(t, h.Count(`select count(*) from guest where booking = $1`, scope))
	require.Len(t, binding(t, h, aurora, scope), 1)
}
