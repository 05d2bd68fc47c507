-- name: Connection :one
-- Whether the maintenance holds is for the database's clock to say.
select connection.*,
  (maintained_since is not null and (maintained_until is null or maintained_until > now()))::boolean as maintained
from connection where hotel = $1;

-- name: ConnectionsAfter :many
-- One page of all hotels with their connections, from the id after the last one
-- seen. A hotel that was never checked has no connection: the defaults stand
-- for it.
select hotel.id, hotel.vendor,
  coalesce(degraded, false)::boolean as degraded, since, coalesce(reason, '')::text as reason, checked_at,
  maintained_since, maintained_until, coalesce(maintained_because, '')::text as maintained_because,
  (maintained_since is not null and (maintained_until is null or maintained_until > now()))::boolean as maintained
from hotel left join connection on connection.hotel = hotel.id
where hotel.id > sqlc.arg(last) order by hotel.id limit sqlc.arg(page);

-- name: RecordCheck :execrows
-- The state turns when as many checks in a row as rounds agree. A check that is
-- recorded already, or is older than the last, changes nothing.
insert into connection as c (hotel, healthy, streak, checked_at, reason)
values (sqlc.arg(hotel), sqlc.arg(healthy), 1, sqlc.arg(at), sqlc.arg(reason))
on conflict (hotel) do update set
  checked_at = excluded.checked_at,
  healthy = excluded.healthy,
  reason = excluded.reason,
  streak = case when c.healthy = excluded.healthy then least(c.streak, 1000000) + 1 else 1 end,
  degraded = case when c.healthy = excluded.healthy and c.streak + 1 >= sqlc.arg(rounds)::integer
    then not excluded.healthy else c.degraded end,
  since = case when c.healthy = excluded.healthy and c.streak + 1 >= sqlc.arg(rounds)::integer and c.degraded = excluded.healthy
    then excluded.checked_at else c.since end
where c.checked_at is null or c.checked_at < excluded.checked_at;

-- name: BeginMaintenance :execrows
-- Beginning again changes reason and end, and keeps the beginning.
insert into connection as c (hotel, maintained_since, maintained_until, maintained_because)
select id, now(), sqlc.narg(until)::timestamptz, sqlc.arg(because)::text from hotel where id = sqlc.arg(hotel)
on conflict (hotel) do update set
  maintained_since = case when c.maintained_since is not null and (c.maintained_until is null or c.maintained_until > now())
    then c.maintained_since else excluded.maintained_since end,
  maintained_until = excluded.maintained_until, maintained_because = excluded.maintained_because;

-- name: EndMaintenance :execrows
insert into connection (hotel)
select id from hotel where id = $1
on conflict (hotel) do update set maintained_since = null, maintained_until = null, maintained_because = '';
