package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
)

// entryCheck goes through the entries once, from left to right. It builds the
// tree twice: of the entries as they are, which is what counts, and of the
// hashes written beside them, which tell which entry was changed when the two
// differ.
type entryCheck struct {
	*verification
	data, noted edge
	next        int // of others
	changed     bool
	skipped     bool
	// Entries that are not what the hash beside them says, and those hashes: to
	// tell an entry that was moved from one that was changed.
	moved   map[int64]tlog.Hash
	noticed map[tlog.Hash]int64
	last    map[writerKey]int64
	details *details
	lines   *bufio.Scanner
}

type writerKey struct {
	tenant [pseudonymSize]byte
	writer uuid.UUID
}

// maxWriters bounds what is remembered of writers.
const maxWriters = 1 << 20

func (v *verification) checkEntries() error {
	file, err := v.files[packEntries].Open()
	if err != nil {
		v.report.find(FoundForm, -1, "the entries cannot be read: %v", err)
		return nil
	}
	defer file.Close()
	c := &entryCheck{verification: v, last: map[writerKey]int64{}, moved: map[int64]tlog.Hash{}, noticed: map[tlog.Hash]int64{}}
	if c.details, err = v.openDetails(); err != nil {
		return err
	}
	defer c.details.close()
	lines := bufio.NewScanner(file)
	c.lines = lines
	lines.Buffer(make([]byte, 0, 64<<10), maxEntryLine)
	for at := 0; lines.Scan(); at++ {
		if at%4096 == 0 {
			if err := v.ctx.Err(); err != nil {
				return err
			}
			if v.options.Progress != nil {
				v.options.Progress(min(c.data.size, v.head.Size), v.head.Size)
			}
		}
		if !c.line(lines.Bytes()) {
			c.details.skip = true
			break
		}
	}
	if err := lines.Err(); err != nil {
		v.report.find(FoundForm, c.data.size, "the entries cannot be read on from number %d: %v", c.data.size, err)
	}
	c.finish()
	return nil
}

// line takes one line; false ends the reading.
func (c *entryCheck) line(text []byte) bool {
	e, err := parseEntryLine(text)
	if err != nil {
		c.report.find(FoundForm, c.data.size, "the line of entry %d cannot be read", c.data.size)
		return false
	}
	c.compareAt()
	switch at := c.data.size; {
	case at >= c.head.Size:
		c.report.find(FoundExtra, at, "there are entries from number %d on that the head does not cover", at)
		return false
	case e.N > at:
		c.missing(e.N)
		return false
	case e.N < at:
		c.report.find(FoundOrder, at, "entry %d stands in the place of entry %d", e.N, at)
		c.changed = true
	}
	if e.Skip {
		return c.subtree(e)
	}
	c.entry(e)
	return true
}

func parseEntryLine(text []byte) (e entryLine, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return e, decoder.Decode(&e)
}

// missing tells an entry that is gone from one that stands further on: then the
// one that was found in its place is followed by an earlier one.
func (c *entryCheck) missing(found int64) {
	at := c.data.size
	if c.lines.Scan() {
		if next, err := parseEntryLine(c.lines.Bytes()); err == nil && next.N < found {
			c.report.find(FoundOrder, at, "entry %d stands in the place of entry %d", found, at)
			return
		}
	}
	c.report.find(FoundMissing, at, "%d entries from number %d on are missing", found-at, at)
}

func (c *entryCheck) subtree(e entryLine) bool {
	c.skipped = true
	err := errors.Join(c.data.addSubtree(e.Level, e.Hash), c.noted.addSubtree(e.Level, e.Hash))
	if err != nil {
		c.report.find(FoundForm, e.N, "the entries from number %d on are no tree", e.N)
		return false
	}
	return true
}

