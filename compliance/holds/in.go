package holds

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/register"
)

// In are the holds that bind for any of the scopes, or for the hotel as a
// whole, in the tenant's transaction tx. Call it before the first row is
// deleted: from then until the end of tx no hold of the hotel can be placed, so
// that what it answers stays true. Each hold names those of the scopes that it
// keeps; Hold.Keeps tells of a record.
func In(ctx context.Context, tx pgx.Tx, tenant string, scopes []string) ([]Hold, error) {
	if len(scopes) > mostScopes {
		return nil, fmt.Errorf("holds: ask for %d scopes at most at a time", mostScopes)
	}
	if scopes == nil {
		scopes = []string{}
	}
	rows, err := tx.Query(ctx, `select id, matter, kind, classes, review_at, scope from holds_in($1, $2)`, tenant, scopes)
	if err != nil {
		return nil, fmt.Errorf("holds: ask for holds: %w", err)
	}
	var found []Hold
	var h Hold
	var classes []register.Class
	var review time.Time
	var scope *string
	_, err = pgx.ForEachRow(rows, []any{&h.ID, &h.Matter, &h.Kind, &classes, &review, &scope}, func() error {
		if n := len(found); n == 0 || found[n-1].ID != h.ID {
			found = append(found, Hold{ID: h.ID, Matter: h.Matter, Kind: h.Kind, Classes: classes, ReviewAt: review})
			classes = nil
		}
		if scope != nil {
			last := &found[len(found)-1]
			last.Scopes = append(last.Scopes, *scope)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("holds: ask for holds: %w", err)
	}
	return found, nil
}

// A Reach is what binding holds keep of one class, for a statement that leaves
// out what is held itself.
type Reach struct {
	// All: the hotel as a whole is held.
	All bool
	// Holds are those whose rows in hold_scope name the scopes that are kept.
	Holds []string
}

// Over is In for a whole class, with the same lock: what hold_scope has for
// these holds, behind this call in tx, is all that is kept.
func Over(ctx context.Context, tx pgx.Tx, tenant string, class register.Class) (r Reach, err error) {
	if _, err := tx.Exec(ctx, `select hold_lock($1, false)`, tenant); err != nil {
		return Reach{}, fmt.Errorf("holds: wait for holds: %w", err)
	}
	err = tx.QueryRow(ctx, `
		select coalesce(bool_or(kind = 'hotel'), false), coalesce(array_agg(id) filter (where kind <> 'hotel'), '{}')
		from legal_hold h where hotel = $1 and (classes = '{}' or $2 = any(classes)) and hold_binds(h)`, tenant, class).Scan(&r.All, &r.Holds)
	if err != nil {
		return Reach{}, fmt.Errorf("holds: ask for holds: %w", err)
	}
	return r, nil
}
