package connectors_test

import (
	"context"
	"errors"
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
	return newFactoryWith(t, nil)
}

func newFactoryWith(t *testing.T, statuses connectors.Statuses) (*connectors.Factory, *hotels, *sandbox.Sandbox) {
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
	factory, err := connectors.New(connectors.Deps{Hotels: list, Credentials: store, Statuses: statuses})
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

// refusals are entries that no connector can be made from, and the field that
// is told.
func refusals() map[string]struct {
	change func(*registry.Hotel)
	field  string
} {
	endpoint := func(name, url string) func(*registry.Hotel) {
		return func(h *registry.Hotel) { h.Endpoints = map[string]string{name: url} }
	}
	return map[string]struct {
		change func(*registry.Hotel)
		field  string
	}{
		"property":    {func(h *registry.Hotel) { h.Property = "../x" }, "property"},
		"zone":        {func(h *registry.Hotel) { h.TimeZone = "Europe/Nowhere" }, "time_zone"},
		"api":         {endpoint("api", "http://example.org"), "endpoints.api"},
		"identity":    {endpoint("identity", "http://example.org"), "endpoints.identity"},
		"webhook":     {endpoint("webhook", "http://example.org"), "endpoints.webhook"},
		"misspelt":    {endpoint("apii", "https://example.org"), "endpoints"},
		"credentials": {func(h *registry.Hotel) { h.CredentialsRef = "nobodys" }, "credentials_ref"},
	}
}

func TestConnectorRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range refusals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			factory, list, box := newFactory(t)
			list.change("aurora-two", test.change)
			_, err := factory.Connector(t.Context(), "aurora-two")
			require.ErrorIs(t, err, connectors.ErrConfiguration)
			var wrong *connectors.ConfigError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, test.field, wrong.Field)
			require.Equal(t, "aurora-two", wrong.Hotel)
			require.ErrorContains(t, err, "hotel aurora-two (apaleo): "+test.field)
			require.Equal(t, name == "credentials", errors.Is(err, pms.ErrAuthentication))
			require.Empty(t, box.State(false).Counters.Requests)
		})
	}
}

func TestConnectorOfNobody(t *testing.T) {
	t.Parallel()
	factory, list, _ := newFactory(t)
	first, err := factory.Connector(t.Context(), "aurora-two")
	require.NoError(t, err)
	_, err = factory.Connector(t.Context(), "nobody")
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
	before := list.by["aurora-two"]
	delete(list.by, "aurora-two")
	_, err = factory.Connector(t.Context(), "aurora-two")
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
	list.by["aurora-two"] = before
	second, err := factory.Connector(t.Context(), "aurora-two")
	require.NoError(t, err)
	require.NotSame(t, first, second, "a hotel that is gone is forgotten")

	list.change("aurora-two", func(h *registry.Hotel) { h.Vendor = "other" })
	_, err = factory.Connector(t.Context(), "aurora-two")
	require.ErrorIs(t, err, connectors.ErrUnknownVendor)
	require.ErrorContains(t, err, "apaleo")
	require.Contains(t, connectors.Vendors(), "apaleo")
	_, err = connectors.New(connectors.Deps{})
	require.Error(t, err)
}

// none is a credentials store that cannot be asked.
type none struct{}

func (none) Credentials(context.Context, string) (credentials.Credentials, error) {
	return credentials.Credentials{}, errors.New("the store is away")
}

func TestAStoreThatIsAwayRefusesNobody(t *testing.T) {
	t.Parallel()
	_, list, _ := newFactory(t)
	factory, err := connectors.New(connectors.Deps{Hotels: list, Credentials: none{}})
	require.NoError(t, err)
	connector, err := factory.Connector(t.Context(), "aurora-two")
	require.NoError(t, err)
	_, err = connector.Health(t.Context())
	require.Error(t, err, "the call itself asks again")
}

func TestManyCallersShareOneConnector(t *testing.T) {
	t.Parallel()
	factory, _, _ := newFactory(t)
	made := make([]pms.Connector, 16)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() { made[i], _ = factory.Connector(t.Context(), "aurora-two") })
	}
	all.Wait()
	for _, each := range made {
		require.Same(t, made[0], each)
	}
}

func TestCheckCredentials(t *testing.T) {
	t.Parallel()
	factory, list, box := newFactory(t)
	require.NoError(t, factory.CheckCredentials(t.Context(), list.by["aurora-two"]))
	require.Equal(t, 1, box.State(false).Counters.Requests["token"])
	for name, test := range map[string]struct {
		change func(*registry.Hotel)
		kind   error
	}{
		"vendor":      {func(h *registry.Hotel) { h.Vendor = "other" }, connectors.ErrUnknownVendor},
		"property":    {func(h *registry.Hotel) { h.Property = "../x" }, connectors.ErrConfiguration},
		"identity":    {func(h *registry.Hotel) { h.Endpoints = map[string]string{"identity": "http://example.org"} }, connectors.ErrConfiguration},
		"credentials": {func(h *registry.Hotel) { h.CredentialsRef = "nobodys" }, pms.ErrAuthentication},
	} {
		hotel := list.by["aurora-two"]
		test.change(&hotel)
		require.ErrorIs(t, factory.CheckCredentials(t.Context(), hotel), test.kind, name)
	}
	require.Equal(t, 1, box.State(false).Counters.Requests["token"])
}

// TestAnEntryWithoutHostsMeansTheVendorsOwn: nothing is asked of them here.
func TestAnEntryWithoutHostsMeansTheVendorsOwn(t *testing.T) {
	t.Parallel()
	factory, list, _ := newFactory(t)
	list.change("aurora-two", func(h *registry.Hotel) { h.Endpoints = nil })
	_, err := factory.Connector(t.Context(), "aurora-two")
	require.NoError(t, err)
}
