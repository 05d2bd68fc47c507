-- The key database: one random data key per scope, wrapped. It stands apart
-- from the data so that its backups can be short-lived; destroying a row here
-- makes everything sealed under it unreadable.
--
-- +goose Up
-- +goose StatementBegin
do $$
begin
  begin
    if not exists (select from pg_roles where rolname = 'voicehive_keys') then
      create role voicehive_keys nologin nosuperuser nobypassrls;
    end if;
  exception when duplicate_object or unique_violation then
    null; -- another database of the cluster made it in the same moment
  end;
  grant usage on schema public to voicehive_keys;
end
$$;
-- +goose StatementEnd

create table scope_key (
  tenant       text not null,
  -- A ULID: of a booking, a call, a request. The all-zero ULID is the
  -- tenant's own scope, for payloads that belong to no guest.
  scope        text not null,
  version      int not null default 1,
  -- Which wrapping key wrapped it.
  epoch        text not null,
  -- null once destroyed: the row stays as the tombstone.
  wrapped      bytea,
  -- Random, per hotel; which data subject the scope belongs to, when known.
  subject      uuid,
  created_at   timestamptz not null default now(),
  destroyed_at timestamptz,
  primary key (tenant, scope, version),
  check ((wrapped is null) = (destroyed_at is not null))
);
create index scope_key_subject on scope_key (tenant, subject) where subject is not null;

alter table scope_key enable row level security;
alter table scope_key force row level security;
grant select, insert, update on scope_key to voicehive_keys;
create policy scope_key_all on scope_key to voicehive_keys using (true) with check (true);

-- +goose Down
drop table scope_key;
