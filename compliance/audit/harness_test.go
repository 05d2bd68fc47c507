package audit_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

const name = "audit.example/test"

// A house is an installation with a log.
type house struct {
	t         testing.TB
	database  *postgrestest.Database
	keysDB    *postgrestest.Database
	pool      *postgres.Pool
	ring      *keys.Ring
	writer    *audit.Writer
	signer    audit.Signer
	keys      audit.LogKeys
	store     *objects.Directory
	folder    string
	log       *audit.Log
	sequencer *audit.Sequencer
	superuser *pgx.Conn
}

func newHouse(t testing.TB, tenants ...string) *house {
	t.Helper()
	h := &house{t: t, database: postgrestest.New(t, postgres.Migrations), keysDB: postgrestest.New(t, keys.Migrations), folder: t.TempDir()}
	h.pool = h.database.Pool(t)
	wrapper, err := keys.OpenLocalKeyring(filepath.Join(h.folder, "keyring.json"), "test")
	require.NoError(t, err)
	h.ring = keys.New(keys.NewPostgres(h.keysDB.Pool(t)), wrapper, keys.Options{})
	for _, tenant := range tenants {
		require.NoError(t, h.ring.EnsureTenant(t.Context(), tenant))
	}
	h.writer = audit.NewWriter(h.ring)
	h.signer, err = audit.OpenLocalSigner(filepath.Join(h.folder, "audit.key"), "test")
	require.NoError(t, err)
	h.keys = h.logKeys(h.signer)
	h.store, err = objects.OpenDirectory(filepath.Join(h.folder, "store"))
	require.NoError(t, err)
	h.log, err = audit.NewLog(h.pool, name)
	require.NoError(t, err)
	h.sequencer = h.newSequencer(audit.SequencerOptions{})
	return h
}

func (h *house) logKeys(signer audit.Signer) audit.LogKeys {
	h.t.Helper()
	lines, err := audit.VerifierKeys(context.Background(), signer, name)
	require.NoError(h.t, err)
	all, err := audit.ParseLogKeys(strings.Join(lines, "\n"))
	require.NoError(h.t, err)
	return all
}

func (h *house) newSequencer(o audit.SequencerOptions) *audit.Sequencer {
	h.t.Helper()
	if o.Name == "" {
		o.Name = name
	}
	if o.Signer == nil {
		o.Signer = h.signer
	}
	if o.Store == nil {
		o.Store = h.store
	}
	s, err := audit.NewSequencer(h.pool, o)
	require.NoError(h.t, err)
	return s
}

func (h *house) scope(tenant string) keys.Scope {
	h.t.Helper()
	scope, err := h.ring.Create(context.Background(), tenant)
	require.NoError(h.t, err)
	return scope
}

// event is the nth of a scope.
func event(scope keys.Scope, n int) audit.Event {
	return audit.Event{Tenant: scope.Tenant, Kind: "consent.given", Actor: "agent", Scope: scope.ID, Detail: map[string]any{"n": n, "guest": "Ada Lovelace"}}
}

// write writes events in one transaction.
func (h *house) write(events ...audit.Event) {
	h.t.Helper()
	require.NoError(h.t, h.tryWrite(events...))
}

func (h *house) tryWrite(events ...audit.Event) error {
	ctx := context.Background()
	prepared, err := h.writer.Prepare(ctx, events...)
	if err != nil {
		return err
	}
	return h.pool.InTenant(ctx, events[0].Tenant, func(tx pgx.Tx) error { return prepared.Insert(ctx, tx) })
}

// restart makes a sequencer that remembers nothing.
func (h *house) restart() { h.sequencer = h.newSequencer(audit.SequencerOptions{}) }

// fill writes n events of a tenant, each in a transaction of its own, with
// rounds of the sequencer in between.
func (h *house) fill(tenant string, n, round int) keys.Scope {
	h.t.Helper()
	scope := h.scope(tenant)
	for i := range n {
		h.write(event(scope, i))
		if (i+1)%round == 0 {
			h.round()
		}
	}
	h.round()
	return scope
}

func (h *house) round() {
	h.t.Helper()
	require.NoError(h.t, h.sequencer.Round(context.Background()))
}

// settle goes round until all is signed: a sequencer that was just cut off may
// still have the lock.
func (h *house) settle() {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		h.round()
		status, err := h.log.Status(context.Background())
		require.NoError(h.t, err)
		return status.Waiting == 0 && status.Signed == status.Size
	}, time.Minute, 10*time.Millisecond)
}

func (h *house) year() int {
	h.t.Helper()
	year, err := h.log.Year(context.Background())
	require.NoError(h.t, err)
	return year
}

// admin is a connection that may do anything, and that no trigger stops.
func (h *house) admin() *pgx.Conn {
	h.t.Helper()
	if h.superuser == nil {
		conn, err := pgx.Connect(context.Background(), h.database.AdminURL)
		require.NoError(h.t, err)
		h.t.Cleanup(func() { _ = conn.Close(context.Background()) })
		_, err = conn.Exec(context.Background(), "set session_replication_role = replica")
		require.NoError(h.t, err)
		h.superuser = conn
	}
	return h.superuser
}

func (h *house) count(query string) (n int64) {
	h.t.Helper()
	require.NoError(h.t, h.admin().QueryRow(context.Background(), query, pgx.QueryExecModeSimpleProtocol).Scan(&n))
	return n
}

// tamper changes the database as one who may do anything.
func (h *house) tamper(statement string) int64 {
	h.t.Helper()
	tag, err := h.admin().Exec(context.Background(), statement, pgx.QueryExecModeSimpleProtocol)
	require.NoError(h.t, err)
	return tag.RowsAffected()
}

func (h *house) export(o audit.ExportOptions) []byte {
	h.t.Helper()
	if o.Year == 0 {
		o.Year = h.year()
	}
	var out bytes.Buffer
	_, err := h.log.Export(context.Background(), &out, o)
	require.NoError(h.t, err)
	return out.Bytes()
}

func (h *house) verify(pack []byte, o audit.VerifyOptions) *audit.Report {
	h.t.Helper()
	o.Keys = h.keys
	report, err := audit.Verify(context.Background(), bytes.NewReader(pack), int64(len(pack)), o)
	require.NoError(h.t, err)
	return report
}

// renew forgets what the log remembers of its hashes.
func (h *house) renew() {
	h.t.Helper()
	var err error
	h.log, err = audit.NewLog(h.pool, name)
	require.NoError(h.t, err)
}

// copies are the names of the copied heads.
func (h *house) copies() []string {
	h.t.Helper()
	names, err := h.store.List(context.Background(), fmt.Sprintf("audit/%d", h.year()), "")
	require.NoError(h.t, err)
	return names
}

// forget deletes a copy of a head, which a write-once store would refuse.
func (h *house) forget(object string) {
	h.t.Helper()
	require.NoError(h.t, os.Remove(filepath.Join(h.folder, "store", object)))
}

// edit changes the lines of a file of a pack.
func edit(t testing.TB, pack []byte, file string, change func(lines []string) []string) []byte {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	var out bytes.Buffer
	writer := zip.NewWriter(&out)
	for _, f := range reader.File {
		r, err := f.Open()
		require.NoError(t, err)
		var content bytes.Buffer
		_, err = content.ReadFrom(r)
		require.NoError(t, err)
		text := content.String()
		if f.Name == file {
			text = strings.Join(change(strings.SplitAfter(text, "\n")), "")
		}
		w, err := writer.Create(f.Name)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return out.Bytes()
}
