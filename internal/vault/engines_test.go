package vault_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
)

// answering is a client of something that answers every call alike, and logins
// well.
func answering(t *testing.T, status int, body string) *vault.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/auth/") {
			fmt.Fprint(w, `{"auth":{"client_token":"t"},"data":{"ttl":0}}`)
			return
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return open(t, server.URL, time.Second)
}

// engineCalls is every call of Transit and the database engine.
func engineCalls(client *vault.Client) map[string]func(context.Context) error {
	transit, database := client.Transit("transit"), client.Database("database")
	return map[string]func(context.Context) error{
		"encrypt": func(ctx context.Context) error {
			_, err := transit.EncryptBatch(ctx, "k", []vault.TransitItem{{Plaintext: []byte("p")}})
			return err
		},
		"decrypt": func(ctx context.Context) error {
			_, err := transit.DecryptBatch(ctx, "k", []vault.TransitSealed{{Ciphertext: "vault:v1:AAAA"}})
			return err
		},
		"sign":    func(ctx context.Context) error { _, _, err := transit.Sign(ctx, "k", []byte("m")); return err },
		"make":    func(ctx context.Context) error { return transit.CreateKey(ctx, "k", vault.KeyWrapping) },
		"rotate":  func(ctx context.Context) error { _, err := transit.RotateKey(ctx, "k"); return err },
		"destroy": func(ctx context.Context) error { return transit.DeleteKey(ctx, "k") },
		"public":  func(ctx context.Context) error { _, err := transit.PublicKeys(ctx, "k"); return err },
		"lease":   func(ctx context.Context) error { _, err := database.Lease(ctx, "r"); return err },
		"renew": func(ctx context.Context) error {
			_, err := database.Renew(ctx, vault.Lease{ID: "database/creds/r/x"}, time.Hour)
			return err
		},
	}
}

// TestEnginesKnowWhatIsNoAnswer: only a Vault that says so makes a key look
// destroyed or a ciphertext look changed. Everything else may pass.
func TestEnginesKnowWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	const secret = "quoted-secret"
	for name, b := range map[string]broken{
		"html":           {200, "<html>" + secret, vault.ErrUnavailable},
		"nothing":        {200, `{}`, vault.ErrUnavailable},
		"another engine": {200, `{"data":{"a":"` + secret + `"}}`, vault.ErrUnavailable},
		"wrong types":    {200, `{"lease_id":"database/creds/r/x","lease_duration":5,"data":{"batch_results":"` + secret + `","signature":5,"type":[],"username":1,"password":2}}`, vault.ErrUnavailable},
		"too few":        {200, `{"data":{"batch_results":[],"signature":"vault:v1:` + secret + `"}}`, vault.ErrUnavailable},
		"too many":       {200, `{"data":{"batch_results":[{"plaintext":"cA==","ciphertext":"vault:v1:A"},{"plaintext":"cA==","ciphertext":"vault:v1:A"}]}}`, vault.ErrUnavailable},
		"item errors":    {200, `{"data":{"batch_results":[{"error":"` + secret + `"}],"signature":"vault:v0:AAAA"}}`, vault.ErrUnavailable},
		"html refusal":   {400, "<html>" + secret, nil},
		"gone mount":     {404, `{"errors":["no handler for route \"transit\""]}`, nil},
		"html 404":       {404, "<html>" + secret, nil},
		"bad gateway":    {502, "<html>" + secret, vault.ErrUnavailable},
		"failed inside":  {500, `{"errors":["1 error occurred: ` + secret + `"]}`, vault.ErrUnavailable},
		"slow down":      {429, `{}`, vault.ErrUnavailable},
		"sealed":         {503, `{"errors":["Vault is sealed"]}`, vault.ErrSealed},
		"huge":           {200, `{"data":"` + strings.Repeat("x", 5<<20), vault.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for call, do := range engineCalls(answering(t, b.status, b.body)) {
				err := do(t.Context())
				if b.want == nil {
					require.Error(t, err, call)
				} else if mute := b.status == 200 && (call == "destroy" || call == "renew" && name == "wrong types"); !mute {
					require.ErrorIs(t, err, b.want, call)
				}
				require.NotErrorIs(t, err, vault.ErrNotFound, call)
				require.NotErrorIs(t, err, vault.ErrCiphertext, call)
				require.NotErrorIs(t, err, vault.ErrConflict, call)
				require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), secret, call)
			}
		})
	}
}

// TestAKeyThatMayLeaveIsRefused: one of the wanted name with worse properties
// is not taken for ours.
func TestAKeyThatMayLeaveIsRefused(t *testing.T) {
	t.Parallel()
	for name, properties := range map[string]string{
		"another type": `"type":"rsa-2048"`,
		"exportable":   `"type":"aes256-gcm96","exportable":true`,
		"backed up":    `"type":"aes256-gcm96","allow_plaintext_backup":true`,
		"derived":      `"type":"aes256-gcm96","derived":true`,
	} {
		client := answering(t, 200, `{"data":{`+properties+`}}`)
		require.ErrorIs(t, client.Transit("transit").CreateKey(t.Context(), "k", vault.KeyWrapping), vault.ErrConflict, name)
	}
	client := answering(t, 200, `{"data":{"type":"aes256-gcm96"}}`)
	require.NoError(t, client.Transit("transit").CreateKey(t.Context(), "k", vault.KeyWrapping))
}

// TestAPublicKeyHasItsLength: half a key would verify nothing, later.
func TestAPublicKeyHasItsLength(t *testing.T) {
	t.Parallel()
	for _, versions := range []string{`{"1":{"public_key":"AAAA"}}`, `{"one":{}}`, `{"1":5}`, `{"1":{"public_key":"?"}}`} {
		_, err := answering(t, 200, `{"data":{"type":"ed25519","keys":`+versions+`}}`).Transit("transit").PublicKeys(t.Context(), "k")
		require.ErrorIs(t, err, vault.ErrUnavailable, versions)
	}
}

// TestALeaseIsOverOnlyWhenVaultSaysSo: a pool drops its login then.
func TestALeaseIsOverOnlyWhenVaultSaysSo(t *testing.T) {
	t.Parallel()
	for words, over := range map[string]bool{
		"lease not found": true, "lease expired": true, "lease is not renewable": true, "past the max TTL, cannot renew": true,
		"lease is expired and has failed previous revocation attempts": true, "invalid increment": false, "": false,
	} {
		client := answering(t, 400, fmt.Sprintf(`{"errors":[%q]}`, words))
		_, err := client.Database("database").Renew(t.Context(), vault.Lease{ID: "database/creds/r/x"}, time.Hour)
		if over {
			require.ErrorIs(t, err, vault.ErrNotFound, words)
			require.NoError(t, client.Database("database").Revoke(t.Context(), vault.Lease{ID: "database/creds/r/x"}))
		} else {
			require.ErrorIs(t, err, vault.ErrRefused, words)
		}
	}
}
