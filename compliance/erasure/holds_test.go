//go:build unix

package erasure_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/subjects"
)

func hold(ctx context.Context, h *erasuretest.House, scope string, classes ...register.Class) (holds.Hold, error) {
	return holds.New(h.Pool, h.Writer).Place(ctx, aurora, "compliance:1111111111111111", holds.Request{
		Matter: "2026-17/B", Reason: holds.Litigation, Kind: holds.Booking, Scopes: []string{scope}, Classes: classes,
		ReviewAt: time.Now().Add(90 * 24 * time.Hour),
	})
}

func TestAHoldKeepsRowsAndKeys(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	held, free := h.Stayed(aurora, ada()), h.Stayed(aurora, ada())
	placed, err := hold(t.Context(), h, held)
	require.NoError(t, err)
	made, err := h.Carry(aurora, h.Case(held, free))
	require.NoError(t, err)
	require.Equal(t, erasure.StatePartly, made.State)
	require.Equal(t, 1, h.Count(`select count(*) from guest where booking = $1`, held))
	require.False(t, h.Unreadable(aurora, held, keys.Operations))
	require.Zero(t, h.Count(`select count(*) from guest where booking = $1`, free))
	require.Equal(t, []string{"PMS-" + free}, h.System.Erased())
	for _, k := range made.Kept {
		if k.Class == register.Guest {
			require.Equal(t, erasure.Hold, k.Action)
			require.Equal(t, placed.ID, k.Rule)
		}
	}
	made, err = h.Carry(aurora, h.Case(held))
	require.NoError(t, err)
	require.Equal(t, erasure.StateHeld, made.State)
	_, err = h.Desk.EraseRows(t.Context(), aurora, []string{held})
	require.ErrorIs(t, err, subjects.ErrHeld)
	require.Equal(t, 1, h.Count(`select count(*) from guest`))
}

// A hold that comes between the plan and the erasure wins.
func TestAHoldAfterThePlanWins(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	request := h.Case(booking)
	plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	_, err = hold(t.Context(), h, booking)
	require.NoError(t, err)
	for _, step := range h.Steps(aurora, request, plan) {
		require.NoError(t, step(t.Context()))
	}
	require.Equal(t, 1, h.Count(`select count(*) from guest`))
	require.False(t, h.Unreadable(aurora, booking, keys.Operations))
	made, err := h.Office.Certify(t.Context(), aurora, request, plan.Hash())
	require.NoError(t, err)
	require.Equal(t, erasure.StateHeld, made.State)
}

// A hold that is placed in the moment of the erasure keeps all of a booking or
// nothing: never a hold over rows that are half gone.
func TestAHoldRacesAnErasure(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	kept, gone := 0, 0
	for range 12 {
		booking := h.Stayed(aurora, ada())
		before := h.Count(`select count(*) from guest_index where scope = $1`, booking)
		var racing sync.WaitGroup
		racing.Go(func() { _, _ = h.Desk.EraseRows(t.Context(), aurora, []string{booking}) })
		racing.Go(func() { _, _ = hold(t.Context(), h, booking) })
		racing.Wait()
		guests, index := h.Count(`select count(*) from guest where booking = $1`, booking), h.Count(`select count(*) from guest_index where scope = $1`, booking)
		drafts := h.Count(`select count(*) from intent where booking = $1 and sealed is not null`, booking)
		switch guests {
		case 1:
			require.Equal(t, before, index)
			require.Equal(t, 1, drafts)
			require.Zero(t, h.Count(`select count(*) from erasure_journal where scope = $1`, booking))
			kept++
		default:
			require.Zero(t, index)
			require.Zero(t, drafts)
			require.Equal(t, 1, h.Count(`select count(*) from erasure_journal where scope = $1`, booking))
			gone++
		}
		// What is there now is held, whatever comes.
		require.NoError(t, h.Desk.AddIndex(t.Context(), aurora, booking, ada()))
		_, err := h.Desk.EraseRows(t.Context(), aurora, []string{booking})
		require.ErrorIs(t, err, subjects.ErrHeld)
		require.Equal(t, before, h.Count(`select count(*) from guest_index where scope = $1`, booking))
	}
	require.Equal(t, 12, kept+gone)
}

// A hold of one class keeps that class, and the key that opens it.
func TestAHoldOfOneClass(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	_, err := hold(t.Context(), h, booking, register.Draft)
	require.NoError(t, err)
	_, err = h.Carry(aurora, h.Case(booking))
	require.NoError(t, err)
	require.Zero(t, h.Count(`select count(*) from guest`))
	require.Equal(t, 1, h.Count(`select count(*) from intent where sealed is not null`))
	require.False(t, h.Unreadable(aurora, booking, keys.Operations))
	require.Equal(t, 1, h.Count(`select count(*) from erasure_journal where 'draft' = any(kept)`))
}

// Another hotel's hold keeps nothing here.
func TestAHoldOfAnotherHotel(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	_, err := holds.New(h.Pool, h.Writer).Place(t.Context(), consenttest.Boreal, "compliance:1111111111111111", holds.Request{
		Matter: "2026-17/B", Reason: holds.Litigation, Kind: holds.Hotel, ReviewAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	made, err := h.Carry(aurora, h.Case(booking))
	require.NoError(t, err)
	require.Equal(t, erasure.StateErased, made.State)
}
