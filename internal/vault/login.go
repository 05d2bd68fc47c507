package vault

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"

	"github.com/hashicorp/vault/api"
)

// A Login is a way to get a token: AppRole, Kubernetes or TokenFile. The files
// they name are read at each login, so what is in them can be rotated.
type Login interface {
	path() string
	ours() bool
	logIn(ctx context.Context, client *api.Client) (*api.SecretAuth, error)
}

// AppRole logs in as a role, for machines outside of Kubernetes.
type AppRole struct {
	Mount  string // of the auth method; empty means "approle"
	RoleID string
	// SecretIDFile holds the role's secret id; empty for a role that needs none.
	SecretIDFile string
}

func (a AppRole) path() string { return "auth/" + cmp.Or(a.Mount, "approle") + "/login" }
func (a AppRole) ours() bool   { return true }

func (a AppRole) logIn(ctx context.Context, client *api.Client) (*api.SecretAuth, error) {
	data := map[string]any{"role_id": a.RoleID}
	if a.SecretIDFile != "" {
		secret, err := readSecret(a.SecretIDFile, a.path())
		if err != nil {
			return nil, err
		}
		data["secret_id"] = secret
	}
	return post(ctx, client, a.path(), data)
}

// ServiceAccountFile is where Kubernetes mounts a pod's own token.
const ServiceAccountFile = "/var/run/secrets/kubernetes.io/serviceaccount/token"

// Kubernetes logs in with the service account of the pod.
type Kubernetes struct {
	Mount     string // of the auth method; empty means "kubernetes"
	Role      string
	TokenFile string // empty means ServiceAccountFile
}

func (k Kubernetes) path() string { return "auth/" + cmp.Or(k.Mount, "kubernetes") + "/login" }
func (k Kubernetes) ours() bool   { return true }

func (k Kubernetes) logIn(ctx context.Context, client *api.Client) (*api.SecretAuth, error) {
	account, err := readSecret(cmp.Or(k.TokenFile, ServiceAccountFile), k.path())
	if err != nil {
		return nil, err
	}
	return post(ctx, client, k.path(), map[string]any{"role": k.Role, "jwt": account})
}

// TokenFile takes a token that somebody else fetched, such as Vault Agent or
// `vault login`. It is not revoked at the end, for others may use it.
type TokenFile struct{ Path string }

func (t TokenFile) path() string { return "auth/token/lookup-self" }
func (t TokenFile) ours() bool   { return false }

func (t TokenFile) logIn(ctx context.Context, client *api.Client) (*api.SecretAuth, error) {
	token, err := readSecret(t.Path, t.path())
	if err != nil {
		return nil, err
	}
	client.SetToken(token)
	found, err := client.Auth().Token().LookupSelfWithContext(ctx)
	if err != nil {
		return nil, err
	}
	left, err := found.TokenTTL()
	renewable, err2 := found.TokenIsRenewable()
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return &api.SecretAuth{ClientToken: token, LeaseDuration: int(left.Seconds()), Renewable: renewable}, nil
}

// post sends a login and expects a token.
func post(ctx context.Context, client *api.Client, path string, data map[string]any) (*api.SecretAuth, error) {
	answer, err := client.Logical().WriteWithContext(ctx, path, data)
	if err != nil {
		return nil, err
	}
	if answer == nil || answer.Auth == nil || answer.Auth.ClientToken == "" {
		return nil, &Error{Kind: ErrUnavailable, Op: "log in", Path: path, Detail: "the answer holds no token"}
	}
	return answer.Auth, nil
}

// maxSecretFile bounds a file with one secret, in bytes.
const maxSecretFile = 64 << 10

func readSecret(file, path string) (string, error) {
	refuse := func(detail string) error {
		return &Error{Kind: ErrDenied, Op: "log in", Path: path, Detail: "the file " + file + " " + detail}
	}
	f, err := os.Open(file)
	if err != nil {
		return "", refuse("with the login's secret cannot be opened")
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	content = bytes.TrimSpace(content)
	switch {
	case err != nil:
		return "", refuse("with the login's secret cannot be read")
	case len(content) == 0:
		return "", refuse("with the login's secret is empty")
	case len(content) > maxSecretFile:
		return "", refuse("is too large to be the login's secret")
	}
	return string(content), nil
}
