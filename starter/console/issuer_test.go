package console_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

const clientID = "voicehive-console"

// issuer is an OpenID provider on the loopback interface. Each code is worth the
// tokens of one login.
type issuer struct {
	*httptest.Server
	t   *testing.T
	key *rsa.PrivateKey

	mu     sync.Mutex
	logins map[string]loginAs
}

// A loginAs is who comes back from the provider, and how its answer is spoiled.
type loginAs struct {
	sub    string
	roles  []string
	hotels []string
	name   string
	life   time.Duration
	// asked is the authorization request.
	asked url.Values
	// spoil changes the claims of the ID token or the access token.
	spoilID, spoilAccess func(map[string]any)
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	i := &issuer{t: t, key: key, logins: map[string]loginAs{}}
	i.Server = httptest.NewServer(i)
	t.Cleanup(i.Close)
	return i
}

// code is what the browser brings back of a login.
func (i *issuer) code(as loginAs) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	code := rand.Text()
	i.logins[code] = as
	return code
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var answer any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		answer = map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		}
	case "/token":
		answer = i.redeem(r)
	default:
		answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}}
	}
	w.Header().Set("Content-Type", "application/json")
	if answer == nil {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (i *issuer) redeem(r *http.Request) any {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r.ParseForm() != nil {
		return nil
	}
	code := r.PostForm.Get("code")
	as, ok := i.logins[code]
	delete(i.logins, code)
	if !ok || oauth2.S256ChallengeFromVerifier(r.PostForm.Get("code_verifier")) != as.asked.Get("code_challenge") {
		return nil
	}
	base := map[string]any{"iss": i.URL, "sub": as.sub, "iat": time.Now().Unix(), "exp": time.Now().Add(as.life).Unix()}
	access, id := maps.Clone(base), maps.Clone(base)
	access["aud"], access["roles"], access["hotels"] = "voicehive", as.roles, as.hotels
	id["aud"], id["nonce"], id["name"] = clientID, as.asked.Get("nonce"), as.name
	for _, spoil := range []struct {
		how    func(map[string]any)
		claims map[string]any
	}{{as.spoilID, id}, {as.spoilAccess, access}} {
		if spoil.how != nil {
			spoil.how(spoil.claims)
		}
	}
	return map[string]any{"access_token": i.sign(access), "id_token": i.sign(id), "token_type": "Bearer", "expires_in": int(as.life.Seconds())}
}

func (i *issuer) sign(claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	if err != nil {
		return ""
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return ""
	}
	return token
}
