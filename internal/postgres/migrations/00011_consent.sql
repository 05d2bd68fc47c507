-- What guests agreed to and what they took back: events that are only ever
-- added. The fields follow the ideas of ISO/IEC TS 27560: which wording, in
-- which language, by which way, when, and what that changed.
--
-- The database itself refuses an event that cannot be true, whoever writes it:
-- from the future, outside its call, before one that is known already.
--
-- +goose Up
create table consent_event (
  hotel         text not null,
  id            text not null check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  -- The booking's or call's ULID. Who the person is may be known later.
  scope         text not null,
  purpose       text not null check (purpose in ('recording', 'transcription', 'marketing', 'profile')),
  action        text not null check (action in ('given', 'refused', 'withdrawn')),
  -- The exact words that were put to the person; a withdrawal needs none.
  wording       text check (length(wording) between 1 and 40),
  wording_hash  bytea check (length(wording_hash) = 32),
  language      text not null check (language ~ '^[a-z]{2}$'),
  channel       text not null check (channel in ('voice', 'web', 'desk', 'email', 'letter')),
  method        text not null check (method in ('spoken', 'key_press', 'click', 'signature', 'written')),
  call          text,
  -- Where in the call's audio the answer ended.
  offset_ms     bigint check (offset_ms >= 0),
  -- When it happened, as told, and when it came here, by this server's clock.
  event_time    timestamptz not null,
  recorded_at   timestamptz not null,
  -- What else was noted, sealed under the scope's consent key.
  sealed        bytea,
  actor         text not null check (length(actor) between 1 and 200),
  primary key (hotel, id),
  foreign key (hotel, call) references call,
  check ((wording is null) = (wording_hash is null)),
  check (wording is not null or action = 'withdrawn'),
  check ((call is null) = (offset_ms is null)),
  check (call is not null or channel <> 'voice')
);
create index consent_event_scope on consent_event (hotel, scope, purpose, recorded_at);
create index consent_event_recorded on consent_event (hotel, recorded_at, id);

-- consent_lock orders what is decided about one purpose of a scope: an event
-- takes it alone, and what relies on the consent shares it.
-- +goose StatementBegin
create function consent_lock(of_hotel text, of_scope text, of_purpose text, alone boolean) returns void
  language plpgsql
as $$
declare
  key bigint := hashtextextended('consent ' || of_hotel || ' ' || of_scope || ' ' || of_purpose, 0);
begin
  if alone then
    perform pg_advisory_xact_lock(key);
  else
    perform pg_advisory_xact_lock_shared(key);
  end if;
end
$$;
-- +goose StatementEnd

-- consent_check refuses what cannot be true. The clocks of the house may differ
-- by two seconds; a call's audio and its clock by ten.
-- +goose StatementBegin
create function consent_check() returns trigger
  language plpgsql
as $$
declare
  its   call;
  last  timestamptz;
begin
  perform consent_lock(new.hotel, new.scope, new.purpose, true);
  new.recorded_at := clock_timestamp();
  if not exists (select from call where hotel = new.hotel and id = new.scope)
     and not exists (select from booking where hotel = new.hotel and id = new.scope) then
    raise exception 'no such call or booking' using errcode = 'check_violation', constraint = 'consent_scope';
  end if;
  if new.event_time > new.recorded_at + interval '2 seconds' then
    raise exception 'the event lies in the future' using errcode = 'check_violation', constraint = 'consent_future';
  end if;
  select * into its from call where hotel = new.hotel and id = coalesce(new.call, new.scope);
  if new.call is not null and its.id is null then
    raise exception 'no such call' using errcode = 'check_violation', constraint = 'consent_call';
  end if;
  if new.call is not null and (
       new.event_time < its.started_at - interval '2 seconds'
       or new.event_time > coalesce(its.ended_at, new.recorded_at) + interval '2 seconds') then
    raise exception 'the event lies outside its call' using errcode = 'check_violation', constraint = 'consent_outside';
  end if;
  if new.call is not null
     and abs(extract(epoch from new.event_time - its.started_at) * 1000 - new.offset_ms) > 10000 then
    raise exception 'time and offset do not fit' using errcode = 'check_violation', constraint = 'consent_offset';
  end if;
  if its.id is not null and new.event_time < its.started_at - interval '2 seconds' then
    raise exception 'the event lies before its call' using errcode = 'check_violation', constraint = 'consent_outside';
  end if;
  select max(event_time) into last from consent_event
  where hotel = new.hotel and scope = new.scope and purpose = new.purpose and id <> new.id;
  -- A withdrawal is never turned away for coming late: it wins anyhow.
  if new.event_time < last and new.action = 'given' then
    raise exception 'a later event is known' using errcode = 'check_violation', constraint = 'consent_order';
  end if;
  return new;
