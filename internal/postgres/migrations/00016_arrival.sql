-- Which of two events about a consent came later is told by the order in which
-- they came, and not by clocks alone: a server's clock may jump, and what a
-- guest took back must not come to life again.
--
-- +goose Up
create sequence consent_arrival;
grant usage on sequence consent_arrival to voicehive_tenant;
-- Those there are get their numbers in the order in which they lie: mostly that
-- in which they came, but room that a rolled-back insert left may have been used
-- again. A wrong order among them never turns a no into a yes, for a number only
-- ever adds a no that counts; by the two clocks they are judged as before.
alter table consent_event add column arrival bigint default nextval('consent_arrival');
alter table consent_event alter column arrival drop default;

-- Runs behind consent_check, whose lock lets events of one purpose of a scope in
-- one at a time: so the numbers tell their order.
-- +goose StatementBegin
create function consent_numbered() returns trigger
  language plpgsql
as $$
begin
  new.arrival := nextval('consent_arrival');
  return new;
end
$$;
-- +goose StatementEnd
create trigger consent_numbered before insert on consent_event for each row execute function consent_numbered();

-- consent_standing are the events that decide at a moment, of one person's
-- scopes: every yes that stands, or else each no, the newest first. A yes stands
-- when it is newer than every no by both clocks, when it was said and when it
-- came here, and came after it. A no counts from the earlier of its two times;
-- one from the future was written by a wrong clock, and counts already. So a
-- late no, or a yes told late, never turns a no into a yes.
-- +goose StatementBegin
create or replace function consent_standing(of_hotel text, of_scopes text[], of_purpose text, at_time timestamptz) returns setof consent_event
  language sql stable
as $$
  with known as (
    select e as event, e.action = 'given' as yes, e.recorded_at, e.arrival,
           case when e.action = 'given' then e.event_time
                when least(e.event_time, e.recorded_at) > now() then now() - interval '1 minute'
                else least(e.event_time, e.recorded_at) end as counts
    from consent_event e
    where e.hotel = of_hotel and e.scope = any(of_scopes) and e.purpose = of_purpose
  ), so_far as (
    select * from known where counts <= at_time
  )
  select (event).* from so_far s
  where not yes or not exists (
    select from so_far n
    where not n.yes and (n.counts >= s.counts or n.recorded_at >= s.recorded_at or n.arrival > s.arrival))
  order by yes desc, arrival desc
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function consent_standing(of_hotel text, of_scopes text[], of_purpose text, at_time timestamptz) returns setof consent_event
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
drop trigger consent_numbered on consent_event;
drop function consent_numbered();
alter table consent_event drop column arrival;
drop sequence consent_arrival;
