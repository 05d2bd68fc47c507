package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// aged is a log whose first year is some years back and over: it has 3 entries of
// the scope, and the newest year goes on from it.
func aged(t *testing.T, back int) (h *house, shards *audit.Shards, old int) {
	t.Helper()
	h = newHouse(t, "seaview", "harbour")
	old = time.Now().UTC().Year() - back
	first := h.newSequencer(audit.SequencerOptions{})
	audit.PretendYear(first, old)
	h.sequencer = first
	scope := h.fill("seaview", 3, 1)
	h.fill("harbour", 2, 2)
	require.Equal(t, old, h.year())
	h.restart()
	h.write(event(scope, 9))
	h.round()
	require.Equal(t, old+back, h.year())
	shards, err := audit.NewShards(h.pool, name, h.signer, h.store)
	require.NoError(t, err)
	return h, shards, old
}

// drop takes entries out of a year until none is left, and says in how many
// batches.
func (h *house) drop(shards *audit.Shards, year, limit int) (batches int, err error) {
	h.t.Helper()
	head, err := shards.Ripe(h.t.Context(), year)
	if err != nil {
		return 0, err
	}
	for {
		var d audit.Dropping
		err := h.pool.AsRole(h.t.Context(), postgres.RoleArchivist, func(tx pgx.Tx) (err error) {
			d, err = shards.Drop(h.t.Context(), tx, year, limit, head)
			return err
		})
		if err != nil || d.Entries == 0 {
			return batches, err
		}
		batches++
	}
}

// A year that had its time goes with all its entries, details and hashes; its
// last head stays, and what is younger is proven and checked as before.
func TestAYearIsDropped(t *testing.T) {
	t.Parallel()
	h, shards, old := aged(t, 8)
	before, err := h.log.Head(t.Context(), old)
	require.NoError(t, err)
	over, err := shards.Over(t.Context(), old+8)
	require.NoError(t, err)
	require.Len(t, over, 1)
	require.Equal(t, []int64{int64(old), 6, 6}, []int64{int64(over[0].Year), over[0].Size, over[0].Left})

	batches, err := h.drop(shards, old, 2)
	require.NoError(t, err)
	require.Equal(t, 3, batches)
	for table, left := range map[string]int64{"audit_leaf": 0, "audit_hash": 0, "audit_checkpoint": 1} {
		require.Equal(t, left, h.count(fmt.Sprintf("select count(*) from %s where year = %d", table, old)), table)
	}
	require.EqualValues(t, 1, h.count("select count(*) from audit_detail"), "what belongs to the newest year alone")
	after, err := h.log.Head(t.Context(), old)
	require.NoError(t, err)
	require.Equal(t, before, after, "the last signed head stays")
	over, err = shards.Over(t.Context(), old+8)
	require.NoError(t, err)
	require.Empty(t, over)

	_, err = h.log.Prove(t.Context(), old, 1)
	require.ErrorIs(t, err, audit.ErrDropped)
	_, err = h.log.Export(t.Context(), discard{}, audit.ExportOptions{Year: old})
	require.ErrorIs(t, err, audit.ErrDropped)
	// The next year is chained to a head that is still there.
	head, err := audit.OpenHead(after.Note, h.keys)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%s %d %s", head.Origin, head.Size, head.Root), h.prove(old+8, 0).Leaf.Previous)

	// Writers count on, and nothing is told to be lost or missing.
	h.restart()
	h.fill("harbour", 2, 1)
	status, err := h.log.Status(t.Context())
	require.NoError(t, err)
	require.Zero(t, status.Lost)
	report := h.verify(h.export(audit.ExportOptions{Year: old + 8, Proofs: true}), audit.VerifyOptions{Whole: true, Against: [][]byte{}})
	require.Empty(t, report.Findings)
	require.EqualValues(t, 4, report.Entries)

	// The first scope has a detail in the newest year still.
	doomed, err := shards.Doomed(t.Context(), audit.Doomed{}, 10)
	require.NoError(t, err)
	require.Len(t, doomed, 1)
	require.Equal(t, "harbour", doomed[0].Tenant)
	require.NoError(t, h.pool.AsRole(t.Context(), postgres.RoleArchivist, func(tx pgx.Tx) error { return shards.Shredded(t.Context(), tx, doomed) }))
	doomed, err = shards.Doomed(t.Context(), audit.Doomed{}, 10)
	require.NoError(t, err)
	require.Empty(t, doomed)
}

// discard forgets what is written.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// What is not signed, copied, whole and chained stays, whoever wants it gone.
func TestYearsThatStay(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(h *house, old int){
		"no copy of the last head": func(h *house, old int) { h.forget(fmt.Sprintf("audit/%d/%019d", old, 6)) },
		"no signed end": func(h *house, old int) {
			h.tamper(fmt.Sprintf("delete from audit_checkpoint where year = %d and size = 6", old))
		},
		"an entry is missing": func(h *house, old int) {
			h.tamper(fmt.Sprintf("delete from audit_leaf where year = %d and n = 3", old))
		},
		"an entry was changed": func(h *house, old int) {
			h.tamper(fmt.Sprintf("update audit_leaf set leaf = overlay(leaf placing 'x'::bytea from 12) where year = %d and n = 2", old))
		},
		"the next year goes on from another": func(h *house, old int) {
			h.tamper(fmt.Sprintf("update audit_leaf set leaf = (select leaf from audit_leaf where year = %d and n = 0) where year > %[1]d and n = 0", old))
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h, shards, old := aged(t, 8)
			spoil(h, old)
			_, err := h.drop(shards, old, 10)
			require.ErrorIs(t, err, audit.ErrUnripe)
			require.Positive(t, h.count(fmt.Sprintf("select count(*) from audit_leaf where year = %d", old)))
		})
	}
}

// The database itself lets no year go that is young or the newest, and nobody but
// the archivist takes anything out.
func TestTheDatabaseKeepsYoungYears(t *testing.T) {
	t.Parallel()
	h, shards, old := aged(t, 1)
	_, err := h.drop(shards, old, 10)
	require.ErrorContains(t, err, "42501")
	_, err = h.drop(shards, old+1, 10)
	require.ErrorIs(t, err, audit.ErrUnripe, "nothing goes on from the newest")
	for _, table := range []string{"audit_leaf", "audit_detail", "audit_hash", "audit_checkpoint", "audit_cosignature"} {
		conn, err := pgx.Connect(t.Context(), h.database.AdminURL)
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), "delete from "+table)
		require.ErrorContains(t, err, "42501", table)
		require.NoError(t, conn.Close(t.Context()))
		require.NoError(t, h.pool.AsRole(t.Context(), postgres.RoleArchivist, func(tx pgx.Tx) error {
			tag, err := tx.Exec(t.Context(), "delete from "+table)
			require.Zero(t, tag.RowsAffected(), table)
			return err
		}))
	}
}
