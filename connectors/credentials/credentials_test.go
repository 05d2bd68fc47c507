package credentials_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

const secret = "hunter2-very-secret"

func TestSecretDoesNotPrint(t *testing.T) {
	t.Parallel()
	hidden := credentials.Credentials{ClientID: "id", ClientSecret: credentials.NewSecret(secret)}
	type outer struct{ inner credentials.Credentials } // fmt cannot call methods there
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "c", hidden, "s", hidden.ClientSecret)
	asJSON, err := json.Marshal(hidden)
	require.NoError(t, err)
	asYAML, err := yaml.Marshal(hidden)
	require.NoError(t, err)
	for _, text := range []string{
		fmt.Sprint(hidden), fmt.Sprintf("%+v %#v %s %q %x", hidden, hidden, hidden, hidden, hidden),
		fmt.Sprintf("%v %+v %#v %s", outer{hidden}, outer{hidden}, outer{hidden}, outer{hidden}),
		fmt.Sprint(hidden.ClientSecret), hidden.ClientSecret.String(), log.String(), string(asJSON), string(asYAML),
	} {
		require.NotContains(t, text, secret)
		require.NotContains(t, text, fmt.Sprintf("%x", secret))
	}
	require.Equal(t, secret, hidden.ClientSecret.Reveal())
}

func TestFileStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "credentials.yaml")
	store := credentials.NewFileStore(path)
	_, err := store.Credentials(t.Context(), "apaleo-aurora")
	require.ErrorIs(t, err, credentials.ErrNotFound)
	want := credentials.Credentials{Kind: credentials.ClientCredentials, ClientID: "id", ClientSecret: credentials.NewSecret(secret), Scopes: []string{"offers.read"}}
	require.NoError(t, store.Put(t.Context(), "apaleo-aurora", want))
	got, err := store.Credentials(t.Context(), "apaleo-aurora")
	require.NoError(t, err)
	require.Equal(t, want, got)

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, os.Chmod(path, 0o640))
	_, err = store.Credentials(t.Context(), "apaleo-aurora")
	require.ErrorContains(t, err, "chmod 600")

	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, os.WriteFile(path, []byte("a: ["+secret), 0o600))
	_, err = store.Credentials(t.Context(), "apaleo-aurora")
	require.Error(t, err)
	require.NotContains(t, err.Error(), secret)
}

