package auth

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/starter"
)

const audience = "voicehive"

// A testIssuer is an OpenID provider on the loopback interface.
type testIssuer struct {
	*httptest.Server
	key  *rsa.PrivateKey
	down atomic.Bool
	asks atomic.Int32
	// keySet is answered in place of the key when it is not nil.
	keySet atomic.Pointer[string]
	// keysDown fails the questions for keys alone, and keyAsks counts them.
	keysDown atomic.Bool
	keyAsks  atomic.Int32
}

func newTestIssuer(t *testing.T) *testIssuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	i := &testIssuer{key: key}
	i.Server = httptest.NewServer(i)
	t.Cleanup(i.Close)
	return i
}

func (i *testIssuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.asks.Add(1)
	var answer any
	switch {
	case i.down.Load():
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	case r.URL.Path == "/.well-known/openid-configuration":
		answer = map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}}
	case i.keysDown.Load():
		i.keyAsks.Add(1)
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	case i.keySet.Load() != nil:
		i.keyAsks.Add(1)
		_, _ = io.WriteString(w, *i.keySet.Load())
		return
	default:
		i.keyAsks.Add(1)
		answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// claims are those of a good token; change spoils them.
func (i *testIssuer) claims(change func(map[string]any)) map[string]any {
	now := time.Now()
	c := map[string]any{
		"iss": i.URL, "aud": audience, "sub": "user-1", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"roles": []string{"compliance", "unheard-of"}, "hotels": []string{"alpha"},
	}
	if change != nil {
		change(c)
	}
	return c
}

func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	return signAs(t, "k1", alg, key, claims)
}

// signAs signs with the key of an id; "" names none.
func signAs(t *testing.T, keyID string, alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	opts := (&jose.SignerOptions{}).WithType("JWT")
	if keyID != "" {
		opts = opts.WithHeader("kid", keyID)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	require.NoError(t, err)
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	require.NoError(t, err)
	return token
}

func (i *testIssuer) token(t *testing.T, change func(map[string]any)) string {
	t.Helper()
	return sign(t, jose.RS256, i.key, i.claims(change))
}

func (i *testIssuer) authenticator(t *testing.T, now func() time.Time) *Authenticator {
	t.Helper()
	a, err := newAuthenticator(Options{Issuers: []Issuer{{URL: i.URL, Audience: audience}}}, now)
	require.NoError(t, err)
	return a
}

func TestTokenLetsItsCallerIn(t *testing.T) {
	t.Parallel()
	i := newTestIssuer(t)
	other := newTestIssuer(t)
	a, err := New(Options{Issuers: []Issuer{{URL: other.URL, Audience: "elsewhere"}, {URL: i.URL, Audience: audience}}})
	require.NoError(t, err)
	require.Zero(t, i.asks.Load(), "making an authenticator asks nobody")

	caller, err := a.Authenticate(context.Background(), "Bearer "+i.token(t, nil))
	require.NoError(t, err)
	require.Equal(t, Caller{Subject: i.URL + "#user-1", Roles: []Role{RoleCompliance}, Hotels: []string{"alpha"}}, caller)

	caller, err = a.Authenticate(context.Background(), "Bearer "+i.token(t, func(c map[string]any) {
		c["aud"] = []string{"another", audience}
		delete(c, "roles")
		delete(c, "hotels")
	}))
	require.NoError(t, err)
	require.Equal(t, Caller{Subject: i.URL + "#user-1"}, caller, "without claims there are no rights")
	require.Zero(t, other.asks.Load())
}

func TestBadTokens(t *testing.T) {
	t.Parallel()
	i := newTestIssuer(t)
	stranger := newTestIssuer(t)
	a := i.authenticator(t, time.Now)
	segment := func(v any) string {
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	good := i.token(t, nil)
	parts := strings.Split(good, ".")
	set := func(claim string, value any) string {
		return i.token(t, func(c map[string]any) { c[claim] = value })
	}
	unset := func(claim string) string {
		return i.token(t, func(c map[string]any) { delete(c, claim) })
	}

	for name, token := range map[string]string{
		"expired":                  set("exp", time.Now().Add(-time.Second).Unix()),
		"never expiring":           unset("exp"),
		"not yet valid":            set("nbf", time.Now().Add(time.Hour).Unix()),
		"another audience":         set("aud", "another"),
		"no audience":              unset("aud"),
		"an unknown issuer":        set("iss", "https://login.example.com"),
		"no issuer":                unset("iss"),
		"no subject":               unset("sub"),
		"a subject of two lines":   set("sub", "user-1\nadmin"),
		"a subject that is a list": set("sub", []string{"user-1"}),
		"issued tomorrow":          set("iat", time.Now().Add(24*time.Hour).Unix()),
		"never issued":             unset("iat"),
		"over before it began":     set("exp", time.Now().Add(-time.Hour).Unix()),
		"of two clients": i.token(t, func(c map[string]any) {
			c["azp"], c["client_id"] = "console", "another"
		}),
		"another algorithm":        sign(t, jose.RS512, i.key, i.claims(nil)),
		"an unknown key":           signAs(t, "k2", jose.RS256, stranger.key, i.claims(nil)),
		"an endless subject":       set("sub", strings.Repeat("x", maxSubject+1)),
		"roles in one string":      set("roles", "admin"),
		"signed by a stranger":     sign(t, jose.RS256, stranger.key, i.claims(nil)),
		"signed with a public key": sign(t, jose.HS256, i.key.PublicKey.N.Bytes(), i.claims(nil)),
		"alg none":                 segment(map[string]string{"alg": "none", "typ": "JWT"}) + "." + parts[1] + ".",
		"tampered payload": parts[0] + "." + segment(i.claims(func(c map[string]any) {
			c["roles"] = []string{"admin"}
		})) + "." + parts[2],
		"tampered signature":  parts[0] + "." + parts[1] + "." + segment("nothing"),
		"no signature":        parts[0] + "." + parts[1] + ".",
		"two parts":           parts[0] + "." + parts[1],
		"payload not base64":  parts[0] + ".%%%." + parts[2],
		"payload not JSON":    parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte("{")) + "." + parts[2],
		"five parts (a JWE)":  good + ".a.b",
		"words":               "let me in",
		"a header of garbage": "e30" + strings.TrimPrefix(good, parts[0]),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Authenticate(context.Background(), "Bearer "+token)
			requireProblem(t, err, starter.Unauthenticated)
			require.NotContains(t, err.Error(), "user-1")
			require.NotContains(t, err.Error(), i.URL)
		})
	}
	_, err := a.Authenticate(context.Background(), "Bearer "+good)
	require.NoError(t, err, "the unspoiled token must count, or the cases above prove nothing")
}

