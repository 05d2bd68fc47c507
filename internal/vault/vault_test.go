package vault_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

func TestContractOnTheFake(t *testing.T) {
	t.Parallel()
	vaulttest.Contract(t, func(t testing.TB) vaulttest.Subject { return vaulttest.NewFake(t) })
}

// TestAVaultInTrouble: the same on the fake as on the real one.
func TestAVaultInTrouble(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	roleID, secretID := fake.AppRole(t, time.Hour, time.Hour)
	client, err := vault.New(vault.Options{
		Address: fake.URL, Timeout: time.Second, Login: vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)},
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	transit := client.Transit(vaulttest.TransitMount)
	require.NoError(t, transit.CreateKey(t.Context(), vaulttest.TroubledWrapping, vault.KeyWrapping))
	require.NoError(t, transit.CreateKey(t.Context(), vaulttest.TroubledSigning, vault.KeySigning))
	vaulttest.Troubles(t, client, fake.Become, func() {})
	require.Contains(t, fake.Secrets(), []byte("key"))
	require.Contains(t, fake.Secrets(), []byte(secretID))
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	login := vault.AppRole{RoleID: "r"}
	junk := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(junk, []byte("no certificate"), 0o600))
	for want, o := range map[string]vault.Options{
		"login is required": {Address: "https://vault.example"},
		"absolute URL":      {Address: "vault.example", Login: login},
		"must be https":     {Address: "http://vault.example:8200", Login: login},
		"CA certificates":   {Address: "https://vault.example", Login: login, CACert: junk + ".none"},
		"no certificate":    {Address: "https://vault.example", Login: login, CACert: junk},
	} {
		_, err := vault.New(o)
		require.ErrorContains(t, err, want)
	}
	client, err := vault.New(vault.Options{Address: "http://localhost:8200", Login: login, Namespace: "hotels"})
	require.NoError(t, err)
	client.Close()
}

// An answer is what a broken Vault, or something in between, may say.
type broken struct {
	status int
	body   string
	want   error
}

func TestAnswersThatAreNoVaults(t *testing.T) {
	t.Parallel()
	const secret = "quoted-secret"
	for name, b := range map[string]broken{
		"html":            {200, "<html>" + secret, vault.ErrUnavailable},
		"truncated":       {200, `{"data":{"data":{"a":"` + secret, vault.ErrUnavailable},
		"huge":            {200, `{"data":"` + strings.Repeat("x", 5<<20), vault.ErrUnavailable},
		"huge and sound":  {200, `{"data":{"data":{"a":"` + strings.Repeat("x", 5<<20) + `"},"metadata":{"version":1,"created_time":"2026-11-22T14:00:00Z","deletion_time":"","destroyed":false}}}`, vault.ErrUnavailable},
		"no kv engine":    {200, `{"data":{"a":"` + secret + `"}}`, vault.ErrUnavailable},
		"early":           {425, `{}`, vault.ErrRefused},
		"other version":   {400, `{"errors":["` + secret + `"]}`, vault.ErrRefused},
		"html refusal":    {403, "<html>" + secret, vault.ErrDenied},
		"bad gateway":     {502, "<html>" + secret, vault.ErrUnavailable},
		"standby":         {473, `{}`, vault.ErrUnavailable},
		"slow down":       {429, `{}`, vault.ErrUnavailable},
		"503 without why": {503, `{}`, vault.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/v1/auth/") {
					fmt.Fprint(w, `{"auth":{"client_token":"t"},"data":{"ttl":0}}`)
					return
				}
				w.WriteHeader(b.status)
				fmt.Fprint(w, b.body)
			}))
			t.Cleanup(server.Close)
			kv := open(t, server.URL, time.Second).KV("secret")
			_, err := kv.Read(t.Context(), "a")
			require.ErrorIs(t, err, b.want)
			require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), secret)
			_, err = kv.Version(t.Context(), "a")
			require.Error(t, err)
			_, err = kv.Write(t.Context(), "a", map[string]any{"a": secret}, 0)
			require.Error(t, err)
			require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), secret)
			if b.status != 200 || name == "html" || name == "truncated" || strings.HasPrefix(name, "huge") {
				_, err = kv.List(t.Context(), "a")
				require.Error(t, err)
			}
		})
	}
}

