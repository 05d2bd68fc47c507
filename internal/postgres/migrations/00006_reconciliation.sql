-- What reconciliation remembers: which finding a task is about, so that one
-- that an operator closed does not come back every night, and which repairs
-- were tried, so that one that does not help becomes a task.
--
-- +goose Up
-- A digest of the facts of a finding; null for tasks of other origin.
alter table operator_task add column fingerprint bytea check (length(fingerprint) = 32);

create table repair (
  hotel       text not null,
  booking     text not null,
  kind        text not null,
  fingerprint bytea not null check (length(fingerprint) = 32),
  tries       integer not null default 1,
  tried_at    timestamptz not null default now(),
  primary key (hotel, booking, kind)
);

alter table repair enable row level security;
alter table repair force row level security;
grant select, insert, update on repair to voicehive_tenant;
create policy repair_own on repair to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant());

-- Reconciliation pages through the bookings of a hotel by what changed.
create index booking_changed on booking (hotel, updated_at);

-- +goose Down
drop index booking_changed;
drop table repair;
alter table operator_task drop column fingerprint;
