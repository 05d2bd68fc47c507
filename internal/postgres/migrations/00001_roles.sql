-- The roles that queries run as. None can log in, owns a table or bypasses row
-- security: the product's login takes one of them for a transaction and gives
-- it back. Roles belong to the cluster, so two databases may share them, and
-- two may make them in the same moment. Who may take them is no matter of one
-- database: Migrate grants them to the login it is told.
--
-- +goose Up
-- +goose StatementBegin
do $$
declare
  r text;
begin
  foreach r in array array['voicehive_tenant', 'voicehive_registrar', 'voicehive_gate', 'voicehive_sweeper'] loop
    begin
      if not exists (select from pg_roles where rolname = r) then
        execute format('create role %I nologin nosuperuser nobypassrls', r);
      end if;
    exception when duplicate_object or unique_violation then
      null; -- another database made it first
    end;
    execute format('grant usage on schema public to %I', r);
  end loop;
end
$$;
-- +goose StatementEnd

-- tenant() is the hotel of the transaction, or null when none is set: then no
-- policy matches, nothing is seen and nothing can be written.
-- +goose StatementBegin
create function tenant() returns text
  language sql stable parallel safe
  as $$ select nullif(current_setting('voicehive.tenant', true), '') $$;
-- +goose StatementEnd

-- +goose Down
drop function tenant();
