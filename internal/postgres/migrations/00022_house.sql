-- A role for telling the audit log what belongs to no hotel, and nothing else:
-- the keys' roller tells of its rolls, and needs no way to any hotel's rows for
-- that. Indexes for what was decided about a person, of which there may be very
-- much. And the register of breaches, which is the house's own: every breach,
-- also one that nobody had to be told of (Article 33(5) GDPR).
--
-- +goose Up
-- +goose StatementBegin
do $$
begin
  begin
    if not exists (select from pg_roles where rolname = 'voicehive_house') then
      create role voicehive_house nologin nosuperuser nobypassrls;
    end if;
  exception when duplicate_object or unique_violation then
    null; -- another database made it first
  end;
  grant usage on schema public to voicehive_house;
end
$$;
-- +goose StatementEnd

-- As a tenant has it, for the one tenant that is no hotel.
grant select, insert, update on audit_writer to voicehive_house;
grant insert on audit_outbox, audit_detail to voicehive_house;
create policy audit_writer_house on audit_writer to voicehive_house using (tenant = 'voicehive-house') with check (tenant = 'voicehive-house');
create policy audit_outbox_house on audit_outbox for insert to voicehive_house with check (tenant = 'voicehive-house');
create policy audit_detail_house on audit_detail for insert to voicehive_house with check (tenant = 'voicehive-house');

create index subject_decision_from on subject_decision (hotel, from_subject) where from_subject is not null;
create index subject_decision_into on subject_decision (hotel, into_subject);

-- What happened, and who has to hear of it by when. Its words lie sealed under
-- the house's own key: they name nobody, and are nobody else's matter.
create table breach (
  hotel          text not null, -- the house
  id             text not null check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  kinds          text[] not null check (cardinality(kinds) between 1 and 3 and kinds <@ array['confidentiality', 'integrity', 'availability']),
  -- From here the law's clock runs.
  aware_at       timestamptz not null,
  controller_due timestamptz not null check (controller_due > aware_at),
  authority_due  timestamptz not null check (authority_due > aware_at),
  sealed         bytea not null,
  opened_by      text not null check (length(opened_by) between 1 and 200),
  opened_at      timestamptz not null default clock_timestamp(),
  closed_at      timestamptz,
  primary key (hotel, id)
);

-- The hotels whose guests it concerns: each is told without delay (33(2)).
create table breach_hotel (
  hotel    text not null,
  breach   text not null,
  concerns text not null,
  primary key (hotel, breach, concerns),
  foreign key (hotel, breach) references breach
);

-- What was found out and done, one after the other: notices may come in phases
-- (33(4)), and what was assessed once may be assessed anew.
create table breach_note (
  hotel      text not null,
  breach     text not null,
  n          integer not null check (n between 1 and 1000),
  kind       text not null check (kind in ('fact', 'controller_told', 'assessed', 'authority_told', 'persons_told', 'remedied')),
  concerns   text,   -- the hotel that was told
  risk       text check (risk in ('unlikely', 'risk', 'high')),
  phase      text check (phase in ('initial', 'supplement', 'final')),
  -- Why it comes late, where it does (33(1)).
  delay      text check (delay in ('investigation', 'law_enforcement', 'late_discovery', 'technical')),
  sealed     bytea not null,
  happened_at timestamptz not null,
  actor      text not null check (length(actor) between 1 and 200),
  noted_at   timestamptz not null default clock_timestamp(),
  primary key (hotel, breach, n),
  foreign key (hotel, breach) references breach,
  check ((kind = 'controller_told') = (concerns is not null)),
  check ((kind = 'assessed') = (risk is not null)),
  check ((kind = 'authority_told') = (phase is not null))
);

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['breach', 'breach_hotel', 'breach_note'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd
grant update (closed_at) on breach to voicehive_tenant;

-- Hotels that leave (Article 28(3)(g) GDPR): what they were given back, who
-- agreed, and the proof that the rest is gone. It is the house's, for the
-- hotel's own rows go.
create table offboarding (
  hotel       text not null, -- the house
  id          text not null check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  leaves      text not null, -- the hotel
  give_back   text not null check (give_back in ('plain', 'sealed', 'nothing')),
  recipient   text check (length(recipient) <= 200), -- whose key it is sealed for
  state       text not null default 'waiting' check (state in ('waiting', 'returning', 'returned', 'removing', 'removed', 'withdrawn')),
  opened_by   text not null check (length(opened_by) between 1 and 200),
  opened_at   timestamptz not null default clock_timestamp(),
  approved_by text check (length(approved_by) between 1 and 200),
  approved_at timestamptz,
  pack        jsonb, -- its digest, and what is in it by number
  handed_by   text check (length(handed_by) between 1 and 200),
  handed_at   timestamptz,
  removed     jsonb, -- by number
  certificate bytea,
  ended_at    timestamptz,
  primary key (hotel, id),
  constraint offboarding_four_eyes check (approved_by <> opened_by),
  check ((give_back = 'sealed') = (recipient is not null)),
  check ((approved_by is null) = (approved_at is null)),
  constraint offboarding_approved check (state in ('waiting', 'withdrawn') or approved_by is not null),
  constraint offboarding_handed check (state not in ('removing', 'removed') or give_back = 'nothing' or handed_by is not null),
  constraint offboarding_certified check (state <> 'removed' or certificate is not null)
);
create unique index offboarding_once on offboarding (leaves) where state not in ('withdrawn', 'removed');
alter table offboarding enable row level security;
alter table offboarding force row level security;
create policy offboarding_own on offboarding to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant());
grant select, insert, update (state, approved_by, approved_at, pack, handed_by, handed_at, removed, certificate, ended_at) on offboarding to voicehive_tenant;

