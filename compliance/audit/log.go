package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/voicehive/voicehive/internal/postgres"
)

var (
	// ErrNoHead says that a year has no log yet, or none of its heads is signed.
	ErrNoHead = errors.New("audit: there is no signed head for this year yet")
	// ErrNoEntry says that an entry is not there, or that no signed head covers
	// it yet.
	ErrNoEntry = errors.New("audit: no such entry below the newest signed head")
)

// A Log is read by auditors. It is safe for concurrent use.
type Log struct {
	pool  *postgres.Pool
	name  string
	cache *cache
}

// NewLog returns the log of the installation with that name.
func NewLog(pool *postgres.Pool, name string) (*Log, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return &Log{pool: pool, name: name, cache: newCache(16_384)}, nil
}

// Status tells where the newest log stands. It goes through every writer.
func (l *Log) Status(ctx context.Context) (s Status, err error) {
	err = l.read(ctx, func(tx pgx.Tx) (err error) {
		s, err = readStatus(ctx, tx, l.name, true)
		return err
	})
	if err != nil {
		return Status{}, fmt.Errorf("audit: reading where the log stands: %w", err)
	}
	return s, nil
}

// Behind is how long the oldest event has waited that no signed head covers; zero
// when none waits. More than Patience says that no sequencer works, or that it
// cannot sign.
func (l *Log) Behind(ctx context.Context) (late time.Duration, err error) {
	err = l.read(ctx, func(tx pgx.Tx) (err error) {
		late, err = behind(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("audit: reading how far the log is behind: %w", err)
	}
	return late, nil
}

// Year is the newest year with a log; 0 when there is none.
func (l *Log) Year(ctx context.Context) (year int, err error) {
	err = l.read(ctx, func(tx pgx.Tx) (err error) {
		year, _, err = end(ctx, tx)
		return err
	})
	return year, err
}

// A SignedHead is a head with its signatures: the log's and those of witnesses.
type SignedHead struct {
	Size int64
	Note []byte
}

// Head returns the newest signed head of a year, or ErrNoHead.
func (l *Log) Head(ctx context.Context, year int) (h SignedHead, err error) {
	err = l.read(ctx, func(tx pgx.Tx) (err error) {
		h, err = signedHeadOf(ctx, tx, year, 0)
		return err
	})
	return h, err
}

// signedHeadOf reads the newest signed head, of some size at least.
func signedHeadOf(ctx context.Context, tx pgx.Tx, year int, atLeast int64) (h SignedHead, err error) {
	var text string
	var lines []string
	err = tx.QueryRow(ctx, `
		select c.size, c.note, array(
		  select line from audit_cosignature s where s.year = c.year and s.size = c.size order by witness)
		from audit_checkpoint c where year = $1 and size >= $2
		order by size desc limit 1`, year, atLeast).Scan(&h.Size, &text, &lines)
	if errors.Is(err, pgx.ErrNoRows) {
		return SignedHead{}, ErrNoHead
	}
	if err != nil {
		return SignedHead{}, fmt.Errorf("audit: reading the newest head: %w", err)
	}
	h.Note = withSignatures([]byte(text), lines...)
	return h, nil
}

// Prove returns a C2SP .tlog-proof of the nth entry of a year against the
// newest signed head; its extra line is the entry itself.
func (l *Log) Prove(ctx context.Context, year int, n int64) (text []byte, err error) {
	err = l.read(ctx, func(tx pgx.Tx) error {
		if gone, err := dropped(ctx, tx, year); err != nil || gone {
			return errors.Join(err, orDropped(gone))
		}
		head, err := signedHeadOf(ctx, tx, year, 0)
		if err != nil {
			return err
		}
		if n < 0 || n >= head.Size {
			return ErrNoEntry
		}
		var leaf []byte
		if err := tx.QueryRow(ctx, "select leaf from audit_leaf where year = $1 and n = $2", year, n).Scan(&leaf); err != nil {
			return fmt.Errorf("audit: reading an entry: %w", err)
		}
		text, err = prove(head, n, leaf, hashes{ctx: ctx, tx: tx, year: year, cache: l.cache})
		return err
	})
	return text, err
}

func prove(head SignedHead, n int64, leaf []byte, reader tlog.HashReader) ([]byte, error) {
	path, err := tlog.ProveRecord(head.Size, n, reader)
	if err != nil {
		return nil, fmt.Errorf("audit: proving an entry: %w", err)
	}
	p := proof.TLogProof{Index: uint64(n), Checkpoint: head.Note, ExtraData: leaf, Hashes: make([][32]byte, len(path))}
	for i, h := range path {
		p.Hashes[i] = h
	}
	return p.Marshal(), nil
}

// Find returns the places of a tenant's entries whose detail is of a scope,
// oldest first and 1,000 at most.
func (l *Log) Find(ctx context.Context, tenant, scope string) (places []Place, err error) {
	err = l.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select l.year, l.n from audit_detail d join audit_leaf l using (tenant, writer, seq)
			where d.tenant = $1 and d.scope = $2 order by 1, 2 limit 1000`, tenant, scope)
		if err != nil {
			return err
		}
		places, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Place])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("audit: finding the entries of a scope: %w", err)
	}
	return places, nil
}

// A Place is where an entry stands.
type Place struct {
	Year int   `json:"year"`
	N    int64 `json:"n"`
}

func (l *Log) read(ctx context.Context, fn func(pgx.Tx) error) error {
	return l.pool.AsRole(ctx, postgres.RoleAuditor, fn)
}
