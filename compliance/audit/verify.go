package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// VerifyOptions say what a pack is checked against. Only Keys are needed.
type VerifyOptions struct {
	// Keys are the log's, from another source than the pack.
	Keys LogKeys
	// Policy says which witnesses must have cosigned the head; nil demands none.
	Policy *Policy
	// Against are signed heads that the reader got earlier or elsewhere, such as
	// from a witness.
	Against [][]byte
	// Whole demands that every entry of the log is told, not a tenant's alone.
	Whole bool
	// Progress is told how far the check is, as entries of the log.
	Progress func(done, of int64)
}

// ErrPack says that a file is no pack at all.
var ErrPack = errors.New("audit: not a pack of an audit log")

// Verify checks a pack offline and names what is wrong. It reads the pack as a
// stream and keeps little of it in memory. The error is about the reading;
// what is wrong with the log is in the report.
func Verify(ctx context.Context, pack io.ReaderAt, size int64, o VerifyOptions) (*Report, error) {
	files, err := openPack(pack, size)
	if err != nil {
		return nil, err
	}
	v := &verification{ctx: ctx, files: files, options: o, report: &Report{Findings: []Finding{}, Witnesses: []string{}}}
	if !v.readHead() {
		return v.report, nil
	}
	v.readHeads()
	v.compare()
	for _, step := range []func() error{v.checkEntries, v.checkProofs} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return v.report, nil
}

// openPack lists the files. Two of one name would let two programs read two
// packs, so that is refused.
func openPack(pack io.ReaderAt, size int64) (map[string]*zip.File, error) {
	reader, err := zip.NewReader(pack, size)
	if err != nil {
		return nil, fmt.Errorf("%w: it is no zip file", ErrPack)
	}
	files := make(map[string]*zip.File, len(reader.File))
	for _, f := range reader.File {
		if files[f.Name] != nil {
			return nil, fmt.Errorf("%w: two files have one name", ErrPack)
		}
		files[f.Name] = f
	}
	if files[packHead] == nil || files[packEntries] == nil {
		return nil, fmt.Errorf("%w: it has no %s or no %s", ErrPack, packHead, packEntries)
	}
	return files, nil
}

// A verification is one under way.
type verification struct {
	ctx     context.Context
	files   map[string]*zip.File
	options VerifyOptions
	report  *Report
	head    Head
	signed  []byte
	others  []comparison // heads of sizes up to the head's, by size
}

// A comparison is a head that the tree has to agree with at its size.
type comparison struct {
	head  Head
	given bool // by the reader, not by the pack
	// checked says that the tree could be compared.
	checked bool
}

// small reads a small file whole.
func (v *verification) small(name string, most int64) ([]byte, error) {
	f := v.files[name]
	if f == nil {
		return nil, errors.New("it is missing")
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(content)) > most {
		err = errors.New("it is too large")
	}
	return content, err
}

// readHead checks the head; without it nothing else means anything.
func (v *verification) readHead() bool {
	r := v.report
	signed, err := v.small(packHead, maxNote)
	if err != nil {
		r.find(FoundForm, -1, "the head cannot be read: %v", err)
		return false
	}
	head, err := OpenHead(signed, v.options.Keys)
	if !r.headRight(err, "the head") {
		return false
	}
	v.head, v.signed = head, signed
	r.Origin, r.Size, r.Root = head.Origin, head.Size, head.Root.String()
	if p := v.options.Policy; p != nil {
		r.Witnesses = signers(signed, p.verifiers())
		if !p.Satisfied(signed) {
			r.find(FoundWitnesses, -1, "the policy demands more witnesses than have cosigned the head: %d have", len(r.Witnesses))
		}
	}
	return true
}

// headRight tells whether a head could be opened, and finds why not.
func (r *Report) headRight(err error, what string) bool {
	switch {
	case err == nil:
		return true
	case errors.Is(err, ErrOrigin):
		r.find(FoundOrigin, -1, "%s: %v", what, err)
	case errors.Is(err, ErrSignature):
		r.find(FoundSignature, -1, "%s: no key of the log that was given has signed it, or it was changed", what)
	default:
		r.find(FoundForm, -1, "%s: %v", what, err)
	}
	return false
}

// readHeads collects the heads to compare with: earlier ones of the pack, and
// those that the reader holds.
func (v *verification) readHeads() {
	text, err := v.small(packHeads, maxHeads*maxNote)
	if err != nil {
		v.report.find(FoundForm, -1, "the earlier heads cannot be read: %v", err)
	}
	for i, signed := range splitHeads(text) {
		if i == maxHeads {
			v.report.find(FoundForm, -1, "there are more than %d earlier heads", maxHeads)
			break
		}
		v.collect(signed, fmt.Sprintf("the earlier head %d of the pack", i+1), false)
	}
	for i, signed := range v.options.Against {
		v.collect(signed, fmt.Sprintf("the given head %d", i+1), true)
	}
	slices.SortStableFunc(v.others, func(a, b comparison) int { return int(a.head.Size - b.head.Size) })
}

func (v *verification) collect(signed []byte, what string, given bool) {
	head, err := OpenHead(signed, v.options.Keys)
	if !v.report.headRight(err, what) {
		return
	}
	if head.Origin != v.head.Origin {
		v.report.find(FoundOrigin, -1, "%s is of the log %s, and the pack's of %s", what, head.Origin, v.head.Origin)
		return
	}
	v.others = append(v.others, comparison{head: head, given: given})
}

// splitHeads cuts signed notes apart: each has a text, an empty line and lines
// of signatures.
func splitHeads(text []byte) [][]byte {
	var all [][]byte
	for len(text) > 0 {
		body, rest, ok := bytes.Cut(text, []byte("\n\n"))
		if !ok {
			return append(all, text)
		}
		lines, rest, _ := bytes.Cut(rest, []byte("\n\n"))
		all = append(all, []byte(string(body)+"\n\n"+strings.TrimSuffix(string(lines), "\n")+"\n"))
		text = rest
	}
	return all
}

// compare looks at heads that need no entries: of the same size or larger.
func (v *verification) compare() {
	r := v.report
	for i := range v.others {
		other := &v.others[i]
		switch {
		case other.head.Size > v.head.Size && other.given:
			r.find(FoundRollback, -1, "the pack ends at %d entries, and a head over %d was signed: the tail was dropped, or the pack is older than that head", v.head.Size, other.head.Size)
		case other.head.Size > v.head.Size:
			r.find(FoundRollback, -1, "the pack holds a head over %d entries that was signed earlier, and ends at %d", other.head.Size, v.head.Size)
		case other.head.Size == v.head.Size && other.head.Root != v.head.Root:
			r.find(FoundSplit, -1, "two different heads over %d entries were signed: readers were shown different logs", v.head.Size)
		case other.head.Size != v.head.Size:
			continue // compared on the way through the entries
		}
		other.checked = true
	}
}
