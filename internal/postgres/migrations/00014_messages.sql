-- What a hotel wants VoiceHive to send to its guests, and messages that tell of
-- a version of a booking: an older one is not sent after a newer one. A message
-- that nobody needs to send is skipped, and says why.
--
-- +goose Up
alter table hotel
  add column messages jsonb not null default '{}',
  add column contact  jsonb not null default '{}';

alter table message add column version bigint not null default 0;
alter table message drop constraint message_state_check;
alter table message add constraint message_state_check
  check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'skipped'));

-- The sweeper finds, across hotels, messages that nobody delivers. It sees
-- which, and nothing sealed.
create index message_open on message (updated_at, id) where state in ('queued', 'sending');
grant select (hotel, id, kind, state, attempts, created_at, updated_at) on message to voicehive_sweeper;
create policy message_sweeper on message for select to voicehive_sweeper using (state in ('queued', 'sending'));

-- +goose Down
drop policy message_sweeper on message;
revoke select (hotel, id, kind, state, attempts, created_at, updated_at) on message from voicehive_sweeper;
drop index message_open;
delete from message where state = 'skipped';
alter table message drop constraint message_state_check;
alter table message add constraint message_state_check check (state in ('queued', 'sending', 'sent', 'failed', 'unknown'));
alter table message drop column version;
alter table hotel drop column messages, drop column contact;
