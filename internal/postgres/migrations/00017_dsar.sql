-- Requests of data subjects. A case names nobody: what the requester said, how
-- to reach them and whose bookings it is about lie sealed under the case's own
-- scope. Whose bookings they are is forgotten when the case is closed.
--
-- +goose Up
create table dsar_case (
  hotel          text not null,
  -- The ULID of the case's own key scope.
  id             text not null check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  key_hmac       bytea not null check (length(key_hmac) = 32),
  body_hmac      bytea not null check (length(body_hmac) = 32),
  kind           text not null check (kind in ('access', 'erasure', 'rectification', 'restriction', 'portability', 'objection')),
  state          text not null check (state in ('received', 'verifying', 'open', 'waiting', 'deciding', 'carrying_out',
                                                'completed', 'refused', 'withdrawn', 'joined')),
  channel        text not null check (channel in ('api', 'console', 'cli', 'found_in_call')),
  call           text,
  language       text check (length(language) between 2 and 35),
  match          text not null check (match in ('known', 'unknown', 'ambiguous')),
  -- A digest of the subject, so that the same person's second request is found;
  -- null once the case is closed.
  person         bytea check (length(person) = 32),
  proof          text check (proof in ('code', 'manual', 'none')),
  proven_at      timestamptz,
  received_at    timestamptz not null,
  -- The ends that count now: the law's and the house's own.
  due_at         timestamptz not null,
  internal_at    timestamptz not null,
  -- The whole clock, as it was computed on receipt.
  clock          jsonb not null,
  extended_at    timestamptz,
  wait_until     timestamptz,
  joined_to      text,
  outcome        text check (outcome in ('granted', 'partly', 'refused', 'withdrawn')),
  certificate    text,
  sealed_wish    bytea not null,
  sealed_people  bytea,
  sealed_reply   bytea,
  opened_by      text not null check (length(opened_by) between 1 and 200),
  opened_at      timestamptz not null default now(),
  started_at     timestamptz,
  updated_at     timestamptz not null default now(),
  closed_at      timestamptz,
  primary key (hotel, id),
  unique (hotel, key_hmac),
  check ((channel = 'found_in_call') = (call is not null)),
  check ((state in ('completed', 'refused', 'withdrawn', 'joined')) = (closed_at is not null)),
  check ((state = 'joined') = (joined_to is not null)),
  check ((proof is null) = (proven_at is null)),
  check (closed_at is null or person is null and sealed_people is null)
);
create unique index dsar_case_person on dsar_case (hotel, person, kind) where person is not null;
create index dsar_case_opened on dsar_case (hotel, opened_at, id);
create index dsar_case_due on dsar_case (hotel, internal_at) where closed_at is null;
create index dsar_case_idle on dsar_case (opened_at, id) where started_at is null and closed_at is null;

-- What people have to do for a case.
create table dsar_task (
  hotel    text not null,
  case_id  text not null,
  id       text not null,
  kind     text not null check (kind ~ '^[a-z_]{3,40}$'),
  due_at   timestamptz,
  -- What else is to be known of it.
  sealed   bytea,
  added_at timestamptz not null default now(),
  done_at  timestamptz,
  done_by  text check (length(done_by) between 1 and 200),
  primary key (hotel, id),
  foreign key (hotel, case_id) references dsar_case on delete cascade,
  check ((done_at is null) = (done_by is null))
);
create index dsar_task_case on dsar_task (hotel, case_id);

-- What people did about a case. It is asked for before it is done, so that a
-- repeated request is known, and counts from done_at on.
create table dsar_act (
  hotel     text not null,
  case_id   text not null,
  id        text not null,
  key_hmac  bytea not null check (length(key_hmac) = 32),
  body_hmac bytea not null check (length(body_hmac) = 32),
  kind      text not null check (kind ~ '^[a-z_]{3,40}$'),
  actor     text not null check (length(actor) between 1 and 200),
  -- What was written or said to it.
  sealed    bytea,
  asked_at  timestamptz not null default now(),
  done_at   timestamptz,
  -- Why it was not done.
  problem   text check (problem ~ '^[a-z_]{3,40}$'),
  primary key (hotel, id),
  unique (hotel, key_hmac),
  foreign key (hotel, case_id) references dsar_case on delete cascade,
  check (done_at is null or problem is null)
);
create index dsar_act_case on dsar_act (hotel, case_id);
-- Two people are two people, and a request is extended once.
create unique index dsar_act_person on dsar_act (hotel, case_id, kind, actor) where kind in ('approved', 'vouched') and done_at is not null;
create unique index dsar_act_once on dsar_act (hotel, case_id, kind) where kind in ('extended', 'refused', 'withdrawn') and done_at is not null;

-- What is closed stays closed.
-- +goose StatementBegin
create function dsar_case_stays() returns trigger
  language plpgsql
as $$
begin
  if old.closed_at is not null and (new.state, new.closed_at, new.outcome) is distinct from (old.state, old.closed_at, old.outcome) then
    raise exception 'the case is closed' using errcode = 'check_violation', constraint = 'dsar_case_closed';
  end if;
  if (new.kind, new.received_at, new.clock, new.channel, new.opened_by) is distinct from
     (old.kind, old.received_at, old.clock, old.channel, old.opened_by) then
    raise exception 'what came in stays as it was' using errcode = 'check_violation', constraint = 'dsar_case_receipt';
  end if;
  new.updated_at := now();
  return new;
end
$$;
-- +goose StatementEnd
create trigger dsar_case_stays before update on dsar_case for each row execute function dsar_case_stays();

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['dsar_case', 'dsar_task', 'dsar_act'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert, update, delete on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd

-- The sweeper finds, across hotels, cases that nobody carries out. It sees
-- which, and nothing sealed.
grant select (hotel, id, opened_at, started_at, closed_at) on dsar_case to voicehive_sweeper;
create policy dsar_case_sweeper on dsar_case for select to voicehive_sweeper using (started_at is null and closed_at is null);

-- +goose Down
drop table dsar_act;
drop table dsar_task;
drop table dsar_case;
drop function dsar_case_stays();
