-- name: KeyByHash :one
-- As the gate: whose key it is, unless revoked or expired.
select id, hotels, roles, expires_at from api_key
where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now());

-- name: InsertKey :one
insert into api_key (id, hash, name, hotels, roles, expires_at)
values ($1, $2, $3, $4, $5, $6)
returning created_at;

-- name: LiveKey :one
-- What a revocation is told about. A key's hotels never change.
select name, hotels, roles from api_key where id = $1 and revoked_at is null;

-- name: RevokeKey :execrows
update api_key set revoked_at = now() where id = $1 and revoked_at is null;

-- name: Keys :many
select id, name, hotels, roles, created_at, expires_at, revoked_at from api_key
order by created_at desc, id desc limit 500;
