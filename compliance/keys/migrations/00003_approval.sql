-- Who agreed to the end of an epoch, as the server knows them: nobody types a
-- name. A person has a login of their own, or leases one from Vault under a
-- login of their own there, which its name tells.
--
-- +goose Up
-- +goose StatementBegin
create function key_person() returns text
  language sql stable
  set search_path = pg_catalog -- a login's own temporary tables must not answer
  as $$
    select coalesce(
      -- As Vault names leased logins: v-<who>-<random>, or with a time behind.
      substring(session_user::text from '^v-(.+)-[A-Za-z0-9]{20}(-[0-9]+)?$'),
      -- One that ends by itself and does not tell who has it tells nothing.
      (select rolname::text from pg_catalog.pg_roles where rolname = session_user and rolvaliduntil is null))
  $$;
-- +goose StatementEnd

create table key_approval (
  epoch       text not null references key_epoch,
  person      text not null default key_person(),
  login       text not null default session_user,
  approved_at timestamptz not null default now(),
  -- One person counts once, under however many logins.
  primary key (epoch, person)
);
alter table key_approval enable row level security;
alter table key_approval force row level security;
-- The epoch alone can be chosen; the rest is the server's.
grant select, insert (epoch) on key_approval to voicehive_roller;
create policy key_approval_roller on key_approval to voicehive_roller using (true) with check (true);

-- +goose Down
drop table key_approval;
drop function key_person();
