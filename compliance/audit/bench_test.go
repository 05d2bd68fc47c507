//go:build bench

package audit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/cluster"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// durableHouse is a house on a server of its own that waits for the disk.
func durableHouse(t *testing.T, tenants ...string) *house {
	t.Helper()
	folder, err := os.MkdirTemp("", "voicehive-bench-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o711))
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	c, err := cluster.Start(t.Context(), cluster.Options{Dir: filepath.Join(folder, "cluster"), Databases: []string{"bench"}})
	require.NoError(t, err)
	t.Cleanup(c.Stop)
	require.NoError(t, postgres.Migrate(t.Context(), c.OwnerURL("bench"), postgres.Migrations, postgres.GrantTo(cluster.LoginName)))
	h := newHouse(t, tenants...)
	h.database = &postgrestest.Database{Name: "bench", URL: c.URL("bench"), OwnerURL: c.OwnerURL("bench"), AdminURL: c.AdminURL("bench")}
	h.pool = h.database.Pool(t, postgres.WithStatementTimeout(time.Minute))
	h.log, err = audit.NewLog(h.pool, name)
	require.NoError(t, err)
	h.sequencer = h.newSequencer(audit.SequencerOptions{})
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		require.NoError(t, h.admin().QueryRow(t.Context(), "show "+setting).Scan(&value))
		require.Equal(t, "on", value, setting)
	}
	return h
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}

// TestSequencing measures from outbox row to signed and copied head, beside a
// bare COPY of the same bytes into a table without an index, in turns.
func TestSequencing(t *testing.T) {
	const events = 50_000
	h := durableHouse(t, "seaview", "harbour")
	h.tamper("create table anchor (tenant text, writer uuid, seq bigint, leaf bytea, hashes bytea)")
	fmt.Printf("\nSequenced, hashed, committed (fsync on), signed and copied, %d events a round, batches of 8,192 (load %s)\n", events, load())
	fmt.Printf("%8s  %14s  %14s  %s\n", "round", "entries/s", "bare COPY/s", "share")
	for round := range 6 {
		h.queue("seaview", events/2, 1000)
		h.queue("harbour", events/2, 1000)
		h.tamper("vacuum analyze audit_outbox")
		h.tamper("checkpoint")
		from := h.count("select coalesce(max(n), 0) from audit_leaf")
		began := time.Now()
		require.NoError(t, h.sequencer.Round(t.Context()))
		ours := time.Since(began)
		require.Zero(t, h.count("select count(*) from audit_outbox"))
		head, err := h.log.Head(t.Context(), h.year())
		require.NoError(t, err)
		require.Equal(t, h.count("select max(n) + 1 from audit_leaf"), head.Size)
		bare := h.copyAnchor(t, from)
		if round > 0 { // the first one warms
			fmt.Printf("%8d  %14.0f  %14.0f  %.2f\n", round, events/ours.Seconds(), events/bare.Seconds(), bare.Seconds()/ours.Seconds())
		}
	}
}

// copyAnchor copies the entries after from, and two hashes for each, in batches
// that are committed like ours.
func (h *house) copyAnchor(t *testing.T, from int64) time.Duration {
	rows, err := h.admin().Query(t.Context(), "select tenant, writer, seq, leaf, decode(repeat('ab', 64), 'hex') from audit_leaf where n > $1 order by n", from)
	require.NoError(t, err)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) {
		values, err := row.Values()
		return values, err
	})
	require.NoError(t, err)
	h.tamper("checkpoint")
	began := time.Now()
	for at := 0; at < len(all); at += 8192 {
		_, err := h.admin().CopyFrom(t.Context(), pgx.Identifier{"anchor"}, []string{"tenant", "writer", "seq", "leaf", "hashes"}, pgx.CopyFromRows(all[at:min(at+8192, len(all))]))
		require.NoError(t, err)
	}
	took := time.Since(began)
	h.tamper("truncate anchor")
	return took
}

// TestOutbox measures what an event adds to a transaction that is committed
// anyway.
func TestOutbox(t *testing.T) {
	h := durableHouse(t, "seaview")
	h.tamper("create table anchor (hotel text, sealed bytea)")
	h.tamper("grant insert on anchor to voicehive_tenant")
	scope := h.scope("seaview")
	sealed := make([]byte, 400)
	transaction := func(with bool) time.Duration {
		began := time.Now()
		var prepared audit.Prepared
		if with {
			var err error
			prepared, err = h.writer.Prepare(t.Context(), event(scope, 1))
			require.NoError(t, err)
		}
		require.NoError(t, h.pool.InTenant(t.Context(), "seaview", func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), "insert into anchor values ('seaview', $1)", sealed); err != nil {
				return err
			}
			return prepared.Insert(t.Context(), tx)
		}))
		return time.Since(began)
	}
	took := map[bool][]time.Duration{}
	for i := range 1000 {
		took[i%2 == 0] = append(took[i%2 == 0], transaction(i%2 == 0))
	}
	fmt.Printf("\nA committed write of 400 bytes: %s; with an audit event in it: %s (medians of 500, load %s)\n",
		median(took[false]), median(took[true]), load())
}

// TestProofInAMillion measures proof and check of an entry in a stored log of a
// million entries.
func TestProofInAMillion(t *testing.T) {
	h := durableHouse(t, "seaview")
	for range 10 {
		h.queue("seaview", 100_000, 2000)
		h.settleAll(t)
	}
	head, err := h.log.Head(t.Context(), h.year())
	require.NoError(t, err)
	var cold, warm []time.Duration
	for i := range int64(300) {
		n := (i * 3301) % head.Size
		began := time.Now()
		text, err := h.log.Prove(t.Context(), h.year(), n)
		require.NoError(t, err)
		proved := time.Now()
		_, err = audit.VerifyProof(text, h.keys)
		require.NoError(t, err)
		cold, warm = append(cold, proved.Sub(began)), append(warm, time.Since(proved))
	}
	fmt.Printf("\nLog of %d entries: a proof out of the database %s, the offline check of a .tlog-proof file with its signature %s (medians of 300, load %s)\n",
		head.Size, median(cold), median(warm), load())
}

func (h *house) settleAll(t *testing.T) {
	for h.count("select count(*) from audit_outbox") > 0 {
		require.NoError(t, h.sequencer.Round(context.Background()))
	}
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2].Round(time.Microsecond)
}
