// Package authtest gives tests an OpenID provider on the loopback interface,
// which signs the tokens that a test asks for. It is for tests only, beside
// package auth.
package authtest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"
)

// Audience is that of the tokens.
const Audience = "voicehive"

// An Issuer is a provider that answers until its test ends.
type Issuer struct {
	*httptest.Server
	t   testing.TB
	key *rsa.PrivateKey
}

// New starts one.
func New(t testing.TB) *Issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	i := &Issuer{t: t, key: key}
	i.Server = httptest.NewServer(i)
	t.Cleanup(i.Close)
	return i
}

// Trusted is the issuer as VOICEHIVE_OIDC has it.
func (i *Issuer) Trusted() string { return i.URL + "=" + Audience }

func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var answer any = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}}
	if r.URL.Path == "/.well-known/openid-configuration" {
		answer = map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// Token is one of somebody with a role at a hotel. change spoils its claims.
func (i *Issuer) Token(sub, role, hotel string, change ...func(claims map[string]any)) string {
	i.t.Helper()
	claims := map[string]any{
		"iss": i.URL, "aud": Audience, "sub": sub, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"roles": []string{role}, "hotels": []string{hotel}, "client_id": "a-browser",
	}
	for _, do := range change {
		do(claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	require.NoError(i.t, err)
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	require.NoError(i.t, err)
	return token
}

// File is a file with a token.
func (i *Issuer) File(sub, role, hotel string, change ...func(claims map[string]any)) string {
	i.t.Helper()
	file := filepath.Join(i.t.TempDir(), "token")
	require.NoError(i.t, os.WriteFile(file, []byte(i.Token(sub, role, hotel, change...)+"\n"), 0o600))
	return file
}
