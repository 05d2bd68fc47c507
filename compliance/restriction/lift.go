package restriction

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Cases are those by which any of the scopes is restricted now, at most 1,000.
func (s *Store) Cases(ctx context.Context, tenant string, scopes []string) ([]string, error) {
	rows, err := s.pool.Tenant(tenant).Query(ctx, `
		select distinct by_case from restriction where hotel = $1 and scope = any($2) and lifted_at is null order by by_case limit 1000`, tenant, scopes)
	if err != nil {
		return nil, wrap(err, "look for restrictions")
	}
	cases, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return cases, wrap(err, "look for restrictions")
}

// Announce notes the letter that tells the guest of the end, or ByHand, and
// runs steps in the same transaction, such as the one that queues that letter.
// A restriction that was announced before keeps its letter, and no step runs.
// It returns the letter that counts.
func (s *Store) Announce(ctx context.Context, tenant, actor, ofCase, notice string, steps ...postgres.Step) (counts string, err error) {
	if actor == "" || ofCase == "" || notice == "" {
		return "", ErrCause
	}
	entry, err := s.auditor.Prepare(ctx, audit.Event{
		Tenant: tenant, Kind: EventAnnounced, Actor: actor, Detail: map[string]any{"case": ofCase, "notice": notice},
	})
	if err != nil {
		return "", wrap(err, "prepare the audit entry")
	}
	err = s.pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		earlier, standing, err := announced(ctx, tx, tenant, ofCase)
		switch {
		case err != nil:
			return err
		case standing == 0:
			return ErrNotRestricted
		case earlier != "" && notice != ByHand:
			counts = earlier
			return nil
		}
		counts = notice
		if _, err := tx.Exec(ctx, `update restriction set notice = $3 where hotel = $1 and by_case = $2 and lifted_at is null`, tenant, ofCase, notice); err != nil {
			return wrap(err, "note the letter")
		}
		if err := postgres.Along(ctx, tx, steps...); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	return counts, err
}

// announced locks the marks of a case and tells their letter and number.
func announced(ctx context.Context, tx pgx.Tx, tenant, ofCase string) (notice string, standing int, err error) {
	rows, err := tx.Query(ctx, `
		select coalesce(notice, '') from restriction where hotel = $1 and by_case = $2 and lifted_at is null
		order by scope for update`, tenant, ofCase)
	var each string
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&each}, func() error {
			notice = max(notice, each)
			standing++
			return nil
		})
	}
	return notice, standing, wrap(err, "lock the marks of a case")
}

// Lift ends the restriction of a case and tells how many marks that were. It
// fails with ErrNotTold unless the letter that was announced has been sent, or
// the guest was told by hand. Marks of another case stay. Doing it again lifts
// nothing.
func (s *Store) Lift(ctx context.Context, tenant, actor, ofCase string) (lifted int, err error) {
	if actor == "" || ofCase == "" {
		return 0, ErrCause
	}
	entry, err := s.auditor.Prepare(ctx, audit.Event{Tenant: tenant, Kind: EventLifted, Actor: actor, Detail: map[string]any{"case": ofCase}})
	if err != nil {
		return 0, wrap(err, "prepare the audit entry")
	}
	err = s.pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		notice, standing, err := announced(ctx, tx, tenant, ofCase)
		if err != nil || standing == 0 {
			return err
		}
		if err := told(ctx, tx, tenant, notice); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update restriction set lifted_at = now() where hotel = $1 and by_case = $2 and lifted_at is null`, tenant, ofCase)
		if err != nil {
			return wrap(err, "lift a restriction")
		}
		lifted = int(tag.RowsAffected())
		return entry.Insert(ctx, tx)
	})
	s.forget(tenant)
	return lifted, err
}

// told fails with ErrNotTold unless the guest knows.
func told(ctx context.Context, tx pgx.Tx, tenant, notice string) error {
	if notice == ByHand {
		return nil
	}
	var sent bool
	err := tx.QueryRow(ctx, `select exists (select from message where hotel = $1 and id = $2 and state = 'sent')`, tenant, notice).Scan(&sent)
	if err == nil && !sent {
		return ErrNotTold
	}
	return wrap(err, "look for the letter")
}
