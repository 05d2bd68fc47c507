-- What a request asks for, as a digest: only one that asks for the same, and
-- from the same address, is joined to one that goes on. A second correction of
-- another field is a request of its own, and whoever opens one in another's name
-- does not take theirs over.

-- +goose Up
alter table dsar_case add column ask bytea check (length(ask) = 32);
drop index dsar_case_person;
create unique index dsar_case_person on dsar_case (hotel, person, kind, coalesce(ask, ''::bytea)) where person is not null;

-- +goose Down
drop index dsar_case_person;
create unique index dsar_case_person on dsar_case (hotel, person, kind) where person is not null;
alter table dsar_case drop column ask;
