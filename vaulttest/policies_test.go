package vaulttest

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// An operation is one request to Vault.
type operation struct {
	name, method, path string
	data               map[string]any
}

// operations is what somebody might try: every job, and what must be left to
// others. The ciphertext and the lease are the test's own.
func operations(ciphertext string) []operation {
	plain := map[string]any{"plaintext": "c2VjcmV0"}
	return []operation{
		{"read an entry", "GET", "secret/data/voicehive/hotels/aurora", nil},
		{"read an entry's version", "GET", "secret/metadata/voicehive/hotels/aurora", nil},
		{"replace an entry", "PUT", "secret/data/voicehive/hotels/aurora", map[string]any{"data": map[string]any{"a": "b"}}},
		{"make an entry", "PUT", "secret/data/voicehive/hotels/new", map[string]any{"data": map[string]any{"a": "b"}}},
		{"list entries", "LIST", "secret/metadata/voicehive/hotels", nil},
		{"delete an entry", "DELETE", "secret/data/voicehive/hotels/aurora", nil},
		{"purge an entry", "DELETE", "secret/metadata/voicehive/hotels/aurora", nil},
		{"read another entry", "GET", "secret/data/voicehive/keys/master", nil},

		{"wrap", "PUT", "transit/encrypt/voicehive-dek-a", plain},
		{"wrap under a key it makes", "PUT", "transit/encrypt/voicehive-dek-none", plain},
		{"wrap under another key", "PUT", "transit/encrypt/payroll", plain},
		{"unwrap", "PUT", "transit/decrypt/voicehive-dek-a", map[string]any{"ciphertext": ciphertext}},
		{"unwrap under another key", "PUT", "transit/decrypt/payroll", map[string]any{"ciphertext": ciphertext}},
		{"see a wrapping key's age", "GET", "transit/keys/voicehive-dek-a", nil},
		{"list keys", "LIST", "transit/keys", nil},
		{"make a wrapping key", "PUT", "transit/keys/voicehive-dek-new", map[string]any{"type": "aes256-gcm96", "exportable": false}},
		{"make a key to export", "PUT", "transit/keys/voicehive-dek-open", map[string]any{"exportable": true}},
		{"make another key", "PUT", "transit/keys/payroll-new", nil},
		{"rotate a wrapping key", "PUT", "transit/keys/voicehive-dek-a/rotate", nil},
		{"let a key be exported", "PUT", "transit/keys/voicehive-dek-a/config", map[string]any{"exportable": true}},
		{"let a key be backed up", "PUT", "transit/keys/voicehive-dek-a/config", map[string]any{"allow_plaintext_backup": true}},
		{"cut a key's versions", "PUT", "transit/keys/voicehive-dek-a/trim", map[string]any{"min_available_version": 1}},
		{"bring a key along", "PUT", "transit/keys/voicehive-dek-own/import", map[string]any{"ciphertext": "AAAA"}},
		{"export a key", "GET", "transit/export/encryption-key/voicehive-dek-a", nil},
		{"back a key up", "GET", "transit/backup/voicehive-dek-a", nil},
		{"let a wrapping key go", "PUT", "transit/keys/voicehive-dek-doomed/config", map[string]any{"deletion_allowed": true}},
		{"destroy a wrapping key", "DELETE", "transit/keys/voicehive-dek-doomed", nil},
		{"change the engine", "PUT", "transit/config/keys", map[string]any{"disable_upsert": false}},

		{"sign", "PUT", "transit/sign/voicehive-audit-a", map[string]any{"input": "bWVzc2FnZQ=="}},
		{"see the public keys", "GET", "transit/keys/voicehive-audit-a", nil},
		{"sign a certificate", "PUT", "transit/sign/voicehive-certificates-a", map[string]any{"input": "bWVzc2FnZQ=="}},
		{"see the certificates' keys", "GET", "transit/keys/voicehive-certificates-a", nil},
		{"make a key of certificates", "PUT", "transit/keys/voicehive-certificates-new", map[string]any{"type": "ed25519"}},
		{"export a key of certificates", "GET", "transit/export/signing-key/voicehive-certificates-a", nil},
		{"sign under another key", "PUT", "transit/sign/payroll-signer", map[string]any{"input": "bWVzc2FnZQ=="}},
		{"make a signing key", "PUT", "transit/keys/voicehive-audit-new", map[string]any{"type": "ed25519"}},
		{"rotate a signing key", "PUT", "transit/keys/voicehive-audit-a/rotate", nil},
		{"let a signing key go", "PUT", "transit/keys/voicehive-audit-a/config", map[string]any{"deletion_allowed": true}},
		{"export a signing key", "GET", "transit/export/signing-key/voicehive-audit-a", nil},

		{"lease the main database", "GET", "database/creds/voicehive-app", nil},
		{"lease the key database", "GET", "database/creds/voicehive-keys", nil},
		{"lease as the sequencer", "GET", "database/creds/voicehive-sequencer", nil},
		{"lease as the roller", "GET", "database/creds/voicehive-roller", nil},
		{"lease the house's word", "GET", "database/creds/voicehive-house", nil},
		{"lease an administrator", "GET", "database/creds/administrator", nil},
		{"see how Vault logs in", "GET", "database/config/voicehive", nil},
		{"change a lease's statements", "PUT", "database/roles/voicehive-app", map[string]any{"db_name": "voicehive", "creation_statements": "select 1"}},
		{"end others' leases", "PUT", "sys/leases/revoke-prefix/database/creds/voicehive-app", nil},
		{"list leases", "LIST", "sys/leases/lookup/database/creds/voicehive-app", nil},

		{"look at its own token", "GET", "auth/token/lookup-self", nil},
		{"renew its own token", "PUT", "auth/token/renew-self", nil},
		{"make a token", "PUT", "auth/token/create", nil},
		{"fetch a secret id", "PUT", "auth/approle/role/any/secret-id", nil},
		{"change its policy", "PUT", "sys/policies/acl/worker", map[string]any{"policy": "path \"*\" { capabilities = [\"sudo\"] }"}},
		{"mount an engine", "PUT", "sys/mounts/other", map[string]any{"type": "kv"}},
		{"read the audit devices", "GET", "sys/audit", nil},
		{"seal Vault", "PUT", "sys/seal", nil},
	}
}

