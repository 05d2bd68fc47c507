-- Calls: when they were, what was said (turn, sealed) and where what was
-- recorded lies (recording). What is said counts only after the caller was told
-- that it is a machine: a turn of the agent needs the notice's end first.
--
-- +goose Up
create table call (
  hotel        text not null,
  id           text not null, -- a ULID, and the key scope of all that is the call's
  state        text not null default 'open' check (state in ('open', 'ended')),
  direction    text not null check (direction in ('inbound', 'outbound')),
  language     text not null check (language ~ '^[a-z]{2}$'),
  started_at   timestamptz not null default now(),
  ended_at     timestamptz,
  -- The purposes that the call's scope has keys for.
  purposes     text[] not null default '{}',
  -- The words of the notice as they were played: which version, in which
  -- language, what the hotel added, and the SHA-256 of all of them.
  notice_version  text,
  notice_language text,
  notice_addition text check (length(notice_addition) <= 500),
  notice_hash     bytea check (length(notice_hash) = 32),
  -- Where in the call's audio the notice had been played to its end.
  notice_ended_ms bigint check (notice_ended_ms > 0),
  notice_at       timestamptz,
  primary key (hotel, id),
  check ((state = 'ended') = (ended_at is not null)),
  check (ended_at >= started_at),
  check (num_nulls(notice_version, notice_language, notice_hash, notice_ended_ms, notice_at) in (0, 5))
);

create table turn (
  hotel      text not null,
  call       text not null,
  seq        int not null check (seq > 0),
  speaker    text not null check (speaker in ('caller', 'agent', 'staff')),
  sealed     bytea not null,
  from_ms    bigint not null check (from_ms >= 0),
  to_ms      bigint not null check (to_ms >= from_ms),
  -- Whether something was taken out of the text before it was sealed.
  redacted   boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (hotel, call, seq),
  foreign key (hotel, call) references call
);

-- A recording's audio is an object, sealed as a stream under the call's
-- recording key; the row tells where it lies and what its bytes must be.
create table recording (
  hotel      text not null,
  id         text not null,
  call       text not null,
  object     text not null,
  from_ms    bigint not null check (from_ms >= 0),
  to_ms      bigint not null check (to_ms > from_ms),
  -- The event that allowed it.
  consent    text not null,
  bytes      bigint not null check (bytes > 0),
  sha256     bytea not null check (length(sha256) = 32),
  created_at timestamptz not null default now(),
  primary key (hotel, id),
  unique (hotel, object),
  foreign key (hotel, call) references call
);
create index recording_call on recording (hotel, call);

-- Once the notice is proven it stays so, and a call that has ended stays ended.
-- +goose StatementBegin
create function call_guard() returns trigger
  language plpgsql
as $$
begin
  if old.notice_hash is not null and (old.notice_version, old.notice_language, old.notice_addition, old.notice_hash, old.notice_ended_ms, old.notice_at)
      is distinct from (new.notice_version, new.notice_language, new.notice_addition, new.notice_hash, new.notice_ended_ms, new.notice_at) then
    raise exception 'the notice of a call is recorded once' using errcode = 'check_violation', constraint = 'call_notice_once';
  end if;
  if old.ended_at is not null and old.ended_at is distinct from new.ended_at then
    raise exception 'the call has ended' using errcode = 'check_violation', constraint = 'call_ended';
  end if;
  if (old.hotel, old.id, old.started_at) is distinct from (new.hotel, new.id, new.started_at) then
    raise exception 'a call keeps its id and its start' using errcode = 'check_violation', constraint = 'call_fixed';
  end if;
  return new;
end
$$;
-- +goose StatementEnd
create trigger call_guard before update on call for each row execute function call_guard();

-- +goose StatementBegin
create function turn_guard() returns trigger
  language plpgsql
as $$
declare
  noticed bigint;
begin
  select notice_ended_ms into noticed from call where hotel = new.hotel and id = new.call;
  if new.speaker = 'agent' and (noticed is null or new.from_ms < noticed) then
    raise exception 'the agent speaks after the notice' using errcode = 'check_violation', constraint = 'turn_notice';
  end if;
  return new;
end
$$;
-- +goose StatementEnd
create trigger turn_guard before insert on turn for each row execute function turn_guard();

-- +goose StatementBegin
do $$
declare
  t text;
begin
  foreach t in array array['call', 'turn', 'recording'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant())', t || '_own', t);
    execute format('grant select, insert on %I to voicehive_tenant', t);
  end loop;
end
$$;
-- +goose StatementEnd
grant update on call to voicehive_tenant;
grant delete on turn, recording to voicehive_tenant;

-- +goose Down
drop table recording;
drop table turn;
drop table call;
drop function turn_guard();
drop function call_guard();
