-- Where each hotel's connection to its system stands: what the health checks
-- found, and whether an operator closed it. A hotel without a row was never
-- checked and counts as available.
--
-- +goose Up
-- +goose StatementBegin
do $$
begin
  begin
    if not exists (select from pg_roles where rolname = 'voicehive_checker') then
      create role voicehive_checker nologin nosuperuser nobypassrls;
    end if;
  exception when duplicate_object or unique_violation then
    null; -- another database made it first
  end;
  grant usage on schema public to voicehive_checker;
end
$$;
-- +goose StatementEnd

create table connection (
  hotel              text primary key,
  -- What the health checks say, whatever an operator did meanwhile.
  degraded           boolean not null default false,
  since              timestamptz not null default now(),
  reason             text not null default '',
  checked_at         timestamptz,
  -- Checks in a row with the same answer; a change of it starts at one.
  healthy            boolean not null default true,
  streak             integer not null default 0,
  -- The operator's maintenance: none when maintained_since is null.
  maintained_since   timestamptz,
  maintained_until   timestamptz,
  maintained_because text not null default '' check (length(maintained_because) <= 200)
);

alter table connection enable row level security;
alter table connection force row level security;

-- A hotel reads its own; the checker writes what it found, across hotels; the
-- registrar, who is an operator, opens and closes.
grant select on connection to voicehive_tenant, voicehive_checker, voicehive_registrar;
grant insert (hotel, degraded, since, reason, checked_at, healthy, streak) on connection to voicehive_checker;
grant update (degraded, since, reason, checked_at, healthy, streak) on connection to voicehive_checker;
grant insert (hotel, maintained_since, maintained_until, maintained_because) on connection to voicehive_registrar;
grant update (maintained_since, maintained_until, maintained_because) on connection to voicehive_registrar;

create policy connection_own on connection for select to voicehive_tenant using (hotel = tenant());
create policy connection_checker on connection to voicehive_checker using (true) with check (true);
create policy connection_registrar on connection to voicehive_registrar using (true) with check (true);

-- The checker has to know which hotels there are, and nothing else of them.
grant select (id, vendor) on hotel to voicehive_checker;
create policy hotel_checker on hotel for select to voicehive_checker using (true);

-- +goose Down
drop policy hotel_checker on hotel;
revoke select (id, vendor) on hotel from voicehive_checker;
drop table connection;
