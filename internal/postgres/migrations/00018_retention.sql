-- Retention and legal holds: what a hotel keeps longer or shorter, the runs
-- that erase what has had its time, each batch of them, and what nobody may
-- erase because of a dispute.
--
-- +goose Up
create table legal_hold (
  hotel          text not null,
  id             text not null check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  -- The file number of the dispute: no name of a person.
  matter         text not null check (matter ~ '^[A-Za-z0-9][A-Za-z0-9./_-]{2,59}$'),
  reason         text not null check (reason in ('litigation', 'authority', 'audit', 'dispute')),
  kind           text not null check (kind in ('subject', 'booking', 'call', 'hotel')),
  -- The classes of data that it keeps; all when empty.
  classes        text[] not null default '{}' check (cardinality(classes) <= 50),
  placed_by      text not null check (length(placed_by) between 1 and 200),
  placed_at      timestamptz not null default clock_timestamp(),
  -- A hold counts at once, so that nothing is lost while it waits for a second
  -- person, and ends by itself when nobody approves it.
  lapses_at      timestamptz not null,
  approved_by    text check (length(approved_by) between 1 and 200),
  approved_at    timestamptz,
  review_at      timestamptz not null,
  reviewed_by    text check (length(reviewed_by) between 1 and 200),
  reviewed_at    timestamptz,
  asked_by       text check (length(asked_by) between 1 and 200), -- for its release
  asked_at       timestamptz,
  released_by    text check (length(released_by) between 1 and 200),
  released_at    timestamptz,
  grace_until    timestamptz,
  primary key (hotel, id),
  check (lapses_at > placed_at and review_at > placed_at),
  check ((approved_by is null) = (approved_at is null)),
  check ((asked_by is null) = (asked_at is null)),
  check (num_nulls(released_by, released_at, grace_until) in (0, 3)),
  check (released_by is null or asked_by is not null),
  constraint hold_four_eyes check (approved_by <> placed_by and released_by <> asked_by),
  constraint hold_grace check (grace_until >= released_at + interval '1 day')
);

