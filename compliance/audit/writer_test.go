package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// keyRows counts the rows in the keys' database.
func (h *house) keyRows() (n int64) {
	h.t.Helper()
	conn, err := pgx.Connect(context.Background(), h.keysDB.AdminURL)
	require.NoError(h.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	require.NoError(h.t, conn.QueryRow(context.Background(), "select count(*) from scope_key").Scan(&n))
	return n
}

// Ids of scopes come from outside, and the row of a key stays for ever.
func TestUnknownScopesMakeNoKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	h.write(event(h.scope("seaview"), 1))
	before := h.keyRows()
	for range 1000 {
		err := h.tryWrite(event(keys.Scope{Tenant: "seaview", ID: ulid.Make().String()}, 1))
		require.ErrorIs(t, err, keys.ErrUnknownScope)
	}
	require.ErrorIs(t, h.tryWrite(audit.Event{Tenant: "nobody", Kind: "hotel.added", Actor: "operator"}), keys.ErrUnknownScope, "nor do tenants")
	require.Equal(t, before, h.keyRows())
}

// A scope from before it had an audit key is given one at its first event; one
// that was destroyed gets none.
func TestOldScopesGetTheirAuditKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	old, gone := keys.Scope{Tenant: "seaview", ID: ulid.Make().String()}, keys.Scope{Tenant: "seaview", ID: ulid.Make().String()}
	require.NoError(t, h.ring.Ensure(t.Context(), keys.Case, old, gone))
	_, err := h.ring.Destroy(t.Context(), gone)
	require.NoError(t, err)
	h.write(event(old, 1), event(old, 2))
	require.ErrorIs(t, h.tryWrite(event(gone, 1)), keys.ErrDestroyed)
	h.round()
	report := h.verify(h.export(audit.ExportOptions{Ring: h.ring}), audit.VerifyOptions{Whole: true})
	require.EqualValues(t, 2, report.Opened)
}

// An event can stand in the transaction of a narrow role, and only with it.
func TestEventsAlongOthersWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview", audit.HouseTenant)
	errAborted := errors.New("the business failed")
	var steps []postgres.Step
	for _, tenant := range []string{"seaview", audit.HouseTenant} {
		prepared, err := h.writer.Prepare(t.Context(), audit.Event{Tenant: tenant, Kind: "api_key.issued", Actor: "operator"})
		require.NoError(t, err)
		steps = append(steps, prepared.Along)
	}
	for _, outcome := range []error{errAborted, nil} {
		require.ErrorIs(t, h.pool.AsRole(t.Context(), postgres.RoleRegistrar, func(tx pgx.Tx) error {
			require.NoError(t, postgres.Along(t.Context(), tx, steps...))
			return outcome
		}), outcome)
	}
	require.ErrorIs(t, h.pool.AsRole(t.Context(), postgres.RoleRegistrar, func(tx pgx.Tx) error {
		return postgres.EnterTenant(t.Context(), tx, "sea'view")
	}), postgres.ErrTenant)
	require.NoError(t, h.writer.Record(t.Context(), h.pool, audit.Event{Tenant: audit.HouseTenant, Kind: "keys.rolled", Actor: "operator"}))
	h.round()
	report := h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{Whole: true})
	require.Empty(t, report.Findings)
	require.EqualValues(t, 4, report.Entries, "the log's own, two along, and one by itself")
}

// Behind counts from the first event that no head covers, wherever it stands,
// and not from the last head: a quiet log is not late.
func TestBehind(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	behind := func() time.Duration {
		late, err := h.log.Behind(t.Context())
		require.NoError(t, err)
		return late
	}
	require.Zero(t, behind(), "there is nothing yet")
	scope := h.fill("seaview", 3, 1)
	h.tamper("update audit_checkpoint set signed_at = now() - interval '1 hour'")
	require.Zero(t, behind())

	h.write(event(scope, 4))
	h.tamper("update audit_outbox set at = now() - interval '10 minutes'")
	require.Greater(t, behind(), audit.Patience, "in the outbox")
	_, err := h.sequencer.Sequence(t.Context())
	require.NoError(t, err)
	require.Greater(t, behind(), audit.Patience, "in the log, and not signed")
	h.round()
	require.Zero(t, behind())
}

// TestTheHousesWordIsNoHotels: who may tell of the house only can neither tell
// of a hotel, nor read anything of either.
func TestTheHousesWordIsNoHotels(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview", audit.HouseTenant)
	as := func(fn func(pgx.Tx) error) error { return h.pool.AsRole(t.Context(), postgres.RoleHouse, fn) }
	for tenant, allowed := range map[string]bool{audit.HouseTenant: true, "seaview": false} {
		prepared, err := h.writer.Prepare(t.Context(), audit.Event{Tenant: tenant, Kind: "keys.rolled", Actor: "operator"})
		require.NoError(t, err)
		err = as(func(tx pgx.Tx) error { return prepared.Insert(t.Context(), tx) })
		require.Equal(t, allowed, err == nil, "%s: %v", tenant, err)
	}
	for _, sql := range []string{
		"select from audit_outbox", "select sealed from audit_detail", "delete from audit_outbox", "select from booking", "select from audit_leaf",
	} {
		require.ErrorContains(t, as(func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		}), "42501", sql)
	}
}
