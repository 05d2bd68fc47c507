-- An approval of an erasure names the plan that somebody saw, and counts no more
-- once there is more to erase than they saw.
--
-- +goose Up
alter table dsar_act
  add column plan_hash text check (plan_hash ~ '^[0-9a-f]{64}$'),
  -- What the plan said of each booking and call, until the case is closed.
  add column sealed_plan bytea,
  -- When what counted was taken back.
  add column voided_at timestamptz,
  add constraint dsar_act_void check (voided_at is null or done_at is null and problem = 'void');

-- The sweeper finds open cases whose workflow ended, too.
drop policy dsar_case_sweeper on dsar_case;
create policy dsar_case_sweeper on dsar_case for select to voicehive_sweeper using (closed_at is null);
create index dsar_case_open on dsar_case (opened_at, id) where closed_at is null;

-- +goose Down
drop index dsar_case_open;
drop policy dsar_case_sweeper on dsar_case;
create policy dsar_case_sweeper on dsar_case for select to voicehive_sweeper using (started_at is null and closed_at is null);
alter table dsar_act
  drop constraint dsar_act_void,
  drop column voided_at,
  drop column sealed_plan,
  drop column plan_hash;
