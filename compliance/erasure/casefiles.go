package erasure

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
)

// ruleCase keeps the files of the person's requests: they prove what was done,
// and end by their own term, which begins when they are closed.
const (
	ruleCase    = "erasure/case-file"
	statuteCase = "GDPR Art. 5(2), 17(3)(e)"
)

// packs are copies that were made for whom the case $2 is about, also by cases
// that are closed.
const packs = `from access_pack p join dsar_case c on c.hotel = p.hotel and c.person = p.person
	where c.hotel = $1 and c.id = $2`

// caseFiles are the verdicts on the person's requests, and on the copies that
// were made of what is erased now.
func (o *Office) caseFiles(ctx context.Context, hotel, request string) (lines []Line, err error) {
	err = o.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		files := 0
		if err := tx.QueryRow(ctx, `
			select count(*) from dsar_case where hotel = $1
			and (id = $2 or person = (select person from dsar_case where hotel = $1 and id = $2))`, hotel, request).Scan(&files); err != nil {
			return err
		}
		if files > 0 {
			until, err := o.caseTerm(ctx, tx, hotel)
			if err != nil {
				return err
			}
			lines = append(lines, Line{
				Class: register.Case, Scope: request, Records: files,
				Verdict: Verdict{Action: Restrict, Until: until, Rule: ruleCase, Statute: statuteCase},
			})
		}
		kept, all, err := heldPacks(ctx, tx, hotel, request)
		for _, scope := range all {
			v := Verdict{Action: Erase}
			if i := slices.IndexFunc(kept, func(h holds.Hold) bool { return h.Keeps(register.Pack, scope) }); i >= 0 {
				v = Verdict{Action: Hold, Rule: kept[i].ID, Until: kept[i].ReviewAt}
			}
			lines = append(lines, Line{Class: register.Pack, Scope: scope, Records: 1, Verdict: v})
		}
		return err
	})
	return lines, wrap(err, "look for copies and case files")
}

// caseTerm is when the file of a case that is closed today has had its time.
func (o *Office) caseTerm(ctx context.Context, tx pgx.Tx, hotel string) (time.Time, error) {
	f := &found{hotel: hotel, zone: time.UTC}
	if err := f.house(ctx, tx, nil); err != nil {
		return time.Time{}, err
	}
	now := o.Now()
	closed := retention.Record{Class: register.Case, Country: f.country, Anchors: map[retention.Anchor]time.Time{retention.Closed: f.day(now.In(f.zone))}}
	return o.Policy.Resolve(closed, retention.Settings{Zone: f.zone}, nil, now).Until, nil
}

// heldPacks are the cases that have packs, and the holds on them.
func heldPacks(ctx context.Context, tx pgx.Tx, hotel, request string) ([]holds.Hold, []string, error) {
	rows, err := tx.Query(ctx, `select distinct p.scope `+packs, hotel, request)
	if err != nil {
		return nil, nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, nil, err
	}
	held, err := holds.In(ctx, tx, hotel, all)
	return held, all, err
}

// erasePacks deletes the copies and the links to them, and puts their objects
// down to be erased under a scope of the batch.
func erasePacks(ctx context.Context, tx pgx.Tx, hotel, request, scope string) (int64, error) {
	held, all, err := heldPacks(ctx, tx, hotel, request)
	if err != nil {
		return 0, wrap(err, "look for copies")
	}
	all = slices.DeleteFunc(all, func(id string) bool {
		return slices.ContainsFunc(held, func(h holds.Hold) bool { return h.Keeps(register.Pack, id) })
	})
	if len(all) == 0 {
		return 0, nil
	}
	tag, err := tx.Exec(ctx, `
		with gone as (delete from access_pack p using dsar_case c
			where c.hotel = $1 and c.id = $2 and p.hotel = $1 and p.person = c.person and p.scope = any($3) returning p.object)
		insert into erased_object (hotel, object, scope) select $1, object, $4 from gone on conflict do nothing`, hotel, request, all, scope)
	return tag.RowsAffected(), wrap(err, "erase copies")
}