func TestLoginsThatBringNoToken(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"data":{}}`) }))
	t.Cleanup(server.Close)
	_, err := open(t, server.URL, time.Second).KV("secret").Read(t.Context(), "a")
	require.ErrorIs(t, err, vault.ErrUnavailable)
	require.ErrorContains(t, err, "no token")

	empty, large := vaulttest.SecretFile(t, ""), vaulttest.SecretFile(t, strings.Repeat("x", 100<<10))
	for want, login := range map[string]vault.Login{
		"cannot be opened": vault.TokenFile{Path: filepath.Join(t.TempDir(), "none")},
		"cannot be read":   vault.AppRole{SecretIDFile: t.TempDir()},
		"is empty":         vault.Kubernetes{TokenFile: empty},
		"too large":        vault.TokenFile{Path: large},
	} {
		client, err := vault.New(vault.Options{Address: server.URL, Login: login})
		require.NoError(t, err)
		t.Cleanup(client.Close)
		_, err = client.KV("secret").Read(t.Context(), "a")
		require.ErrorIs(t, err, vault.ErrDenied)
		require.ErrorContains(t, err, want)
	}
	// A token whose life is told as nonsense is not trusted.
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"data":{"ttl":"soon"}}`) }))
	t.Cleanup(odd.Close)
	client, err := vault.New(vault.Options{Address: odd.URL, Login: vault.TokenFile{Path: vaulttest.SecretFile(t, "t")}})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	_, err = client.KV("secret").Read(t.Context(), "a")
	require.ErrorIs(t, err, vault.ErrUnavailable)
}

func TestVaultThatIsGone(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	client := vaulttest.Open(t, fake)
	fake.Down(true)
	_, err := client.KV(vaulttest.Mount).Read(t.Context(), "a")
	require.ErrorIs(t, err, vault.ErrUnavailable)
	fake.Down(false)
	_, err = client.KV(vaulttest.Mount).Read(t.Context(), vaulttest.Allowed+"/a")
	require.ErrorIs(t, err, vault.ErrNotFound, "it comes back without a restart")

	server := httptest.NewServer(nil)
	server.Close()
	_, err = open(t, server.URL, time.Second).KV("secret").Read(t.Context(), "a")
	require.ErrorIs(t, err, vault.ErrUnavailable)
	require.ErrorContains(t, err, "refused", "it tells what to look at")
	tls := httptest.NewTLSServer(nil)
	t.Cleanup(tls.Close)
	_, err = open(t, tls.URL, time.Second).KV("secret").Read(t.Context(), "a")
	require.ErrorIs(t, err, vault.ErrUnavailable)
	require.ErrorContains(t, err, "certificate")
}

func TestRenewalWaitsForVault(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	roleID, secretID := fake.AppRole(t, 2*time.Second, time.Hour)
	lines := make(logLines, 64)
	client, err := vault.New(vault.Options{
		Address: fake.URL, Login: vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)},
		Logger: slog.New(slog.NewTextHandler(lines, nil)),
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	kv := client.KV(vaulttest.Mount)
	_, err = kv.Read(t.Context(), vaulttest.Allowed+"/a")
	require.ErrorIs(t, err, vault.ErrNotFound)
	fake.Down(true)
	line := <-lines // nobody reads: the background noticed
	require.Contains(t, line, "could not be renewed")
	require.NotContains(t, line, secretID)
	<-lines
	_, err = kv.Read(t.Context(), vaulttest.Allowed+"/a")
	require.ErrorIs(t, err, vault.ErrUnavailable)
	fake.Down(false)
	_, err = kv.Read(t.Context(), vaulttest.Allowed+"/a")
	require.ErrorIs(t, err, vault.ErrNotFound)
}

func TestLoginIsRepeatedBeforeTheLongestLifeEnds(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	roleID, secretID := fake.AppRole(t, 2*time.Second, 3*time.Second)
	client, err := vault.New(vault.Options{Address: fake.URL, Login: vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)}})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	_, err = client.KV(vaulttest.Mount).Read(t.Context(), vaulttest.Allowed+"/a")
	require.ErrorIs(t, err, vault.ErrNotFound)
	// Nobody calls; the next caller will not wait for a login.
	require.Eventually(t, func() bool { return fake.Logins() > 1 }, time.Minute, 10*time.Millisecond)
}

// logLines hands on what is logged.
type logLines chan string

func (l logLines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func TestVaultThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	_, err := open(t, server.URL, 50*time.Millisecond).KV("secret").Read(t.Context(), "a")
	require.ErrorIs(t, err, vault.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = open(t, server.URL, time.Minute).KV("secret").Read(ctx, "a")
	require.ErrorIs(t, err, vault.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
}

func open(t *testing.T, url string, timeout time.Duration) *vault.Client {
	t.Helper()
	client, err := vault.New(vault.Options{Address: url, Login: vault.AppRole{RoleID: "r"}, Timeout: timeout})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}
