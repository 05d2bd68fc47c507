package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

var errNoBucket = fmt.Errorf("no such bucket key: %w", ErrTampered)

// load brings bucket keys into memory and tells which could not be and why:
// errNoBucket, ErrTampered, ErrEpochGone or ErrUnavailable.
func (b *buckets) load(ctx context.Context, ids []BucketID) (failed map[BucketID]error, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := b.store.Buckets(ctx, ids)
	if err != nil {
		return nil, err
	}
	failed = make(map[BucketID]error, len(ids))
	for _, id := range ids {
		failed[id] = errNoBucket
	}
	byEpoch := map[string][]Bucket{}
	for _, bucket := range found {
		byEpoch[bucket.Epoch] = append(byEpoch[bucket.Epoch], bucket)
	}
	for epoch, all := range byEpoch {
		for part := range slices.Chunk(all, maxBatch) {
			b.unwrapBuckets(ctx, epoch, part, failed)
		}
	}
	return failed, nil
}

// unwrapBuckets halves a batch that has a damaged key in it, so that one does
// not keep the others away.
func (b *buckets) unwrapBuckets(ctx context.Context, epoch string, all []Bucket, failed map[BucketID]error) {
	wrapped := make([]Wrapped, len(all))
	for i, bucket := range all {
		wrapped[i] = Wrapped{Data: bucket.Wrapped, AAD: bucket.aad()}
	}
	raw, err := b.root.Unwrap(ctx, epoch, wrapped)
	if errors.Is(err, ErrTampered) && len(all) > 1 {
		middle := len(all) / 2
		b.unwrapBuckets(ctx, epoch, all[:middle], failed)
		b.unwrapBuckets(ctx, epoch, all[middle:], failed)
		return
	}
	if err == nil && len(raw) != len(all) {
		err = errors.New("the root answered another number of keys")
	}
	for i, bucket := range all {
		failed[bucket.BucketID] = rootAnswer(err)
		if err != nil {
			continue
		}
		aead, err := newAEAD(raw[i])
		clear(raw[i])
		if err != nil {
			failed[bucket.BucketID] = ErrTampered
			continue
		}
		delete(failed, bucket.BucketID)
		b.held.Add(bucket.BucketID, aead)
	}
}

// rootAnswer takes whatever is not final for a failure that passes.
func rootAnswer(err error) error {
	if err == nil || errors.Is(err, ErrTampered) || errors.Is(err, ErrEpochGone) {
		return err
	}
	return unavailable("unwrap keys", err)
}

// unwrap tells for each row its key or why there is none.
func (b *buckets) unwrap(ctx context.Context, rows []Row) ([]unwrapped, error) {
	out := make([]unwrapped, len(rows))
	err := b.each(ctx, rows, func(i int, raw []byte, err error) {
		out[i] = unwrapped{id: rows[i].ID, err: err}
		if err == nil {
			out[i].key, out[i].err = newMaterial(rows[i].ID, raw)
		}
	})
	return out, err
}

// each hands out the raw key of each row, or why there is none: ErrDestroyed,
// ErrTampered, ErrEpochGone or ErrUnavailable. It wipes the key afterwards.
func (b *buckets) each(ctx context.Context, rows []Row, take func(i int, raw []byte, err error)) error {
	failed, err := b.needed(ctx, rows)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if row.Wrapped == nil {
			take(i, nil, ErrDestroyed)
			continue
		}
		raw, err := b.open(ctx, row, failed)
		take(i, raw, err)
		clear(raw)
	}
	return nil
}

// needed loads the bucket keys that the rows ask for, in one batch.
func (b *buckets) needed(ctx context.Context, rows []Row) (failed map[BucketID]error, err error) {
	cold := map[BucketID]bool{}
	var ids []BucketID
	for _, row := range rows {
		if row.Wrapped == nil || row.Bucket == nil {
			continue
		}
		id := BucketID{Epoch: row.Epoch, Number: *row.Bucket}
		if !b.held.Contains(id) && !cold[id] {
			cold[id] = true
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return b.load(ctx, ids)
}

// open returns the raw key of a row.
func (b *buckets) open(ctx context.Context, row Row, failed map[BucketID]error) ([]byte, error) {
	if row.Bucket == nil {
		raw, err := b.root.Unwrap(ctx, row.Epoch, []Wrapped{{Data: row.Wrapped, AAD: wrapAAD1(row.ID)}})
		if err == nil && len(raw) != 1 {
			err = errors.New("the root answered another number of keys")
		}
		if err != nil {
			return nil, rootAnswer(err)
		}
		return raw[0], nil
	}
	id := BucketID{Epoch: row.Epoch, Number: *row.Bucket}
	if failed[id] != nil {
		return nil, failed[id]
	}
	aead, ok := b.held.Get(id)
	if !ok {
		return nil, unavailable("bucket key", errors.New("it was put out of memory meanwhile"))
	}
	raw, err := aead.Open(nil, nil, row.Wrapped, wrapAAD(row.ID))
	if err != nil {
		return nil, ErrTampered
	}
	return raw, nil
}
