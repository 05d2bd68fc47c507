package vaulttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	kubernetesauth "github.com/hashicorp/vault-plugin-auth-kubernetes"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/builtin/logical/database"
	"github.com/hashicorp/vault/builtin/logical/transit"
	"github.com/hashicorp/vault/helper/testhelpers/corehelpers"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/sdk/logical"
	core "github.com/hashicorp/vault/vault"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// A real is a Vault core with its own HTTP API over TLS, on loopback, with the
// policies that the product ships.
type real struct {
	root    *api.Client
	ca      string
	reviews string // where Kubernetes would review tokens
	tables  *postgrestest.Database
	groups  *groups
	cluster *core.TestCluster
}

var _ vaulttest.Subject = (*real)(nil)

// boot starts an empty Vault that ends with the test.
func boot(t testing.TB) *real {
	cluster := core.NewTestCluster(t, &core.CoreConfig{
		CredentialBackends: map[string]logical.Factory{"approle": approle.Factory, "kubernetes": kubernetesauth.Factory},
		LogicalBackends:    map[string]logical.Factory{"kv": kv.Factory, "transit": transit.Factory, "database": database.Factory},
		BuiltinRegistry:    builtins{corehelpers.NewMockBuiltinRegistry()},
	}, &core.TestClusterOptions{HandlerFunc: vaulthttp.Handler, NumCores: 1})
	cluster.Start()
	t.Cleanup(cluster.Cleanup)
	s := &real{root: cluster.Cores[0].Client, ca: cluster.CACertPEMFile, reviews: reviewer(t), tables: postgrestest.New(t, postgres.Migrations), cluster: cluster}
	mounts, err := s.root.Sys().ListMountsWithContext(t.Context())
	require.NoError(t, err)
	if mounts[vaulttest.Mount+"/"] != nil {
		require.NoError(t, s.root.Sys().UnmountWithContext(t.Context(), vaulttest.Mount))
	}
	return s
}

// start boots a Vault and sets it up as the tests of the clients want it.
func start(t testing.TB) *real {
	s := boot(t)
	require.NoError(t, s.root.Sys().MountWithContext(t.Context(), vaulttest.Mount, &api.MountInput{
		Type: "kv", Options: map[string]string{"version": "2"},
	}))
	for _, method := range []string{"approle", "kubernetes"} {
		require.NoError(t, s.root.Sys().EnableAuthWithOptionsWithContext(t.Context(), method, &api.EnableAuthOptions{Type: method}))
	}
	for _, policy := range shipped {
		require.NoError(t, s.root.Sys().PutPolicyWithContext(t.Context(), policy, read(t, policy+".hcl")))
	}
	require.NoError(t, s.root.Sys().PutPolicyWithContext(t.Context(), "auditor", auditor))
	require.NoError(t, s.root.Sys().MountWithContext(t.Context(), vaulttest.TransitMount, &api.MountInput{Type: "transit"}))
	s.write(t, vaulttest.TransitMount+"/config/keys", map[string]any{"disable_upsert": true})
	s.lendLogins(t)
	s.settle(t)
	return s
}

// settle waits for the KV engine, which upgrades itself for a moment after it
// was mounted.
func (s *real) settle(t testing.TB) {
	require.Eventually(t, func() bool {
		_, err := s.root.KVv2(vaulttest.Mount).Put(t.Context(), "ready", map[string]any{"now": "yes"})
		return err == nil
	}, time.Minute, 10*time.Millisecond)
}

// shipped are the policies in deploy/vault.
var shipped = []string{"worker", "operator", "roller", "sequencer", "codec"}

// auditor is what an administrator does by hand: make and rotate the key that
// the audit log is signed with. No policy for it is shipped.
const auditor = `
path "transit/keys/voicehive-audit-*" { capabilities = ["create", "read", "update", "delete"] }
path "transit/encrypt/voicehive-audit-*" { capabilities = ["update"] }`

func read(t testing.TB, file string) string {
	content, err := os.ReadFile("../deploy/vault/" + file)
	require.NoError(t, err)
	return string(content)
}

func secretIn(t testing.TB, file string) string {
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	return strings.TrimSpace(string(content))
}

func (s *real) Options() vault.Options {
	return vault.Options{Address: s.root.Address(), CACert: s.ca}
}

func (s *real) AppRole(t testing.TB, ttl, max time.Duration) (roleID, secretID string) {
	return s.appRole(t, append([]string{"auditor"}, shipped...), ttl, max)
}

