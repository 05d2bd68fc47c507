package credentialstest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/transport"
)

// An Identity is an identity server that hands out a new refresh token with
// each token and forgets the old one at once, as strict ones do.
type Identity struct {
	URL string

	mu       sync.Mutex
	number   int    // of the token handed out last
	refresh  string // the one that is valid
	refused  int
	codes    map[string]bool
	answered func() // called after a token was made, before it is sent
}

// NewIdentity starts one that knows the refresh token "r0" and ends with the
// test.
func NewIdentity(t testing.TB) *Identity {
	i := &Identity{refresh: "r0", codes: map[string]bool{}}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// ServeHTTP implements http.Handler.
func (i *Identity) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	id, password, _ := r.BasicAuth()
	known := id == "id" && (password == value || password == "new-"+value)
	grant := r.FormValue("grant_type")
	w.Header().Set("Content-Type", "application/json")
	switch {
	case !known:
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": "invalid_client"})
	case grant == "refresh_token" && r.FormValue("refresh_token") == i.refresh,
		grant == "authorization_code" && i.codes[r.FormValue("code")]:
		delete(i.codes, r.FormValue("code"))
		i.number++
		i.refresh = "r" + strconv.Itoa(i.number)
		if i.answered != nil {
			i.answered()
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"access_token": "t" + strconv.Itoa(i.number), "token_type": "Bearer", "expires_in": 3600, "refresh_token": i.refresh,
		})
	default:
		i.refused++
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": "invalid_grant"})
	}
}

// Permit makes a code that can be exchanged once.
func (i *Identity) Permit(code string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.codes[code] = true
}

// Answered sets what is called when a token was made and before it is sent.
func (i *Identity) Answered(do func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answered = do
}

// Counts tells how many tokens it made, and how often it refused one.
func (i *Identity) Counts() (made, refused int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.number, i.refused
}

// Hotel is the entry of a hotel that has connected: refresh token r0.
func Hotel() credentials.Credentials {
	return credentials.Credentials{
		Kind: credentials.AuthorizationCode, ClientID: "id", ClientSecret: credentials.NewSecret(value), RefreshToken: credentials.NewSecret("r0"),
	}
}

// fleet: eight processes need a token at once, and again when it is refused.
// The identity server would shut all of them out if two refreshed.
func fleet(t *testing.T, s Subject) {
	identity := NewIdentity(t)
	require.NoError(t, s.Open(t).Put(t.Context(), "aurora", Hotel()))
	accounts := make([]*credentials.Account, 8)
	for i := range accounts {
		accounts[i] = credentials.NewTokens(s.Open(t), http.DefaultClient).Bearer("aurora", identity.URL)
	}
	for round := 1; round <= 2; round++ {
		requests := make([]*transport.Outgoing, len(accounts))
		failures := make([]error, len(accounts))
		var wait sync.WaitGroup
		for i, account := range accounts {
			requests[i] = &transport.Outgoing{Header: make(http.Header)}
			wait.Go(func() { failures[i] = account.Authorize(t.Context(), requests[i]) })
		}
		wait.Wait()
		for i, account := range accounts {
			require.NoError(t, failures[i])
			require.Equal(t, "Bearer t"+strconv.Itoa(round), requests[i].Header.Get("Authorization"))
			account.Refused(requests[i])
		}
		made, refused := identity.Counts()
		require.Equal(t, round, made)
		require.Zero(t, refused)
	}
	kept, err := s.Open(t).Credentials(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, "r2", kept.RefreshToken.Reveal())
	require.Equal(t, "t2", kept.Access.Token.Reveal())
	require.True(t, kept.Access.ClaimedUntil.IsZero(), "the claim was given back")
	require.WithinDuration(t, time.Now().Add(time.Hour), kept.Access.EndsAt, time.Minute)
}

// operator: a secret is rotated between the exchange and the storing of its
// refresh token. Neither may be lost.
func operator(t *testing.T, s Subject) {
	identity, keeper := NewIdentity(t), s.Open(t)
	require.NoError(t, keeper.Put(t.Context(), "aurora", Hotel()))
	identity.Answered(func() {
		now, err := keeper.Credentials(context.WithoutCancel(t.Context()), "aurora")
		if err == nil {
			now.ClientSecret = credentials.NewSecret("new-" + value)
			err = keeper.Put(context.WithoutCancel(t.Context()), "aurora", now)
		}
		if err != nil {
			t.Errorf("rotate: %v", err)
		}
	})
	account := credentials.NewTokens(s.Open(t), http.DefaultClient).Bearer("aurora", identity.URL)
	require.NoError(t, account.Authorize(t.Context(), &transport.Outgoing{Header: make(http.Header)}))
	kept, err := keeper.Credentials(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, "r1", kept.RefreshToken.Reveal())
	require.Equal(t, "new-"+value, kept.ClientSecret.Reveal())
	require.Equal(t, "t1", kept.Access.Token.Reveal())
}
