//go:build bench

package subjects_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
)

// TestBenchErase prints what erasing one subject costs, rows and keys, with a
// thousand and with a million others present. Both houses are asked in turn.
func TestBenchErase(t *testing.T) {
	const few, many, rounds = 1_000, 1_000_000, 200
	small, large := newCrowd(t, few, rounds), newCrowd(t, many, rounds)
	var short, long []time.Duration
	for i := range rounds {
		// In turn, and each first as often as the other.
		if i%2 == 0 {
			short = append(short, small.erase(i))
			long = append(long, large.erase(i))
		} else {
			long = append(long, large.erase(i))
			short = append(short, small.erase(i))
		}
	}
	a, b := median(short), median(long)
	fmt.Printf("erase one subject (rows, index and keys, median of %d, interleaved): %s with %d others, %s with %d others: ratio %.2f (wanted at most 1.5)\n",
		rounds, a, few, b, many, float64(b)/float64(a))
}

// crowd is a house with many guests, some of whom go.
type crowd struct {
	*consenttest.House
	t     *testing.T
	going []string
}

func newCrowd(t *testing.T, others, going int) *crowd {
	t.Helper()
	c := &crowd{House: consenttest.New(t), t: t}
	started := time.Now()
	c.load(others)
	for range going {
		c.going = append(c.going, c.Booking(aurora, ada()))
	}
	for _, database := range []string{c.Database.AdminURL, c.KeysDB.AdminURL} {
		c.run(database, func(conn *pgx.Conn) error {
			_, err := conn.Exec(context.Background(), "vacuum analyze")
			return err
		})
	}
	t.Logf("%d others loaded in %s", others, time.Since(started).Round(time.Millisecond))
	return c
}

// load copies guests with all that one has: a guest, a booking, a request, an
// offer, four ways to be found, and two keys.
func (c *crowd) load(n int) {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = ulid.Make().String()
	}
	rows := func(table string, columns []string, row func(i int) []any) func(*pgx.Conn) error {
		return func(conn *pgx.Conn) error {
			_, err := conn.CopyFrom(context.Background(), pgx.Identifier{table}, columns,
				pgx.CopyFromSlice(n, func(i int) ([]any, error) { return row(i), nil }))
			return err
		}
	}
	sealed, now := make([]byte, 300), time.Now()
	digest := func(i, kind int) []byte {
		d := make([]byte, 32)
		copy(d, fmt.Sprintf("%d/%d", i, kind))
		return d
	}
	for _, load := range []func(*pgx.Conn) error{
		rows("guest", []string{"hotel", "booking", "sealed"}, func(i int) []any { return []any{aurora, ids[i], sealed} }),
		rows("booking", []string{"hotel", "id", "version", "state", "arrival", "departure", "stays", "total_amount", "total_currency"}, func(i int) []any {
			return []any{aurora, ids[i], 1, "confirmed", now, now, "[]", 1, "EUR"}
		}),
		rows("intent", []string{"hotel", "key_hmac", "body_hmac", "id", "booking", "kind", "quote"}, func(i int) []any {
			return []any{aurora, digest(i, 9), digest(i, 9), ids[i], ids[i], "book", ids[i]}
		}),
		rows("quote", []string{"hotel", "id", "offers", "expires_at"}, func(i int) []any { return []any{aurora, ids[i], "[]", now} }),
	} {
		c.run(c.Database.AdminURL, load)
	}
	for kind, name := range []string{"phone", "email", "name", "surname"} {
		c.run(c.Database.AdminURL, rows("guest_index", []string{"hotel", "kind", "digest", "scope"}, func(i int) []any {
			return []any{aurora, name, digest(i, kind), ids[i]}
		}))
	}
	c.run(c.KeysDB.AdminURL, func(conn *pgx.Conn) error {
		_, err := conn.Exec(context.Background(), `
			insert into scope_key (tenant, scope, purpose, version, epoch, wrapped, bucket)
			select $1, id, purpose, 1, known.epoch, decode(repeat('00', 60), 'hex'), known.bucket
			from unnest($2::text[]) id, unnest(array['operations', 'audit']) purpose,
			  (select epoch, bucket from scope_key where bucket is not null limit 1) known`, aurora, ids)
		return err
	})
}

func (c *crowd) run(database string, fn func(*pgx.Conn) error) {
	c.t.Helper()
	conn, err := pgx.Connect(context.Background(), database)
	require.NoError(c.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	require.NoError(c.t, fn(conn))
}

// erase erases the subject of a round and tells how long it took.
func (c *crowd) erase(round int) time.Duration {
	scope := c.going[round]
	started := time.Now()
	gone, err := c.Desk.EraseRows(c.t.Context(), aurora, []string{scope})
	require.NoError(c.t, err)
	_, err = c.Ring.Destroy(c.t.Context(), keys.Scope{Tenant: aurora, ID: scope})
	require.NoError(c.t, err)
	took := time.Since(started)
	require.EqualValues(c.t, 8, gone.Total())
	return took
}

func median(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2].Round(time.Microsecond)
}
