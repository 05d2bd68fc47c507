-- name: Lock :exec
-- Two issues for one scope at once would each count without the other.
select pg_advisory_xact_lock(hashtextextended('one_time_code ' || sqlc.arg(hotel)::text || ' ' || sqlc.arg(scope)::text, 0));

-- name: Recent :one
-- Those made later than now, too, unless the clock went back so far that a scope
-- would be held up for long.
select count(*) from one_time_code
where hotel = sqlc.arg(hotel) and scope = sqlc.arg(scope)
  and abs(extract(epoch from now() - created_at)) < sqlc.arg(seconds)::float8;

-- name: EndOthers :exec
update one_time_code set ended_at = now() where hotel = sqlc.arg(hotel) and scope = sqlc.arg(scope) and ended_at is null;

-- name: Issue :exec
insert into one_time_code (hotel, id, scope, mac, expires_at)
values (sqlc.arg(hotel), sqlc.arg(id), sqlc.arg(scope), sqlc.arg(mac), now() + sqlc.arg(seconds)::float8 * interval '1 second');

-- name: Guess :one
-- Counted before it is looked at, so that guesses at once count each. Over is
-- over: a clock that goes back does not bring a code to life again, and one that
-- was made later than now was made by a wrong clock.
update one_time_code set guesses = guesses + 1,
  ended_at = case when expires_at <= now() or created_at > now() then coalesce(ended_at, now()) else ended_at end
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id)
returning mac, guesses, (ended_at is not null)::bool as ended;

-- name: Use :exec
update one_time_code set ended_at = now() where hotel = sqlc.arg(hotel) and id = sqlc.arg(id);

-- name: Forget :execrows
delete from one_time_code where hotel = sqlc.arg(hotel) and scope = any(sqlc.arg(scopes)::text[]);
