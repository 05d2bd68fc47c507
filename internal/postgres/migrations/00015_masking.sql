-- What was said is masked soon after it was written down, and once: from then
-- on nobody can read what stood there, but through tokens and with the call's
-- secret, which dies with the call's key.
--
-- +goose Up
alter table turn add column masked_at timestamptz;
alter table call add column redaction_secret bytea check (length(redaction_secret) between 32 and 1024);

-- +goose StatementBegin
create function turn_masked() returns trigger
  language plpgsql
as $$
begin
  if old.masked_at is not null or new.masked_at is null then
    raise exception 'a turn is masked once' using errcode = 'check_violation', constraint = 'turn_masked_once';
  end if;
  if (old.hotel, old.call, old.seq, old.speaker, old.from_ms, old.to_ms, old.created_at)
      is distinct from (new.hotel, new.call, new.seq, new.speaker, new.from_ms, new.to_ms, new.created_at) then
    raise exception 'a turn keeps its place' using errcode = 'check_violation', constraint = 'turn_fixed';
  end if;
  return new;
end
$$;

create function call_secret() returns trigger
  language plpgsql
as $$
begin
  if old.redaction_secret is not null and old.redaction_secret is distinct from new.redaction_secret then
    raise exception 'a call keeps its secret' using errcode = 'check_violation', constraint = 'call_secret_once';
  end if;
  return new;
end
$$;
-- +goose StatementEnd
create trigger turn_masked before update on turn for each row execute function turn_masked();
create trigger call_secret before update on call for each row execute function call_secret();
grant update (sealed, redacted, masked_at) on turn to voicehive_tenant;

-- +goose Down
revoke update (sealed, redacted, masked_at) on turn from voicehive_tenant;
drop trigger call_secret on call;
drop trigger turn_masked on turn;
drop function call_secret();
drop function turn_masked();
alter table call drop column redaction_secret;
alter table turn drop column masked_at;
