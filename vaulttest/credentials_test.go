package vaulttest

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/credentials/credentialstest"
	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

func TestCredentialsOnTheRealVault(t *testing.T) {
	t.Parallel()
	credentialstest.Contract(t, func(t testing.TB) credentialstest.Subject { return credentialstest.OnVault(start(t)) })
}

// A worker's policy lets it keep a hotel's connection alive, and no more.
func TestWhatAWorkerMayDo(t *testing.T) {
	t.Parallel()
	s := start(t)
	operator := credentials.NewVaultStore(vaulttest.Open(t, s).KV(vaulttest.Mount))
	require.NoError(t, operator.Put(t.Context(), "aurora", credentialstest.Hotel()))

	client := s.client(t, time.Hour, time.Hour, "worker")
	worker := credentials.NewVaultStore(client.KV(vaulttest.Mount))

	identity := credentialstest.NewIdentity(t)
	r := &transport.Outgoing{Header: make(http.Header)}
	require.NoError(t, credentials.NewTokens(worker, http.DefaultClient).Bearer("aurora", identity.URL).Authorize(t.Context(), r))
	require.Equal(t, "Bearer t1", r.Header.Get("Authorization"))
	kept, err := operator.Credentials(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, "r1", kept.RefreshToken.Reveal())

	require.ErrorIs(t, worker.Put(t.Context(), "borealis", credentialstest.Hotel()), vault.ErrDenied)
	_, err = worker.List(t.Context())
	require.ErrorIs(t, err, vault.ErrDenied)
	_, err = client.KV(vaulttest.Mount).Read(t.Context(), vaulttest.Forbidden+"/master")
	require.ErrorIs(t, err, vault.ErrDenied)
}