func TestTokenExpiresWhileTheClockGoes(t *testing.T) {
	t.Parallel()
	i := newTestIssuer(t)
	c := newClock()
	a := i.authenticator(t, c.now)
	token := i.token(t, nil)
	_, err := a.Authenticate(context.Background(), "Bearer "+token)
	require.NoError(t, err)
	c.advance(2 * time.Hour)
	_, err = a.Authenticate(context.Background(), "Bearer "+token)
	requireProblem(t, err, starter.Unauthenticated)
}

func TestIssuerDownIsNotUnauthenticated(t *testing.T) {
	t.Parallel()
	i := newTestIssuer(t)
	i.down.Store(true)
	c := newClock()
	a := i.authenticator(t, c.now)
	token := i.token(t, nil)

	_, err := a.Authenticate(context.Background(), "Bearer "+token)
	requireProblem(t, err, starter.Unavailable)
	asked := i.asks.Load()
	_, err = a.Authenticate(context.Background(), "Bearer "+token)
	requireProblem(t, err, starter.Unavailable)
	require.Equal(t, asked, i.asks.Load(), "an issuer that is down is left alone for a while")

	i.down.Store(false)
	c.advance(discoveryPause)
	_, err = a.Authenticate(context.Background(), "Bearer "+token)
	require.NoError(t, err)
}

func TestIssuersRefused(t *testing.T) {
	t.Parallel()
	for name, issuers := range map[string][]Issuer{
		"none":             nil,
		"no host":          {{URL: "login", Audience: "a"}},
		"plain http":       {{URL: "http://login.example.com", Audience: "a"}},
		"another scheme":   {{URL: "ftp://127.0.0.1", Audience: "a"}},
		"no audience":      {{URL: "https://login.example.com"}},
		"the same twice":   {{URL: "https://login.example.com", Audience: "a"}, {URL: "https://login.example.com", Audience: "b"}},
		"a host like ours": {{URL: "http://localhost.example.com", Audience: "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(Options{Issuers: issuers})
			require.Error(t, err)
		})
	}
}

func FuzzIssuerOf(f *testing.F) {
	f.Add("a.eyJpc3MiOiJodHRwczovL3gifQ.c")
	f.Add("..")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if issuerOf(token) != "" && strings.Count(token, ".") != 2 {
			t.Fatal("an issuer from something that is no token")
		}
	})
}