-- The key scopes that a hold of a subject, a booking or a call keeps.
create table hold_scope (
  hotel text not null,
  hold  text not null,
  scope text not null check (scope ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  primary key (hotel, scope, hold),
  foreign key (hotel, hold) references legal_hold
);
create index hold_scope_hold on hold_scope (hotel, hold);

-- hold_lock orders holds and what deletes: whoever deletes shares it, whoever
-- places a hold takes it alone. So a hold waits for the deletes under way, and
-- is seen by all that come later.
-- +goose StatementBegin
create function hold_lock(of_hotel text, alone boolean) returns void
  language plpgsql
as $$
declare
  key bigint := hashtextextended('hold ' || of_hotel, 0);
begin
  if alone then
    perform pg_advisory_xact_lock(key);
  else
    perform pg_advisory_xact_lock_shared(key);
  end if;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function hold_placed() returns trigger
  language plpgsql
as $$
begin
  perform hold_lock(new.hotel, true);
  return new;
end
$$;
-- +goose StatementEnd
create trigger hold_placed before insert on legal_hold for each row execute function hold_placed();
create trigger hold_placed before insert on hold_scope for each row execute function hold_placed();

-- hold_binds tells whether a hold counts at this very moment.
-- +goose StatementBegin
create function hold_binds(h legal_hold) returns boolean
  language sql volatile
  as $$ select case when h.released_at is not null then clock_timestamp() < h.grace_until
                    when h.approved_at is null then clock_timestamp() < h.lapses_at
                    else true end $$;
-- +goose StatementEnd

-- A hold's matter, reach and first person never change, a second person's word
-- is given once, and one that lapsed does not come to life again: nothing says
-- what was erased meanwhile.
-- +goose StatementBegin
create function hold_guard() returns trigger
  language plpgsql
as $$
begin
  if (old.hotel, old.id, old.matter, old.reason, old.kind, old.classes, old.placed_by, old.placed_at, old.lapses_at)
      is distinct from (new.hotel, new.id, new.matter, new.reason, new.kind, new.classes, new.placed_by, new.placed_at, new.lapses_at)
     or old.approved_at is not null and (old.approved_by, old.approved_at) is distinct from (new.approved_by, new.approved_at)
     or old.released_at is not null and (old.released_by, old.released_at, old.grace_until) is distinct from (new.released_by, new.released_at, new.grace_until) then
    raise exception 'a hold keeps its matter and its reach' using errcode = 'check_violation', constraint = 'hold_fixed';
  end if;
  if not hold_binds(old) then
    raise exception 'the hold has ended' using errcode = 'check_violation', constraint = 'hold_ended';
  end if;
  return new;
end
$$;
-- +goose StatementEnd
create trigger hold_guard before update on legal_hold for each row execute function hold_guard();

-- holds_in are the holds that count for any of some scopes, or for the hotel as
-- a whole: called in the transaction that deletes, before it does. The
-- statements behind the lock see every hold that was placed before it.
-- +goose StatementBegin
create function holds_in(of_hotel text, of_scopes text[])
  returns table (id text, matter text, kind text, classes text[], review_at timestamptz, scope text)
  language plpgsql
as $$
begin
  perform hold_lock(of_hotel, false);
  return query
    select h.id, h.matter, h.kind, h.classes, h.review_at, s.scope
    from legal_hold h left join hold_scope s on s.hotel = h.hotel and s.hold = h.id and s.scope = any(of_scopes)
    where h.hotel = of_hotel and (h.kind = 'hotel' or s.scope is not null) and hold_binds(h)
    order by h.id, s.scope;
end
$$;
-- +goose StatementEnd

-- What a hotel keeps otherwise than by default.
create table retention_setting (
  hotel  text not null,
  class  text not null,
  period text not null check (period ~ '^P([0-9]{1,3}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?$'),
  set_by text not null check (length(set_by) between 1 and 200),
  set_at timestamptz not null default clock_timestamp(),
  primary key (hotel, class)
);

-- A run: its plan, who let it go ahead, and what came of it.
create table retention_run (
  hotel       text not null,
  id          text not null,
  state       text not null check (state in ('planned', 'waiting', 'running', 'done', 'refused', 'lapsed', 'changed')),
  -- What had had its time by the end of the day before is erased, and no more.
  as_of       date not null,
  plan        jsonb not null,
  plan_hash   bytea not null check (length(plan_hash) = 32),
  rows        bigint not null check (rows >= 0),
  started_by  text not null check (length(started_by) between 1 and 200),
  approved_by text check (length(approved_by) between 1 and 200),
  refused_by  text check (length(refused_by) between 1 and 200),
  created_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  erased      bigint not null default 0 check (erased >= 0),
  overdue     bigint,
  certificate jsonb,
  primary key (hotel, id),
  constraint retention_four_eyes check (approved_by <> started_by)
);
create unique index retention_run_open on retention_run (hotel) where state in ('planned', 'waiting', 'running');

-- A batch is written with the erasure that it tells of: where the next begins is
-- known after any crash.
create table retention_batch (
  hotel  text not null,
  run    text not null,
  store  text not null,
  n      int not null check (n > 0),
  -- The last row's key; null when a pass over the store came to its end.
  cursor text[],
  rows   bigint not null check (rows >= 0),
  bytes  bigint not null check (bytes >= 0),
  rules  jsonb not null,
  root   bytea not null check (length(root) = 32),
  at     timestamptz not null default clock_timestamp(),
  primary key (hotel, run, store, n),
  foreign key (hotel, run) references retention_run
);

-- Keys that nothing needs any more, until they are destroyed: they lie in
-- another database.
create table retention_shred (
  hotel   text not null,
  scope   text not null,
  purpose text not null,
  run     text not null,
  primary key (hotel, scope, purpose)
);

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['legal_hold', 'hold_scope', 'retention_setting', 'retention_run', 'retention_batch', 'retention_shred'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd
grant update (approved_by, approved_at, review_at, reviewed_by, reviewed_at, asked_by, asked_at, released_by, released_at, grace_until)
  on legal_hold to voicehive_tenant;
grant delete, update on retention_setting to voicehive_tenant;
grant delete on retention_shred to voicehive_tenant;
grant update (state, approved_by, refused_by, finished_at, erased, overdue, certificate) on retention_run to voicehive_tenant;

-- The sweeper counts, across hotels, holds whose review is overdue. It does not
-- see what they are about.
grant select (hotel, id, review_at, placed_at, lapses_at, approved_at, released_at) on legal_hold to voicehive_sweeper;
create policy legal_hold_sweeper on legal_hold for select to voicehive_sweeper using (released_at is null);

-- What a run erases is locked first, which needs a right to update something:
-- the hotel is the one column that row security lets nobody change. What could
-- not be deleted before can be once it is old.
grant update (hotel) on guest_index, guest, party, quote, recording, consent_event to voicehive_tenant;
grant delete on call, operator_task, webhook_delivery, subject_decision, consent_event to voicehive_tenant;
create policy call_aged on call as restrictive for delete to voicehive_tenant using (ended_at < now() - interval '1 day');
create policy operator_task_aged on operator_task as restrictive for delete to voicehive_tenant using (closed_at < now() - interval '1 day');
create policy webhook_delivery_aged on webhook_delivery as restrictive for delete to voicehive_tenant using (received_at < now() - interval '3 days');
create policy subject_decision_aged on subject_decision as restrictive for delete to voicehive_tenant using (done_at < now() - interval '1 year');

-- A consent proves that we were allowed, for as long as anybody may ask: until
-- claims lapse, three years at least. Younger ones stay whoever deletes.
drop trigger consent_stays on consent_event;
create trigger consent_stays before update on consent_event for each row execute function consent_stays();
create trigger consent_stays_young before delete on consent_event for each row
  when (old.recorded_at >= now() - interval '3 years') execute function consent_stays();

-- +goose Down
drop trigger consent_stays_young on consent_event;
drop trigger consent_stays on consent_event;
create trigger consent_stays before update or delete on consent_event for each row execute function consent_stays();
drop policy subject_decision_aged on subject_decision;
drop policy webhook_delivery_aged on webhook_delivery;
drop policy operator_task_aged on operator_task;
drop policy call_aged on call;
revoke delete on call, operator_task, webhook_delivery, subject_decision, consent_event from voicehive_tenant;
revoke update (hotel) on guest_index, guest, party, quote, recording, consent_event from voicehive_tenant;
drop table retention_shred;
drop table retention_batch;
drop table retention_run;
drop table retention_setting;
drop function holds_in(text, text[]);
drop table hold_scope;
drop trigger hold_guard on legal_hold;
drop function hold_guard();
drop function hold_binds(legal_hold);
drop table legal_hold;
drop function hold_placed();
drop function hold_lock(text, boolean);