// jobs names what each shipped policy allows. Whatever is not here is denied.
var jobs = map[string][]string{
	"worker": {
		"read an entry", "read an entry's version", "replace an entry", "purge an entry", "wrap", "unwrap", "see a wrapping key's age",
		"lease the main database", "lease the key database",
		"sign a certificate", "see the certificates' keys", "see the public keys",
	},
	"operator": {"read an entry", "read an entry's version", "replace an entry", "make an entry", "list entries"},
	"roller": {
		"wrap", "unwrap", "see a wrapping key's age", "list keys", "make a wrapping key", "rotate a wrapping key",
		"let a wrapping key go", "destroy a wrapping key", "lease the house's word", "lease as the roller",
	},
	"sequencer": {"sign", "see the public keys", "lease as the sequencer"},
	"codec":     {"unwrap", "see a wrapping key's age", "lease the main database", "lease the key database"},
}

var always = []string{"look at its own token", "renew its own token"}

// TestEachLoginDoesItsJobAndNoMore tries every operation under every shipped
// policy, logged in by AppRole and as a service account of Kubernetes.
func TestEachLoginDoesItsJobAndNoMore(t *testing.T) {
	t.Parallel()
	for _, policy := range shipped {
		for method, logIn := range map[string]func(testing.TB, *real, string) vault.Login{"approle": asRole, "kubernetes": asServiceAccount} {
			t.Run(policy+" by "+method, func(t *testing.T) {
				t.Parallel()
				s := start(t)
				ciphertext := s.furnish(t)
				client := s.token(t, logIn(t, s, policy))
				for _, each := range operations(ciphertext) {
					err := try(t, client, each)
					if slices.Contains(jobs[policy], each.name) || slices.Contains(always, each.name) {
						require.NoError(t, err, each.name)
						continue
					}
					var answered *api.ResponseError
					require.True(t, errors.As(err, &answered), "%s: %v", each.name, err)
					require.Equal(t, http.StatusForbidden, answered.StatusCode, each.name)
				}
			})
		}
	}
}

// furnish makes what the operations are tried on.
func (s *real) furnish(t testing.TB) (ciphertext string) {
	s.Plant(t, "voicehive/hotels/aurora", map[string]any{"a": "b"})
	s.Plant(t, vaulttest.Forbidden+"/master", map[string]any{"a": "b"})
	for _, key := range []string{"voicehive-dek-a", "voicehive-dek-doomed", "payroll"} {
		s.write(t, "transit/keys/"+key, nil)
	}
	for _, key := range []string{"voicehive-audit-a", "voicehive-certificates-a", "payroll-signer"} {
		s.write(t, "transit/keys/"+key, map[string]any{"type": "ed25519"})
	}
	return s.write(t, "transit/encrypt/voicehive-dek-a", map[string]any{"plaintext": "c2VjcmV0"}).Data["ciphertext"].(string)
}

func asRole(t testing.TB, s *real, policy string) vault.Login {
	roleID, secretID := s.appRole(t, []string{policy}, time.Hour, time.Hour)
	return vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)}
}

func asServiceAccount(t testing.TB, s *real, policy string) vault.Login {
	role, account := s.kubernetes(t, []string{policy})
	return vault.Kubernetes{Role: role, TokenFile: vaulttest.SecretFile(t, account)}
}

// token is a bare client with the token that a login gives.
func (s *real) token(t testing.TB, login vault.Login) *api.Client {
	client, err := s.root.CloneWithHeaders()
	require.NoError(t, err)
	path, data := "auth/approle/login", map[string]any{}
	switch l := login.(type) {
	case vault.AppRole:
		data["role_id"], data["secret_id"] = l.RoleID, secretIn(t, l.SecretIDFile)
	case vault.Kubernetes:
		path = "auth/kubernetes/login"
		data["role"], data["jwt"] = l.Role, secretIn(t, l.TokenFile)
	}
	answer, err := client.Logical().WriteWithContext(t.Context(), path, data)
	require.NoError(t, err)
	client.SetToken(answer.Auth.ClientToken)
	return client
}

func try(t testing.TB, client *api.Client, o operation) error {
	r := client.NewRequest(o.method, "/v1/"+o.path)
	if o.data != nil {
		require.NoError(t, r.SetJSONBody(o.data))
	}
	answer, err := client.RawRequestWithContext(t.Context(), r) //nolint:staticcheck // it shows the status as it is
	if answer != nil {
		_ = answer.Body.Close()
	}
	return err
}
