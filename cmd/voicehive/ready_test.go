//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// A door stands before a server and can be shut, or let everybody wait.
type door struct {
	target string

	mu    sync.Mutex
	state string // "", shut or hanging
	conns map[net.Conn]bool
}

const (
	shut    = "shut"
	hanging = "hanging"
)

// newDoor opens a door before an address, and returns the address to use.
func newDoor(t *testing.T, target string) (*door, string) {
	t.Helper()
	g := &door{target: target, conns: map[net.Conn]bool{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = listener.Close()
		g.become(shut)
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go g.serve(conn)
		}
	}()
	return g, listener.Addr().String()
}

func (g *door) serve(conn net.Conn) {
	g.mu.Lock()
	g.conns[conn] = true
	state := g.state
	g.mu.Unlock()
	if state == hanging {
		return
	}
	defer conn.Close()
	if state == shut {
		return
	}
	server, err := net.Dial("tcp", g.target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, conn) }()
	_, _ = io.Copy(conn, server)
}

// become ends all connections, and treats new ones in the new way.
func (g *door) become(state string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state = state
	for conn := range g.conns {
		_ = conn.Close()
	}
	clear(g.conns)
}

// before puts a door into a database's URL.
func before(t *testing.T, database string) (*door, string) {
	t.Helper()
	at, err := url.Parse(database)
	require.NoError(t, err)
	g, address := newDoor(t, at.Host)
	at.Host = address
	return g, at.String()
}

// readiness is an answer of /readyz.
type readiness struct {
	code   int
	Status string
	Parts  map[string]string
}

// read asks, and fails when the answer tells what it must not.
func (r *readiness) read(t *testing.T, handler http.Handler) {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	for _, secret := range []string{"127.0.0.1", "postgres", "voicehive_login", "http"} {
		require.NotContains(t, w.Body.String(), secret)
	}
	*r = readiness{code: w.Code}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), r))
}

// TestReadyzNamesEachPartThatIsAway takes each part away from an API and a
// worker, and gives it back. What bookings go on without takes neither out of
// service.
func TestReadyzNamesEachPartThatIsAway(t *testing.T) {
	main, keyDB := postgrestest.New(t, postgres.Migrations), postgrestest.New(t, keys.Migrations)
	ledger, ledgerURL := before(t, main.URL)
	keyStore, keysURL := before(t, keyDB.URL)
	temporal, temporalAddress := newDoor(t, temporaltest.Server(t).FrontendHostPort())
	fake := vaulttest.NewFake(t)
	roleID, secretID := fake.AppRole(t, time.Hour, time.Hour)
	for name, value := range map[string]string{
		"VOICEHIVE_HOME": t.TempDir(), "VOICEHIVE_LOG_LEVEL": "error", "DATABASE_URL": ledgerURL, "KEYS_DATABASE_URL": keysURL,
		"TEMPORAL_ADDRESS": temporalAddress, "TEMPORAL_NAMESPACE": temporaltest.Namespace(t),
		"VAULT_ADDR": fake.URL, "VOICEHIVE_VAULT_ROLE": roleID, "VOICEHIVE_VAULT_SECRET_FILE": vaulttest.SecretFile(t, secretID),
	} {
		t.Setenv(name, value)
	}
	p, err := openAll(t.Context(), "test")
	require.NoError(t, err)
	defer p.close()
	require.NoError(t, p.ensureHouse(t.Context()))
	sequencer, err := p.sequencer()
	require.NoError(t, err)
	started := make(chan struct{})
	api, err := p.readyAPI()
	require.NoError(t, err)
	worker, err := p.readyWorker(started)
	require.NoError(t, err)
	alone, err := p.readySequencer()
	require.NoError(t, err)

	var got readiness
	got.read(t, worker)
	require.Equal(t, http.StatusServiceUnavailable, got.code)
	require.Equal(t, "is starting", got.Parts["worker"])
	close(started)
	well := map[string]string{"ledger": "ok", "keys": "ok", "temporal": "ok", "vault": "ok", "audit": "ok"}
	got.read(t, api)
	require.Equal(t, readiness{http.StatusOK, "ready", well}, got)
	got.read(t, alone)
	require.Equal(t, readiness{http.StatusOK, "ready", map[string]string{"ledger": "ok", "vault": "ok", "audit": "ok"}}, got)

	const up, down = http.StatusOK, http.StatusServiceUnavailable
	for _, tc := range []struct {
		name, part, word string
		away, back       func()
		api, worker      int
	}{
		{"ledger", "ledger", "does not answer", func() { ledger.become(shut) }, func() { ledger.become("") }, down, down},
		{"ledger hangs", "ledger", "no answer in time", func() { ledger.become(hanging) }, func() { ledger.become("") }, down, down},
		{"keys", "keys", "does not answer", func() { keyStore.become(shut) }, func() { keyStore.become("") }, down, down},
		{"temporal", "temporal", "", func() { temporal.become(shut) }, func() { temporal.become("") }, up, down},
		{"vault sealed", "vault", "is sealed", func() { fake.Become(t, vaulttest.Sealed) }, func() { fake.Become(t, vaulttest.Well) }, up, up},
		{"vault", "vault", "does not answer", func() { fake.Become(t, vaulttest.Gone) }, func() { fake.Become(t, vaulttest.Well) }, up, up},
		{"audit", "audit", "events have waited 10m0s for a signed head", func() {
			require.NoError(t, p.auditor.Record(t.Context(), p.pool, audit.Event{Tenant: audit.HouseTenant, Kind: eventRolled, Actor: byOperator}))
			main.Admin(t, "set session_replication_role = replica", "update audit_outbox set at = now() - interval '10 minutes'")
		}, func() { require.NoError(t, sequencer.Round(t.Context())) }, up, up},
	} {
		tc.away()
		for what, asked := range map[string]struct {
			handler http.Handler
			code    int
		}{"API": {api, tc.api}, "worker": {worker, tc.worker}} {
			// A connection that broke just now says so first, and then what is wrong.
			require.Eventually(t, func() bool {
				got.read(t, asked.handler)
				return got.Parts[tc.part] == tc.word || tc.word == "" && got.Parts[tc.part] != "ok"
			}, time.Minute, 10*time.Millisecond, "%s of the %s: %v", tc.name, what, &got)
			require.Equal(t, asked.code, got.code, "%s of the %s", tc.name, what)
			require.NotEqual(t, "ready", got.Status)
		}
		tc.back()
		require.Eventually(t, func() bool {
			got.read(t, api)
			return got.Status == "ready"
		}, time.Minute, 50*time.Millisecond, "after %s: %v", tc.name, &got)
	}
}
