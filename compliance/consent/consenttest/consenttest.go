//go:build unix

// Package consenttest gives tests a hotel with guests: calls, consents and
// subjects on a real Postgres, with real keys and a real audit outbox. It is
// for tests only, on the compliance floor.
package consenttest

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// The hotels of a House.
const (
	Aurora = "hotel-aurora"
	Boreal = "hotel-boreal"
)

// A House is two hotels with all that is kept of their guests.
type House struct {
	t        testing.TB
	Database *postgrestest.Database
	KeysDB   *postgrestest.Database
	Pool     *postgres.Pool
	KeysPool *postgres.Pool
	Ring     *keys.Ring
	Table    *keys.Subjects
	Writer   *audit.Writer
	Consents *consent.Store
	Calls    *calls.Store
	Desk     *subjects.Desk
	Objects  *Objects
	// Keyring is the file that wraps the keys, for a process of its own.
	Keyring string
}

// New opens a house for one test.
func New(t testing.TB) *House {
	t.Helper()
	h := &House{t: t, Database: postgrestest.New(t, postgres.Migrations), KeysDB: postgrestest.New(t, keys.Migrations), Objects: &Objects{}}
	h.Keyring = filepath.Join(t.TempDir(), "keyring.json")
	root, err := keys.OpenLocalKeyring(h.Keyring, "test")
	require.NoError(t, err)
	h.KeysPool = h.KeysDB.Pool(t)
	h.Pool = h.Database.Pool(t, postgres.WithMaxConns(20))
	h.Ring = keys.New(keys.NewPostgres(h.KeysPool), root, keys.Options{Buckets: 4})
	h.Table = keys.NewSubjects(h.KeysPool)
	h.Writer = audit.NewWriter(h.Ring)
	h.Consents = consent.New(h.Pool, h.Ring, h.Writer)
	h.Calls = calls.New(h.Pool, h.Ring, h.Writer)
	h.Desk = subjects.New(subjects.Options{Pool: h.Pool, Keys: h.Ring, Table: h.Table, Auditor: h.Writer, Objects: h.Objects})
	for _, hotel := range []string{Aurora, Boreal} {
		require.NoError(t, h.Ring.EnsureTenant(t.Context(), hotel))
	}
	return h
}

// Scope makes a key scope of a hotel.
func (h *House) Scope(hotel string) string {
	h.t.Helper()
	scope, err := h.Ring.Create(h.t.Context(), hotel)
	require.NoError(h.t, err)
	return scope.ID
}

// Call starts a call that began some time ago.
func (h *House) Call(hotel string, ago time.Duration) calls.Call {
	h.t.Helper()
	id := h.Scope(hotel)
	_, err := h.Calls.Start(h.t.Context(), hotel, calls.Call{ID: id, Direction: calls.Inbound, Language: "de"})
	require.NoError(h.t, err)
	// The guard keeps a call's start, so it is moved behind its back.
	h.Database.Admin(h.t,
		"set session_replication_role = replica",
		"update call set started_at = now() - interval '"+ago.String()+"' where id = '"+id+"'")
	c, err := h.Calls.Call(h.t.Context(), hotel, id)
	require.NoError(h.t, err)
	return c
}

// Notice plays the notice of a call to its end.
func (h *House) Notice(hotel string, c calls.Call) {
	h.t.Helper()
	n, err := consent.NewNotice(c.Language, "")
	require.NoError(h.t, err)
	require.NoError(h.t, h.Calls.NoticePlayed(h.t.Context(), hotel, c.ID, n, 6*time.Second))
}

// Said is an event of a call, some time into it.
func (h *House) Said(hotel string, c calls.Call, purpose consent.Purpose, action consent.Action, into time.Duration) consent.Event {
	return consent.Event{
		ID: ulid.Make().String(), Tenant: hotel, Scope: c.ID, Purpose: purpose, Action: action, Wording: "2026-10", Language: "de",
		Channel: consent.Voice, Method: consent.Spoken, Call: c.ID, Offset: into, At: c.StartedAt.Add(into), Actor: "agent",
	}
}

// Append keeps an event and expects no refusal.
func (h *House) Append(e consent.Event) consent.Event {
	h.t.Helper()
	kept, _, err := h.Consents.Append(h.t.Context(), e)
	require.NoError(h.t, err)
	return kept
}

// Booking makes a booking with a guest that can be found, as the edge does, and
// returns its scope.
func (h *House) Booking(hotel string, p subjects.Person) string {
	h.t.Helper()
	ctx, id := h.t.Context(), h.Scope(hotel)
	sealed, err := h.Ring.Seal(ctx, keys.Scope{Tenant: hotel, ID: id}, keys.Operations, "guest", []byte(p.LastName))
	require.NoError(h.t, err)
	mac, err := h.Ring.MAC(ctx, hotel, "idempotency", []byte(id))
	require.NoError(h.t, err)
	quote := ulid.Make().String()
	require.NoError(h.t, h.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`insert into quote (hotel, id, offers, expires_at) values ($1, $2, '[]', now())`, hotel, quote)
		batch.Queue(`insert into booking (hotel, id, version, state, arrival, departure, stays, total_amount, total_currency, subject)
			values ($1, $2, 1, 'confirmed', now(), now(), '[]', 1, 'EUR', gen_random_uuid())`, hotel, id)
		batch.Queue(`insert into guest (hotel, booking, sealed) values ($1, $2, $3)`, hotel, id, sealed)
		batch.Queue(`insert into intent (hotel, key_hmac, body_hmac, id, booking, kind, quote, sealed, settled_at)
			values ($1, $2, $2, $3, $4, 'book', $5, $6, now())`, hotel, mac, ulid.Make().String(), id, quote, sealed)
		return tx.SendBatch(ctx, batch).Close()
	}))
	require.NoError(h.t, h.Desk.AddIndex(ctx, hotel, id, p))
	return id
}

// Count asks for a number as the administrator, behind row security.
func (h *House) Count(query string, args ...any) (n int) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.Database.AdminURL)
	require.NoError(h.t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(h.t.Context())) }()
	require.NoError(h.t, conn.QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

// Objects is an object store in memory.
type Objects struct {
	mu    sync.Mutex
	names map[string]bool
	// Fail is what every call answers when it is not nil.
	Fail error
}

// Put stores an object.
func (o *Objects) Put(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.names == nil {
		o.names = map[string]bool{}
	}
	o.names[name] = true
}

// Delete implements subjects.Objects.
func (o *Objects) Delete(_ context.Context, name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.names, name)
	return o.Fail
}

// Exists implements subjects.Objects.
func (o *Objects) Exists(_ context.Context, name string) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.names[name], o.Fail
}
