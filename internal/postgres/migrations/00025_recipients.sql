-- What other recipients answered, notice by notice: a case whose stays end later
-- tells them again, of more.

-- +goose Up
alter table erasure_receipt
  -- The random id of the notice that was answered.
  add column notice text not null default '',
  -- How many references the notice had; which ones would tell whose they are.
  add column told integer not null default 0,
  -- What became of it there; manual: the recipient refused or never answered, and
  -- a person has to tell them.
  add column outcome text not null default 'erased' check (outcome in ('erased', 'not_held', 'kept', 'manual')),
  -- The law by which the recipient keeps it.
  add column statute text not null default '',
  alter column receipt drop not null,
  add constraint erasure_receipt_signed check ((outcome = 'manual') = (receipt is null)),
  add constraint erasure_receipt_statute check ((outcome = 'kept') = (statute <> '')),
  drop constraint erasure_receipt_pkey,
  add primary key (hotel, request, recipient, notice, outcome);

-- +goose Down
-- One answer of each recipient is all that there is room for.
delete from erasure_receipt r where receipt is null
  or exists (select from erasure_receipt o where o.hotel = r.hotel and o.request = r.request and o.recipient = r.recipient and o.receipt is not null and o.notice > r.notice);
alter table erasure_receipt
  drop constraint erasure_receipt_pkey,
  drop constraint erasure_receipt_statute,
  drop constraint erasure_receipt_signed,
  drop column notice, drop column told, drop column outcome, drop column statute,
  alter column receipt set not null,
  add primary key (hotel, request, recipient);