-- voicehive_leaver reads and empties the rows of the one hotel that leaves, and
-- of no other: as a tenant it needs the tenant set. A table that a later
-- migration makes is granted there; a test asks for it.
-- +goose StatementBegin
do $$
declare
  t record;
begin
  begin
    if not exists (select from pg_roles where rolname = 'voicehive_leaver') then
      create role voicehive_leaver nologin nosuperuser nobypassrls;
    end if;
  exception when duplicate_object or unique_violation then
    null; -- another database made it first
  end;
  grant usage on schema public to voicehive_leaver;
  for t in
    select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      and (a.attname = 'hotel' or c.relname = 'hotel' and a.attname = 'id')
      and c.relname not in ('erasure_journal', 'offboarding', 'breach', 'breach_hotel', 'breach_note')
  loop
    execute format('grant select, delete on %I to voicehive_leaver', t.relname);
    execute format('create policy %I on %I to voicehive_leaver using (%I = tenant())', t.relname || '_leaver', t.relname, t.attname);
  end loop;
  -- A key of a call platform that opens this hotel and no other ends with it.
  grant select, update (revoked_at) on api_key to voicehive_leaver;
  create policy api_key_leaver on api_key to voicehive_leaver using (hotels = array[tenant()]) with check (hotels = array[tenant()]);
end
$$;
-- +goose StatementEnd

-- Consent events are only ever added, until their hotel leaves.
-- +goose StatementBegin
create or replace function consent_stays() returns trigger
  language plpgsql
as $$
begin
  if tg_op = 'DELETE' and current_user = 'voicehive_leaver' then
    return old;
  end if;
  raise exception 'consent events are only ever added' using errcode = 'insufficient_privilege';
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function consent_stays() returns trigger
  language plpgsql
as $$
begin
  raise exception 'consent events are only ever added' using errcode = 'insufficient_privilege';
end
$$;
do $$
declare
  p record;
begin
  for p in select polname, polrelid::regclass as of from pg_policy where polname like '%\_leaver' loop
    execute format('drop policy %I on %s', p.polname, p.of);
    execute format('revoke all on %s from voicehive_leaver', p.of);
  end loop;
end
$$;
-- +goose StatementEnd
revoke update (revoked_at) on api_key from voicehive_leaver;
drop table offboarding;
drop table breach_note;
drop table breach_hotel;
drop table breach;
drop index subject_decision_into;
drop index subject_decision_from;
drop policy audit_detail_house on audit_detail;
drop policy audit_outbox_house on audit_outbox;
drop policy audit_writer_house on audit_writer;
revoke all on audit_writer, audit_outbox, audit_detail from voicehive_house;
