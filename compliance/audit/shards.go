package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

var (
	// ErrDropped says that a year's entries had had their time. Its last signed
	// head is still there, and the next year goes on from it.
	ErrDropped = errors.New("audit: the entries of this year had had their time and were dropped; its last signed head is kept")
	// ErrUnripe says that a year cannot be dropped yet.
	ErrUnripe = errors.New("audit: this year cannot be dropped")
)

// A Shard is the log of a year that is over.
type Shard struct {
	Year int `json:"year"`
	// Size is how many entries it had, Left how many of them are still there,
	// and Bytes how much those hold.
	Size  int64 `json:"size"`
	Left  int64 `json:"left"`
	Bytes int64 `json:"bytes"`
}

// Shards drop years of the log: entries, sealed details and hashes go, the last
// signed head stays. They are for retention, which says when.
type Shards struct {
	pool   *postgres.Pool
	name   string
	signer Signer
	store  objects.Store
}

// NewShards returns the shards of the installation with that name. The signer is
// asked for its public keys alone, the store for the copies of heads.
func NewShards(pool *postgres.Pool, name string, signer Signer, store objects.Store) (*Shards, error) {
	return &Shards{pool, name, signer, store}, CheckName(name)
}

// Over are the years before one that are over: another goes on from them.
// Those that were dropped to their end are not among them.
func (s *Shards) Over(ctx context.Context, before int) (all []Shard, err error) {
	err = s.pool.AsRole(ctx, postgres.RoleArchivist, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select l.year, max(l.n) + 1, count(*), sum(length(l.leaf) + coalesce(length(d.sealed), 0))
			from audit_leaf l left join audit_detail d using (tenant, writer, seq)
			where l.year < $1 and l.year < (select max(year) from audit_leaf) group by 1 order by 1`, before)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Shard])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("audit: reading which years are over: %w", err)
	}
	return all, nil
}

// Ripe tells the last head of a year that may be dropped; else ErrUnripe says
// why not: its end is not signed or not copied, the next year does not go on
// from it, or the log is not the one that was signed, which nobody may hide.
func (s *Shards) Ripe(ctx context.Context, year int) (head Head, err error) {
	known, err := signerKeys(ctx, s.signer, s.name)
	if err != nil {
		return Head{}, err
	}
	var signed signedHead
	err = s.pool.AsRole(ctx, postgres.RoleArchivist, func(tx pgx.Tx) error {
		if signed, err = lastSigned(ctx, tx, year); err != nil {
			return err
		}
		if head, err = OpenHead(signed.note, known); err != nil {
			return fmt.Errorf("%w: it has no signed head: %w", ErrUnripe, err)
		}
		if head.Origin != Origin(s.name, year) || head.Size != signed.size {
			return fmt.Errorf("%w: its last head is of another log", ErrUnripe)
		}
		return s.whole(ctx, tx, year, head)
	})
	if err != nil {
		return Head{}, err
	}
	text, err := s.store.Read(ctx, copyName(year, head.Size))
	if errors.Is(err, objects.ErrNotFound) {
		return Head{}, fmt.Errorf("%w: its last head is not copied", ErrUnripe)
	}
	if err != nil {
		return Head{}, fmt.Errorf("audit: reading the copy of a head: %w", err)
	}
	if copied, err := OpenHead(text, known); err != nil || copied != head {
		return Head{}, fmt.Errorf("%w: the copy of its last head is another one", ErrUnripe)
	}
	return head, nil
}

// whole refuses a year that is not what its last head says. Of one that is
// dropped in part this was looked at before.
func (s *Shards) whole(ctx context.Context, tx pgx.Tx, year int, head Head) error {
	begun, err := dropped(ctx, tx, year)
	if err != nil || begun {
		return err
	}
	var entries, size int64
	var next *int
	var opening []byte
	err = tx.QueryRow(ctx, `
		select count(*), coalesce(max(n) + 1, 0), (select min(year) from audit_leaf where year > $1),
		  (select leaf from audit_leaf where year > $1 and n = 0 order by year limit 1)
		from audit_leaf where year = $1`, year).Scan(&entries, &size, &next, &opening)
	if err != nil {
		return fmt.Errorf("audit: reading where a year ends: %w", err)
	}
	leaf, err := ParseLeaf(opening)
	switch {
	case entries != size || size != head.Size:
		return fmt.Errorf("%w: it has %d entries, the last with number %d, and its last head is over %d", ErrUnripe, entries, size-1, head.Size)
	case next == nil || err != nil || leaf.Previous != fmt.Sprintf("%s %d %s", head.Origin, head.Size, head.Root):
		return fmt.Errorf("%w: the year after it does not go on from its last head", ErrUnripe)
	}
	root, err := rootOf(ctx, tx, year)
	if err == nil && root != head.Root {
		return fmt.Errorf("%w: its entries are not those that were signed: find out what happened first", ErrUnripe)
	}
	return err
}

// rootOf computes the root of a year from its entries, and not from the hashes
// that lie beside them.
func rootOf(ctx context.Context, tx pgx.Tx, year int) (tlog.Hash, error) {
	const page = 5000
	var at edge
	for {
		rows, err := tx.Query(ctx, "select leaf from audit_leaf where year = $1 and n >= $2 order by n limit $3", year, at.size, page)
		if err != nil {
			return tlog.Hash{}, fmt.Errorf("audit: reading the entries of a year: %w", err)
		}
		var leaf []byte
		n := 0
		if _, err := pgx.ForEachRow(rows, []any{&leaf}, func() error {
			at.add(tlog.RecordHash(leaf), nil)
			n++
			return nil
		}); err != nil {
			return tlog.Hash{}, fmt.Errorf("audit: reading the entries of a year: %w", err)
		}
		if n < page {
			return at.root(), nil
		}
	}
}

// dropped tells whether a year is dropped, or being dropped.
func dropped(ctx context.Context, tx pgx.Tx, year int) (yes bool, err error) {
	if err = tx.QueryRow(ctx, "select exists (select from audit_drop where year = $1)", year).Scan(&yes); err != nil {
		return false, fmt.Errorf("audit: reading which years are dropped: %w", err)
	}
	return yes, nil
}

// orDropped is ErrDropped of a year that is.
func orDropped(gone bool) error {
	if gone {
		return ErrDropped
	}
	return nil
}

// A Dropping is what one batch took out of a year.
type Dropping struct {
	// First and Last are the numbers of its entries; Entries is 0 when there was
	// nothing left.
	First, Last, Entries, Bytes int64
}

// Drop takes the next entries out of a year that Ripe has let go, with their
// details, in a transaction of the archivist; what they were sealed with is noted
// for Doomed. With the last of them the year's hashes and its earlier heads go.
func (s *Shards) Drop(ctx context.Context, tx pgx.Tx, year, limit int, head Head) (d Dropping, err error) {
	err = tx.QueryRow(ctx, `
		select coalesce(min(n), 0), coalesce(max(n), -1), count(*), coalesce(sum(length(leaf)), 0)
		from (select n, leaf from audit_leaf where year = $1 order by n limit $2) l`, year, limit).Scan(&d.First, &d.Last, &d.Entries, &d.Bytes)
	if err != nil || d.Entries == 0 {
		return d, dropFailed(err)
	}
	work := &pgx.Batch{}
	work.Queue(`
		insert into audit_drop (year, size, note) select year, size, note from audit_checkpoint
		where year = $1 and size = $2 on conflict do nothing`, year, head.Size)
	work.Queue(`
		with gone as (
		  delete from audit_detail d using audit_leaf l
		  where l.year = $1 and l.n <= $2 and d.tenant = l.tenant and d.writer = l.writer and d.seq = l.seq
		  returning d.tenant, d.scope)
		insert into audit_shred (of_tenant, scope) select distinct tenant, scope from gone on conflict do nothing`, year, d.Last)
	work.Queue(`
		insert into audit_writer_end (of_tenant, writer, seq)
		select tenant, writer, max(seq) from audit_leaf where year = $1 and n <= $2 and tenant <> '' group by 1, 2
		on conflict (of_tenant, writer) do update set seq = greatest(audit_writer_end.seq, excluded.seq)`, year, d.Last)
	work.Queue("delete from audit_leaf where year = $1 and n <= $2", year, d.Last)
	for _, table := range []string{"audit_hash", "audit_cosignature", "audit_checkpoint"} {
		work.Queue("delete from "+table+" where year = $1 and not exists (select from audit_leaf where year = $1)", year)
	}
	results := tx.SendBatch(ctx, work)
	for range work.Len() {
		if _, err := results.Exec(); err != nil {
			return Dropping{}, dropFailed(errors.Join(err, results.Close()))
		}
	}
	return d, dropFailed(results.Close())
}

func dropFailed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("audit: dropping a year: %w", err)
}

// A Doomed scope had details in years that are gone, and has none any more.
type Doomed struct{ Tenant, Scope string }

// Doomed are some scopes behind one whose details are all gone, for whoever
// destroys their audit keys and says so with Shredded.
func (s *Shards) Doomed(ctx context.Context, after Doomed, limit int) (page []Doomed, err error) {
	err = s.pool.AsRole(ctx, postgres.RoleArchivist, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select of_tenant, scope from audit_shred k where (of_tenant, scope) > ($1, $2)
			and not exists (select from audit_detail d where d.tenant = k.of_tenant and d.scope = k.scope)
			order by of_tenant, scope limit $3`, after.Tenant, after.Scope, limit)
		if err != nil {
			return err
		}
		page, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Doomed])
		return err
	})
	return page, dropFailed(err)
}

// Shredded strikes out scopes whose audit keys are destroyed, in a transaction
// of the archivist.
func (s *Shards) Shredded(ctx context.Context, tx pgx.Tx, gone []Doomed) error {
	tenants, scopes := make([]string, len(gone)), make([]string, len(gone))
	for i, d := range gone {
		tenants[i], scopes[i] = d.Tenant, d.Scope
	}
	_, err := tx.Exec(ctx, `
		delete from audit_shred k using unnest($1::text[], $2::text[]) g (tenant, scope)
		where k.of_tenant = g.tenant and k.scope = g.scope`, tenants, scopes)
	return dropFailed(err)
}
