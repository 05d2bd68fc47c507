-- name: Queue :execrows
insert into message (hotel, id, scope, purpose, channel, kind, sealed, version)
values (sqlc.arg(hotel), sqlc.arg(id), sqlc.arg(scope), sqlc.arg(purpose), sqlc.arg(channel), sqlc.arg(kind), sqlc.arg(sealed), sqlc.arg(version))
on conflict do nothing;

-- name: NotQueued :execrows
-- A message that was not written, for an operator to see why.
insert into message (hotel, id, scope, purpose, channel, kind, version, state, problem)
values (sqlc.arg(hotel), sqlc.arg(id), sqlc.arg(scope), sqlc.arg(purpose), sqlc.arg(channel), sqlc.arg(kind), sqlc.arg(version), sqlc.arg(state), sqlc.arg(problem))
on conflict do nothing;

-- name: Take :one
-- The clock is the database's own: workers' clocks may differ.
select m.id, m.scope, m.purpose, m.channel, m.kind, m.sealed, m.state, m.attempts, m.unknowns, m.receipt, m.problem,
  (m.claimed_until is not null)::bool as claimed,
  coalesce(extract(epoch from m.claimed_until - now()), 0)::float8 as claimed_for,
  extract(epoch from now() - m.created_at)::float8 as age,
  (m.version > 0 and exists (
    select from message newer
    where newer.hotel = m.hotel and newer.scope = m.scope and newer.version > m.version and newer.state <> 'skipped'
  ))::bool as superseded
from message m
where m.hotel = sqlc.arg(hotel) and m.id = sqlc.arg(id)
for update;

-- name: Claim :exec
update message
set state = 'sending', attempts = attempts + 1, unknowns = sqlc.arg(unknowns), problem = nullif(problem, 'clock'),
  claimed_until = now() + sqlc.arg(seconds)::float8 * interval '1 second', updated_at = now()
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id);

-- name: Renew :exec
-- The clock jumped, so nobody can tell whether the claim's owner lives: the
-- claim counts anew, once.
update message
set problem = 'clock', claimed_until = now() + sqlc.arg(seconds)::float8 * interval '1 second', updated_at = now()
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id);

-- name: Settle :execrows
-- Only the claim that is still the last one settles; but that a message went is
-- true whoever finds it out.
update message
set state = sqlc.arg(state), problem = sqlc.arg(problem), language = coalesce(sqlc.arg(language), language), receipt = coalesce(sqlc.arg(receipt), receipt),
  sealed = case when sqlc.arg(forget)::bool then null else sealed end,
  unknowns = sqlc.arg(unknowns), claimed_until = null,
  sent_at = case when sqlc.arg(state) = 'sent' then now() else sent_at end, updated_at = now()
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id) 
  and (state = 'sending' and attempts = sqlc.arg(attempts)
    or sqlc.arg(state) = 'sent' and state in ('queued', 'sending', 'unknown'));

-- name: Again :execrows
update message
set state = 'queued', unknowns = 0, problem = null, claimed_until = null, updated_at = now()
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id) and sealed is not null
  and (state in ('queued', 'failed', 'unknown')
    or state = 'sending' and claimed_until < now()
    or state = 'sent' and sqlc.arg(again)::bool);

-- name: Message :one
select id, scope, channel, kind, state, coalesce(language, '') as language, attempts, coalesce(problem, '') as problem,
  receipt, created_at, updated_at, sent_at, version
from message
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id);

-- name: Messages :many
select id, scope, channel, kind, state, coalesce(language, '') as language, attempts, coalesce(problem, '') as problem,
  receipt, created_at, updated_at, sent_at, version
from message
where hotel = sqlc.arg(hotel) and (sqlc.arg(state)::text = '' or state = sqlc.arg(state)::text)
order by created_at desc, id desc
limit sqlc.arg(most);

-- name: Stranded :many
-- Messages that nobody seems to deliver, across hotels: never tried for a
-- moment, or not again for longer than any pause between two attempts. A code
-- is no use by then; of the others, their delivery knows what has become old.
select hotel, id, updated_at
from message
where state in ('queued', 'sending') and kind <> 'code'
  and (attempts = 0 and updated_at < now() - sqlc.arg(fresh)::float8 * interval '1 second'
    or updated_at < now() - sqlc.arg(tried)::float8 * interval '1 second')
  and (updated_at, id) > (sqlc.arg(after_at)::timestamptz, sqlc.arg(after_id)::text)
order by updated_at, id
limit sqlc.arg(most);

-- name: Forget :execrows
delete from message where hotel = sqlc.arg(hotel) and scope = any(sqlc.arg(scopes)::text[]);

-- name: Sentence :one
select sentence from message_sentence where hotel = sqlc.arg(hotel) and kind = sqlc.arg(kind) and language = sqlc.arg(language);

-- name: SetSentence :exec
insert into message_sentence (hotel, kind, language, sentence) values (sqlc.arg(hotel), sqlc.arg(kind), sqlc.arg(language), sqlc.arg(sentence))
on conflict (hotel, kind, language) do update set sentence = excluded.sentence, updated_at = now();

-- name: RemoveSentence :exec
delete from message_sentence where hotel = sqlc.arg(hotel) and kind = sqlc.arg(kind) and language = sqlc.arg(language);
