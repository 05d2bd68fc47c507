package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/voicehive/voicehive/internal/postgres"
)

// The advisory locks of the two jobs. Any numbers do that nobody else takes.
const (
	sequenceLock int64 = 0x7668617564697401
	publishLock  int64 = 0x7668617564697402
)

// batchTime bounds one transaction of the sequencer.
const batchTime = 25 * time.Second

// An outboxRow is an event that waits.
type outboxRow struct {
	id                     int64
	tenant, kind, actor    string
	writer                 uuid.UUID
	seq                    int64
	pseudonym, tag, commit []byte
	at                     time.Time
}

// Sequence takes one batch of the outbox into the log, durably and at once:
// entries, hashes and the emptied outbox are one transaction. It returns how
// many there were: none when nothing waits or another process is at it.
func (s *Sequencer) Sequence(ctx context.Context) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	var done batch
	err = s.pool.AsRole(ctx, postgres.RoleSequencer, func(tx pgx.Tx) error {
		if mine, err := lock(ctx, tx, sequenceLock); err != nil || !mine {
			return err
		}
		rows, err := readOutbox(ctx, tx, s.options.Batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		if done, err = s.begin(ctx, tx); err != nil {
			return err
		}
		for _, row := range rows {
			done.add(row, s.options.Name)
		}
		n = len(rows)
		return s.store(ctx, tx, &done, rows)
	})
	if err != nil {
		s.edge = nil // what was added to it is not in the log
		return 0, fmt.Errorf("audit: sequencing: %w", err)
	}
	if n > 0 {
		s.year, s.edge = done.year, done.edge
	}
	return n, nil
}

// lock takes a job's lock until the transaction ends, or tells that another
// process has it.
func lock(ctx context.Context, tx pgx.Tx, number int64) (mine bool, err error) {
	err = tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1) from set_config('synchronous_commit', 'on', true)", number).Scan(&mine)
	return mine, err
}

// A row's number grows with the writer's count, and a transaction that is seen
// is seen whole: so the lowest numbers hold no later event of a writer without
// the earlier ones.
func readOutbox(ctx context.Context, tx pgx.Tx, limit int) ([]outboxRow, error) {
	rows, err := tx.Query(ctx, `
		select id, tenant, writer, seq, pseudonym, kind, actor, tag, commit, at
		from audit_outbox order by id limit $1`, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r outboxRow, err error) {
		err = row.Scan(&r.id, &r.tenant, &r.writer, &r.seq, &r.pseudonym, &r.kind, &r.actor, &r.tag, &r.commit, &r.at)
		return r, err
	})
}

// A batch is what one transaction adds to the log of a year.
type batch struct {
	year    int
	edge    *edge
	first   int64 // number of the first new leaf
	hash    int64 // number of the first new hash
	tenants []string
	writers []uuid.UUID
	seqs    []int64
	leaves  [][]byte
	hashes  []tlog.Hash
	buffer  []byte
}

func (b *batch) add(r outboxRow, name string) {
	b.addLeaf(r.tenant, Leaf{
		Log: Origin(name, b.year), Tenant: [16]byte(r.pseudonym), Kind: Kind(r.kind), Actor: r.actor, Time: r.at,
		Tag: [16]byte(r.tag), Commit: [32]byte(r.commit), Writer: r.writer, Seq: r.seq,
	})
}

func (b *batch) addLeaf(tenant string, l Leaf) {
	start := len(b.buffer)
	b.buffer = l.append(b.buffer)
	text := b.buffer[start:len(b.buffer):len(b.buffer)]
	b.tenants, b.writers, b.seqs = append(b.tenants, tenant), append(b.writers, l.Writer), append(b.seqs, l.Seq)
	b.leaves = append(b.leaves, text)
	b.hashes = b.edge.add(tlog.RecordHash(text), b.hashes)
}

// begin finds the end of the log: the newest year's, or a new year's.
func (s *Sequencer) begin(ctx context.Context, tx pgx.Tx) (batch, error) {
	year, size, err := end(ctx, tx)
	if err != nil {
		return batch{}, err
	}
	next, previous, err := s.nextYear(ctx, tx, year, size)
	if err != nil {
		return batch{}, err
	}
	if next != year {
		b := batch{year: next, edge: &edge{}}
		b.addLeaf("", Leaf{Log: Origin(s.options.Name, next), Kind: KindOpened, Actor: "sequencer", Time: time.Now(), Previous: previous, Seq: int64(next)})
		return b, nil
	}
	if s.edge == nil || s.year != year || s.edge.size != size {
		if s.edge, err = loadEdge(size, hashes{ctx: ctx, tx: tx, year: year, cache: s.cache}); err != nil {
			return batch{}, err
		}
	}
	at := *s.edge
	return batch{year: year, edge: &at, first: size, hash: tlog.StoredHashCount(size)}, nil
}

// end is the newest year with a log, and the log's size; zeros when there is
// none.
func end(ctx context.Context, tx pgx.Tx) (year int, size int64, err error) {
	err = tx.QueryRow(ctx, "select year, n + 1 from audit_leaf order by year desc, n desc limit 1").Scan(&year, &size)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, nil
	}
	return year, size, err
}

