package audit

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/voicehive/voicehive/compliance/keys"
)

// exportTime bounds one export in the database.
const exportTime = 30 * time.Minute

// ExportOptions say what a pack holds.
type ExportOptions struct {
	Year int
	// Tenant is the hotel whose entries are told; empty tells all of them, which
	// is for the installation's own auditor.
	Tenant, Pseudonym string
	// From and Until choose the entries between the first and the last whose
	// time lies in between; zero is no bound.
	From, Until time.Time
	// Proofs adds a .tlog-proof for each entry told.
	Proofs bool
	// Ring opens the details; nil leaves them out. Whoever passes it has checked
	// the right to it.
	Ring *keys.Ring
	// Heads are sizes of heads that the reader holds: the pack can be compared
	// with them.
	Heads []int64
	// Progress is told how far the export is, as entries of the log.
	Progress func(done, of int64)
}

// Export writes a pack (see Verify) and returns how many entries it tells.
func (l *Log) Export(ctx context.Context, out io.Writer, o ExportOptions) (entries int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	err = l.read(ctx, func(tx pgx.Tx) error {
		// A signed head's entries never change, so a long transaction sees what a
		// short one would.
		if _, err := tx.Exec(ctx, "select set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $1, true)",
			fmt.Sprint(exportTime.Milliseconds())); err != nil {
			return err
		}
		e := export{ctx: ctx, tx: tx, options: o, reader: hashes{ctx: ctx, tx: tx, year: o.Year, cache: newCache(4096), ahead: 128, lenient: true}}
		entries, err = e.write(out, Origin(l.name, o.Year))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("audit: exporting: %w", err)
	}
	return entries, nil
}

// An export is one under way.
type export struct {
	ctx     context.Context
	tx      pgx.Tx
	options ExportOptions
	reader  tlog.HashReader
	head    SignedHead
	heads   []SignedHead // earlier ones, by size
	pack    packWriter
}

func (e *export) write(out io.Writer, origin string) (entries int64, err error) {
	if gone, err := dropped(e.ctx, e.tx, e.options.Year); err != nil || gone {
		return 0, errors.Join(err, orDropped(gone))
	}
	if e.head, err = signedHeadOf(e.ctx, e.tx, e.options.Year, 0); err != nil {
		return 0, err
	}
	if e.heads, err = e.earlier(); err != nil {
		return 0, err
	}
	first, last, err := e.span()
	if err != nil {
		return 0, err
	}
	e.pack = packWriter{zip.NewWriter(out), time.Now().UTC()}
	if err := e.pack.file(packReadme, []byte(readme)); err != nil {
		return 0, err
	}
	if err := e.pack.file(packHead, e.head.Note); err != nil {
		return 0, err
	}
	if err := e.writeHeads(); err != nil {
		return 0, err
	}
	if entries, err = e.writeEntries(first, last); err != nil {
		return 0, err
	}
	if e.options.Ring != nil {
		if err := e.writeDetails(first, last); err != nil {
			return 0, err
		}
	}
	if e.options.Proofs {
		if err := e.writeProofs(first, last); err != nil {
			return 0, err
		}
	}
	text, err := json.MarshalIndent(manifest{1, origin, e.head.Size, e.options.Pseudonym, entries, e.options.Ring != nil, e.pack.made}, "", "  ")
	if err == nil {
		err = e.pack.file(packManifest, append(text, '\n'))
	}
	return entries, errors.Join(err, e.pack.zip.Close())
}

// earlier reads signed heads spread over the log: where the log does not agree
// with one, they tell where about it was changed.
func (e *export) earlier() ([]SignedHead, error) {
	rows, err := e.tx.Query(e.ctx, `
		select distinct on (place) size, note from (
		  select size, note, width_bucket(size, 0, $2 + 1, $3) as place from audit_checkpoint where year = $1 and size < $2) c
		order by place, size desc`, e.options.Year, e.head.Size, maxHeads-1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h SignedHead, err error) {
		var text string
		err = row.Scan(&h.Size, &text)
		h.Note = []byte(text)
		return h, err
	})
}

func (e *export) writeHeads() error {
	w, err := e.pack.create(packHeads)
	if err != nil {
		return err
	}
	for _, h := range e.heads {
		if _, err := fmt.Fprintf(w, "%s\n", h.Note); err != nil {
			return fmt.Errorf("audit: writing the pack: %w", err)
		}
	}
	return nil
}

