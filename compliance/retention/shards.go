package retention

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/internal/postgres"
)

// House is the hotel of runs that drop years of the audit log: those belong to
// no hotel alone. Its days are those of UTC, as the log's years are.
var House = Hotel{ID: audit.HouseTenant, Zone: "UTC"}

// shardStore is the one store of the house.
const shardStore = "audit_log"

// Shards are the years of the audit log. *audit.Shards is one.
type Shards interface {
	Over(ctx context.Context, before int) ([]audit.Shard, error)
	Ripe(ctx context.Context, year int) (audit.Head, error)
	Drop(ctx context.Context, tx pgx.Tx, year, limit int, head audit.Head) (audit.Dropping, error)
	Doomed(ctx context.Context, after audit.Doomed, limit int) ([]audit.Doomed, error)
	Shredded(ctx context.Context, tx pgx.Tx, gone []audit.Doomed) error
}

// house tells whether a run is about the years of the log.
func (e *Engine) house(hotel string) bool { return hotel == audit.HouseTenant && e.Shards != nil }

// agedYears are the years of the log that have had their time, and the rule that
// says so. All hotels share a year, so the longest of their countries' terms
// counts, and no hotel's own, which could only be shorter.
func (e *Engine) agedYears(ctx context.Context, asOf time.Time) (all []audit.Shard, rule string, err error) {
	countries, err := e.countries(ctx)
	if err != nil {
		return nil, "", err
	}
	for year := asOf.Year() - 1; year > asOf.Year()-mostYears; year-- {
		due := true
		for _, country := range countries {
			r := Record{Class: register.AuditDetail, Country: country, Anchors: map[Anchor]time.Time{Created: time.Date(year, 12, 31, 12, 0, 0, 0, time.UTC)}}
			v := e.Policy.Resolve(r, Settings{}, nil, asOf)
			due, rule = due && v.Action == Erase, v.Rule
		}
		if due {
			all, err = e.Shards.Over(ctx, year+1)
			return all, rule, err
		}
	}
	return nil, "", nil
}

// mostYears is how far back a year can lie.
const mostYears = 200

