package holds

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
)

// mostListed bounds what one list answers.
const mostListed = 500

const columns = `h.id, h.matter, h.reason, h.kind, h.classes, h.placed_by, h.placed_at, h.lapses_at, coalesce(h.approved_by, ''), h.approved_at,
	h.review_at, coalesce(h.reviewed_by, ''), coalesce(h.asked_by, ''), coalesce(h.released_by, ''), h.released_at, h.grace_until`

// scan reads a row of columns.
func scan(row pgx.Row, now time.Time) (h Hold, err error) {
	var approved, released, grace *time.Time
	err = row.Scan(&h.ID, &h.Matter, &h.Reason, &h.Kind, &h.Classes, &h.PlacedBy, &h.PlacedAt, &h.LapsesAt, &h.ApprovedBy, &approved,
		&h.ReviewAt, &h.ReviewedBy, &h.AskedBy, &h.ReleasedBy, &released, &grace)
	for from, into := range map[*time.Time]*time.Time{approved: &h.ApprovedAt, released: &h.ReleasedAt, grace: &h.GraceUntil} {
		if from != nil {
			*into = *from
		}
	}
	return h.at(now), err
}

// read reads one hold.
func read(ctx context.Context, tx pgx.Tx, hotel, id, lock string, now time.Time) (Hold, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from legal_hold h where h.hotel = $1 and h.id = $2`+lock, hotel, id)
	if err != nil {
		return Hold{}, fmt.Errorf("holds: read a hold: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Hold, error) { return scan(row, now) })
	if err != nil {
		return Hold{}, fmt.Errorf("holds: read a hold: %w", err)
	}
	if len(found) == 0 {
		return Hold{}, ErrUnknown
	}
	return found[0], nil
}

// Show reads a hold with all that it keeps.
func (s *Store) Show(ctx context.Context, hotel, id string) (h Hold, err error) {
	err = s.pool.InTenantReadOnly(ctx, hotel, func(tx pgx.Tx) error {
		if h, err = read(ctx, tx, hotel, id, "", s.now()); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select scope from hold_scope where hotel = $1 and hold = $2 order by scope`, hotel, id)
		if err != nil {
			return fmt.Errorf("holds: read what is held: %w", err)
		}
		h.Scopes, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return h, err
}

// List reads the holds of a hotel without what they keep, the newest first;
// ended adds those that bind no more.
func (s *Store) List(ctx context.Context, hotel string, ended bool) (all []Hold, err error) {
	err = s.pool.InTenantReadOnly(ctx, hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select `+columns+` from legal_hold h where h.hotel = $1 and ($2 or hold_binds(h)) order by h.id desc limit $3`,
			hotel, ended, mostListed)
		if err != nil {
			return fmt.Errorf("holds: list holds: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Hold, error) { return scan(row, s.now()) })
		return err
	})
	return all, err
}

// Overdue counts, over all hotels, the holds whose review is overdue.
func (s *Store) Overdue(ctx context.Context) (n int, err error) {
	err = s.pool.AsRole(ctx, postgres.RoleSweeper, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select count(*) from legal_hold
			where review_at < now() and (approved_at is not null or now() < lapses_at)`).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("holds: count overdue reviews: %w", err)
	}
	return n, nil
}
