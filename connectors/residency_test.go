package connectors_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/registry"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// door lets no hotel in but one.
type door struct{ only string }

var errNotHere = errors.New("not here")

func (d door) Admit(_ context.Context, hotel string, addresses map[string]string) error {
	if hotel != d.only || addresses["api"] == "" {
		return errNotHere
	}
	return nil
}

func TestAHotelWhoseSystemNobodyVouchesFor(t *testing.T) {
	t.Parallel()
	_, list, _ := newFactory(t)
	store := credentials.NewFileStore(t.TempDir() + "/credentials.yaml")
	require.NoError(t, store.Put(t.Context(), "apaleo-aurora", credentials.Credentials{
		ClientID: sandbox.DefaultClientID, ClientSecret: credentials.NewSecret(sandbox.DefaultClientSecret),
	}))
	factory, err := connectors.New(connectors.Deps{Hotels: list, Credentials: store, Residency: door{"aurora-two"}})
	require.NoError(t, err)
	_, err = factory.Connector(t.Context(), "aurora-berlin")
	require.ErrorIs(t, err, connectors.ErrConfiguration)
	require.ErrorIs(t, err, errNotHere)
	_, err = factory.Connector(t.Context(), "aurora-two")
	require.NoError(t, err, "others go on")
}

func TestAddressesOfAHotelsSystem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ endpoints, want map[string]string }{
		"the vendor's": {nil, map[string]string{"api": "https://api.apaleo.com", "identity": "https://identity.apaleo.com", "webhook": "https://webhook.apaleo.com"}},
		"its own":      {map[string]string{"api": "https://a.example"}, map[string]string{"api": "https://a.example", "identity": "https://identity.apaleo.com"}},
	} {
		got, err := connectors.Addresses(registry.Hotel{ID: "h1", Vendor: "apaleo", Endpoints: test.endpoints})
		require.NoError(t, err)
		require.Equal(t, test.want, got, name)
	}
	_, err := connectors.Addresses(registry.Hotel{ID: "h1", Vendor: "nobody"})
	require.ErrorIs(t, err, connectors.ErrUnknownVendor)
}
