package codec_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/temporalkeys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/starter/codec"
)

const (
	hotel     = "aurora-berlin"
	other     = "harbour-cork"
	namespace = "voicehive"
	origin    = "https://temporal.example.com"
	// marker stands for a guest.
	marker = "ada.lovelace@example.test"
)

// rig is a codec server on a real key database, audit outbox and issuer.
type rig struct {
	*testing.T
	ring    *keys.Ring
	plugin  *temporal.Plugin
	store   *switched
	issuer  *issuer
	journal *journal
	books   *postgrestest.Database
	log     *lockedBuffer
	metrics *prometheus.Registry
	members map[string]map[string][]string // hotel, role, subjects
	handler http.Handler
	wrapper keys.Root
}

func newRig(t *testing.T, change ...func(*codec.Options)) *rig {
	t.Helper()
	wrapper, err := keys.OpenLocalKeyring(filepath.Join(t.TempDir(), "keyring.yaml"), "development")
	require.NoError(t, err)
	r := &rig{
		T: t, issuer: newIssuer(t), books: postgrestest.New(t, postgres.Migrations), log: &lockedBuffer{},
		metrics: prometheus.NewRegistry(), wrapper: wrapper, members: map[string]map[string][]string{},
	}
	r.store = &switched{Store: keys.NewPostgres(postgrestest.New(t, keys.Migrations).Pool(t))}
	r.ring = keys.New(r.store, wrapper, keys.Options{})
	for _, tenant := range []string{hotel, other} {
		require.NoError(t, r.ring.EnsureTenant(t.Context(), tenant))
	}
	r.plugin = pluginFor(t, namespace, r.ring)
	r.journal = &journal{Ledger: codec.Ledger{Pool: r.books.Pool(t), Writer: audit.NewWriter(r.ring), Ring: r.ring}}
	gate, err := auth.New(auth.Options{Issuers: []auth.Issuer{{URL: r.issuer.URL, Audience: "voicehive"}}})
	require.NoError(t, err)
	options := codec.Options{
		Namespace: namespace, Opener: r.plugin, Auth: gate, Journal: r.journal, Origins: []string{origin},
		Members: func(_ context.Context, hotel string) (map[string][]string, error) { return r.members[hotel], nil },
		Logger:  slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Registerer: r.metrics,
	}
	for _, c := range change {
		c(&options)
	}
	if options.Login != nil {
		options.Login.Issuer = r.issuer.URL
	}
	r.handler, err = codec.New(options)
	require.NoError(t, err)
	return r
}

func pluginFor(t *testing.T, namespace string, ring *keys.Ring) *temporal.Plugin {
	t.Helper()
	p, err := temporal.NewPlugin(temporal.Options{
		Namespace: namespace, Keys: temporalkeys.New(ring), ScopeOf: temporalkeys.ScopeOf, Clear: codec.Clear, Patience: time.Millisecond,
	})
	require.NoError(t, err)
	return p
}

// scope makes a booking's key and returns its workflow's id.
func (r *rig) scope(hotel string) (keys.Scope, string) {
	r.Helper()
	scope, err := r.ring.Create(r.Context(), hotel)
	require.NoError(r, err)
	return scope, "booking/" + scope.String()
}

// seal seals a value as a client of the namespace would.
func (r *rig) seal(plugin *temporal.Plugin, namespace, workflow string, value any) *commonpb.Payload {
	r.Helper()
	require.NoError(r, plugin.Prepare(r.Context(), workflow))
	options := client.Options{Namespace: namespace}
	require.NoError(r, plugin.ConfigureClient(r.Context(), client.PluginConfigureClientOptions{ClientOptions: &options}))
	data := converter.WithDataConverterSerializationContext(options.DataConverter,
		converter.WorkflowSerializationContext{Namespace: namespace, WorkflowID: workflow})
	p, err := data.ToPayload(value)
	require.NoError(r, err)
	return p
}

// guest is a payload with the marker under a fresh key of the hotel.
func (r *rig) guest(hotel string) *commonpb.Payload {
	_, workflow := r.scope(hotel)
	return r.seal(r.plugin, namespace, workflow, map[string]string{"mail": marker})
}

// request is a good one, which a test may spoil.
func (r *rig) request(token string, payloads ...*commonpb.Payload) *http.Request {
	r.Helper()
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: payloads})
	require.NoError(r, err)
	q := httptest.NewRequest(http.MethodPost, "/decode?preserveStorageRefs=true", bytes.NewReader(body)).WithContext(r.Context())
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("X-Namespace", namespace)
	q.Header.Set("Origin", origin)
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	return q
}

func (r *rig) do(q *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, q)
	return w
}

// decode asks and returns what came back.
func (r *rig) decode(token string, payloads ...*commonpb.Payload) []*commonpb.Payload {
	r.Helper()
	w := r.do(r.request(token, payloads...))
	require.Equal(r, http.StatusOK, w.Code, w.Body)
	var out commonpb.Payloads
	require.NoError(r, protojson.Unmarshal(w.Body.Bytes(), &out))
	require.Len(r, out.Payloads, len(payloads))
	return out.Payloads
}

// refused requires a problem of a kind, and that it tells of no guest.
func (r *rig) refused(w *httptest.ResponseRecorder, status int, code string) {
	r.Helper()
	require.Equal(r, status, w.Code, w.Body)
	require.Equal(r, "application/problem+json", w.Header().Get("Content-Type"))
	var p struct{ Type, Detail string }
	require.NoError(r, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(r, "/problems/"+code, p.Type)
	require.NotEmpty(r, p.Detail)
	require.NotContains(r, w.Body.String(), marker)
	require.Equal(r, "no-store", w.Header().Get("Cache-Control"))
	require.Contains(r, w.Header().Values("Vary"), "Origin")
}

func kindOf(t *testing.T, p *commonpb.Payload) codec.Marker {
	t.Helper()
	var m codec.Marker
	require.Equal(t, "json/plain", string(p.Metadata["encoding"]))
	require.NoError(t, json.Unmarshal(p.Data, &m), "%s", p.Data)
	require.NotEmpty(t, m.Why)
	return m
}

// newRigOn is another process on the same databases, with nothing in memory.
func newRigOn(t *testing.T, first *rig, change ...func(*codec.Options)) *rig {
	t.Helper()
	r := *first
	r.ring = keys.New(first.store, first.wrapper, keys.Options{})
	r.plugin = pluginFor(t, namespace, r.ring)
	gate, err := auth.New(auth.Options{Issuers: []auth.Issuer{{URL: r.issuer.URL, Audience: "voicehive"}}})
	require.NoError(t, err)
	options := codec.Options{
		Namespace: namespace, Opener: r.plugin, Auth: gate, Origins: []string{origin}, Logger: slog.New(slog.NewJSONHandler(r.log, nil)),
		Journal: r.journal,
	}
	for _, c := range change {
		c(&options)
	}
	r.handler, err = codec.New(options)
	require.NoError(t, err)
	return &r
}
