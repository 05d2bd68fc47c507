-- name: InsertSecret :exec
-- As the registrar.
insert into webhook_secret (hotel, vendor, hash, expires_at) values ($1, $2, $3, $4);

-- name: KeepSecret :execrows
-- As the registrar: the secret is the one in use from now on.
update webhook_secret set subscription = $4, expires_at = null where hotel = $1 and vendor = $2 and hash = $3;

-- name: RetireSecrets :many
-- As the registrar: all others end soon. Answers their subscriptions.
update webhook_secret set expires_at = least(expires_at, $4)
where hotel = $1 and vendor = $2 and hash <> $3
returning subscription;

-- name: DeleteRetired :exec
-- As the registrar: those that are not in use, valid still or not.
delete from webhook_secret where hotel = $1 and vendor = $2 and expires_at is not null;

-- name: DeleteSecret :exec
-- As the registrar.
delete from webhook_secret where hotel = $1 and vendor = $2 and hash = $3;

-- name: DeleteSecrets :exec
-- As the registrar.
delete from webhook_secret where hotel = $1 and vendor = $2;

-- name: Secrets :many
select hash, subscription, created_at, expires_at from webhook_secret
where hotel = $1 and vendor = $2 and (expires_at is null or expires_at > now())
order by created_at desc limit 10;

-- name: InsertDelivery :execrows
insert into webhook_delivery (hotel, vendor, id, reservation, due_at)
values ($1, $2, $3, $4, $5)
on conflict do nothing;

-- name: ClaimDelivery :one
-- Takes up a delivery that is due; another who tries gets nothing.
update webhook_delivery set tries = tries + 1, due_at = $4
where hotel = $1 and vendor = $2 and id = $3 and done_at is null and due_at <= now()
returning reservation, tries;

-- name: CloseDelivery :exec
update webhook_delivery set done_at = now() where hotel = $1 and vendor = $2 and id = $3;

-- name: DeferDelivery :exec
update webhook_delivery set due_at = $4 where hotel = $1 and vendor = $2 and id = $3 and done_at is null;

-- name: DueDeliveries :many
-- As the sweeper, across hotels, the longest due first.
select hotel, vendor, id from webhook_delivery
where done_at is null and due_at <= now()
order by due_at limit $1;

-- name: PurgeDeliveries :execrows
-- As the sweeper, whose policy says how old they must be.
delete from webhook_delivery where received_at < now() - interval '3 days';
