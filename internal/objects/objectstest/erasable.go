package objectstest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
)

// Erasable runs what a store must do whose objects can be erased; open returns
// an empty one.
func Erasable(t *testing.T, open func(t testing.TB) objects.Erasable) {
	for name, test := range map[string]func(*testing.T, objects.Erasable){
		"keeps and erases":             keepsAndErases,
		"keeps large objects":          keepsLarge,
		"lets one of many writers win": letsOneRecord,
		"erases while others write":    erasesUnderWriters,
		"refuses names":                refusesErasableNames,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func readAll(t testing.TB, s objects.Erasable, name string) string {
	t.Helper()
	body, err := s.Read(t.Context(), name)
	require.NoError(t, err)
	content, err := io.ReadAll(body)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	return string(content)
}

func absent(t testing.TB, s objects.Erasable, name string) {
	t.Helper()
	there, err := s.Exists(t.Context(), name)
	require.NoError(t, err)
	require.False(t, there)
	_, err = s.Read(t.Context(), name)
	require.ErrorIs(t, err, objects.ErrNotFound)
}

func keepsAndErases(t *testing.T, s objects.Erasable) {
	const name, longer = "recordings/one", "recordings/one-more"
	absent(t, s, name)
	require.NoError(t, s.Delete(t.Context(), name), "nothing is erased at once")
	require.NoError(t, s.Put(t.Context(), longer, strings.NewReader("stays")))
	absent(t, s, name)
	require.NoError(t, s.Put(t.Context(), name, strings.NewReader("sealed")))
	content := strings.NewReader("sealed")
	_, err := content.Seek(3, io.SeekStart)
	require.NoError(t, err)
	require.NoError(t, s.Put(t.Context(), name, content), "a repeated write, from wherever it was read to")
	require.ErrorIs(t, s.Put(t.Context(), name, strings.NewReader("sealex")), objects.ErrExists)
	require.Equal(t, "sealed", readAll(t, s, name))
	there, err := s.Exists(t.Context(), name)
	require.NoError(t, err)
	require.True(t, there)
	for range 2 {
		require.NoError(t, s.Delete(t.Context(), name))
		absent(t, s, name)
	}
	require.Equal(t, "stays", readAll(t, s, longer))
	require.NoError(t, s.Put(t.Context(), name, strings.NewReader("another")), "the name is free again")
	require.Equal(t, "another", readAll(t, s, name))
	require.NoError(t, s.Delete(t.Context(), name))
	absent(t, s, name)
}

func keepsLarge(t *testing.T, s objects.Erasable) {
	content := make([]byte, 9<<20+1)
	_, _ = rand.Read(content)
	require.NoError(t, s.Put(t.Context(), "recordings/large", bytes.NewReader(content)))
	require.True(t, readAll(t, s, "recordings/large") == string(content))
	require.NoError(t, s.Put(t.Context(), "recordings/empty", bytes.NewReader(nil)))
	require.Empty(t, readAll(t, s, "recordings/empty"))
	for _, name := range []string{"recordings/large", "recordings/empty"} {
		require.NoError(t, s.Delete(t.Context(), name))
		absent(t, s, name)
	}
}

func letsOneRecord(t *testing.T, s objects.Erasable) {
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := s.Put(t.Context(), "a/b", strings.NewReader(fmt.Sprint(i)))
			if err == nil {
				won.Add(1)
				return
			}
			if !errors.Is(err, objects.ErrExists) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
}

// erasesUnderWriters: whatever writers and erasers do meanwhile, an erasure
// after them leaves nothing.
func erasesUnderWriters(t *testing.T, s objects.Erasable) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 4 {
				// What a writer is told while others erase is not asked here.
				_ = s.Put(t.Context(), "a/b", strings.NewReader(fmt.Sprint(i, j)))
				if err := s.Delete(t.Context(), "a/b"); err != nil && !errors.Is(err, objects.ErrNotErased) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, s.Delete(t.Context(), "a/b"))
	absent(t, s, "a/b")
}

func refusesErasableNames(t *testing.T, s objects.Erasable) {
	for _, name := range refused {
		require.ErrorIs(t, s.Put(t.Context(), name, strings.NewReader("x")), objects.ErrName, name)
		require.ErrorIs(t, s.Delete(t.Context(), name), objects.ErrName, name)
		_, err := s.Read(t.Context(), name)
		require.ErrorIs(t, err, objects.ErrName, name)
		_, err = s.Exists(t.Context(), name)
		require.ErrorIs(t, err, objects.ErrName, name)
	}
}
