-- Who has confirmed that they know the written procedure for guests' requests,
-- and which version of it. Rows are only added: whether somebody knew it on the
-- day of a decision can be shown later.

-- +goose Up
create table dsar_procedure (
  hotel        text not null,
  actor        text not null check (length(actor) between 1 and 200),
  version      text not null check (version ~ '^[0-9a-f]{12}$'),
  confirmed_at timestamptz not null default clock_timestamp(),
  primary key (hotel, actor, version, confirmed_at)
);
alter table dsar_procedure enable row level security;
alter table dsar_procedure force row level security;
create policy dsar_procedure_own on dsar_procedure to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant());
grant select, insert on dsar_procedure to voicehive_tenant;

-- A leaving hotel's go with it.
create policy dsar_procedure_leaver on dsar_procedure to voicehive_leaver using (hotel = tenant());
grant select, delete on dsar_procedure to voicehive_leaver;

-- +goose Down
drop table dsar_procedure;
