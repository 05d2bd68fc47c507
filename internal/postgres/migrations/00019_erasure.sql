-- Erasures of a case's people: the plan (sealed with the case), what was erased
-- so far, where the hotel's system and other recipients stand, and the
-- certificates. The mirror of the erasure journal, whose place is the keys'
-- database, tells a restored backup from a living database.
--
-- +goose Up
create table erasure (
  hotel      text not null,
  -- The case, or whatever else names the people.
  request    text not null,
  -- The hash of the plan that is carried out, and the plan under the case's key;
  -- null once it is done.
  plan       text not null,
  sealed     bytea,
  -- Counts of what was erased so far, by what it is.
  erased     jsonb not null default '{}',
  runs       bigint not null default 0,
  -- Bookings that the hotel's own system erased, and those left to staff.
  system_erased bigint not null default 0,
  system_manual bigint not null default 0,
  begun_at   timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (hotel, request)
);

-- Whose guests the hotel's own system erased, or staff have to. Of a booking, and
-- not of a case: that would tell for ever which bookings were one person's.
create table erasure_system (
  hotel   text not null,
  scope   text not null,
  state   text not null check (state in ('erased', 'manual')),
  -- The kind of the refusal, when there was one.
  problem text,
  hour    timestamptz not null default date_trunc('hour', now()),
  primary key (hotel, scope)
);

-- What other recipients answered when they were told to erase.
create table erasure_receipt (
  hotel       text not null,
  request     text not null,
  recipient   text not null,
  -- The receipt as it came, in an envelope that the recipient signed.
  receipt     bytea not null,
  received_at timestamptz not null default now(),
  primary key (hotel, request, recipient)
);

create table erasure_certificate (
  hotel     text not null,
  id        text not null,
  request   text not null,
  -- What was left when it was made: the same again makes no other one.
  left_hash text not null,
  envelope  bytea not null,
  erased_at timestamptz not null,
  final_at  timestamptz not null,
  primary key (hotel, id)
);
create index erasure_certificate_request on erasure_certificate (hotel, request, id);

-- Recordings whose rows are gone and whose objects are not yet.
create table erased_object (
  hotel     text not null,
  object    text not null,
  scope     text not null,
  queued_at timestamptz not null default now(),
  primary key (hotel, object)
);
create index erased_object_scope on erased_object (hotel, scope);

-- The mirror of the journal. The hour is all that is said of when: more would
-- tell which of them were one person's.
create table erasure_journal (
  hotel text not null,
  scope text not null,
  -- The classes whose records stayed; a later entry of the scope may keep fewer.
  kept  text[] not null default '{}',
  hour  timestamptz not null default date_trunc('hour', now()),
  primary key (hotel, scope, kept)
);
-- +goose StatementBegin
create function erasure_journal_refuse() returns trigger
  language plpgsql
as $$
begin
  raise exception 'the erasure journal is only added to' using errcode = 'insufficient_privilege';
end
$$;
-- +goose StatementEnd
create trigger refuse before update or delete or truncate on erasure_journal
  for each statement execute function erasure_journal_refuse();

-- +goose StatementBegin
do $$
declare
  t text;
begin
  begin
    if not exists (select from pg_roles where rolname = 'voicehive_journal') then
      create role voicehive_journal nologin nosuperuser nobypassrls;
    end if;
  exception when duplicate_object or unique_violation then
    null; -- another database of the cluster made it in the same moment
  end;
  grant usage on schema public to voicehive_journal;
  foreach t in array array['erasure', 'erasure_system', 'erasure_receipt', 'erasure_certificate', 'erased_object', 'erasure_journal'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd
grant update, delete on erasure, erasure_system to voicehive_tenant;
grant delete on erased_object to voicehive_tenant;
-- Whoever compares the two journals sees entries of all hotels, and nothing else.
grant select on erasure_journal to voicehive_journal;
create policy erasure_journal_all on erasure_journal for select to voicehive_journal using (true);

-- While a stay is waited for, the plan stays with its case; once the case is
-- closed nothing tells any more which bookings were one person's.
-- +goose StatementBegin
create function erasure_forget() returns trigger
  language plpgsql
as $$
begin
  update erasure set sealed = null, updated_at = now() where hotel = new.hotel and request = new.id and sealed is not null;
  return null;
end
$$;
-- +goose StatementEnd
create trigger forget_plan after update of closed_at on dsar_case
  for each row when (old.closed_at is null and new.closed_at is not null) execute function erasure_forget();

-- An erasure reaches what tells which bookings were one person's, and what the
-- hotel's system told of them, however young: of scopes that the journal has.
grant update (scopes) on subject_decision to voicehive_tenant;
create index subject_decision_scopes on subject_decision using gin (scopes);
create index webhook_delivery_reservation on webhook_delivery (hotel, reservation) where reservation is not null;
drop policy subject_decision_aged on subject_decision;
create policy subject_decision_aged on subject_decision as restrictive for delete to voicehive_tenant using (
  done_at < now() - interval '1 year'
  or exists (select from erasure_journal j where j.hotel = subject_decision.hotel and j.scope = any (subject_decision.scopes)));
drop policy webhook_delivery_aged on webhook_delivery;
create policy webhook_delivery_aged on webhook_delivery as restrictive for delete to voicehive_tenant using (
  received_at < now() - interval '3 days'
  or exists (
    select from booking b join erasure_journal j on j.hotel = b.hotel and j.scope = b.id
    where b.hotel = webhook_delivery.hotel and b.vendor_booking = webhook_delivery.reservation));

-- +goose Down
drop policy webhook_delivery_aged on webhook_delivery;
create policy webhook_delivery_aged on webhook_delivery as restrictive for delete to voicehive_tenant using (received_at < now() - interval '3 days');
drop policy subject_decision_aged on subject_decision;
create policy subject_decision_aged on subject_decision as restrictive for delete to voicehive_tenant using (done_at < now() - interval '1 year');
drop index webhook_delivery_reservation;
drop index subject_decision_scopes;
revoke update (scopes) on subject_decision from voicehive_tenant;
drop trigger forget_plan on dsar_case;
drop function erasure_forget();
drop table erasure_journal;
drop function erasure_journal_refuse();
drop table erased_object;
drop table erasure_certificate;
drop table erasure_receipt;
drop table erasure_system;
drop table erasure;
