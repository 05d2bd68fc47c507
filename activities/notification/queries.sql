-- name: Queue :execrows
insert into message (hotel, id, scope, purpose, channel, kind, sealed)
values (sqlc.arg(hotel), sqlc.arg(id), sqlc.arg(scope), sqlc.arg(purpose), sqlc.arg(channel), sqlc.arg(kind), sqlc.arg(sealed))
on conflict do nothing;

-- name: Take :one
-- The clock is the database's own: workers' clocks may differ.
select id, scope, purpose, channel, kind, sealed, state, attempts, unknowns, receipt, problem,
  (claimed_until is not null)::bool as claimed,
  coalesce(extract(epoch from claimed_until - now()), 0)::float8 as claimed_for
from message
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id)
for update;

-- name: Claim :exec
update message
set state = 'sending', attempts = attempts + 1, unknowns = sqlc.arg(unknowns),
  claimed_until = now() + sqlc.arg(seconds)::float8 * interval '1 second', updated_at = now()
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
  receipt, created_at, updated_at, sent_at
from message
where hotel = sqlc.arg(hotel) and id = sqlc.arg(id);

-- name: Messages :many
select id, scope, channel, kind, state, coalesce(language, '') as language, attempts, coalesce(problem, '') as problem,
  receipt, created_at, updated_at, sent_at
from message
where hotel = sqlc.arg(hotel) and (sqlc.arg(state)::text = '' or state = sqlc.arg(state)::text)
order by created_at desc, id desc
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
