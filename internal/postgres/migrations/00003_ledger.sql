-- The ledger of bookings: what callers asked for (intent), what they were
-- offered (quote), who they are (guest, sealed) and where each booking stands
-- (booking). A booking's row only moves forward: a write must carry a higher
-- version than the row has.
--
-- +goose Up
create table quote (
  hotel      text not null,
  id         text not null,
  -- The booking and vendor's stay that this quote would change; null for a
  -- quote of a new booking.
  booking    text,
  offers     jsonb not null,
  -- What the stays were when the change was quoted; null for a new booking.
  before     jsonb,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (hotel, id)
);

create table booking (
  hotel          text not null,
  id             text not null,
  version        bigint not null,
  state          text not null check (state in
                   ('pending', 'held', 'confirmed', 'cancelled', 'rejected', 'released', 'unknown')),
  -- What the vendor calls it; null until the vendor answered.
  vendor_booking text,
  confirmation   text,
  arrival        date not null,
  departure      date not null,
  stays          jsonb not null,
  total_amount   bigint not null,
  total_currency text not null,
  hold_until     timestamptz,
  problem        text,
  -- Random, per hotel; nulled when the guest is erased.
  subject        uuid,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  primary key (hotel, id),
  unique (hotel, vendor_booking)
);

-- One row for each thing a caller asked for, written before anything is
-- started. key_hmac makes a retry find it; body_hmac tells another body.
create table intent (
  hotel      text not null,
  key_hmac   bytea not null check (length(key_hmac) = 32),
  body_hmac  bytea not null check (length(body_hmac) = 32),
  id         text not null,
  booking    text not null,
  kind       text not null check (kind in ('book', 'confirm', 'modify', 'cancel')),
  quote      text,
  -- The write, frozen and sealed with the booking's key: a create's draft.
  sealed     bytea,
  -- When a create was sent: first, or last to a vendor without idempotency keys.
  sent_at    timestamptz,
  settled_at timestamptz,
  -- The answer given, without guest data; null until settled.
  outcome    jsonb,
  created_at timestamptz not null default now(),
  primary key (hotel, key_hmac),
  unique (hotel, id)
);
create index intent_open on intent (created_at) where settled_at is null;
-- A quote books once, whatever key a confused caller sends it with.
create unique index intent_quote on intent (hotel, quote) where kind = 'book';
create index intent_booking on intent (hotel, booking);

create table guest (
  hotel      text not null,
  booking    text not null,
  sealed     bytea not null,
  created_at timestamptz not null default now(),
  primary key (hotel, booking)
);

-- Work that only a person can finish: an outcome that the vendor never told.
create table operator_task (
  hotel      text not null,
  id         text not null,
  booking    text not null,
  kind       text not null,
  detail     text not null,
  created_at timestamptz not null default now(),
  closed_at  timestamptz,
  primary key (hotel, id),
  unique (hotel, booking, kind)
);

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['quote', 'booking', 'intent', 'guest', 'operator_task'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert, update on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd
grant delete on quote, guest to voicehive_tenant;

-- The sweeper finds, across hotels, intents that nobody took up. It sees which
-- and when, and nothing sealed.
grant select (hotel, id, booking, kind, quote, settled_at, created_at) on intent to voicehive_sweeper;
create policy intent_sweeper on intent for select to voicehive_sweeper using (settled_at is null);

-- +goose Down
drop table operator_task;
drop table guest;
drop table intent;
drop table booking;
drop table quote;
