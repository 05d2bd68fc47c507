package audit

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// The files of a pack. It is a zip file that holds a log, or the part of it
// that belongs to one tenant, with all that is needed to check it offline:
// signed heads, and the Merkle tree from left to right as lines of JSON. Where
// entries of others stand, there are the roots of the subtrees over them.
const (
	packManifest = "manifest.json"
	packHead     = "head"
	packHeads    = "heads" // earlier signed heads, with a blank line behind each
	packEntries  = "entries.jsonl"
	packDetails  = "details.jsonl"
	packProofs   = "proofs/"
	packReadme   = "README.txt"
)

// maxLine bounds a line of a pack: a leaf and a hash, or a detail.
const (
	maxEntryLine  = 2*MaxLeaf + 64*64
	maxDetailLine = MaxDetail*2 + 1024
	maxHeads      = 512
)

// A manifest tells people what a pack is. Nothing in it is trusted.
type manifest struct {
	Schema  int       `json:"schema"`
	Origin  string    `json:"origin"`
	Size    int64     `json:"size"`
	Tenant  string    `json:"tenant,omitempty"` // its pseudonym; empty is the whole log
	Entries int64     `json:"entries"`
	Open    bool      `json:"open"`
	Made    time.Time `json:"made"`
}

// An entryLine is an entry with its hash, or a subtree whose entries are not
// told: N is the first of them, Skip says that there are 2^Level.
type entryLine struct {
	N     int64           `json:"n"`
	Hash  tlog.Hash       `json:"hash"`
	Leaf  json.RawMessage `json:"leaf,omitempty"`
	Bytes []byte          `json:"bytes,omitempty"` // instead of Leaf, when they are no leaf
	// Parents are the roots of the subtrees that the entry completes, in packs
	// that tell every entry.
	Parents []tlog.Hash `json:"parents,omitempty"`
	Skip    bool        `json:"skip,omitempty"`
	Level   int         `json:"level,omitempty"`
}

// A detailLine is an opened detail, or says that its key was destroyed.
type detailLine struct {
	N         int64           `json:"n"`
	Scope     string          `json:"scope,omitempty"`
	Nonce     []byte          `json:"nonce,omitempty"`
	Detail    json.RawMessage `json:"detail,omitempty"`
	Destroyed bool            `json:"destroyed,omitempty"`
}

const readme = `This is a part of the audit log of a VoiceHive installation, with its proofs.

Check it offline:   voicehive audit verify THIS.zip --vkey KEYFILE

KEYFILE holds the log's public key. Get it from the operator once, by another
way than this file. Names of hotels and guests are not in here: "tenant", "tag"
and "commit" are keyed hashes.

Other programs can check it too: "head" is a C2SP tlog-checkpoint, the files in
proofs/ are C2SP tlog-proofs, and the lines of entries.jsonl are the leaves of
an RFC 6962 Merkle tree from left to right, as the bytes of "leaf".
`

// packWriter writes the files of a pack one after the other.
type packWriter struct {
	zip  *zip.Writer
	made time.Time
}

func (p packWriter) create(name string) (io.Writer, error) {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.made})
	if err != nil {
		return nil, fmt.Errorf("audit: writing the pack: %w", err)
	}
	return w, nil
}

func (p packWriter) file(name string, content []byte) error {
	w, err := p.create(name)
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return fmt.Errorf("audit: writing the pack: %w", err)
	}
	return nil
}

// line writes v as one line of JSON. The bytes of a raw message stay as they
// are, for they are what was hashed.
func line(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("audit: writing the pack: %w", err)
	}
	return nil
}
