package auth

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// cacheLife bounds how long a revoked key still works in a process that
	// did not revoke it.
	cacheLife = 30 * time.Second
	// cacheSize is far beyond the number of call platforms.
	cacheSize = 1024
)

type hash = [sha256.Size]byte

// A cache remembers for a short time whose key a hash is, so that a call's
// requests do not each ask the database. Unknown keys are not remembered:
// guesses must not push out what is true.
type cache struct {
	mu      sync.RWMutex
	entries map[hash]entry
	clears  uint64
}

type entry struct {
	caller Caller
	until  time.Time
}

func newCache() *cache { return &cache{entries: map[hash]entry{}} }

func (c *cache) get(h hash, now time.Time) (Caller, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.entries[h]
	if !ok || !now.Before(e.until) {
		return Caller{}, false
	}
	return e.caller, true
}

// generation counts the clears, so that put can tell that one came between a
// look-up and its answer: that answer may be a key revoked meanwhile.
func (c *cache) generation() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.clears
}

func (c *cache) put(h hash, caller Caller, until time.Time, seen uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if seen != c.clears {
		return
	}
	if len(c.entries) >= cacheSize {
		clear(c.entries)
	}
	c.entries[h] = entry{caller, until}
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clears++
	clear(c.entries)
}
