-- Messages to guests: an outbox that remembers what became of each, sealed with
-- the key of what it is about, and one-time codes. Neither an address nor a
-- text can be read here.
--
-- +goose Up
create table message (
  hotel         text not null,
  id            text not null,
  -- The key scope of the booking, call or request that it is about, and for
  -- what its key is.
  scope         text not null,
  purpose       text not null check (purpose in ('operations', 'case')),
  channel       text not null check (channel in ('email', 'sms')),
  kind          text not null,
  -- Recipient, wished languages and data; null once nobody needs them again.
  sealed        bytea,
  -- sending: somebody has it, until claimed_until. After that its worker is
  -- dead, and whether the message went is not known.
  state         text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed', 'unknown')),
  -- The language that it was written in, once it was.
  language      text,
  attempts      integer not null default 0,
  -- How often an attempt ended without its outcome being known.
  unknowns      integer not null default 0,
  claimed_until timestamptz,
  -- The kind of the last failure.
  problem       text,
  -- A digest of what the provider gave for the message.
  receipt       bytea check (length(receipt) = 32),
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  sent_at       timestamptz,
  primary key (hotel, id)
);
create index message_scope on message (hotel, scope);

-- A sentence of the hotel's own, added to a kind of letter in one language.
create table message_sentence (
  hotel      text not null,
  kind       text not null,
  language   text not null,
  sentence   text not null check (length(sentence) between 1 and 400),
  updated_at timestamptz not null default now(),
  primary key (hotel, kind, language)
);

-- One-time codes, as a keyed MAC. A row says whether a code was used, and
-- counts wrong guesses.
create table one_time_code (
  hotel      text not null,
  id         text not null,
  scope      text not null,
  mac        bytea not null check (length(mac) = 32),
  guesses    integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- When it was used, or replaced by a newer one.
  ended_at   timestamptz,
  primary key (hotel, id)
);
create index one_time_code_scope on one_time_code (hotel, scope, created_at);

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['message', 'message_sentence', 'one_time_code'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert, update, delete on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd

-- +goose Down
drop table one_time_code;
drop table message_sentence;
drop table message;
