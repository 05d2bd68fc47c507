package auth

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/starter"
)

// publish has the issuer answer these keys.
func (i *testIssuer) publish(t *testing.T, keys ...jose.JSONWebKey) {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	require.NoError(t, err)
	set := string(text)
	i.keySet.Store(&set)
}

// A provider that signs with a new key is asked once for it, and a key that it
// has withdrawn counts no longer than said.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	i, next, c := newTestIssuer(t), newTestIssuer(t), newClock()
	a := i.authenticator(t, c.now)
	old := "Bearer " + i.token(t, nil)
	_, err := a.Authenticate(t.Context(), old)
	require.NoError(t, err)
	i.publish(t, jose.JSONWebKey{Key: next.key.Public(), KeyID: "k2", Algorithm: "RS256", Use: "sig"})
	c.advance(keysPause)
	_, err = a.Authenticate(t.Context(), "Bearer "+signAs(t, "k2", jose.RS256, next.key, i.claims(nil)))
	require.NoError(t, err)
	_, err = a.Authenticate(t.Context(), old)
	requireProblem(t, err, starter.Unauthenticated)
}

func TestAWithdrawnKeyCountsNoLongerThanSaid(t *testing.T) {
	t.Parallel()
	i, next, c := newTestIssuer(t), newTestIssuer(t), newClock()
	a := i.authenticator(t, c.now)
	token := "Bearer " + i.token(t, nil)
	_, err := a.Authenticate(t.Context(), token)
	require.NoError(t, err)
	i.publish(t, jose.JSONWebKey{Key: next.key.Public(), KeyID: "k2", Use: "sig"})
	c.advance(keysFresh - time.Second)
	_, err = a.Authenticate(t.Context(), token)
	require.NoError(t, err)
	c.advance(time.Second)
	require.Eventually(t, func() bool {
		_, err = a.Authenticate(t.Context(), token)
		return err != nil
	}, 30*time.Second, time.Millisecond, "the caller who finds the keys old does not wait for the answer")
	requireProblem(t, err, starter.Unauthenticated)
}

// A provider whose keys cannot be had keeps nobody out for an hour who is in,
// and then nobody is let in unchecked.
func TestKeysGoOnForABoundedTime(t *testing.T) {
	t.Parallel()
	i, c := newTestIssuer(t), newClock()
	a := i.authenticator(t, c.now)
	token := "Bearer " + i.token(t, func(claims map[string]any) { claims["exp"] = time.Now().Add(24 * time.Hour).Unix() })
	_, err := a.Authenticate(t.Context(), token)
	require.NoError(t, err)
	i.keysDown.Store(true)
	c.advance(keysLife - time.Second)
	_, err = a.Authenticate(t.Context(), token)
	require.NoError(t, err, "as the key is still in memory")
	_, err = a.Authenticate(t.Context(), "Bearer "+signAs(t, "k9", jose.RS256, i.key, i.claims(nil)))
	requireProblem(t, err, starter.Unavailable)
	c.advance(time.Second)
	_, err = a.Authenticate(t.Context(), token)
	requireProblem(t, err, starter.Unavailable)

	i.keysDown.Store(false)
	c.advance(keysPause)
	_, err = a.Authenticate(t.Context(), token)
	require.NoError(t, err, "and it mends by itself")
}

// Whoever invents keys cannot have us ask the provider as often as they like.
func TestUnknownKeysAreAskedForSeldom(t *testing.T) {
	t.Parallel()
	i, c := newTestIssuer(t), newClock()
	a := i.authenticator(t, c.now)
	good := "Bearer " + i.token(t, nil)
	_, err := a.Authenticate(t.Context(), good)
	require.NoError(t, err)
	c.advance(keysPause)
	asked := i.keyAsks.Load()
	var wg sync.WaitGroup
	refused := make([]error, 40)
	for n := range refused {
		token := "Bearer " + signAs(t, "k"+strings.Repeat("9", n+1), jose.RS256, i.key, i.claims(nil))
		wg.Go(func() { _, refused[n] = a.Authenticate(t.Context(), token) })
	}
	wg.Wait()
	for _, err := range refused {
		requireProblem(t, err, starter.Unauthenticated)
	}
	require.Equal(t, asked+1, i.keyAsks.Load())
	_, err = a.Authenticate(t.Context(), good)
	require.NoError(t, err)
}

func TestKeySetsOfAWrongForm(t *testing.T) {
	t.Parallel()
	i := newTestIssuer(t)
	secret, err := json.Marshal(jose.JSONWebKey{Key: []byte(strings.Repeat("s", 32)), KeyID: "k1"})
	require.NoError(t, err)
	sealing, err := json.Marshal(jose.JSONWebKey{Key: i.key.Public(), KeyID: "k1", Use: "enc"})
	require.NoError(t, err)
	public, err := json.Marshal(jose.JSONWebKey{Key: i.key.Public(), KeyID: "k1"})
	require.NoError(t, err)
	private, err := json.Marshal(jose.JSONWebKey{Key: i.key, KeyID: "k1"})
	require.NoError(t, err)
	many := strings.TrimSuffix(strings.Repeat(string(public)+",", maxKeys+1), ",")
	for name, tc := range map[string]struct {
		set  string
		kind starter.Kind
	}{
		"no JSON":                 {"<html>", starter.Unavailable},
		"no keys":                 {`{"keys":[]}`, starter.Unavailable},
		"too many":                {`{"keys":[` + many + `]}`, starter.Unavailable},
		"without an end":          {`{"keys":["` + strings.Repeat("x", maxAnswer) + `"]}`, starter.Unavailable},
		"a secret one":            {`{"keys":[` + string(secret) + `]}`, starter.Unauthenticated},
		"one for sealing":         {`{"keys":[` + string(sealing) + `]}`, starter.Unauthenticated},
		"of an unknown kind":      {`{"keys":[{"kty":"later","kid":"k1"}]}`, starter.Unauthenticated},
		"the good one among such": {`{"keys":[{"kty":"later"},7,` + string(secret) + `,` + string(private) + `,` + string(public) + `]}`, starter.Kind{}},
	} {
		i.keySet.Store(&tc.set)
		_, err := i.authenticator(t, time.Now).Authenticate(t.Context(), "Bearer "+i.token(t, nil))
		if tc.kind.Code == "" {
			require.NoError(t, err, name)
			continue
		}
		requireProblem(t, err, tc.kind)
	}
}
