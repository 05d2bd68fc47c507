package subjects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Ahead are those of the scopes whose erasure has to wait, in the tenant's
// transaction: a stay that is ahead or under way, by the hotel's own day, until
// the day after its departure; and without a date a request or a call that is
// being carried out just now. Other people of a booking wait with it.
func Ahead(ctx context.Context, tx pgx.Tx, tenant string, scopes []string) (map[string]time.Time, error) {
	rows, err := tx.Query(ctx, `
		with here as (select coalesce((select time_zone from hotel where id = $1), 'UTC') as zone),
		asked as materialized (
			select s.scope, coalesce(p.booking, s.scope) as booking
			from unnest($2::text[]) s (scope) left join party p on p.hotel = $1 and p.scope = s.scope)
		select a.scope, (b.departure + 1)::timestamp at time zone here.zone
		from here, asked a join booking b on b.hotel = $1 and b.id = a.booking
		where b.state in ('pending', 'held', 'confirmed', 'unknown') and b.departure >= (now() at time zone here.zone)::date
		union all
		select a.scope, null from asked a
		where exists (select from intent i where i.hotel = $1 and i.booking = a.booking and i.settled_at is null)
		   or exists (select from call c where c.hotel = $1 and c.id = a.scope and c.state = 'open')`, tenant, scopes)
	if err != nil {
		return nil, wrap(err, "ask for stays ahead")
	}
	awaited := map[string]time.Time{}
	var scope string
	var until *time.Time
	_, err = pgx.ForEachRow(rows, []any{&scope, &until}, func() error {
		if known := awaited[scope]; until != nil && until.After(known) {
			awaited[scope] = *until
		} else {
			awaited[scope] = known
		}
		return nil
	})
	return awaited, wrap(err, "ask for stays ahead")
}