// span is the first and the last entry that is told. What lies between is told
// whatever its time, so that a writer's count has no gaps in the pack.
func (e *export) span() (first, last int64, err error) {
	if e.options.From.IsZero() && e.options.Until.IsZero() {
		return 0, e.head.Size - 1, nil
	}
	first, last = -1, -1
	err = e.each(0, e.head.Size-1, func(n int64, text []byte) error {
		leaf, err := ParseLeaf(text)
		if err != nil {
			return nil // shown as it is; the verifier complains
		}
		if !e.options.From.IsZero() && leaf.Time.Before(e.options.From) || !e.options.Until.IsZero() && !leaf.Time.Before(e.options.Until) {
			return nil
		}
		if first < 0 {
			first = n
		}
		last = n
		return nil
	})
	return first, last, err
}

// each calls fn for the entries to be told, from first to last.
func (e *export) each(first, last int64, fn func(n int64, leaf []byte) error) error {
	sql, args := "select n, leaf from audit_leaf where year = $1 and n between $2 and $3 order by n", []any{e.options.Year, first, last}
	if e.options.Tenant != "" {
		sql = "select n, leaf from audit_leaf where year = $1 and n between $2 and $3 and tenant = $4 order by n"
		args = append(args, e.options.Tenant)
	}
	const page = 5000 // fn reads hashes on the same connection, between two pages
	for from := first; from <= last; {
		args[1] = from
		rows, err := e.tx.Query(e.ctx, sql+fmt.Sprintf(" limit %d", page), args...)
		if err != nil {
			return err
		}
		type entry struct {
			N    int64
			Leaf []byte
		}
		entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
		if err != nil {
			return err
		}
		for _, at := range entries {
			if err := fn(at.N, at.Leaf); err != nil {
				return err
			}
			from = at.N + 1
		}
		if e.options.Progress != nil {
			e.options.Progress(min(from, e.head.Size), e.head.Size)
		}
		if len(entries) < page {
			return nil
		}
	}
	return nil
}

// writeEntries writes the whole tree: what is told as leaves, the rest as
// subtrees, cut where a head can be compared.
func (e *export) writeEntries(first, last int64) (told int64, err error) {
	w, err := e.pack.create(packEntries)
	if err != nil {
		return 0, err
	}
	cuts := append([]int64(nil), e.options.Heads...)
	for _, h := range e.heads {
		cuts = append(cuts, h.Size)
	}
	next := int64(0)
	err = e.each(first, last, func(n int64, text []byte) error {
		// Of all entries of all hotels none is passed over in silence.
		end := n
		if e.whole() {
			end = min(n, first)
		}
		if err := e.skip(w, next, end, cuts); err != nil {
			return err
		}
		indexes := []int64{tlog.StoredHashIndex(0, n)}
		for level := 1; e.whole() && (n+1)&(1<<level-1) == 0; level++ {
			indexes = append(indexes, tlog.StoredHashIndex(level, n>>level))
		}
		found, err := e.reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		next = n + 1
		told++
		return line(w, lineOf(n, found, text))
	})
	if err != nil || e.whole() && next <= last {
		return told, err // what is missing at the end is seen to be missing
	}
	return told, e.skip(w, next, e.head.Size, cuts)
}

// lineOf keeps every byte: what was changed in the database must not look right
// because it was written down more nicely.
func lineOf(n int64, hashes []tlog.Hash, text []byte) entryLine {
	e := entryLine{N: n, Hash: hashes[0], Parents: hashes[1:]}
	if _, err := ParseLeaf(text); err != nil {
		e.Bytes = text[:min(len(text), MaxLeaf)]
	} else {
		e.Leaf = text
	}
	return e
}

// whole tells whether the entries of all tenants are told.
func (e *export) whole() bool { return e.options.Tenant == "" }

// skip writes the subtrees over the entries from a to b, b not among them.
func (e *export) skip(w io.Writer, a, b int64, cuts []int64) error {
	for a < b {
		end := b
		for _, cut := range cuts {
			if a < cut && cut < end {
				end = cut
			}
		}
		trees := subtrees(a, end)
		indexes := make([]int64, len(trees))
		for i, t := range trees {
			indexes[i] = tlog.StoredHashIndex(t.level, t.n)
		}
		found, err := e.reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, t := range trees {
			if err := line(w, entryLine{N: t.n << t.level, Hash: found[i], Skip: true, Level: t.level}); err != nil {
				return err
			}
		}
		a = end
	}
	return nil
}

// writeProofs writes a file for each entry told.
func (e *export) writeProofs(first, last int64) error {
	return e.each(first, last, func(n int64, leaf []byte) error {
		text, err := prove(e.head, n, leaf, e.reader)
		if err != nil {
			return err
		}
		return e.pack.file(fmt.Sprintf("%s%d.tlog-proof", packProofs, n), text)
	})
}
