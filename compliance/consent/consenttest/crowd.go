//go:build unix

package consenttest

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
)

// Crowd copies n other guests into a hotel with all that one has: a guest, a
// booking, a request, an offer, four ways to be found, and two keys. Nobody can
// open what is theirs. It is for measurements among many.
func (h *House) Crowd(hotel string, n int) {
	h.t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = ulid.Make().String()
	}
	rows := func(table string, columns []string, row func(i int) []any) {
		h.as(h.Database.AdminURL, func(conn *pgx.Conn) error {
			_, err := conn.CopyFrom(context.Background(), pgx.Identifier{table}, columns,
				pgx.CopyFromSlice(n, func(i int) ([]any, error) { return row(i), nil }))
			return err
		})
	}
	sealed, now := make([]byte, 300), time.Now()
	digest := func(i, kind int) []byte {
		d := make([]byte, 32)
		copy(d, fmt.Sprintf("%d/%d", i, kind))
		return d
	}
	rows("guest", []string{"hotel", "booking", "sealed"}, func(i int) []any { return []any{hotel, ids[i], sealed} })
	rows("booking", []string{"hotel", "id", "version", "state", "arrival", "departure", "stays", "total_amount", "total_currency"}, func(i int) []any {
		return []any{hotel, ids[i], 1, "confirmed", now, now, "[]", 1, "EUR"}
	})
	rows("intent", []string{"hotel", "key_hmac", "body_hmac", "id", "booking", "kind", "quote", "settled_at"}, func(i int) []any {
		return []any{hotel, digest(i, 9), digest(i, 9), ids[i], ids[i], "book", ids[i], now}
	})
	rows("quote", []string{"hotel", "id", "offers", "expires_at"}, func(i int) []any { return []any{hotel, ids[i], "[]", now} })
	for kind, name := range []string{"phone", "email", "name", "surname"} {
		rows("guest_index", []string{"hotel", "kind", "digest", "scope"}, func(i int) []any { return []any{hotel, name, digest(i, kind), ids[i]} })
	}
	h.as(h.KeysDB.AdminURL, func(conn *pgx.Conn) error {
		_, err := conn.Exec(context.Background(), `
			insert into scope_key (tenant, scope, purpose, version, epoch, wrapped, bucket)
			select $1, id, purpose, 1, known.epoch, decode(repeat('00', 60), 'hex'), known.bucket
			from unnest($2::text[]) id, unnest(array['operations', 'audit']) purpose,
			  (select epoch, bucket from scope_key where bucket is not null limit 1) known`, hotel, ids)
		return err
	})
}

// Settle has both databases tidied up, as they are when they run for long.
func (h *House) Settle() {
	h.t.Helper()
	for _, database := range []string{h.Database.AdminURL, h.KeysDB.AdminURL} {
		h.as(database, func(conn *pgx.Conn) error {
			_, err := conn.Exec(context.Background(), "vacuum analyze")
			return err
		})
	}
}

func (h *House) as(database string, fn func(*pgx.Conn) error) {
	h.t.Helper()
	conn, err := pgx.Connect(context.Background(), database)
	require.NoError(h.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	require.NoError(h.t, fn(conn))
}
