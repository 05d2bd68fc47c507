package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
)

const (
	leafSchema    = 1
	pseudonymSize = 16
	// MaxLeaf bounds a leaf in bytes; one of this schema is much smaller.
	MaxLeaf = 2048
)

// ErrLeaf says that bytes are not a leaf in the one form a leaf has.
var ErrLeaf = errors.New("audit: not a leaf")

// A Leaf is an entry of the log: a canonical JSON object (RFC 8785) of which
// every byte is hashed.
type Leaf struct {
	Log    string // the origin of the log that it belongs to
	Tenant [pseudonymSize]byte
	Kind   Kind
	Actor  string
	// Time is when the event was written, by the database's clock, in
	// microseconds. It orders nothing: clocks jump.
	Time   time.Time
	Tag    [16]byte
	Commit [32]byte
	// Writer counts its entries of one tenant by Seq, from 1 and without a gap:
	// an entry that was taken away before it was sequenced leaves one.
	Writer uuid.UUID
	Seq    int64
	// Previous is the last signed head of the year before; in KindOpened only.
	Previous string
}

// append writes the canonical form. No value in it needs escaping, because
// none has characters that do.
func (l Leaf) append(b []byte) []byte {
	b = append(append(append(b, `{"actor":"`...), l.Actor...), `","commit":"`...)
	b = hex.AppendEncode(b, l.Commit[:])
	b = append(append(append(b, `","kind":"`...), l.Kind...), `","log":"`...)
	b = append(b, l.Log...)
	if l.Previous != "" {
		b = append(append(b, `","previous":"`...), l.Previous...)
	}
	b = append(strconv.AppendInt(append(b, `","schema":1,"seq":`...), l.Seq, 10), `,"tag":"`...)
	b = hex.AppendEncode(b, l.Tag[:])
	b = hex.AppendEncode(append(b, `","tenant":"`...), l.Tenant[:])
	b = strconv.AppendInt(append(b, `","time":`...), l.Time.UnixMicro(), 10)
	var id [36]byte
	encodeUUID(id[:], l.Writer)
	return append(append(append(b, `,"writer":"`...), id[:]...), `"}`...)
}

func encodeUUID(into []byte, id uuid.UUID) {
	hex.Encode(into, id[:4])
	into[8], into[13], into[18], into[23] = '-', '-', '-', '-'
	hex.Encode(into[9:], id[4:6])
	hex.Encode(into[14:], id[6:8])
	hex.Encode(into[19:], id[8:10])
	hex.Encode(into[24:], id[10:])
}

// leafForm is a leaf as JSON reads it.
type leafForm struct {
	Actor    string    `json:"actor"`
	Commit   string    `json:"commit"`
	Kind     Kind      `json:"kind"`
	Log      string    `json:"log"`
	Previous string    `json:"previous"`
	Schema   int       `json:"schema"`
	Seq      int64     `json:"seq"`
	Tag      string    `json:"tag"`
	Tenant   string    `json:"tenant"`
	Time     int64     `json:"time"`
	Writer   uuid.UUID `json:"writer"`
}

// ParseLeaf reads the canonical form and accepts nothing else.
func ParseLeaf(text []byte) (Leaf, error) {
	if len(text) > MaxLeaf {
		return Leaf{}, fmt.Errorf("%w: it has more than %d bytes", ErrLeaf, MaxLeaf)
	}
	var f leafForm
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return Leaf{}, fmt.Errorf("%w: it is not the JSON of one", ErrLeaf)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) || f.Schema != leafSchema || f.Seq < 0 {
		return Leaf{}, fmt.Errorf("%w: it has another schema or more than one object", ErrLeaf)
	}
	l := Leaf{Log: f.Log, Kind: f.Kind, Actor: f.Actor, Time: time.UnixMicro(f.Time).UTC(), Writer: f.Writer, Seq: f.Seq, Previous: f.Previous}
	if !fill(l.Tenant[:], f.Tenant) || !fill(l.Tag[:], f.Tag) || !fill(l.Commit[:], f.Commit) {
		return Leaf{}, fmt.Errorf("%w: a hash has another length", ErrLeaf)
	}
	if !bytes.Equal(l.append(nil), text) {
		return Leaf{}, fmt.Errorf("%w: it is not in the canonical form", ErrLeaf)
	}
	return l, nil
}

func fill(into []byte, text string) bool {
	if hex.DecodedLen(len(text)) != len(into) {
		return false
	}
	n, err := hex.Decode(into, []byte(text))
	return err == nil && n == len(into)
}
