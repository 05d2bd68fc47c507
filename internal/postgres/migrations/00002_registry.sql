-- Which hotels there are, and who may call the API for them.
--
-- +goose Up
create table hotel (
  id              text primary key check (id ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  name            text not null,
  vendor          text not null,
  property        text not null,
  endpoints       jsonb not null default '{}',
  time_zone       text not null,
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  country         text not null check (country ~ '^[A-Z]{2}$'),
  languages       text[] not null,
  phone_lines     text[] not null default '{}',
  credentials_ref text not null,
  mapping         jsonb not null default '{}',
  roles           jsonb not null default '{}',
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now()
);

-- A key of a call platform. Only its SHA-256 is kept: the key itself is random
-- and long, so a plain hash cannot be searched.
create table api_key (
  id         text primary key,
  hash       bytea not null unique check (length(hash) = 32),
  name       text not null,
  hotels     text[] not null,
  roles      text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

alter table hotel enable row level security;
alter table hotel force row level security;
alter table api_key enable row level security;
alter table api_key force row level security;

grant select on hotel to voicehive_tenant, voicehive_gate;
grant select, insert, update, delete on hotel to voicehive_registrar;
grant select on api_key to voicehive_gate;
grant select, insert, update on api_key to voicehive_registrar;

create policy hotel_own on hotel for select to voicehive_tenant using (id = tenant());
create policy hotel_gate on hotel for select to voicehive_gate using (true);
create policy hotel_registrar on hotel to voicehive_registrar using (true) with check (true);
create policy api_key_gate on api_key for select to voicehive_gate using (true);
create policy api_key_registrar on api_key to voicehive_registrar using (true) with check (true);

-- +goose Down
drop table api_key;
drop table hotel;
