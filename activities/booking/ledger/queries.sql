-- name: InsertQuote :exec
insert into quote (hotel, id, booking, offers, before, expires_at)
values ($1, $2, $3, $4, $5, $6);

-- name: Quote :one
select * from quote where hotel = $1 and id = $2;

-- name: ReserveIntent :one
-- The intent and, for a new booking, its first entry, sealed guest and the ways
-- to find it: all of them or, when the key is known already, nothing. Counts the
-- intents kept.
with kept as (
  insert into intent (hotel, key_hmac, body_hmac, id, booking, kind, quote, sealed)
  values (sqlc.arg(hotel), sqlc.arg(key_hmac), sqlc.arg(body_hmac), sqlc.arg(id), sqlc.arg(booking),
          sqlc.arg(kind), sqlc.narg(quote), sqlc.narg(sealed))
  on conflict (hotel, key_hmac) do nothing
  returning id
), made as (
  insert into booking (hotel, id, version, state, arrival, departure, stays, total_amount, total_currency)
  select sqlc.arg(hotel), sqlc.arg(booking), sqlc.arg(version)::bigint, sqlc.arg(state)::text,
         sqlc.narg(arrival)::date, sqlc.narg(departure)::date, sqlc.narg(stays)::jsonb,
         sqlc.arg(total_amount)::bigint, sqlc.arg(total_currency)::text
  where sqlc.arg(is_new)::boolean and exists (select from kept)
  returning id
), known as (
  insert into guest (hotel, booking, sealed)
  select sqlc.arg(hotel), id, sqlc.narg(guest)::bytea from made
  returning booking
), indexed as (
  insert into guest_index (hotel, kind, digest, scope)
  select sqlc.arg(hotel), e.kind, e.digest, made.id
  from made, (select unnest(sqlc.arg(index_kinds)::text[]) as kind, unnest(sqlc.arg(index_digests)::bytea[]) as digest) e
  returning scope
), logged as (
  select audit_append(sqlc.arg(hotel), sqlc.narg(audit_pseudonym)::bytea, sqlc.arg(audit_kinds)::text[], sqlc.arg(audit_actors)::text[],
    sqlc.arg(audit_scopes)::text[], sqlc.arg(audit_tags)::bytea[], sqlc.arg(audit_commits)::bytea[], sqlc.arg(audit_details)::bytea[])::text as entry
  from kept where sqlc.narg(audit_pseudonym)::bytea is not null
)
-- The log is looked at, for what nobody looks at does not run.
select count(*) from kept where (select count(*) from logged) >= 0;

-- name: IntentByKey :one
select * from intent where hotel = $1 and key_hmac = $2;

-- name: IntentWithBooking :one
select sqlc.embed(intent), sqlc.embed(booking)
from intent join booking on booking.hotel = intent.hotel and booking.id = intent.booking
where intent.hotel = $1 and intent.id = $2;

-- name: BeginIntent :one
-- As IntentWithBooking, and marks an open intent as sent when it was not: the
-- row answered is the one before the mark.
with marked as (
  update intent set sent_at = now()
  where intent.hotel = $1 and intent.id = $2 and sent_at is null and settled_at is null
)
select sqlc.embed(intent), sqlc.embed(booking)
from intent join booking on booking.hotel = intent.hotel and booking.id = intent.booking
where intent.hotel = $1 and intent.id = $2;

-- name: MarkSent :exec
-- Before a create goes out again to a vendor that has no idempotency keys.
update intent set sent_at = now() where hotel = $1 and id = $2;

-- name: SettleIntent :execrows
-- The first answer stands: a settled intent is never settled again.
update intent set settled_at = now(), outcome = $3, sealed = null
where hotel = $1 and id = $2 and settled_at is null;

-- name: InsertBooking :execrows
insert into booking (hotel, id, version, state, vendor_booking, confirmation,
                     arrival, departure, stays, total_amount, total_currency)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing;

-- name: AdvanceBooking :one
-- The ledger only moves forward: an older or equal version changes nothing. The
-- intent is settled with the move or not at all, and the first answer stands.
-- Counts the bookings moved.
with moved as (
  update booking
  set version = sqlc.arg(version), state = sqlc.arg(state),
      vendor_booking = coalesce(sqlc.narg(vendor_booking), vendor_booking),
      confirmation = coalesce(sqlc.narg(confirmation), confirmation),
      arrival = sqlc.arg(arrival), departure = sqlc.arg(departure), stays = sqlc.arg(stays),
      total_amount = sqlc.arg(total_amount), total_currency = sqlc.arg(total_currency),
      hold_until = sqlc.narg(hold_until), problem = sqlc.narg(problem), updated_at = now()
  where booking.hotel = sqlc.arg(hotel) and booking.id = sqlc.arg(id) and version < sqlc.arg(version)
  returning booking.id
), done as (
  update intent set settled_at = now(), outcome = sqlc.narg(outcome), sealed = null
  where intent.hotel = sqlc.arg(hotel) and intent.id = sqlc.narg(intent) and settled_at is null
    and exists (select from moved)
  returning intent.id
), logged as (
  select audit_append(sqlc.arg(hotel), sqlc.narg(audit_pseudonym)::bytea, sqlc.arg(audit_kinds)::text[], sqlc.arg(audit_actors)::text[],
    sqlc.arg(audit_scopes)::text[], sqlc.arg(audit_tags)::bytea[], sqlc.arg(audit_commits)::bytea[], sqlc.arg(audit_details)::bytea[])::text as entry
  from moved where sqlc.narg(audit_pseudonym)::bytea is not null
)
select count(*) from moved where (select count(*) from logged) >= 0;

-- name: Booking :one
-- With the oldest thing asked for that is not settled yet.
select sqlc.embed(booking), coalesce((
    select kind from intent
    where intent.hotel = booking.hotel and intent.booking = booking.id and settled_at is null
    order by created_at limit 1), '')::text as pending
from booking where booking.hotel = $1 and booking.id = $2;

-- name: BookingByVendor :one
select id from booking where hotel = $1 and vendor_booking = $2;

-- name: InsertGuest :exec
insert into guest (hotel, booking, sealed) values ($1, $2, $3)
on conflict (hotel, booking) do nothing;

-- name: InsertIndex :exec
insert into guest_index (hotel, kind, digest, scope)
select sqlc.arg(hotel), e.kind, e.digest, sqlc.arg(scope)
from (select unnest(sqlc.arg(kinds)::text[]) as kind, unnest(sqlc.arg(digests)::bytea[]) as digest) e
on conflict do nothing;

-- name: Guest :one
select sealed from guest where hotel = $1 and booking = $2;

-- name: InsertOperatorTask :exec
insert into operator_task (hotel, id, booking, kind, detail)
values ($1, $2, $3, $4, $5)
on conflict (hotel, booking, kind) do update
set closed_at = null, detail = excluded.detail, created_at = now()
where operator_task.closed_at is not null;

-- name: OperatorTasks :many
select id, booking, kind, detail, created_at from operator_task
where hotel = $1 and closed_at is null order by created_at limit 200;

-- name: OpenIntents :many
-- Across hotels, as the sweeper: what nobody has settled since, page by page.
select hotel, id, booking, kind, created_at from intent
where settled_at is null and created_at < sqlc.arg(before)::timestamptz
  and (created_at, id) > (sqlc.arg(after_at)::timestamptz, sqlc.arg(after_id)::text)
order by created_at, id limit sqlc.arg(most);
