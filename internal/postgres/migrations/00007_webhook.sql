-- How events of hotel systems come in: the secrets in the addresses that
-- vendors post to, and an inbox of what they posted. An event is stored before
-- it is answered, so that none is lost when its booking cannot be told at once.
--
-- +goose Up
-- A secret is random and long, so a plain hash of it cannot be searched. Two
-- are valid while one replaces the other.
create table webhook_secret (
  hotel        text not null,
  vendor       text not null,
  hash         bytea not null check (length(hash) = 32),
  -- What the vendor calls its subscription; null until the vendor has made it.
  subscription text,
  created_at   timestamptz not null default now(),
  -- Null while the secret is the one in use.
  expires_at   timestamptz,
  primary key (hotel, vendor, hash)
);

-- id is a hash of what the vendor calls the delivery and of what it is about.
-- Nothing else of an event is kept: what changed is read at the hotel.
create table webhook_delivery (
  hotel       text not null,
  vendor      text not null,
  id          bytea not null check (length(id) = 32),
  reservation text,
  received_at timestamptz not null default now(),
  -- When somebody may take it up (again).
  due_at      timestamptz not null,
  tries       integer not null default 0,
  done_at     timestamptz,
  primary key (hotel, vendor, id)
);
create index webhook_delivery_open on webhook_delivery (due_at) where done_at is null;
create index webhook_delivery_age on webhook_delivery (received_at);

alter table webhook_secret enable row level security;
alter table webhook_secret force row level security;
alter table webhook_delivery enable row level security;
alter table webhook_delivery force row level security;

-- Only an operator's command makes and ends secrets.
grant select on webhook_secret to voicehive_tenant;
grant select, insert, update, delete on webhook_secret to voicehive_registrar;
create policy webhook_secret_own on webhook_secret for select to voicehive_tenant using (hotel = tenant());
create policy webhook_secret_registrar on webhook_secret to voicehive_registrar using (true) with check (true);

grant select, insert, update on webhook_delivery to voicehive_tenant;
create policy webhook_delivery_own on webhook_delivery to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant());

-- The sweeper finds, across hotels, events that nobody carried out, and throws
-- away what is older than any repeat of a vendor. It cannot see what an event
-- is about.
grant select (hotel, vendor, id, due_at, received_at, done_at), delete on webhook_delivery to voicehive_sweeper;
create policy webhook_delivery_sweeper on webhook_delivery for select to voicehive_sweeper using (true);
create policy webhook_delivery_purge on webhook_delivery for delete to voicehive_sweeper using (received_at < now() - interval '3 days');

-- +goose Down
drop table webhook_delivery;
drop table webhook_secret;
