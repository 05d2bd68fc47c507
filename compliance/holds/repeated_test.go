//go:build unix

package holds_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/holds"
)

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// A request that comes twice is one hold, also when both come at once; another
// one of the same key is refused, and without a key each is a hold of its own.
func TestARepeatedRequestIsOneHold(t *testing.T) {
	t.Parallel()
	h, store := open(t)
	r := request(holds.Booking, ulid.Make().String())
	r.Key, r.Body = digest("key"), digest("body")
	ids := make([]string, 5)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			held, err := store.Place(context.WithoutCancel(t.Context()), aurora, one, r)
			if err == nil {
				ids[i] = held.ID
			}
		})
	}
	group.Wait()
	require.NotEmpty(t, ids[0])
	require.Equal(t, []string{ids[0]}, slices.Compact(ids))
	require.Equal(t, []string{"hold.placed"}, kinds(t, h))

	other := r
	other.Body = digest("another")
	_, err := store.Place(t.Context(), aurora, one, other)
	require.ErrorIs(t, err, holds.ErrKeyReused)
	_, err = store.Place(t.Context(), boreal, one, r)
	require.NoError(t, err, "keys are each hotel's own")
	r.Key, r.Body = nil, nil
	for range 2 {
		_, err = store.Place(t.Context(), aurora, one, r)
		require.NoError(t, err)
	}
	all, err := store.List(t.Context(), aurora, false)
	require.NoError(t, err)
	require.Len(t, all, 3)
}
