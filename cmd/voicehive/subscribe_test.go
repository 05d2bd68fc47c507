//go:build unix

package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/config/hotels"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/webhooks"
)

// sandboxed registers the sample hotel at a sandbox of the test's own.
func sandboxed(t *testing.T) (registry.Hotel, *apaleo.Sandbox) {
	t.Helper()
	office(t)
	box := apaleo.New(apaleo.Options{})
	t.Cleanup(box.Close)
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	hotel, err := registry.Parse(hotels.Aurora)
	require.NoError(t, err)
	hotel.Endpoints = map[string]string{"api": server.URL, "identity": server.URL, "webhook": server.URL}
	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	defer p.close()
	require.NoError(t, credentials.NewFileStore(p.config.Credentials).Put(t.Context(), hotel.CredentialsRef, credentials.Credentials{
		ClientID: apaleo.DefaultClientID, ClientSecret: credentials.NewSecret(apaleo.DefaultClientSecret),
	}))
	text, err := yaml.Marshal(hotel)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "hotel.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	_, err = verb(t, "hotel", "add", file)
	require.NoError(t, err)
	return hotel, box
}

// gate is an API of which only the gate is there.
func gate(t *testing.T) string {
	t.Helper()
	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	t.Cleanup(p.close)
	store, err := webhooks.New(p.pool)
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/webhooks/{vendor}/{hotel}/{secret}", func(w http.ResponseWriter, r *http.Request) {
		known, err := store.Known(r.Context(), r.PathValue("hotel"), r.PathValue("vendor"), credentials.NewSecret(r.PathValue("secret")))
		if err != nil || !known {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestSubscribeVerb(t *testing.T) {
	hotel, box := sandboxed(t)
	notes := func() []any {
		list, _ := must[map[string]any](t, "hotel", "check", hotel.ID)["notes"].([]any)
		return list
	}
	require.Len(t, notes(), 1, "there is no subscription yet")

	_, err := verb(t, "hotel", "subscribe", hotel.ID, "--url", "http://127.0.0.1:1")
	require.Error(t, err, "the vendor checks the address")
	require.Empty(t, box.Subscriptions())

	public := gate(t)
	out, err := verb(t, "hotel", "subscribe", hotel.ID, "--url", public)
	require.NoError(t, err)
	require.Contains(t, out, "sub-1")
	require.NotContains(t, out, box.Subscriptions()[0].EndpointURL)
	require.NotContains(t, out, filepath.Base(box.Subscriptions()[0].EndpointURL), "the secret is shown to nobody")
	require.Empty(t, notes())

	made := must[map[string]any](t, "hotel", "subscribe", hotel.ID, "--url", public)
	require.Equal(t, map[string]any{"hotel": hotel.ID, "subscription": "sub-2"}, made)
	require.Len(t, box.Subscriptions(), 1)

	_, err = verb(t, "hotel", "unsubscribe", hotel.ID)
	require.NoError(t, err)
	require.Empty(t, box.Subscriptions())
	require.Len(t, notes(), 1)
	text, err := verb(t, "hotel", "check", hotel.ID)
	require.NoError(t, err)
	require.Contains(t, text, "Note: no subscription")

	for _, wrong := range [][]string{{}, {hotel.ID}, {hotel.ID, "--url", "ftp://example.org"}, {hotel.ID, "--url", "http://example.org"}} {
		_, err := verb(t, append([]string{"hotel", "subscribe"}, wrong...)...)
		var usage usageError
		require.True(t, errors.As(err, &usage), "%v: %v", wrong, err)
	}
	for _, verbs := range [][]string{{"subscribe", "nobody", "--url", public}, {"unsubscribe", "nobody"}} {
		_, err := verb(t, append([]string{"hotel"}, verbs...)...)
		require.ErrorIs(t, err, registry.ErrUnknownHotel)
	}
}