// countries are those of the hotels; "" stands for none.
func (e *Engine) countries(ctx context.Context) (all []string, err error) {
	err = e.Pool.AsRole(ctx, postgres.RoleArchivist, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select distinct country from hotel`)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return append(all, ""), wrap(err, "read where hotels are")
}

// heldYear tells whether holds keep a year: of any hotel that has entries in it,
// over all of the hotel or over somebody whose details are there. From here on
// until the end of tx, which is the archivist's, none can be placed.
func heldYear(ctx context.Context, tx pgx.Tx, year int) (held bool, err error) {
	rows, err := tx.Query(ctx, `select distinct tenant from audit_leaf where year = $1 and tenant not in ('', $2) order by 1`, year, audit.HouseTenant)
	if err != nil {
		return false, wrap(err, "read whose a year is")
	}
	tenants, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return false, wrap(err, "read whose a year is")
	}
	if _, err := tx.Exec(ctx, `select hold_lock(t, false) from unnest($1::text[]) t`, tenants); err != nil {
		return false, wrap(err, "wait for holds")
	}
	err = tx.QueryRow(ctx, `
		select exists (select from legal_hold h
		where h.hotel = any($1) and (h.classes = '{}' or $2 = any(h.classes))
		and case when h.released_at is not null then clock_timestamp() < h.grace_until
			when h.approved_at is null then clock_timestamp() < h.lapses_at else true end
		and (h.kind = 'hotel' or exists (
			select from hold_scope s join audit_detail d on d.tenant = s.hotel and d.scope = s.scope
			join audit_leaf l on l.tenant = d.tenant and l.writer = d.writer and l.seq = d.seq
			where s.hotel = h.hotel and s.hold = h.id and l.year = $3)))`, tenants, register.AuditDetail, year).Scan(&held)
	return held, wrap(err, "ask for holds")
}

// shardPart is what a plan says of the log: a year that cannot be dropped yet, or
// that a hold keeps, is told as held.
func (e *Engine) shardPart(ctx context.Context, asOf time.Time) (Part, error) {
	part := Part{Store: shardStore, Class: register.AuditDetail, Act: Delete, Rules: map[string]int64{}}
	tree := newTree()
	years, rule, err := e.agedYears(ctx, asOf)
	for _, y := range years {
		var free bool
		if free, err = e.free(ctx, y.Year); err != nil {
			return part, err
		}
		if !free {
			part.Held += y.Left
			continue
		}
		part.Rows, part.Bytes = part.Rows+y.Left, part.Bytes+y.Bytes
		part.Rules[rule] += y.Left
		tree.add(shardStore, strconv.Itoa(y.Year), strconv.FormatInt(y.Size, 10), strconv.FormatInt(y.Left, 10))
		part.Samples = append(part.Samples, strconv.Itoa(y.Year))
	}
	root := tree.root()
	part.Root = hex.EncodeToString(root[:])
	return part, err
}

// free tells whether a year may go: no hold keeps it, and the log lets it go.
func (e *Engine) free(ctx context.Context, year int) (free bool, err error) {
	err = e.Pool.AsRole(ctx, postgres.RoleArchivist, func(tx pgx.Tx) error {
		held, err := heldYear(ctx, tx, year)
		free = !held
		return err
	})
	if err != nil || !free {
		return false, err
	}
	_, err = e.Shards.Ripe(ctx, year)
	if errors.Is(err, audit.ErrUnripe) {
		return false, nil
	}
	return err == nil, err
}

// overdueYears counts entries of years that had their time and are kept by no
// hold: also of such as are not signed or copied, for that somebody has to mend.
func (e *Engine) overdueYears(ctx context.Context, asOf time.Time) (n int64, err error) {
	years, _, err := e.agedYears(ctx, asOf)
	for _, y := range years {
		if err := e.Pool.AsRole(ctx, postgres.RoleArchivist, func(tx pgx.Tx) error {
			held, err := heldYear(ctx, tx, y.Year)
			if !held {
				n += y.Left
			}
			return err
		}); err != nil {
			return 0, err
		}
	}
	return n, err
}

// eraseShards is Erase for the house. Years go from the oldest on, each from its
// first entry on: what is there tells where to go on.
func (e *Engine) eraseShards(ctx context.Context, r Run, most int, beat func(Step) error) (Step, error) {
	step := Step{Store: shardStore}
	asOf, err := time.Parse(time.DateOnly, r.Plan.AsOf)
	if err != nil {
		return step, wrap(err, "read a plan")
	}
	if digest := e.Policy.Digest(); r.Plan.Policy != hex.EncodeToString(digest[:]) {
		return step, fmt.Errorf("%w: the rules are others", ErrChanged)
	}
	years, rule, err := e.agedYears(ctx, asOf)
	if err != nil {
		return step, err
	}
	for _, y := range years {
		if !slices.Contains(r.Plan.part(shardStore).Samples, strconv.Itoa(y.Year)) {
			continue // it was not planned
		}
		head, err := e.Shards.Ripe(ctx, y.Year)
		if err != nil {
			return step, err
		}
		for left := y.Left; left > 0; {
			if most--; most < 0 {
				return step, nil
			}
			b, err := e.dropBatch(ctx, r, y.Year, rule, head)
			if err != nil {
				return step, err
			}
			if b.Entries == 0 {
				break // it is held: what is left shows in the verification
			}
			left -= b.Entries
			step.Erased, step.Batch, step.Cursor = step.Erased+b.Entries, step.Batch+1, []string{strconv.Itoa(y.Year), strconv.FormatInt(b.Last, 10)}
			if err := beat(step); err != nil {
				return step, err
			}
		}
	}
	step.Done = true
	return step, nil
}

// dropBatch drops the next entries of a year in one transaction with what tells
// of them; none when a hold keeps it.
func (e *Engine) dropBatch(ctx context.Context, r Run, year int, rule string, head audit.Head) (b audit.Dropping, err error) {
	limit := manyRows
	if e.batch > 0 {
		limit = e.batch
	}
	w := &work{Engine: e, query: query{store: store{name: shardStore, class: register.AuditDetail}, compiled: compiled{act: Delete}}, hotel: House, run: r.ID}
	// What is needed of the keys' database, before a transaction is open.
	if _, err := e.Auditor.Prepare(ctx, w.event(batchDetail{})); err != nil {
		return b, wrap(err, "prepare the audit entry")
	}
	err = e.Pool.AsRole(ctx, postgres.RoleArchivist, func(tx pgx.Tx) error {
		held, err := heldYear(ctx, tx, year)
		if err != nil || held {
			return err
		}
		if b, err = e.Shards.Drop(ctx, tx, year, limit, head); err != nil || b.Entries == 0 {
			return err
		}
		t := taken{rows: b.Entries, bytes: b.Bytes, last: strconv.Itoa(year) + separator + strconv.FormatInt(b.Last, 10), rules: map[string]int64{rule: b.Entries}, tree: newTree()}
		for n := b.First; n <= b.Last; n++ {
			t.tree.add(shardStore, strconv.Itoa(year), strconv.FormatInt(n, 10))
		}
		if err := postgres.EnterTenant(ctx, tx, House.ID); err != nil {
			return err
		}
		if err := running(tx.QueryRow(ctx, stateOf, House.ID, r.ID)); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `select coalesce(max(n), 0) from retention_batch where hotel = $1 and run = $2 and store = $3`, House.ID, r.ID, shardStore).Scan(&w.n); err != nil {
			return wrap(err, "read where a run is")
		}
		return w.told(ctx, tx, &t)
	})
	return b, err
}
