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

// Temporal is a namespace on a real server.
type Temporal struct {
	// Client seals all it sends, with the keys of the house.
	Client client.Client
	// Plain sees what anybody sees who can look into the server.
	Plain  client.Client
	Plugin *temporal.Plugin
	// Namespace is its name.
	Namespace string
}

// Temporal makes a namespace that knows the search attributes.
func (h *House) Temporal(t testing.TB, attributes map[string]enums.IndexedValueType) *Temporal {
	t.Helper()
	tp := &Temporal{Namespace: temporaltest.Namespace(t)}
	tp.Plain = temporaltest.Client(t, client.Options{Namespace: tp.Namespace})
	require.Eventually(t, func() bool {
		_, err := tp.Plain.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
			Namespace: tp.Namespace, SearchAttributes: attributes,
		})
		return err == nil
	}, 20*time.Second, 50*time.Millisecond, "the search attributes cannot be added")
	tp.Plugin = h.Plugin(t, tp.Namespace)
	tp.Client = temporaltest.Client(t, client.Options{
		Namespace: tp.Namespace, Plugins: []client.Plugin{tp.Plugin}, Logger: log.NewStructuredLogger(h.Log.Logger()),
	})
	return tp
}

// Plugin seals for a namespace with the keys of the house.
func (h *House) Plugin(t testing.TB, namespace string) *temporal.Plugin {
	t.Helper()
	plugin, err := temporal.NewPlugin(temporal.Options{
		Namespace: namespace, Keys: temporalkeys.New(h.Ring), ScopeOf: temporalkeys.ScopeOf,
	})
	require.NoError(t, err)
	return plugin
}
