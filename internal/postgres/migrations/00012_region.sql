-- Where every endpoint stood when it was last checked, so that a change shows,
-- and what hotels attest of their own systems.
--
-- +goose Up
create table region_check (
  -- The setting, or hotel/<id>/<endpoint>.
  endpoint   text primary key check (length(endpoint) between 1 and 200),
  hotel      text not null default '', -- empty: the installation's own
  role       text not null,
  host       text not null,
  class      text not null,
  provider   text not null,
  region     text not null,
  country    text not null,
  addresses  bytea not null check (length(addresses) = 32), -- a digest of them
  state      text not null check (state in ('PASS', 'FAIL', 'UNKNOWN', 'ATTESTED')),
  reason     text not null,
  evidence   text not null,
  checked_at timestamptz not null,
  -- When state, class, provider, region or country last became another.
  changed_at timestamptz not null
);

-- A hotel's word on where its own system stands. Nothing is changed or taken
-- away: the newest row counts, and one whose until has passed attests nothing.
create table hotel_attestation (
  hotel       text not null,
  id          text not null,
  attested_by text not null check (length(attested_by) between 1 and 200),
  document    text not null check (length(document) between 1 and 200),
  sha256      bytea not null check (length(sha256) = 32),
  hosts       text[] not null,
  until       timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (hotel, id)
);

alter table region_check enable row level security;
alter table region_check force row level security;
alter table hotel_attestation enable row level security;
alter table hotel_attestation force row level security;

grant select, insert, update, delete on region_check to voicehive_checker;
create policy region_check_checker on region_check to voicehive_checker using (true) with check (true);

grant select on hotel_attestation to voicehive_tenant, voicehive_gate;
grant select, insert on hotel_attestation to voicehive_registrar;
create policy hotel_attestation_own on hotel_attestation for select to voicehive_tenant using (hotel = tenant());
create policy hotel_attestation_gate on hotel_attestation for select to voicehive_gate using (true);
create policy hotel_attestation_read on hotel_attestation for select to voicehive_registrar using (true);
create policy hotel_attestation_add on hotel_attestation for insert to voicehive_registrar with check (true);

-- +goose Down
drop table hotel_attestation;
drop table region_check;
