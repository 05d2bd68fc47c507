-- Packs of evidence that are kept; the console's sessions that an officer ended,
-- for every process has to know of those; and what makes a form that is sent
-- twice one hold.
--
-- +goose Up
-- The pack itself lies in the store of the audit log's copies, in parts, under
-- its own digest. The row is written last: it names nothing that is not there.
create table evidence_pack (
  hotel         text not null,
  id            text not null check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  -- What it tells of, period_until not within.
  period_from   timestamptz not null,
  period_until  timestamptz not null,
  -- The Schedule, or an officer's or operator's pseudonym.
  made_by       text not null check (length(made_by) between 1 and 200),
  kept_at       timestamptz not null default clock_timestamp(),
  keep_until    timestamptz not null,
  -- Of the zip itself.
  bytes         bigint not null check (bytes > 0),
  sha256        bytea not null check (length(sha256) = 32),
  parts         integer not null check (parts between 1 and 1000),
  -- What its controls say.
  satisfied     integer not null check (satisfied >= 0),
  not_satisfied integer not null check (not_satisfied >= 0),
  not_tested    integer not null check (not_tested >= 0),
  primary key (hotel, id),
  unique (hotel, sha256),
  check (period_from < period_until and keep_until > kept_at)
);
create index evidence_pack_period on evidence_pack (hotel, period_from, period_until);

-- A session that was logged out of, by the digest of its random name, until it
-- would have ended by itself. Officers log in at the house and not at a hotel.
create table console_ended (
  hotel   text not null, -- the house
  session bytea not null check (length(session) = 32),
  ends_at timestamptz not null,
  primary key (hotel, session)
);
create index console_ended_ends on console_ended (ends_at);

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['evidence_pack', 'console_ended'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert, delete on %I to voicehive_tenant', t);
    -- A leaving hotel's go with it.
    execute format('create policy %I on %I to voicehive_leaver using (hotel = tenant())', t || '_leaver', t);
    execute format('grant select, delete on %I to voicehive_leaver', t);
  end loop;
end
$$;
-- +goose StatementEnd

-- No row says less than it said, and none goes before its time.
create policy evidence_pack_aged on evidence_pack as restrictive for delete to voicehive_tenant using (keep_until < now());
create policy console_ended_aged on console_ended as restrictive for delete to voicehive_tenant using (ends_at < now());

-- A repeated request is the hold that the first one placed, and one of the same
-- key with another content is refused: digests with the hotel's key, as cases
-- have them.
alter table legal_hold
  add column key_hmac  bytea check (length(key_hmac) = 32),
  add column body_hmac bytea check (length(body_hmac) = 32),
  add constraint legal_hold_keyed check ((key_hmac is null) = (body_hmac is null));
create unique index legal_hold_key on legal_hold (hotel, key_hmac) where key_hmac is not null;

-- +goose Down
alter table legal_hold drop constraint legal_hold_keyed, drop column key_hmac, drop column body_hmac;
drop table console_ended;
drop table evidence_pack;