// appRole makes a role under policies, and those alone.
func (s *real) appRole(t testing.TB, policies []string, ttl, max time.Duration) (roleID, secretID string) {
	path := "auth/approle/role/" + strings.ToLower(rand.Text())
	s.write(t, path, map[string]any{
		"token_policies": policies, "token_no_default_policy": true, "token_ttl": ttl.String(), "token_max_ttl": max.String(),
	})
	found, err := s.root.Logical().ReadWithContext(t.Context(), path+"/role-id")
	require.NoError(t, err)
	return found.Data["role_id"].(string), s.write(t, path+"/secret-id", nil).Data["secret_id"].(string)
}

// client is the product's own, logged in under policies and those alone.
func (s *real) client(t testing.TB, ttl, max time.Duration, policies ...string) *vault.Client {
	roleID, secretID := s.appRole(t, policies, ttl, max)
	o := s.Options()
	o.Login = vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)}
	client, err := vault.New(o)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func (s *real) Kubernetes(t testing.TB) (role, account string) {
	return s.kubernetes(t, []string{"operator"})
}

// kubernetes makes a role under policies, and those alone.
func (s *real) kubernetes(t testing.TB, policies []string) (role, account string) {
	s.write(t, "auth/kubernetes/config", map[string]any{
		"kubernetes_host": s.reviews, "disable_local_ca_jwt": true, "token_reviewer_jwt": "reviewer",
	})
	s.write(t, "auth/kubernetes/role/worker", map[string]any{
		"bound_service_account_names": "voicehive", "bound_service_account_namespaces": "hotels", "audience": "vault",
		"token_policies": policies, "token_no_default_policy": true, "token_ttl": "1h",
	})
	return "worker", serviceAccount(t)
}

func (s *real) Plant(t testing.TB, path string, data map[string]any) {
	_, err := s.root.KVv2(vaulttest.Mount).Put(t.Context(), path, data)
	require.NoError(t, err)
}

func (s *real) Delete(t testing.TB, path string) {
	require.NoError(t, s.root.KVv2(vaulttest.Mount).Delete(t.Context(), path))
}

func (s *real) RevokeAll(t testing.TB) {
	for _, accessor := range s.accessors(t) {
		require.NoError(t, s.root.Auth().Token().RevokeAccessorWithContext(t.Context(), accessor))
	}
}

func (s *real) Tokens(t testing.TB) int { return len(s.accessors(t)) }

func (s *real) Seal(t testing.TB) { require.NoError(t, s.root.Sys().SealWithContext(t.Context())) }

// accessors name the tokens that logins gave out.
func (s *real) accessors(t testing.TB) (all []string) {
	found, err := s.root.Logical().ListWithContext(t.Context(), "auth/token/accessors")
	require.NoError(t, err)
	for _, each := range found.Data["keys"].([]any) {
		token, err := s.root.Auth().Token().LookupAccessorWithContext(t.Context(), each.(string))
		if err == nil && token.Data["path"] != "auth/token/root" {
			all = append(all, each.(string))
		}
	}
	return all
}

func (s *real) write(t testing.TB, path string, data map[string]any) *api.Secret {
	answer, err := s.root.Logical().WriteWithContext(t.Context(), path, data)
	require.NoError(t, err)
	return answer
}

// reviewer stands for the one call that Vault makes to Kubernetes: is this the
// token of a service account.
func reviewer(t testing.TB) (url string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review struct {
			APIVersion string         `json:"apiVersion"`
			Kind       string         `json:"kind"`
			Spec       map[string]any `json:"spec"`
			Status     map[string]any `json:"status"`
		}
		if json.NewDecoder(r.Body).Decode(&review) != nil || r.Header.Get("Authorization") != "Bearer reviewer" {
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		review.APIVersion, review.Kind = "authentication.k8s.io/v1", "TokenReview"
		review.Status = map[string]any{
			"authenticated": true, "audiences": []string{"vault"},
			"user": map[string]any{"username": "system:serviceaccount:hotels:voicehive", "uid": accountUID},
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(review)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const accountUID = "d77f89bc-9055-11e7-a068-0800276d99bf"

// serviceAccount is a token as Kubernetes mounts it into a pod.
func serviceAccount(t testing.TB) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	require.NoError(t, err)
	signed, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": "https://kubernetes.default.svc", "aud": []string{"vault"}, "sub": "system:serviceaccount:hotels:voicehive",
		"iat": time.Now().Unix(), "nbf": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"kubernetes.io": map[string]any{
			"namespace": "hotels", "serviceaccount": map[string]any{"name": "voicehive", "uid": accountUID},
		},
	}).Serialize()
	require.NoError(t, err)
	return signed
}
