package keys_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
)

// A guest or a turn of a call has about a kilobyte. The anchor is what the
// standard library does with the same bytes, nonce included: run both and
// compare their MB/s.
const kilobyte = 1024

func bare(b *testing.B) (cipher.AEAD, []byte, []byte) {
	b.Helper()
	key, plain, aad := make([]byte, 32), make([]byte, kilobyte), make([]byte, 80)
	_, _ = rand.Read(key)
	block, err := aes.NewCipher(key)
	require.NoError(b, err)
	aead, err := cipher.NewGCMWithRandomNonce(block)
	require.NoError(b, err)
	return aead, plain, aad
}

func BenchmarkBareSeal(b *testing.B) {
	aead, plain, aad := bare(b)
	b.SetBytes(kilobyte)
	b.ReportAllocs()
	for b.Loop() {
		aead.Seal(nil, nil, plain, aad)
	}
}

func BenchmarkSeal(b *testing.B) {
	ring, scope := sealer(b)
	plain := make([]byte, kilobyte)
	b.SetBytes(kilobyte)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Seal(b.Context(), scope, keys.Operations, "guest", plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBareOpen(b *testing.B) {
	aead, plain, aad := bare(b)
	sealed := aead.Seal(nil, nil, plain, aad)
	b.SetBytes(kilobyte)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := aead.Open(nil, nil, sealed, aad); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	ring, scope := sealer(b)
	sealed, err := ring.Seal(b.Context(), scope, keys.Operations, "guest", make([]byte, kilobyte))
	require.NoError(b, err)
	b.SetBytes(kilobyte)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Open(b.Context(), scope, keys.Operations, "guest", sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnwrap is what a load costs for each key beside its query.
func BenchmarkUnwrap(b *testing.B) {
	store, root := newMemory(), keyring(b)
	maker := keys.New(store, root, keys.Options{Buckets: 8})
	scope, err := maker.Create(b.Context(), "seaview")
	require.NoError(b, err)
	reader := keys.New(store, root, keys.Options{Buckets: 8, TTL: 1})
	b.ReportAllocs()
	for b.Loop() {
		if err := reader.Load(b.Context(), keys.Operations, scope); err != nil {
			b.Fatal(err)
		}
	}
}
