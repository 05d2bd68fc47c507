-- name: Lock :exec
-- Two issues for one scope at once would each count without the other.
select pg_advisory_xact_lock(hashtextextended('one_time_code ' || sqlc.arg(hotel)::text || ' ' || sqlc.arg(scope)::text, 0));

-- name: Recent :one
select count(*) from one_time_code
where hotel = sqlc.arg(hotel) and scope = sqlc.arg(scope) and created_at > now() - sqlc.arg(seconds)::float8 * interval '1 second';

-- name: EndOthers :exec
update one_time_code set ended_at = now() where hotel = sqlc.arg(hotel) and scope = sqlc.arg(scope) and ended_at is null;

-- name: Issue :exec
insert into one_time_code (hotel, id, scope, mac, expires_at)
values (sqlc.arg(hotel), sqlc.arg(id), sqlc.arg(scope), sqlc.arg(mac), now() + sqlc.arg(seconds)::float8 * interval '1 second');

-- name: Guess :one
-- Counted before it is looked at, so that guesses at once count each.
update one_time_code set guesses = guesses + 1
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id)
returning mac, guesses, (ended_at is not null)::bool as ended, (expires_at <= now())::bool as expired;

-- name: Use :exec
update one_time_code set ended_at = now() where hotel = sqlc.arg(hotel) and id = sqlc.arg(id);

-- name: Forget :execrows
delete from one_time_code where hotel = sqlc.arg(hotel) and scope = any(sqlc.arg(scopes)::text[]);
