package codec_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/starter/codec"
)

// journal is the real one, which can fail and remembers.
type journal struct {
	codec.Ledger
	mu     sync.Mutex
	events []audit.Event
	down   atomic.Bool
}

var errDown = errors.New("down for the test")

func (j *journal) Record(ctx context.Context, e audit.Event) error {
	if j.down.Load() {
		return errDown
	}
	if err := j.Ledger.Record(ctx, e); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
	return nil
}

// last is the newest event's actor and detail; the rest are counted.
func (j *journal) last(t *testing.T) (audit.Event, codec.Decoded) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	require.NotEmpty(t, j.events)
	e := j.events[len(j.events)-1]
	detail, ok := e.Detail.(codec.Decoded)
	require.True(t, ok)
	return e, detail
}

func (j *journal) count() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.events)
}

// switched is a key store that can be out of reach.
type switched struct {
	keys.Store
	down atomic.Bool
}

func (s *switched) Fetch(ctx context.Context, slots []keys.Slot) ([]keys.Row, error) {
	if s.down.Load() {
		return nil, errDown
	}
	return s.Store.Fetch(ctx, slots)
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// issuer is an OpenID provider on the loopback interface.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey
	// login is the access token that a code is worth, and the form that came.
	login func(form map[string][]string) string
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	i := &issuer{key: key}
	i.Server = httptest.NewServer(i)
	t.Cleanup(i.Close)
	return i
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
		if err := r.ParseForm(); err != nil || i.login == nil {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
			return
		}
		answer = map[string]any{"access_token": i.login(r.PostForm), "token_type": "Bearer", "expires_in": 600}
	default:
		answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// token is one of a subject with a role at a hotel.
func (i *issuer) token(t *testing.T, role, hotel string, change ...func(map[string]any)) string {
	t.Helper()
	claims := map[string]any{
		"iss": i.URL, "aud": "voicehive", "sub": role + "-1", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"roles": []string{role}, "hotels": []string{hotel},
	}
	for _, c := range change {
		c(claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	require.NoError(t, err)
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	require.NoError(t, err)
	return token
}

// nobody lets nobody in.
type nobody struct{}

func (nobody) Authenticate(context.Context, string) (auth.Caller, error) {
	return auth.Caller{}, errors.New("nobody")
}
