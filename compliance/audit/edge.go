package audit

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// An edge is the right side of a Merkle tree (RFC 6962): the roots of the
// complete subtrees that its size is the sum of. It is all that is needed to
// add leaves and to know the root.
type edge struct {
	size  int64
	nodes [63]tlog.Hash // by level; what counts are those whose bit in size is set
}

// add adds a leaf by its hash. It appends to stored the hashes that came to be,
// in the order of tlog.StoredHashIndex.
func (e *edge) add(leaf tlog.Hash, stored []tlog.Hash) []tlog.Hash {
	stored = append(stored, leaf)
	level := 0
	for ; e.size>>level&1 == 1; level++ {
		leaf = tlog.NodeHash(e.nodes[level], leaf)
		stored = append(stored, leaf)
	}
	e.nodes[level] = leaf
	e.size++
	return stored
}

// addSubtree adds a complete subtree of 2^level leaves by its root. It fits
// only where such a subtree begins.
func (e *edge) addSubtree(level int, root tlog.Hash) error {
	if level < 0 || level > 61 || e.size&(1<<level-1) != 0 || e.size > 1<<62-1<<level {
		return fmt.Errorf("a subtree of 2^%d leaves does not begin at %d", level, e.size)
	}
	e.size += 1 << level
	for ; e.size>>level&1 == 0; level++ {
		root = tlog.NodeHash(e.nodes[level], root)
	}
	e.nodes[level] = root
	return nil
}

// root is the hash of the whole tree.
func (e *edge) root() tlog.Hash {
	var root tlog.Hash
	if e.size == 0 {
		root, _ = tlog.TreeHash(0, nil) // reads nothing
		return root
	}
	level := bits.TrailingZeros64(uint64(e.size))
	root = e.nodes[level]
	for level++; level < len(e.nodes); level++ {
		if e.size>>level&1 == 1 {
			root = tlog.NodeHash(e.nodes[level], root)
		}
	}
	return root
}

// loadEdge reads the edge of a tree of some size.
func loadEdge(size int64, hashes tlog.HashReader) (*edge, error) {
	e := &edge{size: size}
	var levels []int
	var indexes []int64
	for level := range len(e.nodes) {
		if size>>level&1 == 1 {
			levels, indexes = append(levels, level), append(indexes, tlog.StoredHashIndex(level, size>>(level+1)<<1))
		}
	}
	found, err := hashes.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for i, level := range levels {
		e.nodes[level] = found[i]
	}
	return e, nil
}

// A subtree is a complete one: 2^level leaves from n<<level on.
type subtree struct {
	level int
	n     int64
}

// subtrees splits the leaves from a to b, b not among them, into the largest
// complete subtrees.
func subtrees(a, b int64) []subtree {
	var all []subtree
	for a < b {
		level := bits.Len64(uint64(b-a)) - 1
		if a != 0 {
			level = min(level, bits.TrailingZeros64(uint64(a)))
		}
		all = append(all, subtree{level, a >> level})
		a += 1 << level
	}
	return all
}