// nextYear tells which year's log goes on. A year ends only when the clocks of
// the database and of this process agree that it is over, and when its last
// head is signed; until then its log goes on. It never ends twice, and no clock
// that jumps back opens it again.
func (s *Sequencer) nextYear(ctx context.Context, tx pgx.Tx, year int, size int64) (next int, previous string, err error) {
	now, err := s.databaseYear(ctx, tx)
	if err != nil {
		return 0, "", err
	}
	if now <= year || year != 0 && s.clock().UTC().Year() != now {
		return year, "", nil
	}
	if year == 0 {
		return now, "", nil
	}
	signed, err := lastSigned(ctx, tx, year)
	if err != nil || signed.size != size {
		return year, "", err // the next round signs it
	}
	known, err := signerKeys(ctx, s.options.Signer, s.options.Name)
	if err != nil {
		return 0, "", err
	}
	head, err := OpenHead(signed.note, known)
	if err != nil {
		return 0, "", err
	}
	return now, fmt.Sprintf("%s %d %s", head.Origin, head.Size, head.Root), nil
}

func databaseYear(ctx context.Context, tx pgx.Tx) (year int, err error) {
	err = tx.QueryRow(ctx, "select extract(year from clock_timestamp() at time zone 'UTC')::int").Scan(&year)
	return year, err
}

// store writes a batch and takes its rows from the outbox.
func (s *Sequencer) store(ctx context.Context, tx pgx.Tx, b *batch, rows []outboxRow) error {
	if err := s.findGaps(ctx, tx, rows); err != nil {
		return err
	}
	firsts, chunks := b.chunks()
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.id
	}
	work := &pgx.Batch{}
	work.Queue(`
		insert into audit_leaf (year, n, tenant, writer, seq, leaf)
		select $1, $2 + e.n - 1, e.tenant, e.writer, e.seq, e.leaf
		from unnest($3::text[], $4::uuid[], $5::bigint[], $6::bytea[]) with ordinality e (tenant, writer, seq, leaf, n)`,
		b.year, b.first, b.tenants, b.writers, b.seqs, b.leaves)
	work.Queue(`insert into audit_hash (year, first, hashes) select $1, e.first, e.hashes from unnest($2::bigint[], $3::bytea[]) e (first, hashes)`,
		b.year, firsts, chunks)
	work.Queue("delete from audit_outbox where id = any($1)", ids)
	results := tx.SendBatch(ctx, work)
	for range 2 {
		if _, err := results.Exec(); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	tag, err := results.Exec()
	if err := errors.Join(err, results.Close()); err != nil {
		return err
	}
	if tag.RowsAffected() != int64(len(rows)) {
		return fmt.Errorf("%d rows left the outbox instead of %d: something else takes them", tag.RowsAffected(), len(rows))
	}
	return nil
}

// chunks splits the new hashes into rows.
func (b *batch) chunks() (firsts []int64, chunks [][]byte) {
	flat := make([]byte, 0, len(b.hashes)*tlog.HashSize)
	for i, h := range b.hashes {
		if i%chunkSize == 0 {
			firsts = append(firsts, b.hash+int64(i))
		}
		flat = append(flat, h[:]...)
	}
	for at := 0; at < len(flat); at += chunkSize * tlog.HashSize {
		chunks = append(chunks, flat[at:min(len(flat), at+chunkSize*tlog.HashSize)])
	}
	return firsts, chunks
}

// findGaps looks for events that were taken away before they were sequenced:
// a writer's count goes on where it ended. The log shows the gap for good;
// this is what says so at once.
func (s *Sequencer) findGaps(ctx context.Context, tx pgx.Tx, rows []outboxRow) error {
	type writer struct {
		tenant string
		id     uuid.UUID
	}
	var tenants []string
	var ids []uuid.UUID
	seen := map[writer]int{}
	for _, row := range rows {
		w := writer{row.tenant, row.writer}
		if _, ok := seen[w]; !ok {
			seen[w] = len(ids)
			tenants, ids = append(tenants, row.tenant), append(ids, row.writer)
		}
	}
	last, err := lastSeqs(ctx, tx, tenants, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		at := seen[writer{row.tenant, row.writer}]
		if missing := row.seq - last[at] - 1; missing != 0 {
			s.metrics.gaps.Inc()
			s.log.ErrorContext(ctx, "Events were taken out of the audit outbox before they were sequenced.",
				"tenant", row.tenant, "writer", row.writer, "after", last[at], "missing", missing)
		}
		last[at] = row.seq
	}
	return nil
}

// lastSeqs are the last sequenced counts of writers, 0 for new ones.
func lastSeqs(ctx context.Context, tx pgx.Tx, tenants []string, writers []uuid.UUID) ([]int64, error) {
	rows, err := tx.Query(ctx, `
		select coalesce((select seq from audit_leaf l where l.tenant = w.tenant and l.writer = w.writer order by seq desc limit 1),
		  (select seq from audit_writer_end e where e.of_tenant = w.tenant and e.writer = w.writer), 0)
		from unnest($1::text[], $2::uuid[]) with ordinality w (tenant, writer, n) order by w.n`, tenants, writers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