// identity is an identity server that numbers its tokens.
func identity(t *testing.T, expiresIn int) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		id, password, _ := r.BasicAuth()
		if id != "id" || password != secret || r.FormValue("grant_type") != "client_credentials" {
			http.Error(w, `{"error":"invalid_client","error_description":"`+password+`"}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"t%d","token_type":"Bearer","expires_in":%d}`, n, expiresIn)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestOneTokenForManyCallers(t *testing.T) {
	t.Parallel()
	url, asked := identity(t, 3600)
	tokens := credentials.NewTokens(store(secret), http.DefaultClient)
	bearer := tokens.Bearer("ref", url)
	require.Same(t, bearer, tokens.Bearer("ref", url))
	together := func() (requests []*transport.Outgoing) {
		requests = make([]*transport.Outgoing, 1000)
		var wait sync.WaitGroup
		for i := range requests {
			requests[i] = outgoing()
			wait.Go(func() { _ = bearer.Authorize(t.Context(), requests[i]) })
		}
		wait.Wait()
		return requests
	}
	for _, r := range together() {
		require.Equal(t, "Bearer t1", r.Header.Get("Authorization"))
	}
	require.Equal(t, int32(1), asked.Load())

	// All of them are refused: one renewal again.
	old := together()
	for _, r := range old {
		bearer.Refused(r)
	}
	for _, r := range together() {
		require.Equal(t, "Bearer t2", r.Header.Get("Authorization"))
	}
	bearer.Refused(old[0])     // late: that token is gone already
	bearer.Refused(outgoing()) // somebody else's
	require.Equal(t, "Bearer t2", together()[0].Header.Get("Authorization"))
	require.Equal(t, int32(2), asked.Load())
}

func TestTokenIsNotUsedAfterItsEnd(t *testing.T) {
	t.Parallel()
	url, asked := identity(t, 0) // Go's oauth2 reads 0 as "no end told"
	bearer := credentials.NewTokens(store(secret), http.DefaultClient).Bearer("ref", url)
	for range 3 {
		require.NoError(t, bearer.Authorize(t.Context(), outgoing()))
	}
	require.Equal(t, int32(1), asked.Load())

	url, asked = identity(t, 1)
	bearer = credentials.NewTokens(store(secret), http.DefaultClient).Bearer("ref", url)
	start, first, second := time.Now(), make(http.Header), make(http.Header)
	require.NoError(t, bearer.Authorize(t.Context(), &transport.Outgoing{Header: first}))
	require.Eventually(t, func() bool { return time.Since(start) > 1100*time.Millisecond }, time.Minute, 10*time.Millisecond)
	require.NoError(t, bearer.Authorize(t.Context(), &transport.Outgoing{Header: second}))
	require.NotEqual(t, first, second, "expires_in of one second was read")
	require.Equal(t, int32(2), asked.Load())
}

func TestTokenIsRenewedInTheBackground(t *testing.T) {
	t.Parallel()
	url, _ := identity(t, 2)
	bearer := credentials.NewTokens(store(secret), http.DefaultClient).Bearer("ref", url)
	require.Eventually(t, func() bool {
		h := make(http.Header)
		return bearer.Authorize(t.Context(), &transport.Outgoing{Header: h}) == nil && h.Get("Authorization") != "Bearer t1"
	}, time.Minute, 20*time.Millisecond)
}

func TestIdentityFailures(t *testing.T) {
	t.Parallel()
	url, _ := identity(t, 3600)
	err := credentials.NewTokens(store("wrong-"+secret), http.DefaultClient).Bearer("ref", url).Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, pms.ErrAuthentication)
	require.NotContains(t, fmt.Sprintf("%+v %#v", err, err), secret)

	missing := credentials.NewFileStore(filepath.Join(t.TempDir(), "none.yaml"))
	err = credentials.NewTokens(missing, http.DefaultClient).Bearer("ref", url).Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, pms.ErrAuthentication)

	for status, want := range map[int]error{500: pms.ErrUnavailable, 429: pms.ErrRateLimited, 200: pms.ErrUnavailable} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, "<html>"+secret)
		}))
		err := credentials.NewTokens(store(secret), http.DefaultClient).Bearer("ref", server.URL).Authorize(t.Context(), outgoing())
		require.ErrorIs(t, err, want)
		require.NotContains(t, fmt.Sprintf("%+v %#v", err, err), secret)
		server.Close()
		err = credentials.NewTokens(store(secret), http.DefaultClient).Bearer("ref", server.URL).Authorize(t.Context(), outgoing())
		require.ErrorIs(t, err, pms.ErrUnavailable)
	}
}

func TestCallerThatLeavesDoesNotEndTheFetch(t *testing.T) {
	t.Parallel()
	release, arrived := make(chan struct{}), make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":60}`)
	}))
	t.Cleanup(server.Close)
	bearer := credentials.NewTokens(store(secret), http.DefaultClient).Bearer("ref", server.URL)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	err := bearer.Authorize(ctx, outgoing())
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
	close(release)
	require.NoError(t, bearer.Authorize(t.Context(), outgoing()))
	require.Empty(t, arrived, "the first fetch served the second caller")
}

func outgoing() *transport.Outgoing { return &transport.Outgoing{Header: make(http.Header)} }

// store holds one client under every reference.
type store string

func (s store) Credentials(context.Context, string) (credentials.Credentials, error) {
	return credentials.Credentials{ClientID: "id", ClientSecret: credentials.NewSecret(string(s))}, nil
}
