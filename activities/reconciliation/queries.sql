-- name: BookingsToCheck :many
-- One page of the bookings that a round looks at: what is under way, what is
-- to come within the window, and what changed since the round before.
select booking.id from booking
where booking.hotel = sqlc.arg(hotel) and booking.id > sqlc.arg(last) and (
  state in ('pending', 'held')
  or state in ('confirmed', 'unknown') and departure >= sqlc.arg(today) and arrival <= sqlc.arg(horizon)
  or updated_at >= sqlc.arg(since)
  or exists (select from intent
             where intent.hotel = booking.hotel and intent.booking = booking.id and settled_at is null))
order by booking.id limit sqlc.arg(page);

-- name: OpenIntents :many
select id, created_at from intent
where hotel = $1 and booking = $2 and settled_at is null order by created_at, id limit 20;

-- name: BookingsNamed :many
-- The bookings that the hotel's system calls by our references: by the booking's
-- own id, or by that of the intent to book it anew.
select booking.id as reference, booking.id, state, vendor_booking,
  exists (select from intent where intent.hotel = booking.hotel and intent.booking = booking.id and settled_at is null) as open
from booking where booking.hotel = sqlc.arg(hotel) and booking.id = any(sqlc.arg(ids)::text[])
union all
select asked.id as reference, booking.id, state, vendor_booking,
  exists (select from intent where intent.hotel = booking.hotel and intent.booking = booking.id and settled_at is null) as open
from intent asked join booking on booking.hotel = asked.hotel and booking.id = asked.booking
where asked.hotel = sqlc.arg(hotel) and asked.id = any(sqlc.arg(ids)::text[]);

-- name: RaiseTask :execrows
-- A task is one finding: the same facts again change nothing, closed or not;
-- other facts of that kind open it again. Counts the tasks raised.
insert into operator_task as t (hotel, id, booking, kind, detail, fingerprint)
values ($1, $2, $3, $4, $5, $6)
on conflict (hotel, booking, kind) do update
set detail = excluded.detail, fingerprint = excluded.fingerprint,
    created_at = case when t.closed_at is null then t.created_at else now() end, closed_at = null
where t.fingerprint is distinct from excluded.fingerprint;

-- name: TryRepair :one
-- Counts how often the same facts were repaired, this time included.
insert into repair as r (hotel, booking, kind, fingerprint)
values ($1, $2, $3, $4)
on conflict (hotel, booking, kind) do update
set tries = case when r.fingerprint = excluded.fingerprint then r.tries + 1 else 1 end,
    fingerprint = excluded.fingerprint, tried_at = now()
returning tries;

-- name: Tasks :many
-- Open ones first, the newest of the closed last: at most as many as asked.
select id, booking, kind, detail, created_at, closed_at from operator_task
where hotel = sqlc.arg(hotel) and (sqlc.arg(closed)::boolean or closed_at is null)
order by closed_at is not null, created_at, id limit sqlc.arg(most);

-- name: Task :one
select id, booking, kind, detail, created_at, closed_at from operator_task where hotel = $1 and id = $2;

-- name: CloseTask :one
-- Closing twice keeps the first moment.
update operator_task set closed_at = coalesce(closed_at, now())
where hotel = $1 and id = $2
returning id, booking, kind, detail, created_at, closed_at;
