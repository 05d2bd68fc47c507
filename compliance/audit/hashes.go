package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	lru "github.com/hashicorp/golang-lru/v2"
)

// chunkSize is how many hashes a row holds at most: a row stays below the size
// from which Postgres stores it elsewhere.
const chunkSize = 60

// errHashes says that the hashes in the database are not those of a log.
var errHashes = errors.New("audit: hashes of the log are missing in the database; restore it, and compare with the copies of the heads")

// A chunk is a row of hashes. It never changes.
type chunk struct {
	first  int64
	hashes []byte
}

func (c chunk) hash(index int64) (tlog.Hash, bool) {
	at := (index - c.first) * tlog.HashSize
	if at < 0 || at >= int64(len(c.hashes)) {
		return tlog.Hash{}, false
	}
	return tlog.Hash(c.hashes[at : at+tlog.HashSize]), true
}

// hashes reads a year's hashes in a transaction, and keeps the rows in a cache
// that outlives it.
type hashes struct {
	ctx   context.Context
	tx    pgx.Tx
	year  int
	cache *cache
	// ahead is how many more rows are read at a time, by those who go through
	// all of them in order.
	ahead int
	// lenient reads a missing hash as zeros: for a pack, whose check then says
	// what is wrong.
	lenient bool
}

// ReadHashes implements tlog.HashReader.
func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	var missing []int64
	for i, index := range indexes {
		var ok bool
		if found[i], ok = h.cache.hash(h.year, index); !ok {
			missing = append(missing, index)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	chunks, err := h.read(missing)
	if err != nil {
		return nil, err
	}
	for _, c := range chunks {
		h.cache.keep(h.year, c)
	}
	for i, index := range indexes {
		var ok bool
		if found[i], ok = h.cache.hash(h.year, index); !ok {
			if found[i], ok = hashIn(chunks, index); !ok && !h.lenient {
				return nil, errHashes
			}
		}
	}
	return found, nil
}

func (h hashes) read(indexes []int64) ([]chunk, error) {
	slices.Sort(indexes)
	rows, err := h.tx.Query(h.ctx, `
		select c.first, c.hashes from unnest($2::bigint[]) wanted (index)
		cross join lateral (
		  select first, hashes from audit_hash where year = $1 and first <= wanted.index order by first desc limit 1) c
		union all
		(select first, hashes from audit_hash where year = $1 and first > $3 order by first limit $4)`,
		h.year, slices.Compact(indexes), indexes[len(indexes)-1], h.ahead)
	if err != nil {
		return nil, fmt.Errorf("audit: reading hashes: %w", err)
	}
	chunks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c chunk, err error) {
		err = row.Scan(&c.first, &c.hashes)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("audit: reading hashes: %w", err)
	}
	return chunks, nil
}

func hashIn(chunks []chunk, index int64) (tlog.Hash, bool) {
	for _, c := range chunks {
		if h, ok := c.hash(index); ok {
			return h, true
		}
	}
	return tlog.Hash{}, false
}

// bucketBits says how many hashes the cache keeps together. Rows have no fixed
// borders, so each is kept in all the buckets that it has hashes of.
const bucketBits = 5

type bucket struct {
	year   int
	number int64
}

// A cache keeps rows of hashes. It is safe for concurrent use.
type cache struct{ buckets *lru.Cache[bucket, []chunk] }

func newCache(buckets int) *cache {
	made, _ := lru.New[bucket, []chunk](buckets) // fails for sizes below one only
	return &cache{made}
}

func (c *cache) hash(year int, index int64) (tlog.Hash, bool) {
	chunks, _ := c.buckets.Get(bucket{year, index >> bucketBits})
	return hashIn(chunks, index)
}

func (c *cache) keep(year int, row chunk) {
	last := row.first + int64(len(row.hashes))/tlog.HashSize - 1
	for number := row.first >> bucketBits; number <= last>>bucketBits; number++ {
		old, _ := c.buckets.Get(bucket{year, number})
		if _, ok := hashIn(old, max(row.first, number<<bucketBits)); !ok {
			c.buckets.Add(bucket{year, number}, append(slices.Clip(old), row))
		}
	}
}
