package retention

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// A tree computes the root of a Merkle tree (RFC 6962) of what is added, in
// memory that grows with the logarithm of how much that is.
type tree struct {
	n     int64
	peaks [][32]byte // of the full trees of which it is made, the largest first
	hash  hash.Hash
	size  [4]byte
}

func newTree() *tree { return &tree{hash: sha256.New()} }

// add adds a leaf of some texts, each with its length before it.
func (t *tree) add(texts ...string) {
	t.hash.Reset()
	t.hash.Write([]byte{0})
	for _, text := range texts {
		binary.BigEndian.PutUint32(t.size[:], uint32(len(text))) //nolint:gosec // keys are short
		t.hash.Write(t.size[:])
		t.hash.Write([]byte(text))
	}
	var leaf [32]byte
	t.hash.Sum(leaf[:0])
	t.peaks = append(t.peaks, leaf)
	for n := t.n; n&1 == 1; n >>= 1 {
		t.join()
	}
	t.n++
}

// join makes one of the two smallest peaks.
func (t *tree) join() {
	last := len(t.peaks) - 1
	t.peaks[last-1] = t.node(t.peaks[last-1], t.peaks[last])
	t.peaks = t.peaks[:last]
}

func (t *tree) node(left, right [32]byte) (out [32]byte) {
	t.hash.Reset()
	t.hash.Write([]byte{1})
	t.hash.Write(left[:])
	t.hash.Write(right[:])
	t.hash.Sum(out[:0])
	return out
}

// root is the root of all that was added; that of nothing is the hash of nothing.
func (t *tree) root() [32]byte {
	if t.n == 0 {
		return sha256.Sum256(nil)
	}
	root := t.peaks[len(t.peaks)-1]
	for i := len(t.peaks) - 2; i >= 0; i-- {
		root = t.node(t.peaks[i], root)
	}
	return root
}
