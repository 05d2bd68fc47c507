package keystest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
)

// Contract holds a root to what keys.Root promises. Each test takes a root of
// its own from newRoot and epochs that no other test has, so roots may share a
// keeper.
func Contract(t *testing.T, newRoot func(testing.TB) keys.Root) {
	for name, test := range map[string]func(*testing.T, keys.Root){
		"opens what it wrapped":             opens,
		"opens only what it wrapped":        opensOnly,
		"wraps a whole epoch's bucket keys": wrapsMany,
		"keeps an epoch's first key":        keepsTheFirst,
		"makes no key on the way":           makesNone,
		"destroys for good":                 destroys,
		"serves a ring":                     servesARing,
		"rolls and retires":                 rolls,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newRoot(t))
		})
	}
}

func newEpoch() string { return "test-" + strings.ToLower(rand.Text()[:16]) }

func opens(t *testing.T, root keys.Root) {
	epoch := newEpoch()
	require.NoError(t, root.Create(t.Context(), epoch))
	plain := []keys.Plain{{Key: bytes.Repeat([]byte{1}, 32), AAD: []byte("a")}, {Key: bytes.Repeat([]byte{2}, 32), AAD: []byte("b")}}
	wrapped, err := root.Wrap(t.Context(), epoch, plain)
	require.NoError(t, err)
	require.Len(t, wrapped, 2)
	again, err := root.Wrap(t.Context(), epoch, plain)
	require.NoError(t, err)
	require.NotEqual(t, wrapped, again, "equal keys must not look equal")
	raw, err := root.Unwrap(t.Context(), epoch, []keys.Wrapped{{Data: wrapped[1], AAD: []byte("b")}, {Data: wrapped[0], AAD: []byte("a")}, {Data: again[0], AAD: []byte("a")}})
	require.NoError(t, err)
	require.Equal(t, [][]byte{plain[1].Key, plain[0].Key, plain[0].Key}, raw)
	none, err := root.Unwrap(t.Context(), epoch, nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func opensOnly(t *testing.T, root keys.Root) {
	epoch, other := newEpoch(), newEpoch()
	require.NoError(t, root.Create(t.Context(), epoch))
	require.NoError(t, root.Create(t.Context(), other))
	wrapped, err := root.Wrap(t.Context(), epoch, []keys.Plain{{Key: bytes.Repeat([]byte{1}, 32), AAD: []byte("here")}})
	require.NoError(t, err)
	good := keys.Wrapped{Data: wrapped[0], AAD: []byte("here")}
	flipped := bytes.Clone(wrapped[0])
	flipped[len(flipped)-2] ^= 1
	for name, bad := range map[string]keys.Wrapped{
		"other AAD": {Data: wrapped[0], AAD: []byte("there")},
		"no AAD":    {Data: wrapped[0]},
		"changed":   {Data: flipped, AAD: []byte("here")},
		"truncated": {Data: wrapped[0][:len(wrapped[0])-9], AAD: []byte("here")},
		"nothing":   {AAD: []byte("here")},
		"something": {Data: []byte("x\x00y"), AAD: []byte("here")},
	} {
		_, err = root.Unwrap(t.Context(), epoch, []keys.Wrapped{bad})
		require.ErrorIs(t, err, keys.ErrTampered, name)
		_, err = root.Unwrap(t.Context(), epoch, []keys.Wrapped{good, bad})
		require.ErrorIs(t, err, keys.ErrTampered, name+" beside a good one")
	}
	_, err = root.Unwrap(t.Context(), other, []keys.Wrapped{good})
	require.ErrorIs(t, err, keys.ErrTampered, "another epoch")
}

func wrapsMany(t *testing.T, root keys.Root) {
	epoch := newEpoch()
	require.NoError(t, root.Create(t.Context(), epoch))
	plain := make([]keys.Plain, keys.DefaultBuckets)
	for i := range plain {
		plain[i] = keys.Plain{Key: fmt.Appendf(nil, "%32d", i), AAD: fmt.Append(nil, i)}
	}
	wrapped, err := root.Wrap(t.Context(), epoch, plain)
	require.NoError(t, err)
	all := make([]keys.Wrapped, len(wrapped))
	for i, data := range wrapped {
		all[i] = keys.Wrapped{Data: data, AAD: plain[i].AAD}
	}
	raw, err := root.Unwrap(t.Context(), epoch, all)
	require.NoError(t, err)
	for i, key := range raw {
		require.Equal(t, plain[i].Key, key)
	}
}

func keepsTheFirst(t *testing.T, root keys.Root) {
	epoch := newEpoch()
	require.NoError(t, root.Create(t.Context(), epoch))
	wrapped, err := root.Wrap(t.Context(), epoch, []keys.Plain{{Key: bytes.Repeat([]byte{1}, 32)}})
	require.NoError(t, err)
	require.NoError(t, root.Create(t.Context(), epoch))
	_, err = root.Unwrap(t.Context(), epoch, []keys.Wrapped{{Data: wrapped[0]}})
	require.NoError(t, err)
	epochs, err := root.Epochs(t.Context())
	require.NoError(t, err)
	require.Contains(t, epochs, epoch)
	require.ErrorIs(t, root.Create(t.Context(), "no/epoch"), keys.ErrEpochName)
	require.ErrorIs(t, root.Create(t.Context(), ""), keys.ErrEpochName)
}

func makesNone(t *testing.T, root keys.Root) {
	epoch := newEpoch()
	for range 2 {
		_, err := root.Wrap(t.Context(), epoch, []keys.Plain{{Key: bytes.Repeat([]byte{1}, 32), AAD: []byte("a")}})
		require.ErrorIs(t, err, keys.ErrEpochGone)
		_, err = root.Unwrap(t.Context(), epoch, []keys.Wrapped{{Data: []byte("vault:v1:AAAA"), AAD: []byte("a")}})
		require.ErrorIs(t, err, keys.ErrEpochGone)
	}
	epochs, err := root.Epochs(t.Context())
	require.NoError(t, err)
	require.NotContains(t, epochs, epoch)
}

func destroys(t *testing.T, root keys.Root) {
	epoch, kept := newEpoch(), newEpoch()
	require.NoError(t, root.Create(t.Context(), epoch))
	require.NoError(t, root.Create(t.Context(), kept))
	wrapped, err := root.Wrap(t.Context(), epoch, []keys.Plain{{Key: bytes.Repeat([]byte{1}, 32)}})
	require.NoError(t, err)
	require.NoError(t, root.Destroy(t.Context(), epoch))
	require.NoError(t, root.Destroy(t.Context(), epoch), "again is no error")
	_, err = root.Unwrap(t.Context(), epoch, []keys.Wrapped{{Data: wrapped[0]}})
	require.ErrorIs(t, err, keys.ErrEpochGone)
	require.NotErrorIs(t, err, keys.ErrUnavailable, "it does not come back")
	epochs, err := root.Epochs(t.Context())
	require.NoError(t, err)
	require.NotContains(t, epochs, epoch)
	require.Contains(t, epochs, kept)

	// A new key of the old name opens nothing of the old one.
	require.NoError(t, root.Create(t.Context(), epoch))
	_, err = root.Unwrap(t.Context(), epoch, []keys.Wrapped{{Data: wrapped[0]}})
	require.ErrorIs(t, err, keys.ErrTampered)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = root.Wrap(cancelled, epoch, []keys.Plain{{Key: bytes.Repeat([]byte{1}, 32)}}) // must return
}
