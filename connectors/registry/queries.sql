-- name: SaveHotel :exec
insert into hotel (id, name, vendor, property, endpoints, time_zone, currency, country,
                   languages, phone_lines, credentials_ref, mapping, roles, messages, contact)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (id) do update set
  name = excluded.name,
  vendor = excluded.vendor,
  property = excluded.property,
  endpoints = excluded.endpoints,
  time_zone = excluded.time_zone,
  currency = excluded.currency,
  country = excluded.country,
  languages = excluded.languages,
  phone_lines = excluded.phone_lines,
  credentials_ref = excluded.credentials_ref,
  mapping = excluded.mapping,
  roles = excluded.roles,
  messages = excluded.messages,
  contact = excluded.contact,
  updated_at = now();

-- name: Hotel :one
-- Row security narrows it to the tenant's own; the condition says it once more.
select * from hotel where id = $1;

-- name: HotelsAfter :many
-- One page of all hotels, from the id after the last one seen.
select * from hotel where id > sqlc.arg(last) order by id limit sqlc.arg(page);

-- name: AddAttestation :one
insert into hotel_attestation (hotel, id, attested_by, document, sha256, hosts, until)
select hotel.id, sqlc.arg(id), sqlc.arg(attested_by), sqlc.arg(document), sqlc.arg(sha256), sqlc.arg(hosts)::text[], sqlc.arg(until)
from hotel where hotel.id = sqlc.arg(hotel)
returning recorded_at;

-- name: Attestation :one
-- The one that counts: the newest.
select * from hotel_attestation where hotel = $1 order by recorded_at desc, id desc limit 1;

-- name: Attestations :many
select * from hotel_attestation where hotel = $1 order by recorded_at desc, id desc limit 200;
