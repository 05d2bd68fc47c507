-- name: InsertQuote :exec
insert into quote (hotel, id, booking, offers, before, expires_at)
values ($1, $2, $3, $4, $5, $6);

-- name: Quote :one
select * from quote where hotel = $1 and id = $2;

-- name: InsertIntent :execrows
-- No row when the key is known already.
insert into intent (hotel, key_hmac, body_hmac, id, booking, kind, quote, sealed)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (hotel, key_hmac) do nothing;

-- name: IntentByKey :one
select * from intent where hotel = $1 and key_hmac = $2;

-- name: IntentWithBooking :one
select sqlc.embed(intent), sqlc.embed(booking)
from intent join booking on booking.hotel = intent.hotel and booking.id = intent.booking
where intent.hotel = $1 and intent.id = $2;

-- name: MarkSent :exec
-- Before a create goes out: for the first time, or again to a vendor that has
-- no idempotency keys.
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

-- name: AdvanceBooking :execrows
-- The ledger only moves forward: an older or equal version changes nothing.
update booking
set version = sqlc.arg(version), state = sqlc.arg(state),
    vendor_booking = coalesce(sqlc.narg(vendor_booking), vendor_booking),
    confirmation = coalesce(sqlc.narg(confirmation), confirmation),
    arrival = sqlc.arg(arrival), departure = sqlc.arg(departure), stays = sqlc.arg(stays),
    total_amount = sqlc.arg(total_amount), total_currency = sqlc.arg(total_currency),
    hold_until = sqlc.narg(hold_until), problem = sqlc.narg(problem), updated_at = now()
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id) and version < sqlc.arg(version);

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

-- name: Guest :one
select sealed from guest where hotel = $1 and booking = $2;

-- name: InsertOperatorTask :exec
insert into operator_task (hotel, id, booking, kind, detail)
values ($1, $2, $3, $4, $5)
on conflict (hotel, booking, kind) do nothing;

-- name: OperatorTasks :many
select id, booking, kind, detail, created_at from operator_task
where hotel = $1 and closed_at is null order by created_at limit 200;

-- name: OpenIntents :many
-- Across hotels, as the sweeper: what nobody has settled since.
select hotel, id, booking, kind, created_at from intent
where settled_at is null and created_at < sqlc.arg(before)::timestamptz
order by created_at limit sqlc.arg(most);
