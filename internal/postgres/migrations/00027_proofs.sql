-- What a recipient's receipt covers, exactly; and the end of a year of the audit
-- log: when it has had its time its entries, their details and its hashes go, and
-- its last signed head stays, to which the next year is chained.

-- +goose Up
alter table erasure_receipt
  -- The digest of the references that the receipt is of, as its signer has it.
  add column covers text not null default '',
  -- One mark for each of them, keyed by the plan: when that is gone they tell of
  -- no booking.
  add column marks bytea[] not null default '{}';

-- The years of the log that are dropped or being dropped, each with its last
-- signed head. From here on nothing takes the place of what was there.
create table audit_drop (
  year     smallint primary key,
  size     bigint not null check (size > 0),
  note     text not null,
  begun_at timestamptz not null default clock_timestamp()
);

-- How far writers had counted in years that were dropped: their next events go on
-- behind that, and none of the dropped ones is lost.
create table audit_writer_end (
  of_tenant text not null,
  writer    uuid not null,
  seq       bigint not null,
  primary key (of_tenant, writer)
);

-- Scopes whose details went with a year, until their audit keys are destroyed:
-- those lie in another database.
create table audit_shred (
  of_tenant text not null,
  scope     text not null,
  primary key (of_tenant, scope)
);

-- +goose StatementBegin
do $$
declare
  t text;
begin
  begin
    if not exists (select from pg_roles where rolname = 'voicehive_archivist') then
      create role voicehive_archivist nologin nosuperuser nobypassrls;
    end if;
  exception when duplicate_object or unique_violation then
    null; -- another database made it first
  end;
  grant usage on schema public to voicehive_archivist;
  foreach t in array array['audit_drop', 'audit_writer_end', 'audit_shred'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('grant select, insert on %I to voicehive_archivist', t);
    execute format('create policy %I on %I to voicehive_archivist using (true) with check (true)', t || '_archivist', t);
  end loop;
  foreach t in array array['audit_leaf', 'audit_detail', 'audit_hash', 'audit_checkpoint', 'audit_cosignature'] loop
    execute format('grant select, delete on %I to voicehive_archivist', t);
    execute format('create policy %I on %I for select to voicehive_archivist using (true)', t || '_archivist', t);
  end loop;
  foreach t in array array['audit_leaf', 'audit_hash'] loop
    execute format('create policy %I on %I for delete to voicehive_archivist using (exists (select from audit_drop d where d.year = %I.year))', t || '_dropped', t, t);
  end loop;
  -- The last head stays, with what witnesses signed of it.
  foreach t in array array['audit_checkpoint', 'audit_cosignature'] loop
    execute format('create policy %I on %I for delete to voicehive_archivist
      using (exists (select from audit_drop d where d.year = %I.year and %I.size < d.size))', t || '_dropped', t, t, t);
  end loop;
end
$$;
-- +goose StatementEnd
create policy audit_detail_dropped on audit_detail for delete to voicehive_archivist using (exists (
  select from audit_leaf l join audit_drop d on d.year = l.year
  where l.tenant = audit_detail.tenant and l.writer = audit_detail.writer and l.seq = audit_detail.seq));
grant update (seq) on audit_writer_end to voicehive_archivist;
grant delete on audit_shred to voicehive_archivist;
grant select on audit_drop to voicehive_auditor;
create policy audit_drop_auditor on audit_drop for select to voicehive_auditor using (true);
grant select on audit_writer_end to voicehive_sequencer, voicehive_auditor;
create policy audit_writer_end_read on audit_writer_end for select to voicehive_sequencer, voicehive_auditor using (true);

-- Holds of all hotels keep a year; and its term is the longest of their countries.
grant select (hotel, id, kind, classes, lapses_at, approved_at, released_at, grace_until) on legal_hold to voicehive_archivist;
create policy legal_hold_archivist on legal_hold for select to voicehive_archivist using (true);
grant select on hold_scope to voicehive_archivist;
create policy hold_scope_archivist on hold_scope for select to voicehive_archivist using (true);
grant select (id, country) on hotel to voicehive_archivist;
create policy hotel_archivist on hotel for select to voicehive_archivist using (true);

-- audit_drop_guard lets a year go that is over for a year at least, that another
-- one goes on from, and whose last head, over all its entries, is signed.
-- +goose StatementBegin
create function audit_drop_guard() returns trigger
  language plpgsql
as $$
begin
  if new.year > extract(year from clock_timestamp() at time zone 'UTC')::int - 2
     or not exists (select from audit_leaf where year > new.year)
     or new.size is distinct from (select max(n) + 1 from audit_leaf where year = new.year)
     or not exists (select from audit_checkpoint c where c.year = new.year and c.size = new.size and c.note = new.note) then
    raise exception 'this year of the audit log stays: it is too young, the newest, or not signed to its end' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create function audit_refuse_delete() returns trigger
  language plpgsql
as $$
begin
  -- Row security lets that role reach dropped years alone.
  if current_user <> 'voicehive_archivist' then
    raise exception 'the audit log is only added to: delete of % is refused', tg_table_name using errcode = 'insufficient_privilege';
  end if;
  return null;
end
$$;
do $$
declare
  t text;
begin
  foreach t in array array['audit_detail', 'audit_leaf', 'audit_hash', 'audit_checkpoint', 'audit_cosignature'] loop
    execute format('drop trigger refuse on %I', t);
    execute format('create trigger refuse before update or truncate on %I for each statement execute function audit_refuse()', t);
    execute format('create trigger refuse_delete before delete on %I for each statement execute function audit_refuse_delete()', t);
  end loop;
end
$$;
-- +goose StatementEnd
create trigger guard before insert on audit_drop for each row execute function audit_drop_guard();
create trigger refuse before update or delete or truncate on audit_drop for each statement execute function audit_refuse();

-- Whoever empties a leaving hotel's tables notes its objects there until each was
-- looked for again.
grant insert on erased_object to voicehive_leaver;

-- +goose Down
revoke insert on erased_object from voicehive_leaver;
-- +goose StatementBegin
do $$
declare
  t text;
  p record;
begin
  foreach t in array array['audit_detail', 'audit_leaf', 'audit_hash', 'audit_checkpoint', 'audit_cosignature'] loop
    execute format('drop trigger refuse_delete on %I', t);
    execute format('drop trigger refuse on %I', t);
    execute format('create trigger refuse before update or delete or truncate on %I for each statement execute function audit_refuse()', t);
  end loop;
  for p in select polname, polrelid::regclass as of from pg_policy where 'voicehive_archivist'::regrole = any(polroles) loop
    execute format('drop policy %I on %s', p.polname, p.of);
    execute format('revoke all on %s from voicehive_archivist', p.of);
  end loop;
end
$$;
-- +goose StatementEnd
drop table audit_shred;
drop table audit_writer_end;
drop table audit_drop;
drop function audit_refuse_delete();
drop function audit_drop_guard();
alter table erasure_receipt drop column covers, drop column marks;
