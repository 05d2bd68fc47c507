package connectors_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// hotels is a registry in memory.
type hotels struct {
	mu sync.Mutex
	by map[string]registry.Hotel
}

func (h *hotels) Hotel(_ context.Context, id string) (registry.Hotel, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	found, ok := h.by[id]
	if !ok {
		return registry.Hotel{}, fmt.Errorf("%w: %s", registry.ErrUnknownHotel, id)
	}
	return found, nil
}

func (h *hotels) change(id string, change func(*registry.Hotel)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hotel := h.by[id]
	change(&hotel)
	h.by[id] = hotel
}

func newFactory(t *testing.T) (*connectors.Factory, *hotels, *sandbox.Sandbox) {
	t.Helper()
	box := sandbox.New(sandbox.Options{})
	t.Cleanup(box.Close)
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	store := credentials.NewFileStore(t.TempDir() + "/credentials.yaml")
	require.NoError(t, store.Put(t.Context(), "apaleo-aurora", credentials.Credentials{
		ClientID: sandbox.DefaultClientID, ClientSecret: credentials.NewSecret(sandbox.DefaultClientSecret),
	}))
	list := &hotels{by: make(map[string]registry.Hotel)}
	for _, id := range []string{"aurora-berlin", "aurora-two"} {
		list.by[id] = registry.Hotel{
			ID: id, Name: "Aurora", Vendor: "apaleo", Property: sandbox.PropertyID, TimeZone: "Europe/Berlin",
			Endpoints: map[string]string{"api": server.URL, "identity": server.URL}, CredentialsRef: "apaleo-aurora",
		}
	}
	factory, err := connectors.New(connectors.Deps{Hotels: list, Credentials: store})
	require.NoError(t, err)
	return factory, list, box
}

func TestConnectorSpeaksWithTheVendor(t *testing.T) {
	t.Parallel()
	factory, _, box := newFactory(t)
	for _, id := range []string{"aurora-berlin", "aurora-two"} {
		connector, err := factory.Connector(t.Context(), id)
		require.NoError(t, err)
		health, err := connector.Health(t.Context())
		require.NoError(t, err)
		require.Equal(t, sandbox.PropertyID, health.Property.ID)
	}
	require.Equal(t, 1, box.State(false).Counters.Requests["token"], "hotels of one account share its token")
}

func TestConnectorIsKeptUntilItsWiringChanges(t *testing.T) {
	t.Parallel()
	factory, list, _ := newFactory(t)
	connector := func(id string) pms.Connector {
		c, err := factory.Connector(t.Context(), id)
		require.NoError(t, err)
		return c
	}
	first := connector("aurora-berlin")
	list.change("aurora-berlin", func(h *registry.Hotel) { h.Name = "Aurora am Fluss" })
	require.Same(t, first, connector("aurora-berlin"))
	require.NotSame(t, first, connector("aurora-two"))
	list.change("aurora-berlin", func(h *registry.Hotel) { h.Property = "MUC" })
	second := connector("aurora-berlin")
	require.NotSame(t, first, second)
	require.Same(t, second, connector("aurora-berlin"))
}

func TestConnectorRefuses(t *testing.T) {
	t.Parallel()
	factory, list, box := newFactory(t)
	_, err := factory.Connector(t.Context(), "nobody")
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
	for name, test := range map[string]struct {
		change func(*registry.Hotel)
		says   string
	}{
		"vendor":   {func(h *registry.Hotel) { h.Vendor = "other" }, "[apaleo]"},
		"property": {func(h *registry.Hotel) { h.Property = "../x" }, "property"},
		"zone":     {func(h *registry.Hotel) { h.TimeZone = "Europe/Nowhere" }, "time zone"},
		"api":      {func(h *registry.Hotel) { h.Endpoints = map[string]string{"api": "http://example.org"} }, "https"},
		"identity": {func(h *registry.Hotel) { h.Endpoints = map[string]string{"identity": "http://example.org"} }, "https"},
	} {
		before := list.by["aurora-two"]
		list.change("aurora-two", test.change)
		_, err := factory.Connector(t.Context(), "aurora-two")
		require.ErrorContains(t, err, test.says, name)
		list.change("aurora-two", func(h *registry.Hotel) { *h = before })
	}
	require.Empty(t, box.State(false).Counters.Requests)
	require.Equal(t, []string{"apaleo"}, connectors.Vendors())

	_, err = connectors.New(connectors.Deps{})
	require.Error(t, err)
}
