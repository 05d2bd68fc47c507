package audit

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// flat are stored hashes in memory.
type flat []tlog.Hash

func (f flat) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = f[index]
	}
	return out, nil
}

func leafHash(i int) tlog.Hash { return tlog.RecordHash(fmt.Append(nil, "entry ", i)) }

// TestEdgeIsTheTreeOfOthers compares with both libraries, at every size.
func TestEdgeIsTheTreeOfOthers(t *testing.T) {
	t.Parallel()
	var e edge
	var stored flat
	other := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for size := range 700 {
		want, err := tlog.TreeHash(int64(size), stored)
		require.NoError(t, err)
		require.Equal(t, want, e.root(), size)
		if size > 0 {
			root, err := other.GetRootHash(nil)
			require.NoError(t, err)
			require.Equal(t, root, want[:])
		}
		again, err := loadEdge(int64(size), stored)
		require.NoError(t, err)
		require.Equal(t, want, again.root())

		hash := leafHash(size)
		theirs, err := tlog.StoredHashesForRecordHash(int64(size), hash, stored)
		require.NoError(t, err)
		require.Equal(t, theirs, e.add(hash, nil))
		require.NoError(t, other.Append(hash[:], nil))
		stored = append(stored, theirs...)
		require.EqualValues(t, len(stored), tlog.StoredHashCount(e.size))
	}
}

// TestEdgeOfSubtrees leaves out any parts of a tree and comes to the same root.
func TestEdgeOfSubtrees(t *testing.T) {
	t.Parallel()
	var whole edge
	var stored flat
	for i := range 300 {
		stored = append(stored, whole.add(leafHash(i), nil)...)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 300).Draw(t, "size")
		var e edge
		for e.size < int64(size) {
			if rapid.Bool().Draw(t, "told") {
				e.add(leafHash(int(e.size)), nil)
				continue
			}
			end := rapid.Int64Range(e.size, int64(size)).Draw(t, "end")
			for _, s := range subtrees(e.size, end) {
				require.NoError(t, e.addSubtree(s.level, stored[tlog.StoredHashIndex(s.level, s.n)]))
			}
		}
		want, err := tlog.TreeHash(int64(size), stored)
		require.NoError(t, err)
		require.Equal(t, want, e.root())
	})
	e := edge{size: 6}
	for _, level := range []int{-1, 2, 62, 63, 64, 1000} {
		require.Error(t, e.addSubtree(level, tlog.Hash{}), level)
	}
	e = edge{size: 1 << 62}
	require.Error(t, e.addSubtree(61, tlog.Hash{}), "no overflow")
}
