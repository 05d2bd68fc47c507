package objectstest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/internal/objects"
)

// names that no store takes.
var refused = []string{"", "/a", "a/", "../a", "a/../b", ".hidden", "a/.b", "a\x00", "a b", "a//b", "a.", string(bytes.Repeat([]byte("a"), 513))}

// Store runs what a write-once store must do; open returns an empty one.
func Store(t *testing.T, open func(t testing.TB) objects.Store) {
	for name, test := range map[string]func(*testing.T, objects.Store){
		"writes an object once":          writesOnce,
		"lets one of many writers win":   letsOneWin,
		"refuses names and sizes":        refusesNames,
		"lists in the order of bytes":    listsInOrder,
		"lists a thousand names at most": listsAThousand,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func writesOnce(t *testing.T, s objects.Store) {
	_, err := s.Read(t.Context(), "heads/2026/1")
	require.ErrorIs(t, err, objects.ErrNotFound)
	require.NoError(t, s.Put(t.Context(), "heads/2026/1", []byte("one")))
	require.NoError(t, s.Put(t.Context(), "heads/2026/1", []byte("one")), "a repeated write")
	require.ErrorIs(t, s.Put(t.Context(), "heads/2026/1", []byte("two")), objects.ErrExists)
	content, err := s.Read(t.Context(), "heads/2026/1")
	require.NoError(t, err)
	require.Equal(t, "one", string(content))
	require.NoError(t, s.Put(t.Context(), "heads/2026/10", nil), "an empty one, whose name goes on")
	content, err = s.Read(t.Context(), "heads/2026/10")
	require.NoError(t, err)
	require.Empty(t, content)
	_, err = s.Read(t.Context(), "heads/2026")
	require.Error(t, err, "a folder is no object")
	whole := bytes.Repeat([]byte("x"), objects.MaxSize)
	require.NoError(t, s.Put(t.Context(), "whole", whole))
	content, err = s.Read(t.Context(), "whole")
	require.NoError(t, err)
	require.True(t, bytes.Equal(whole, content))
}

func letsOneWin(t *testing.T, s objects.Store) {
	for round := range 5 {
		name := fmt.Sprintf("race/%d", round)
		var won atomic.Int32
		var winner atomic.Value
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				content := fmt.Sprint(i)
				if err := s.Put(t.Context(), name, []byte(content)); err == nil {
					won.Add(1)
					winner.Store(content)
				} else if !errors.Is(err, objects.ErrExists) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, won.Load())
		content, err := s.Read(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, winner.Load(), string(content))
	}
}

func refusesNames(t *testing.T, s objects.Store) {
	for _, name := range refused {
		require.ErrorIs(t, s.Put(t.Context(), name, nil), objects.ErrName, name)
		_, err := s.Read(t.Context(), name)
		require.ErrorIs(t, err, objects.ErrName, name)
		_, err = s.List(t.Context(), name, "")
		require.ErrorIs(t, err, objects.ErrName, name)
	}
	require.ErrorIs(t, s.Put(t.Context(), "a", make([]byte, objects.MaxSize+1)), objects.ErrTooLarge)
}

// listsInOrder compares with a plain sort, for any tree.
func listsInOrder(t *testing.T, s objects.Store) {
	tree := 0
	rapid.Check(t, func(r *rapid.T) {
		tree++
		folder := fmt.Sprintf("tree%d/f", tree)
		name := rapid.StringMatching(`/(a|b|a-b|1|10)(/(x|y|x-y)){0,2}`)
		var kept []string
		for _, n := range rapid.SliceOfN(name, 0, 8).Draw(r, "names") {
			if s.Put(t.Context(), folder+n, []byte(n)) == nil {
				kept = append(kept, folder+n)
			}
		}
		after := folder + name.Draw(r, "after")
		slices.Sort(kept)
		all := slices.Compact(kept)
		listed, err := s.List(t.Context(), folder, "")
		require.NoError(r, err)
		require.Equal(r, len(all), len(listed))
		require.True(r, slices.Equal(all, listed), "%v %v", all, listed)
		rest := slices.DeleteFunc(slices.Clone(all), func(n string) bool { return n <= after })
		listed, err = s.List(t.Context(), folder, after)
		require.NoError(r, err)
		require.Equal(r, len(rest), len(listed), "%v %v", rest, listed)
		require.True(r, slices.Equal(rest, listed), "%v %v", rest, listed)
	})
}

func listsAThousand(t *testing.T, s objects.Store) {
	const extra = 5
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < objects.MaxList+extra; i += 8 {
				if err := s.Put(t.Context(), fmt.Sprintf("f/%04d", i), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	names, err := s.List(t.Context(), "f", "")
	require.NoError(t, err)
	require.Len(t, names, objects.MaxList)
	names, err = s.List(t.Context(), "f", names[len(names)-1])
	require.NoError(t, err)
	require.Equal(t, []string{"f/1000", "f/1001", "f/1002", "f/1003", "f/1004"}, names)
	names, err = s.List(t.Context(), "f", "e/9999")
	require.NoError(t, err)
	require.Len(t, names, objects.MaxList, "after a name before the folder")
	for folder, after := range map[string]string{"nothing": "", "f": "g/1"} {
		names, err = s.List(t.Context(), folder, after)
		require.NoError(t, err)
		require.Empty(t, names)
	}
}
