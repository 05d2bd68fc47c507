package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/transparency-dev/formats/proof"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// maxProof bounds a .tlog-proof: a path, a head and an entry.
const maxProof = maxNote + 8<<10

// A ProvenEntry is what a .tlog-proof proves.
type ProvenEntry struct {
	Head Head
	N    int64
	Leaf Leaf
	Text []byte
}

// VerifyProof checks a .tlog-proof whose extra line is the entry. It uses
// another Merkle tree than the one that made the proof.
func VerifyProof(text []byte, keys LogKeys) (ProvenEntry, error) {
	if len(text) > maxProof {
		return ProvenEntry{}, fmt.Errorf("audit: a proof has at most %d bytes", maxProof)
	}
	var p proof.TLogProof
	if err := p.Unmarshal(text); err != nil {
		return ProvenEntry{}, fmt.Errorf("audit: not a .tlog-proof: %w", err)
	}
	head, err := OpenHead(p.Checkpoint, keys)
	if err != nil {
		return ProvenEntry{}, err
	}
	leaf, err := ParseLeaf(p.ExtraData)
	if err != nil {
		return ProvenEntry{}, err
	}
	path := make([][]byte, len(p.Hashes))
	for i := range p.Hashes {
		path[i] = p.Hashes[i][:]
	}
	hash := rfc6962.DefaultHasher.HashLeaf(p.ExtraData)
	if err := merkle.VerifyInclusion(rfc6962.DefaultHasher, p.Index, uint64(head.Size), hash, path, head.Root[:]); err != nil {
		return ProvenEntry{}, fmt.Errorf("audit: the entry is not in the log at %d, or was changed: %w", p.Index, err)
	}
	return ProvenEntry{Head: head, N: int64(p.Index), Leaf: leaf, Text: p.ExtraData}, nil
}

// checkProofs checks every .tlog-proof of the pack.
func (v *verification) checkProofs() error {
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		number, ok := strings.CutPrefix(name, packProofs)
		if !ok {
			continue
		}
		if err := v.ctx.Err(); err != nil {
			return err
		}
		text, err := v.small(name, maxProof)
		var proven ProvenEntry
		if err == nil {
			proven, err = VerifyProof(text, v.options.Keys)
		}
		if err == nil && number != fmt.Sprintf("%d.tlog-proof", proven.N) {
			err = fmt.Errorf("it proves entry %d", proven.N)
		}
		if err == nil && proven.Head != v.head {
			err = errors.New("it is of another head")
		}
		if err != nil {
			v.report.find(FoundProof, -1, "%s: %v", name, err)
			continue
		}
		v.report.Proofs++
	}
	return nil
}
