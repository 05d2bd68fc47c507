-- The journal of erasures: the random ids of all scopes that were erased, apart
-- from the data, so that a restored backup of the data is erased again before
-- anybody sees it. And an erasure takes away what joined a person's scopes.
--
-- +goose Up
create table erasure_journal (
  tenant text not null,
  scope  text not null,
  -- The classes whose records stayed; a later entry of the scope may keep fewer.
  kept   text[] not null default '{}',
  -- The hour is all that is said of when: more would tell which of them were one
  -- person's.
  hour   timestamptz not null default date_trunc('hour', now()),
  primary key (tenant, scope, kept)
);
-- +goose StatementBegin
create function erasure_journal_refuse() returns trigger
  language plpgsql
as $$
begin
  raise exception 'the erasure journal is only added to' using errcode = 'insufficient_privilege';
end
$$;
-- +goose StatementEnd
create trigger refuse before update or delete or truncate on erasure_journal
  for each statement execute function erasure_journal_refuse();

alter table erasure_journal enable row level security;
alter table erasure_journal force row level security;
grant select, insert on erasure_journal to voicehive_keys;
create policy erasure_journal_keys on erasure_journal to voicehive_keys using (true) with check (true);

grant delete on scope_subject to voicehive_keys;

-- +goose Down
revoke delete on scope_subject from voicehive_keys;
drop table erasure_journal;
drop function erasure_journal_refuse();
