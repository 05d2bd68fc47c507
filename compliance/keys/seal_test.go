package keys_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/compliance/keys"
)

func sealer(t testing.TB) (*keys.Ring, keys.Scope) {
	t.Helper()
	ring := keys.New(newMemory(), keyring(t), keys.Options{})
	scope := newScope("seaview")
	require.NoError(t, ring.Ensure(t.Context(), keys.Operations, scope, keys.TenantScope("seaview")))
	return ring, scope
}

func TestSealOpensOnlyWhereItBelongs(t *testing.T) {
	t.Parallel()
	ring, scope := sealer(t)
	other := newScope("seaview")
	foreign := keys.Scope{Tenant: "harbour", ID: scope.ID}
	for _, purpose := range keys.Purposes() {
		require.NoError(t, ring.Ensure(t.Context(), purpose, scope, other, foreign))
	}
	rapid.Check(t, func(rt *rapid.T) {
		plaintext := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(rt, "plaintext")
		purpose, place := rapid.SampledFrom(keys.Purposes()).Draw(rt, "purpose"), rapid.String().Draw(rt, "place")
		sealed, err := ring.Seal(t.Context(), scope, purpose, place, plaintext)
		require.NoError(rt, err)
		again, err := ring.Seal(t.Context(), scope, purpose, place, plaintext)
		require.NoError(rt, err)
		require.NotEqual(rt, sealed, again, "equal content must not look equal")

		opened, err := ring.Open(t.Context(), scope, purpose, place, sealed)
		require.NoError(rt, err)
		require.True(rt, slices.Equal(plaintext, opened))

		for _, elsewhere := range []struct {
			scope   keys.Scope
			purpose keys.Purpose
			place   string
		}{
			{other, purpose, place},
			{foreign, purpose, place},
			{scope, rapid.SampledFrom(keys.Purposes()).Draw(rt, "another purpose"), place},
			{scope, purpose, place + "x"},
		} {
			if elsewhere.scope == scope && elsewhere.purpose == purpose && elsewhere.place == place {
				continue
			}
			_, err = ring.Open(t.Context(), elsewhere.scope, elsewhere.purpose, elsewhere.place, sealed)
			require.ErrorIs(rt, err, keys.ErrTampered)
		}
		_, err = ring.Open(t.Context(), scope, purpose+"x", place, sealed)
		require.ErrorIs(rt, err, keys.ErrMalformed)
	})
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	t.Parallel()
	ring, scope := sealer(t)
	sealed, err := ring.Seal(t.Context(), scope, keys.Operations, "p", []byte("Ada"))
	require.NoError(t, err)
	for i := range len(sealed) * 8 {
		changed := slices.Clone(sealed)
		changed[i/8] ^= 1 << (i % 8)
		_, err := ring.Open(t.Context(), scope, keys.Operations, "p", changed)
		switch {
		case i < 8:
			require.ErrorIs(t, err, keys.ErrEnvelope)
		case i < 40 && err != nil: // the key's version
			require.True(t, isAny(err, keys.ErrTampered, keys.ErrUnknownScope), err)
		default:
			require.ErrorIs(t, err, keys.ErrTampered)
		}
		require.Error(t, err)
	}
	for n := range len(sealed) {
		_, err := ring.Open(t.Context(), scope, keys.Operations, "p", sealed[:n])
		require.True(t, isAny(err, keys.ErrTruncated, keys.ErrTampered), "%d: %v", n, err)
	}
}

func FuzzOpen(f *testing.F) {
	ring, scope := sealer(f)
	sealed, err := ring.Seal(f.Context(), scope, keys.Operations, "p", []byte("Ada"))
	require.NoError(f, err)
	f.Add(sealed)
	f.Add([]byte{1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		if opened, err := ring.Open(t.Context(), scope, keys.Operations, "p", data); err == nil {
			require.Equal(t, sealed, data, "opened %q", opened)
		}
	})
}

func TestSealNeedsAKey(t *testing.T) {
	t.Parallel()
	ring, _ := sealer(t)
	_, err := ring.Seal(t.Context(), newScope("seaview"), keys.Operations, "p", nil)
	require.ErrorIs(t, err, keys.ErrUnknownScope)
	_, err = ring.Seal(t.Context(), keys.Scope{Tenant: "seaview", ID: "x"}, keys.Operations, "p", nil)
	require.ErrorIs(t, err, keys.ErrMalformed)
}

func TestJSONRoundTripSaysNothingOfItsContent(t *testing.T) {
	t.Parallel()
	ring, scope := sealer(t)
	type guest struct{ Name string }
	sealed, err := keys.SealJSON(t.Context(), ring, scope, keys.Operations, "p", guest{"Ada Lovelace"})
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "Lovelace")
	back, err := keys.OpenJSON[guest](t.Context(), ring, scope, keys.Operations, "p", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada Lovelace", back.Name)

	_, err = keys.OpenJSON[struct{ Name int }](t.Context(), ring, scope, keys.Operations, "p", sealed)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "Lovelace")
}

func TestMACTellsListsAndPurposesApart(t *testing.T) {
	t.Parallel()
	ring, _ := sealer(t)
	require.NoError(t, ring.EnsureTenant(t.Context(), "harbour"))
	mac := func(tenant, purpose string, data ...string) string {
		fields := make([][]byte, len(data))
		for i, d := range data {
			fields[i] = []byte(d)
		}
		sum, err := ring.MAC(t.Context(), tenant, purpose, fields...)
		require.NoError(t, err)
		require.Len(t, sum, 32)
		return string(sum)
	}
	require.Equal(t, mac("seaview", "body", "ab", "c"), mac("seaview", "body", "ab", "c"))
	all := map[string]bool{
		mac("seaview", "body", "ab", "c"): true,
		mac("seaview", "body", "a", "bc"): true,
		mac("seaview", "body", "abc"):     true,
		mac("seaview", "body"):            true,
		mac("seaview", "body", ""):        true,
		mac("seaview", "key", "ab", "c"):  true,
		mac("harbour", "body", "ab", "c"): true,
	}
	require.Len(t, all, 7)

	_, err := ring.MAC(t.Context(), "nohotel", "body")
	require.ErrorIs(t, err, keys.ErrUnknownScope)
}

func isAny(err error, targets ...error) bool {
	return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
}
