//go:build bench

package keys_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

func median(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

// interleaved takes turns, so that whatever else the machine does hits all
// alike, and returns the median time of one turn of each.
func interleaved(turns int, subjects ...func()) []time.Duration {
	took := make([][]time.Duration, len(subjects))
	for range turns {
		for i, subject := range subjects {
			began := time.Now()
			subject()
			took[i] = append(took[i], time.Since(began))
		}
	}
	out := make([]time.Duration, len(subjects))
	for i := range took {
		out[i] = median(took[i])
	}
	return out
}

// TestBenchSeal: sealing and opening 1 KB beside AES-256-GCM of the standard
// library on the same bytes. The anchor does the same job: a fresh random nonce
// and an answer of its own. What the cipher alone does, with a nonce and a buffer
// that are there already, is told too.
func TestBenchSeal(t *testing.T) {
	ring, scope := sealer(t)
	plain, aad, key := make([]byte, kilobyte), make([]byte, 80), make([]byte, 32)
	_, _ = rand.Read(key)
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	own, err := cipher.NewGCMWithRandomNonce(block)
	require.NoError(t, err)
	raw, err := cipher.NewGCM(block)
	require.NoError(t, err)
	nonce, buffer := make([]byte, 12), make([]byte, 0, 2*kilobyte)
	sealed, err := ring.Seal(t.Context(), scope, keys.Operations, "guest", plain)
	require.NoError(t, err)
	ownSealed, rawSealed := own.Seal(nil, nil, plain, aad), raw.Seal(nil, nonce, plain, aad)
	const many = 200
	repeat := func(once func() error) func() {
		return func() {
			for range many {
				if err := once(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	took := interleaved(500,
		repeat(func() error { buffer = raw.Seal(buffer[:0], nonce, plain, aad); return nil }),
		repeat(func() error { own.Seal(nil, nil, plain, aad); return nil }),
		repeat(func() error { _, err := ring.Seal(t.Context(), scope, keys.Operations, "guest", plain); return err }),
		repeat(func() (err error) { buffer, err = raw.Open(buffer[:0], nonce, rawSealed, aad); return err }),
		repeat(func() error { _, err := own.Open(nil, nil, ownSealed, aad); return err }),
		repeat(func() error { _, err := ring.Open(t.Context(), scope, keys.Operations, "guest", sealed); return err }),
	)
	for i, name := range []string{"the cipher alone seals", "bare AES-256-GCM seals", "the ring seals", "the cipher alone opens", "bare AES-256-GCM opens", "the ring opens"} {
		anchor := took[i/3*3+1]
		fmt.Printf("  %-28s 1 KB in %7.0f ns, %6.0f MB/s, %3.0f %% of bare\n", name,
			float64(took[i].Nanoseconds())/many, many*kilobyte/took[i].Seconds()/1e6, 100*anchor.Seconds()/took[i].Seconds())
	}
}

// TestBenchDestroyedKey: how long a key that one process destroyed can be used
// in others, with the production life of a minute, told and deaf.
func TestBenchDestroyedKey(t *testing.T) {
	database := postgrestest.New(t, keys.Migrations)
	path := t.TempDir() + "/keyring.json"
	root, err := keys.OpenLocalKeyring(path, "test")
	require.NoError(t, err)
	ring := keystest.NewRing(t, database, root)
	ttl := useChild + "_TTL=" + keys.DefaultTTL.String()
	told := []process{newProcess(t, database.URL, path, ttl), newProcess(t, database.URL, path, ttl), newProcess(t, database.URL, path, ttl)}
	deaf := newProcess(t, database.URL, path, ttl, useChild+"_DEAF=1")
	awaitListeners(t, database, len(told))
	var heard []time.Duration
	for range 50 {
		scope, err := ring.Create(t.Context(), "seaview")
		require.NoError(t, err)
		for _, p := range told {
			require.Equal(t, "<nil>", p.use(scope))
		}
		_, err = ring.Destroy(t.Context(), scope)
		require.NoError(t, err)
		since := time.Now()
		for _, p := range told {
			heard = append(heard, p.awaitDead(scope, since))
		}
	}
	scope, err := ring.Create(t.Context(), "seaview")
	require.NoError(t, err)
	require.Equal(t, "<nil>", deaf.use(scope))
	_, err = ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	late := deaf.awaitDead(scope, time.Now())
	fmt.Printf("  a destroyed key is dead in other processes after %v (median of %d, longest %v); in one that cannot hear after %v\n",
		median(heard), len(heard), slices.Max(heard), late)
}

// TestBenchErase: what it costs to find and destroy one subject's keys among a
// thousand subjects and among a million.
func TestBenchErase(t *testing.T) {
	root := keyring(t)
	few, many := newCrowd(t, root, 1_000), newCrowd(t, root, 1_000_000)
	for range 20 {
		few.erase(t) // both are warm then
		many.erase(t)
	}
	took := interleaved(300, func() { few.erase(t) }, func() { many.erase(t) })
	fmt.Printf("  erasing a subject's keys: %v among %d subjects, %v among %d: %.2f times\n",
		took[0], few.n, took[1], many.n, took[1].Seconds()/took[0].Seconds())
}

// crowd is a key database with n subjects of one scope each.
type crowd struct {
	n        int
	next     int
	subjects []uuid.UUID
	table    *keys.Subjects
	ring     *keys.Ring
}

// newCrowd fills the table past the product: only where the rows lie matters.
func newCrowd(t *testing.T, root keys.Root, n int) *crowd {
	t.Helper()
	database := postgrestest.New(t, keys.Migrations)
	ring := keystest.NewRing(t, database, root)
	require.NoError(t, ring.EnsureTenant(t.Context(), "seaview")) // opens the epoch
	c := &crowd{n: n, table: keys.NewSubjects(database.Pool(t)), ring: ring}
	conn, err := pgx.Connect(context.Background(), database.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	epoch, wrapped := keys.NewEpochName(time.Now()), bytes.Repeat([]byte{7}, 60)
	var rows, owners [][]any
	for i := range n {
		scope, subject := newScope("seaview"), uuid.New()
		rows = append(rows,
			[]any{"seaview", scope.ID, "operations", int32(1), epoch, wrapped},
			[]any{"seaview", scope.ID, "audit", int32(1), epoch, wrapped})
		owners = append(owners, []any{"seaview", scope.ID, subject})
		if i%max(1, n/1_000) == 0 {
			c.subjects = append(c.subjects, subject)
		}
	}
	_, err = conn.CopyFrom(t.Context(), pgx.Identifier{"scope_key"}, []string{"tenant", "scope", "purpose", "version", "epoch", "wrapped"}, pgx.CopyFromRows(rows))
	require.NoError(t, err)
	_, err = conn.CopyFrom(t.Context(), pgx.Identifier{"scope_subject"}, []string{"tenant", "scope", "subject"}, pgx.CopyFromRows(owners))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "vacuum analyze")
	require.NoError(t, err)
	return c
}

func (c *crowd) erase(t *testing.T) {
	t.Helper()
	scopes, err := c.table.Scopes(t.Context(), "seaview", c.subjects[c.next])
	c.next++
	require.NoError(t, err)
	require.Len(t, scopes, 1)
	gone, err := c.ring.Destroy(t.Context(), scopes...)
	require.NoError(t, err)
	require.Len(t, gone, 2)
}