func (c *entryCheck) entry(e entryLine) {
	n, text := c.data.size, []byte(e.Leaf)
	if text == nil {
		text = e.Bytes
	}
	hash := tlog.RecordHash(text)
	c.data.add(hash, nil)
	parents := c.noted.add(e.Hash, nil)[1:]
	c.report.Entries++
	if e.Parents != nil && !slices.Equal(e.Parents, parents) {
		c.report.find(FoundHash, n, "a stored hash of the tree over entry %d is not the one over its entries", n)
	}
	if hash != e.Hash {
		c.changed = true
		if len(c.moved) < maxFindings {
			c.moved[n], c.noticed[e.Hash] = hash, n
		}
		c.report.find(FoundChanged, n, "entry %d is not the one that was logged", n)
		return
	}
	leaf, err := ParseLeaf(text)
	if err != nil {
		c.report.find(FoundChanged, n, "entry %d is no entry of an audit log", n)
		return
	}
	if leaf.Log != c.head.Origin {
		c.report.find(FoundOrigin, n, "entry %d was made for the log %s", n, leaf.Log)
	}
	c.count(n, leaf)
	c.details.check(c.report, n, leaf)
}

// count looks for gaps in the numbers of each writer.
func (c *entryCheck) count(n int64, leaf Leaf) {
	if leaf.Kind == KindOpened {
		return
	}
	w := writerKey{leaf.Tenant, leaf.Writer}
	last, known := c.last[w]
	switch {
	case !known && len(c.last) >= maxWriters:
		return
	case known && leaf.Seq > last+1:
		c.report.find(FoundGap, n, "%d events before entry %d are missing: they were taken away before they were sequenced", leaf.Seq-last-1, n)
	case known && leaf.Seq <= last:
		c.report.find(FoundTwice, n, "entry %d repeats an event or comes too late: its writer had counted further", n)
	}
	c.last[w] = max(last, leaf.Seq)
}

// compareAt compares the tree so far with the heads of its size.
func (c *entryCheck) compareAt() {
	for c.next < len(c.others) && c.others[c.next].head.Size <= c.data.size {
		other := &c.others[c.next]
		c.next++
		if other.checked || other.head.Size < c.data.size {
			continue // compared already, or its size was stepped over
		}
		other.checked = true
		c.report.Compared++
		if c.data.root() != other.head.Root {
			c.disagree(*other)
		}
	}
}

// disagree tells that the tree is not the one of a head. When a single entry is
// known to be changed, that is the reason, and is told already.
func (c *entryCheck) disagree(other comparison) {
	if c.changed && c.noted.root() == other.head.Root {
		return
	}
	from := int64(0)
	for _, o := range c.others[:c.next-1] {
		if o.checked && o.head.Size < other.head.Size {
			from = o.head.Size
		}
	}
	if other.given {
		c.report.find(FoundSplit, -1, "the first %d entries are not those that a head given by the reader was signed over: the log was rewritten, or readers were shown different ones", other.head.Size)
		return
	}
	c.report.find(FoundRoot, -1, "the entries between %d and %d are not those that were logged", from, other.head.Size)
}

// finish compares with the head itself, and with what was not reached.
func (c *entryCheck) finish() {
	c.compareAt()
	r := c.report
	r.Whole = !c.skipped
	if c.options.Whole && c.skipped {
		r.find(FoundMissing, -1, "the pack does not tell every entry of the log")
	}
	for _, n := range slices.Sorted(maps.Keys(c.moved)) {
		if place, ok := c.noticed[c.moved[n]]; ok {
			r.find(FoundOrder, n, "the entry that was logged as number %d stands in the place of number %d", place, n)
		}
	}
	switch {
	case c.data.size < c.head.Size:
		if !r.Has(FoundMissing) && !r.Has(FoundForm) && !r.Has(FoundOrder) {
			r.find(FoundTail, c.data.size, "the entries end at %d, and the signed head covers %d: the tail was dropped", c.data.size, c.head.Size)
		}
	case c.data.root() != c.head.Root && (!c.changed || c.noted.root() != c.head.Root):
		r.find(FoundRoot, -1, "the entries are not those that the head was signed over")
	}
	for _, other := range c.others {
		if !other.checked && other.given && other.head.Size > 0 && r.Right() {
			r.find(FoundForm, -1, "the pack cannot be compared with the given head over %d entries: export it again with --against that head", other.head.Size)
		}
	}
	c.details.finish(r)
}
