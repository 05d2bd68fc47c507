-- Keys by purpose, and three tiers of them: a root key per epoch outside the
-- database, bucket keys wrapped by it, scope keys wrapped by those. When an
-- epoch's live keys are rewrapped and its root key is destroyed, every older
-- copy of this database is dead.
--
-- +goose Up
-- +goose StatementBegin
do $$
begin
  begin
    if not exists (select from pg_roles where rolname = 'voicehive_roller') then
      create role voicehive_roller nologin nosuperuser nobypassrls;
    end if;
  exception when duplicate_object or unique_violation then
    null; -- another database of the cluster made it in the same moment
  end;
  grant usage on schema public to voicehive_roller;
end
$$;
-- +goose StatementEnd

create table key_epoch (
  epoch        text primary key check (epoch ~ '^[a-z0-9][a-z0-9.-]{0,39}$'),
  -- The highest open one is the current one.
  serial       bigint not null generated always as identity,
  opened_at    timestamptz not null default now(),
  -- From then on nothing new is wrapped in it.
  closed_at    timestamptz,
  -- From then on no live key was left in it.
  rewrapped_at timestamptz,
  -- Who agreed to destroy its root key, and when that was done.
  approved_by  text[] check (cardinality(approved_by) >= 2),
  retired_at   timestamptz,
  check (rewrapped_at is null or closed_at is not null),
  check (retired_at is null or rewrapped_at is not null and approved_by is not null)
);

create table bucket_key (
  epoch   text not null references key_epoch,
  bucket  int not null check (bucket >= 0),
  -- By the epoch's root key.
  wrapped bytea not null,
  primary key (epoch, bucket)
);

-- Proofs that a backup of this database, restored elsewhere, opens.
create table key_backup_check (
  epoch      text not null references key_epoch,
  checked_at timestamptz not null default now(),
  -- How many live keys were opened, and the SHA-256 of them in order.
  rows       bigint not null,
  digest     bytea not null,
  by         text not null,
  primary key (epoch, checked_at)
);

alter table scope_key add column purpose text not null default 'operations'
  check (purpose in ('operations', 'recording', 'invoice', 'consent', 'case', 'audit'));
alter table scope_key alter column purpose drop default;
-- null in a tombstone of a key that never was, and where the root key wrapped
-- the scope key without a bucket, as it did before there were any.
alter table scope_key add column bucket int;
-- No key may be wrapped by a bucket key that only some process remembers.
alter table scope_key add foreign key (epoch, bucket) references bucket_key;
alter table scope_key drop constraint scope_key_pkey;
alter table scope_key add primary key (tenant, scope, purpose, version);
-- What a roll has still to do, in order.
create index scope_key_live on scope_key (epoch, tenant, scope, purpose, version) where wrapped is not null;

insert into key_epoch (epoch, closed_at)
select distinct epoch, now() from scope_key where wrapped is not null;

-- A scope has one data subject whatever keys it has, or none yet.
create table scope_subject (
  tenant      text not null,
  scope       text not null,
  -- Random, per hotel; names nobody by itself.
  subject     uuid not null,
  assigned_at timestamptz not null default now(),
  primary key (tenant, scope)
);
create index scope_subject_subject on scope_subject (tenant, subject, scope);
insert into scope_subject (tenant, scope, subject)
select distinct on (tenant, scope) tenant, scope, subject from scope_key where subject is not null
order by tenant, scope, version desc;
drop index scope_key_subject;
alter table scope_key drop column subject;

alter table key_epoch enable row level security;
alter table key_epoch force row level security;
alter table bucket_key enable row level security;
alter table bucket_key force row level security;
alter table key_backup_check enable row level security;
alter table key_backup_check force row level security;
alter table scope_subject enable row level security;
alter table scope_subject force row level security;

-- The product makes and destroys scope keys, and opens the first epoch. What
-- ends an epoch is the roller's.
revoke update on scope_key from voicehive_keys;
grant update (wrapped, bucket, destroyed_at) on scope_key to voicehive_keys;
grant select, insert (epoch) on key_epoch to voicehive_keys;
grant select, insert on bucket_key to voicehive_keys;
grant select, insert, update on scope_subject to voicehive_keys;
create policy key_epoch_keys on key_epoch to voicehive_keys using (true) with check (true);
create policy bucket_key_keys on bucket_key to voicehive_keys using (true) with check (true);
create policy scope_subject_keys on scope_subject to voicehive_keys using (true) with check (true);

-- The roller moves keys and makes none.
grant select, update (epoch, bucket, wrapped) on scope_key to voicehive_roller;
grant select, insert (epoch), update (closed_at, rewrapped_at, approved_by, retired_at) on key_epoch to voicehive_roller;
grant select, insert, delete on bucket_key to voicehive_roller;
grant select, insert on key_backup_check to voicehive_roller;
create policy scope_key_roller_read on scope_key for select to voicehive_roller using (true);
create policy scope_key_roller_move on scope_key for update to voicehive_roller using (wrapped is not null) with check (wrapped is not null);
create policy key_epoch_roller on key_epoch to voicehive_roller using (true) with check (true);
create policy bucket_key_roller on bucket_key to voicehive_roller using (true) with check (true);
create policy key_backup_check_roller on key_backup_check to voicehive_roller using (true) with check (true);

-- +goose Down
alter table scope_key add column subject uuid;
update scope_key k set subject = s.subject from scope_subject s where s.tenant = k.tenant and s.scope = k.scope;
create index scope_key_subject on scope_key (tenant, subject) where subject is not null;
drop table scope_subject;
delete from scope_key where purpose <> 'operations';
alter table scope_key drop constraint scope_key_pkey;
alter table scope_key drop column purpose;
alter table scope_key drop column bucket;
alter table scope_key add primary key (tenant, scope, version);
drop index scope_key_live;
drop policy scope_key_roller_read on scope_key;
drop policy scope_key_roller_move on scope_key;
revoke all on scope_key from voicehive_roller;
drop table key_backup_check;
drop table bucket_key;
drop table key_epoch;
