package bookingtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/voicehive/voicehive/compliance/keys/temporalkeys"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

// Namespace is a namespace on a real server.
type Namespace struct {
	// Client seals all it sends, with the keys of the house.
	Client client.Client
	// Plain sees what anybody sees who can look into the server.
	Plain  client.Client
	Plugin *temporal.Plugin
	Name   string
}

// Temporal makes a namespace that knows the search attributes, and seals with
// the keys; with those of the house when they are nil.
func (h *House) Temporal(t testing.TB, attributes map[string]enums.IndexedValueType, keys temporal.Keys) *Namespace {
	t.Helper()
	tp := &Namespace{Name: temporaltest.Namespace(t)}
	tp.Plain = temporaltest.Client(t, client.Options{Namespace: tp.Name})
	require.Eventually(t, func() bool {
		_, err := tp.Plain.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
			Namespace: tp.Name, SearchAttributes: attributes,
		})
		return err == nil
	}, time.Minute, 50*time.Millisecond, "the search attributes cannot be added")
	if keys == nil {
		keys = temporalkeys.New(h.Ring)
	}
	tp.Plugin = NewPlugin(t, tp.Name, keys)
	tp.Client = temporaltest.Client(t, client.Options{
		Namespace: tp.Name, Identity: "test", Plugins: []client.Plugin{tp.Plugin},
		Logger: log.NewStructuredLogger(h.Log.Logger()),
	})
	return tp
}

// NewPlugin seals for a namespace with the keys.
func NewPlugin(t testing.TB, namespace string, keys temporal.Keys) *temporal.Plugin {
	t.Helper()
	plugin, err := temporal.NewPlugin(temporal.Options{Namespace: namespace, Keys: keys, ScopeOf: temporalkeys.ScopeOf})
	require.NoError(t, err)
	return plugin
}
