-- How much of a vendor's request limit each credential has used, for all
-- processes together. One row per credential: it holds no secret, no hotel and
-- nothing of a guest, and it stays small, for credentials are few.
--
-- The method is GCRA: arrival is when the next request is due at an even pace.
-- It may lie in the future by as much as a burst takes. Reads have such a time of
-- their own, at their share of the rate, and count in both; so reads alone
-- never use up what a write needs.
--
-- Times are nanoseconds since 1970 by this server's clock, so that the clocks
-- of the processes do not matter.
--
-- +goose Up
-- +goose StatementBegin
do $$
begin
  begin
    if not exists (select from pg_roles where rolname = 'voicehive_meter') then
      create role voicehive_meter nologin nosuperuser nobypassrls;
    end if;
  exception when duplicate_object or unique_violation then
    null; -- another database made it first
  end;
  grant usage on schema public to voicehive_meter;
end
$$;
-- +goose StatementEnd

create table quota (
  key          bytea primary key check (length(key) = 32), -- SHA-256 of vendor and credential
  vendor       text not null,
  spacing      bigint not null check (spacing > 0),        -- between two requests, at the rate last used
  arrival      bigint not null default 0,
  read_arrival bigint not null default 0,
  closed_until bigint not null default 0,                  -- the vendor allows nothing before
  refusals     int not null default 0                      -- in a row, by a vendor that named no time
) with (fillfactor = 50); -- its rows are updated all the time and in place

alter table quota enable row level security;
alter table quota force row level security;
grant select, insert, update on quota to voicehive_meter;
create policy quota_meter on quota to voicehive_meter using (true) with check (true);

-- quota_now is the server's clock, or the time that a test says it is.
-- +goose StatementBegin
create function quota_now(told bigint) returns bigint
  language sql volatile
  as $$ select coalesce(told, (extract(epoch from clock_timestamp()) * 1000000000)::bigint) $$;
-- +goose StatementEnd

-- quota_row locks a credential's row, made when it is new.
-- +goose StatementBegin
create function quota_row(of_key bytea, of_vendor text, at_spacing bigint) returns quota
  language plpgsql
as $$
declare
  q quota;
begin
  -- What a crash of the server forgets is older than the crash took.
  perform set_config('synchronous_commit', 'off', true);
  select * into q from quota where key = of_key for update;
  if not found then
    insert into quota (key, vendor, spacing) values (of_key, of_vendor, at_spacing) on conflict do nothing;
    select * into q from quota where key = of_key for update;
  end if;
  return q;
end
$$;
-- +goose StatementEnd

-- quota_lease grants up to wanted requests, at least one or none. pause is how
-- long the first of them has to wait, the others following at the pace of the
-- rate; with none granted, how long until it is worth asking again.
--
-- Of wanted some are waiting already. A waiting write that finds nothing free
-- gets a turn ahead of time, as far as patience goes; a read never does, so that
-- no write stands behind it. spent are
-- requests that a process sent on its own while it could not ask.
-- +goose StatementBegin
create function quota_lease(
  of_key bytea, of_vendor text, at_spacing bigint, burst int, read_share float8,
  reads boolean, wanted int, waiting int, spent int, patience bigint, told bigint,
  out granted int, out pause bigint, out closed boolean)
  language plpgsql
as $$
declare
  q         quota := quota_row(of_key, of_vendor, at_spacing);
  clock     bigint := quota_now(told); -- after the lock, which may have taken a while
  room      bigint := burst * at_spacing;
  read_step bigint := (at_spacing / read_share)::bigint;
  read_room bigint := greatest(burst * read_share, 1) * read_step;
  free      bigint;
begin
  granted := 0;
  closed := q.closed_until > clock;
  q.arrival := greatest(q.arrival, clock);
  q.read_arrival := greatest(q.read_arrival, clock);
  if q.spacing <> at_spacing then
    -- The rate has changed. What is owed is a number of requests, not a time.
    q.arrival := clock + ((q.arrival - clock)::float8 * at_spacing / q.spacing)::bigint;
    q.read_arrival := clock + ((q.read_arrival - clock)::float8 * at_spacing / q.spacing)::bigint;
  end if;
  if spent > 0 then
    q.arrival := greatest(q.arrival, least(q.arrival + spent * at_spacing, clock + room));
  end if;

  free := (clock + room - q.arrival) / at_spacing;
  if reads then
    free := least(free, (clock + read_room - q.read_arrival) / read_step);
  end if;
  if closed then
    pause := q.closed_until - clock;
  elsif free >= 1 then
    granted := least(free, wanted);
    pause := 0;
  elsif reads then
    pause := greatest(q.arrival + at_spacing - room, q.read_arrival + read_step - read_room) - clock;
  else
    pause := q.arrival + at_spacing - room - clock;
    if pause <= patience then
      granted := least(waiting, 1 + (patience - pause) / at_spacing);
    end if;
  end if;

  update quota set spacing = at_spacing,
    arrival = q.arrival + granted * at_spacing,
    read_arrival = q.read_arrival + case when reads then granted * read_step else 0 end
  where key = of_key;
end
$$;
-- +goose StatementEnd

-- quota_close lets nobody use a credential for a while, as its vendor said, and
-- answers for how long from now. A vendor that refuses and names no time is left
-- alone for 5 s, and twice as long each time until it has not refused for ten
-- minutes; 5 minutes at most.
-- +goose StatementBegin
create function quota_close(of_key bytea, of_vendor text, at_spacing bigint, lasting bigint, told bigint) returns bigint
  language plpgsql
as $$
declare
  q     quota := quota_row(of_key, of_vendor, at_spacing);
  clock bigint := quota_now(told);
begin
  if lasting > 0 then
    q.closed_until := greatest(q.closed_until, clock + lasting);
  elsif q.closed_until <= clock then
    -- Requests that were under way together are refused together: that is one refusal.
    q.refusals := case when q.closed_until < clock - 600000000000 then 1 else least(q.refusals + 1, 7) end;
    q.closed_until := clock + least(5000000000 * (2 ^ (q.refusals - 1))::bigint, 300000000000);
  end if;
  update quota set closed_until = q.closed_until, refusals = q.refusals where key = of_key;
  return q.closed_until - clock;
end
$$;
-- +goose StatementEnd

-- +goose Down
drop function quota_close(bytea, text, bigint, bigint, bigint);
drop function quota_lease(bytea, text, bigint, int, float8, boolean, int, int, int, bigint, bigint);
drop function quota_row(bytea, text, bigint);
drop function quota_now(bigint);
drop table quota;
