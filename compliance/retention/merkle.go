package retention

import (
	"crypto/sha256"
	"encoding/binary"
)

// A tree computes the root of a Merkle tree (RFC 6962) of what is added, in
// memory that grows with the logarithm of how much that is.
type tree struct {
	n     int64
	peaks [][32]byte // of the full trees of which it is made, the largest first
	leaf  []byte     // for use again: a run hashes every row's key
}

func newTree() *tree { return &tree{} }

// add adds a leaf of some texts, each with its length before it.
func (t *tree) add(texts ...string) {
	t.leaf = append(t.leaf[:0], 0)
	for _, text := range texts {
		t.leaf = binary.BigEndian.AppendUint32(t.leaf, uint32(len(text))) //nolint:gosec // keys are short
		t.leaf = append(t.leaf, text...)
	}
	t.peaks = append(t.peaks, sha256.Sum256(t.leaf))
	for n := t.n; n&1 == 1; n >>= 1 {
		last := len(t.peaks) - 1
		t.peaks[last-1] = node(t.peaks[last-1], t.peaks[last])
		t.peaks = t.peaks[:last]
	}
	t.n++
}

func node(left, right [32]byte) [32]byte {
	var both [65]byte
	both[0] = 1
	copy(both[1:], left[:])
	copy(both[33:], right[:])
	return sha256.Sum256(both[:])
}

// root is the root of all that was added; that of nothing is the hash of nothing.
func (t *tree) root() [32]byte {
	if t.n == 0 {
		return sha256.Sum256(nil)
	}
	root := t.peaks[len(t.peaks)-1]
	for i := len(t.peaks) - 2; i >= 0; i-- {
		root = node(t.peaks[i], root)
	}
	return root
}
