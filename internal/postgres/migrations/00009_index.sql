-- Blind indexes: how a guest's bookings and calls are found again by phone,
-- e-mail or name, without a readable phone, e-mail or name in any table. A
-- digest is an HMAC under the hotel's own key, so the table alone says nothing.
-- Its rows go with the guest, and so does the way to find them.
--
-- +goose Up
create table guest_index (
  hotel      text not null,
  kind       text not null check (kind in ('phone', 'email', 'name', 'surname')),
  digest     bytea not null check (length(digest) = 32),
  -- The ULID of the key scope: a booking, a call, or one person of a party.
  scope      text not null,
  created_at timestamptz not null default now(),
  primary key (hotel, kind, digest, scope)
);
create index guest_index_scope on guest_index (hotel, scope);

-- The other people of a booking. Each has a key scope of their own, so that
-- one of them can be erased and the others stay.
create table party (
  hotel      text not null,
  booking    text not null,
  scope      text not null,
  sealed     bytea not null,
  created_at timestamptz not null default now(),
  primary key (hotel, scope)
);
create index party_booking on party (hotel, booking);

-- What was decided about who is who. The subjects are random and name nobody;
-- why it was decided is a word of a fixed list, and the rest lies in the audit
-- log. A row is written before the keys' database is changed, and done_at after.
create table subject_decision (
  hotel        text not null,
  id           text not null,
  kind         text not null check (kind in ('joined', 'merged', 'split')),
  from_subject uuid,
  into_subject uuid not null,
  -- The scopes that moved: what undoing moves back.
  scopes       text[] not null check (cardinality(scopes) between 1 and 10000),
  reason       text not null check (reason ~ '^[a-z_]{3,40}$'),
  actor        text not null check (length(actor) between 1 and 200),
  -- The decision that this one takes back, and the one that took this back.
  undoes       text,
  undone_by    text,
  created_at   timestamptz not null default now(),
  done_at      timestamptz,
  primary key (hotel, id)
);
create unique index subject_decision_undoes on subject_decision (hotel, undoes) where undoes is not null;
create index subject_decision_open on subject_decision (hotel, created_at) where done_at is null;

-- Erasing a booking looks for the quotes of its changes.
create index quote_booking on quote (hotel, booking) where booking is not null;

-- When the guest's part of a request was erased: its draft, and the digest of
-- what was sent.
alter table intent add column erased_at timestamptz;

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['guest_index', 'party', 'subject_decision'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd
grant delete on guest_index, party to voicehive_tenant;
grant update (undone_by, done_at) on subject_decision to voicehive_tenant;

-- +goose Down
alter table intent drop column erased_at;
drop index quote_booking;
drop table subject_decision;
drop table party;
drop table guest_index;