end
$$;
-- +goose StatementEnd
create trigger consent_check before insert on consent_event for each row execute function consent_check();

-- +goose StatementBegin
create function consent_stays() returns trigger
  language plpgsql
as $$
begin
  raise exception 'consent events are only ever added' using errcode = 'insufficient_privilege';
end
$$;
-- +goose StatementEnd
create trigger consent_stays before update or delete on consent_event for each row execute function consent_stays();
create trigger consent_stays_whole before truncate on consent_event for each statement execute function consent_stays();

-- consent_standing are the events that decide at a moment, of one person's
-- scopes: every yes that stands, or else each no, the newest first. A yes stands
-- when it is newer than every no by both clocks: when it was said and when it
-- came here. A no counts from the earlier of its two times. So a late no, or a
-- yes told late, never turns a no into a yes.
-- +goose StatementBegin
create function consent_standing(of_hotel text, of_scopes text[], of_purpose text, at_time timestamptz) returns setof consent_event
  language sql stable
as $$
  with known as (
    select e as event, e.action = 'given' as yes, e.recorded_at,
           case when e.action = 'given' then e.event_time else least(e.event_time, e.recorded_at) end as counts
    from consent_event e
    where e.hotel = of_hotel and e.scope = any(of_scopes) and e.purpose = of_purpose
  ), so_far as (
    select * from known where counts <= at_time
  )
  select (event).* from so_far s
  where not yes or not exists (
    select from so_far n
    where not n.yes and (n.counts >= s.counts or n.recorded_at >= s.recorded_at))
  order by yes desc, recorded_at desc
$$;
-- +goose StatementEnd

-- What was recorded rests on a yes to recording that stood when the audio
-- began, and that nobody has taken back before this very moment.
-- +goose StatementBegin
create function recording_guard() returns trigger
  language plpgsql
as $$
begin
  perform consent_lock(new.hotel, new.call, 'recording', false);
  if not exists (select from call where hotel = new.hotel and id = new.call and notice_ended_ms is not null) then
    raise exception 'no notice is proven' using errcode = 'check_violation', constraint = 'recording_notice';
  end if;
  if not exists (
    select from consent_standing(new.hotel, array[new.call], 'recording', clock_timestamp() + interval '2 seconds') e
    where e.id = new.consent and e.action = 'given') then
    raise exception 'no consent to recording stands' using errcode = 'check_violation', constraint = 'recording_consent';
  end if;
  return new;
end
$$;
-- +goose StatementEnd
create trigger recording_guard before insert on recording for each row execute function recording_guard();
alter table recording add constraint recording_event foreign key (hotel, consent) references consent_event;

-- What was said is written down only while a yes to that stands.
-- +goose StatementBegin
create function turn_consent() returns trigger
  language plpgsql
as $$
begin
  perform consent_lock(new.hotel, new.call, 'transcription', false);
  if not exists (
    select from consent_standing(new.hotel, array[new.call], 'transcription', clock_timestamp() + interval '2 seconds') e
    where e.action = 'given') then
    raise exception 'no consent to transcription stands' using errcode = 'check_violation', constraint = 'turn_consent';
  end if;
  return new;
end
$$;
-- +goose StatementEnd
create trigger turn_consent before insert on turn for each row execute function turn_consent();

alter table consent_event enable row level security;
alter table consent_event force row level security;
create policy consent_event_own on consent_event to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant());
grant select, insert on consent_event to voicehive_tenant;

-- +goose Down
drop trigger turn_consent on turn;
drop function turn_consent();
alter table recording drop constraint recording_event;
drop trigger recording_guard on recording;
drop function recording_guard();
drop function consent_standing(text, text[], text, timestamptz);
drop table consent_event;
drop function consent_stays();
drop function consent_check();
drop function consent_lock(text, text, text, boolean);
