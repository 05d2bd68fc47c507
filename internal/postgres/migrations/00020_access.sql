-- What is carried out at a guest's wish: packs of what is kept of them, the
-- one-time links to those, restrictions, and whom not to write to again.
--
-- +goose Up
-- A pack is an object sealed under the key of its case. The row is there before
-- the object, so that none is left behind that nobody knows of.
create table access_pack (
  hotel      text not null,
  id         text not null check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  -- The case: its ULID and key scope.
  scope      text not null,
  portable   boolean not null,
  -- The case's digest of whom it is about, so that an erasure finds the pack when
  -- that case is closed.
  person     bytea check (length(person) = 32),
  -- Where the sealed bytes lie; another name with each attempt to build it.
  object     text not null,
  state      text not null default 'building' check (state in ('building', 'ready')),
  -- Of the zip itself.
  bytes      bigint check (bytes > 0),
  sha256     bytea check (length(sha256) = 32),
  masked     integer not null default 0 check (masked >= 0),
  withheld   integer not null default 0 check (withheld >= 0),
  created_at timestamptz not null default now(),
  ready_at   timestamptz,
  primary key (hotel, id),
  unique (hotel, scope, portable),
  check (state = 'building' or num_nulls(bytes, sha256, ready_at) = 0)
);

create index access_pack_person on access_pack (hotel, person) where person is not null;

-- A token is random and long, so a plain hash of it cannot be searched.
create table access_link (
  hotel        text not null,
  id           text not null,
  pack         text not null,
  hash         bytea not null unique check (length(hash) = 32),
  -- The letter that it went out in.
  message      text not null,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz not null,
  -- Downloads that began, the first of them, and when one came to its end.
  starts       integer not null default 0 check (starts >= 0),
  started_at   timestamptz,
  completed_at timestamptz,
  -- When a newer link took its place.
  ended_at     timestamptz,
  primary key (hotel, id),
  foreign key (hotel, pack) references access_pack on delete cascade
);
create index access_link_pack on access_link (hotel, pack);

-- Bookings, calls and companions that may be stored and no more (Article 18
-- GDPR). It is lifted only after the guest was told so.
create table restriction (
  hotel      text not null,
  scope      text not null,
  -- The case that asked for it.
  by_case    text not null,
  ground     text not null check (ground in ('accuracy', 'unlawful', 'claims', 'objection')),
  since      timestamptz not null default now(),
  -- The letter that tells the guest, or by_hand.
  notice     text,
  lifted_at  timestamptz,
  primary key (hotel, scope, by_case),
  constraint restriction_told check (lifted_at is null or notice is not null)
);
create index restriction_standing on restriction (hotel, scope) where lifted_at is null;
create index restriction_case on restriction (hotel, by_case);

-- Whom not to write to: a keyed digest of an address or number. It belongs to no
-- scope and stays when the guest is erased, else they would be written to again.
create table suppression (
  hotel      text not null,
  kind       text not null check (kind in ('email', 'phone')),
  digest     bytea not null check (length(digest) = 32),
  created_at timestamptz not null default now(),
  primary key (hotel, kind, digest)
);

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['access_pack', 'access_link', 'restriction', 'suppression'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd
grant update, delete on access_pack, access_link to voicehive_tenant;
grant update (notice, lifted_at), delete on restriction to voicehive_tenant;

-- Whoever comes with a link names no hotel: the gate finds it, and nothing else.
grant select (hotel, id, hash) on access_link to voicehive_gate;
create policy access_link_gate on access_link for select to voicehive_gate using (true);

-- What a guest corrects is written over, and never beside.
grant update (sealed) on party to voicehive_tenant;

-- +goose Down
revoke update (sealed) on party from voicehive_tenant;
drop table suppression;
drop table restriction;
drop table access_link;
drop table access_pack;
