package audit

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"

	"github.com/voicehive/voicehive/compliance/keys"
)

// details reads the opened details beside the entries: both are in one order.
type details struct {
	file  io.ReadCloser
	lines *bufio.Scanner
	next  *detailLine
	skip  bool // the entries could not be read to the end
}

func (v *verification) openDetails() (*details, error) {
	d := &details{}
	f := v.files[packDetails]
	if f == nil {
		return d, nil
	}
	file, err := f.Open()
	if err != nil {
		v.report.find(FoundForm, -1, "the details cannot be read: %v", err)
		return d, nil
	}
	d.file, d.lines = file, bufio.NewScanner(file)
	d.lines.Buffer(make([]byte, 0, 64<<10), maxDetailLine)
	d.advance(v.report)
	return d, nil
}

func (d *details) close() {
	if d.file != nil {
		_ = d.file.Close()
	}
}

func (d *details) advance(r *Report) {
	d.next = nil
	if !d.lines.Scan() {
		if err := d.lines.Err(); err != nil {
			r.find(FoundForm, -1, "the details cannot be read on: %v", err)
		}
		return
	}
	var next detailLine
	if err := json.Unmarshal(d.lines.Bytes(), &next); err != nil {
		r.find(FoundForm, -1, "a line of the details cannot be read")
		return
	}
	d.next = &next
}

// check compares the entry's detail, when there is one, with the commitment.
func (d *details) check(r *Report, n int64, leaf Leaf) {
	if d.next == nil || d.next.N != n {
		if d.file != nil && leaf.Kind != KindOpened {
			r.find(FoundDetail, n, "the detail of entry %d is missing", n)
		}
		return
	}
	line := *d.next
	d.advance(r)
	if line.Destroyed {
		r.Destroyed++
		return
	}
	tenant, id, _ := strings.Cut(line.Scope, "/")
	err := Detail{Nonce: line.Nonce, Text: line.Detail}.Matches(leaf, keys.Scope{Tenant: tenant, ID: id})
	if err != nil || line.Scope == "" {
		r.find(FoundDetail, n, "the detail of entry %d is not the one that was logged", n)
		return
	}
	r.Opened++
}

// finish complains about details that are of no entry.
func (d *details) finish(r *Report) {
	if d.next != nil && !d.skip {
		r.find(FoundDetail, d.next.N, "there is a detail of entry %d, which is not told or stands elsewhere", d.next.N)
	}
}
