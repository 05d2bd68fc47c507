package audittest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
)

// A Told is an event that waits in the outbox, with its detail opened.
type Told struct {
	Tenant string
	Kind   audit.Kind
	Actor  string
	Scope  string
	Detail string // JSON
}

// Waiting reads the outbox of a database, by its administrator's URL, in the
// order in which events came. Kinds choose among them; none takes all.
func Waiting(t testing.TB, adminURL string, ring *keys.Ring, kinds ...audit.Kind) []Told {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, adminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	chosen := []string{}
	for _, kind := range kinds {
		chosen = append(chosen, string(kind))
	}
	rows, err := conn.Query(ctx, `
		select o.tenant, o.kind, o.actor, d.scope, d.sealed from audit_outbox o join audit_detail d using (tenant, writer, seq)
		where cardinality($1::text[]) = 0 or o.kind = any($1) order by o.id`, chosen)
	require.NoError(t, err)
	var all []Told
	var told Told
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&told.Tenant, &told.Kind, &told.Actor, &told.Scope, &sealed}, func() error {
		detail, err := audit.OpenDetail(ctx, ring, keys.Scope{Tenant: told.Tenant, ID: told.Scope}, sealed)
		told.Detail = string(detail.Text)
		all = append(all, told)
		return err
	})
	require.NoError(t, err)
	return all
}

// Kinds are the kinds of events, in their order.
func Kinds(all []Told) []audit.Kind {
	kinds := make([]audit.Kind, len(all))
	for i, told := range all {
		kinds[i] = told.Kind
	}
	return kinds
}
