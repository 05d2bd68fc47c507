package audio_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/compliance/calls/audio"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

const place = "recording/call/one"

func newRing(t testing.TB) *keys.Ring {
	t.Helper()
	root, err := keys.OpenLocalKeyring(filepath.Join(t.TempDir(), "keyring.json"), "test")
	require.NoError(t, err)
	return keys.New(keys.NewPostgres(postgrestest.New(t, keys.Migrations).Pool(t)), root, keys.Options{Buckets: 2})
}

func newScope(t testing.TB, ring *keys.Ring) keys.Scope {
	t.Helper()
	scope, err := ring.Create(t.Context(), "seaview")
	require.NoError(t, err)
	return scope
}

// testing is what both tests and properties are.
type failer interface {
	require.TestingT
	Helper()
}

func seal(t failer, ring *keys.Ring, scope keys.Scope, plain []byte, piece int) []byte {
	t.Helper()
	var sealed bytes.Buffer
	ctx := testContext()
	w, err := audio.NewWriter(ctx, ring, scope, place, &sealed)
	require.NoError(t, err)
	for rest := plain; len(rest) > 0; {
		n := min(max(piece, 1), len(rest))
		written, err := w.Write(rest[:n])
		require.NoError(t, err)
		require.Equal(t, n, written)
		rest = rest[n:]
	}
	require.NoError(t, w.Close())
	require.NoError(t, w.Close(), "closing twice is nothing")
	return sealed.Bytes()
}

