package objects_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/internal/objects"
)

func open(t *testing.T) (*objects.Directory, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store")
	d, err := objects.OpenDirectory(path)
	require.NoError(t, err)
	return d, path
}

func TestObjectIsWrittenOnce(t *testing.T) {
	t.Parallel()
	d, path := open(t)
	_, err := d.Read(t.Context(), "heads/2026/1")
	require.ErrorIs(t, err, objects.ErrNotFound)
	require.NoError(t, d.Put(t.Context(), "heads/2026/1", []byte("one")))
	require.NoError(t, d.Put(t.Context(), "heads/2026/1", []byte("one")), "a repeated write")
	require.ErrorIs(t, d.Put(t.Context(), "heads/2026/1", []byte("two")), objects.ErrExists)
	content, err := d.Read(t.Context(), "heads/2026/1")
	require.NoError(t, err)
	require.Equal(t, "one", string(content))
	info, err := os.Stat(filepath.Join(path, "heads/2026/1"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o400), info.Mode().Perm())
	left, err := filepath.Glob(filepath.Join(path, "heads/2026/.*"))
	require.NoError(t, err)
	require.Empty(t, left, "nothing half written stays")
}

func TestOneOfManyWritersWins(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			if err := d.Put(t.Context(), "a/b", fmt.Append(nil, i)); err == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
}

func TestNamesStayInTheFolder(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	for _, name := range []string{"", "/a", "a/", "../a", "a/../b", ".hidden", "a/.b", "a\x00", "a b", "a//b", string(bytes.Repeat([]byte("a"), 513))} {
		require.ErrorIs(t, d.Put(t.Context(), name, nil), objects.ErrName, name)
		_, err := d.Read(t.Context(), name)
		require.ErrorIs(t, err, objects.ErrName, name)
		_, err = d.List(t.Context(), name, "")
		require.ErrorIs(t, err, objects.ErrName, name)
	}
	require.ErrorIs(t, d.Put(t.Context(), "a", make([]byte, objects.MaxSize+1)), objects.ErrTooLarge)
}

// TestListIsOrderedByWholeNames compares with a plain sort, for any tree.
func TestListIsOrderedByWholeNames(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		path, err := os.MkdirTemp(base, "")
		require.NoError(t, err)
		d, err := objects.OpenDirectory(path)
		require.NoError(t, err)
		name := rapid.StringMatching(`f/(a|b|a-b|1|10)(/(x|y|x-y)){0,2}`)
		var kept []string
		for _, n := range rapid.SliceOfN(name, 0, 12).Draw(t, "names") {
			if d.Put(t.Context(), n, []byte(n)) == nil {
				kept = append(kept, n)
			}
		}
		after := name.Draw(t, "after")
		slices.Sort(kept)
		kept = slices.DeleteFunc(slices.Compact(kept), func(n string) bool { return n <= after })
		listed, err := d.List(t.Context(), "f", after)
		require.NoError(t, err)
		require.Equal(t, len(kept), len(listed))
		require.True(t, slices.Equal(kept, listed), "%v %v", kept, listed)
	})
}

func TestListIsBounded(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	for i := range objects.MaxList + 5 {
		require.NoError(t, d.Put(t.Context(), fmt.Sprintf("f/%04d", i), nil))
	}
	names, err := d.List(t.Context(), "f", "")
	require.NoError(t, err)
	require.Len(t, names, objects.MaxList)
	names, err = d.List(t.Context(), "f", names[len(names)-1])
	require.NoError(t, err)
	require.Equal(t, []string{"f/1000", "f/1001", "f/1002", "f/1003", "f/1004"}, names)
	names, err = d.List(t.Context(), "nothing", "")
	require.NoError(t, err)
	require.Empty(t, names)
}
