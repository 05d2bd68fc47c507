package keys

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
)

// epochLock is the first half of the advisory lock of an epoch; the second is
// its name's hash. Any number does that nobody else takes in this database.
const epochLock = 0x6b657973

// epochs is the EpochStore in the key database, for the role that is named.
type epochs struct {
	pool *postgres.Pool
	role postgres.Role
}

// CurrentEpoch implements EpochStore.
func (e epochs) CurrentEpoch(ctx context.Context) (epoch string, err error) {
	err = e.pool.Role(e.role).QueryRow(ctx, `
		select epoch from key_epoch where closed_at is null order by serial desc limit 1`).Scan(&epoch)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", ErrNoEpoch
	case err != nil:
		return "", unavailable("ask for the current epoch", err)
	}
	return epoch, nil
}

// OpenEpoch implements EpochStore.
func (e epochs) OpenEpoch(ctx context.Context, epoch string) error {
	if _, err := e.pool.Role(e.role).Exec(ctx, "insert into key_epoch (epoch) values ($1) on conflict do nothing", epoch); err != nil {
		return unavailable("open an epoch", err)
	}
	return nil
}

// Standing implements EpochStore.
func (e epochs) Standing(ctx context.Context) (ids []BucketID, err error) {
	found, err := e.pool.Role(e.role).Query(ctx, `
		select epoch, bucket from bucket_key join key_epoch using (epoch) where rewrapped_at is null`)
	if err == nil {
		ids, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (id BucketID, err error) {
			return id, row.Scan(&id.Epoch, &id.Number)
		})
	}
	if err != nil {
		return nil, unavailable("ask which bucket keys there are", err)
	}
	return ids, nil
}

// Buckets implements EpochStore.
func (e epochs) Buckets(ctx context.Context, ids []BucketID) ([]Bucket, error) {
	epochNames, numbers := make([]string, len(ids)), make([]int32, len(ids))
	for i, id := range ids {
		epochNames[i], numbers[i] = id.Epoch, int32(id.Number)
	}
	found, err := e.pool.Role(e.role).Query(ctx, `
		select epoch, bucket, wrapped from bucket_key
		where (epoch, bucket) in (select * from unnest($1::text[], $2::int[]))`, epochNames, numbers)
	var out []Bucket
	if err == nil {
		out, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (b Bucket, err error) {
			return b, row.Scan(&b.Epoch, &b.Number, &b.Wrapped)
		})
	}
	if err != nil {
		return nil, unavailable("load bucket keys", err)
	}
	return out, nil
}

// InsertBucket implements EpochStore.
func (e epochs) InsertBucket(ctx context.Context, bucket Bucket) error {
	// Others load it now, while they can.
	_, err := e.pool.Role(e.role).Exec(ctx, `
		with made as (
			insert into bucket_key (epoch, bucket, wrapped) values ($1, $2, $3) on conflict do nothing returning epoch)
		select pg_notify($4, $5 || epoch) from made`,
		bucket.Epoch, bucket.Number, bucket.Wrapped, channel, epochWord)
	if err != nil {
		return unavailable(fmt.Sprintf("store bucket key %d of epoch %s", bucket.Number, bucket.Epoch), err)
	}
	return nil
}