func open(ring *keys.Ring, scope keys.Scope, at string, sealed []byte) ([]byte, error) {
	r, err := audio.NewReader(testContext(), ring, scope, at, bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Whatever its length and however it is written, what is read is what was
// written, and any change of the sealed bytes is found.
func TestStreams(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	scope := newScope(t, ring)
	long := make([]byte, 3*audio.ChunkSize+100)
	rand.Read(long)
	rapid.Check(t, func(t *rapid.T) {
		edge := rapid.SampledFrom([]int{0, 1, audio.ChunkSize - 1, audio.ChunkSize, audio.ChunkSize + 1, 2 * audio.ChunkSize, len(long)})
		size := rapid.OneOf(edge, rapid.IntRange(0, len(long))).Draw(t, "size")
		plain := long[:size]
		sealed := seal(t, ring, scope, plain, rapid.SampledFrom([]int{1000, audio.ChunkSize, 1 << 20}).Draw(t, "piece"))
		got, err := open(ring, scope, place, sealed)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got))

		damaged := bytes.Clone(sealed)
		switch rapid.SampledFrom([]string{"flip", "cut", "add", "swap"}).Draw(t, "damage") {
		case "flip":
			damaged[rapid.IntRange(0, len(damaged)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		case "cut":
			damaged = damaged[:rapid.IntRange(0, len(damaged)-1).Draw(t, "to")]
		case "add":
			damaged = append(damaged, rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "more")...)
		case "swap":
			if size <= 2*audio.ChunkSize {
				return
			}
			const sealedChunk = audio.ChunkSize + 16
			first := len(sealed) - 2*sealedChunk - (size - 2*audio.ChunkSize) - 16
			if size > 3*audio.ChunkSize {
				first = len(sealed) - 3*sealedChunk - (size - 3*audio.ChunkSize) - 16
			}
			copy(damaged[first:], sealed[first+sealedChunk:first+2*sealedChunk])
			copy(damaged[first+sealedChunk:], sealed[first:first+sealedChunk])
		}
		got, err = open(ring, scope, place, damaged)
		require.Error(t, err)
		require.True(t, bytes.HasPrefix(plain, got), "nothing is given out that is not real")
	})
}

func TestStreamsAreBound(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	scope, other := newScope(t, ring), newScope(t, ring)
	require.NoError(t, ring.Ensure(t.Context(), keys.Recording, other))
	plain := bytes.Repeat([]byte("voice"), 40_000)
	sealed := seal(t, ring, scope, plain, 1<<20)
	require.False(t, bytes.Contains(sealed, []byte("voicevoice")))

	_, err := open(ring, scope, "recording/call/two", sealed)
	require.ErrorIs(t, err, keys.ErrTampered, "another place")
	_, err = open(ring, other, place, sealed)
	require.ErrorIs(t, err, keys.ErrTampered, "another call")

	// Chunks of another stream under the same key and place do not fit in.
	second := seal(t, ring, scope, plain, 1<<20)
	const tail = 1000
	mixed := append(bytes.Clone(sealed[:len(sealed)-tail]), second[len(second)-tail:]...)
	_, err = open(ring, scope, place, mixed)
	require.ErrorIs(t, err, audio.ErrTampered)

	// Cut between two chunks.
	const sealedChunk = audio.ChunkSize + 16
	body := len(plain) + 16*((len(plain)+audio.ChunkSize-1)/audio.ChunkSize)
	got, err := open(ring, scope, place, sealed[:len(sealed)-body+2*sealedChunk])
	require.ErrorIs(t, err, audio.ErrTruncated)
	require.Len(t, got, audio.ChunkSize, "what was proved before the cut is real; the last chunk before it is not given out")
	_, err = open(ring, scope, place, sealed[:len(sealed)-body])
	require.ErrorIs(t, err, audio.ErrTruncated)
	_, err = open(ring, scope, place, nil)
	require.ErrorIs(t, err, audio.ErrTruncated)
	_, err = open(ring, scope, place, []byte("RIFF, and other audio that is not sealed"))
	require.ErrorIs(t, err, audio.ErrFormat)

	_, err = ring.DestroyPurposes(t.Context(), scope, keys.Recording)
	require.NoError(t, err)
	_, err = open(ring, scope, place, sealed)
	require.ErrorIs(t, err, keys.ErrDestroyed)
	_, err = audio.NewWriter(t.Context(), ring, scope, place, io.Discard)
	require.ErrorIs(t, err, keys.ErrDestroyed, "a destroyed key does not come back")
}

// A stream that was not closed counts as cut off.
func TestUnclosedStreamIsCutOff(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	scope := newScope(t, ring)
	var sealed bytes.Buffer
	w, err := audio.NewWriter(t.Context(), ring, scope, place, &sealed)
	require.NoError(t, err)
	_, err = w.Write(make([]byte, 2*audio.ChunkSize+1))
	require.NoError(t, err)
	_, err = open(ring, scope, place, sealed.Bytes())
	require.ErrorIs(t, err, audio.ErrTruncated)
	require.NoError(t, w.Close())
	_, err = w.Write([]byte("late"))
	require.Error(t, err)
	got, err := open(ring, scope, place, sealed.Bytes())
	require.NoError(t, err)
	require.Len(t, got, 2*audio.ChunkSize+1)
}

var errDisk = errors.New("the disk is full")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errDisk }

func TestBrokenPlaces(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	scope := newScope(t, ring)
	_, err := audio.NewWriter(t.Context(), ring, scope, place, broken{})
	require.ErrorIs(t, err, errDisk)
	sealed := seal(t, ring, scope, make([]byte, 10), 10)
	r, err := audio.NewReader(t.Context(), ring, scope, place, io.MultiReader(bytes.NewReader(sealed[:len(sealed)-5]), iotest.ErrReader(errDisk)))
	require.NoError(t, err)
	for range 2 {
		_, err = r.Read(make([]byte, 100))
		require.ErrorIs(t, err, errDisk)
	}
	_, err = audio.NewWriter(t.Context(), ring, keys.Scope{Tenant: "seaview", ID: ulid.Make().String()}, "", io.Discard)
	require.NoError(t, err, "a key is made on first use")
}

func FuzzReader(f *testing.F) {
	ring := newRing(f)
	scope := newScope(f, ring)
	sealed := seal(f, ring, scope, []byte("voice"), 5)
	f.Add(sealed)
	f.Add(sealed[:20])
	f.Add([]byte("VHA1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := open(ring, scope, place, text)
		if err == nil && !bytes.Equal(text, sealed) {
			t.Errorf("%d bytes that nobody sealed open as %q", len(text), got)
		}
	})
}

func testContext() context.Context { return context.Background() }
