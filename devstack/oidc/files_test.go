package oidc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeyIsKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	first, err := loadKey(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	second, err := loadKey(path)
	require.NoError(t, err)
	require.Equal(t, first.id, second.id)
	require.True(t, first.private.Equal(second.private))

	other, err := loadKey(filepath.Join(t.TempDir(), "key.pem"))
	require.NoError(t, err)
	require.NotEqual(t, first.id, other.id)
}

func TestKeyRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		content string
		mode    os.FileMode
		says    string
	}{
		"readable by others": {"", 0o644, "chmod 600"},
		"empty":              {"", 0o600, "no PEM"},
		"damaged":            {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "key.pem")
			require.NoError(t, os.WriteFile(path, []byte(tc.content), 0o600))
			require.NoError(t, os.Chmod(path, tc.mode))
			_, err := loadKey(path)
			require.ErrorContains(t, err, tc.says)
		})
	}
}

func TestSample(t *testing.T) {
	t.Parallel()
	d, err := Sample()
	require.NoError(t, err)
	for _, id := range []string{"agent", "compliance", "ops", "admin"} {
		user, ok := d.user(id)
		require.True(t, ok, id)
		require.Equal(t, []string{id}, user.Roles)
	}
}

func TestDirectoryRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, says string }{
		"empty":         {"", "EOF"},
		"no users":      {"clients: [{id: a}]", "at least one user"},
		"unknown field": {"users: [{id: a, passwort: b}]", "passwort"},
		"same id":       {"users: [{id: a}, {id: a}]", "twice"},
		"user = client": {"users: [{id: a}]\nclients: [{id: a}]", "twice"},
		"redirect":      {"users: [{id: a}]\nclients: [{id: b, redirect_uris: [/here]}]", "absolute"},
		"lifetime":      {"users: [{id: a}]\ntoken_lifetime: 48h", "token_lifetime"},
		"audience":      {"users: [{id: a}]\naudience: ''", "audience"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseDirectory([]byte(tc.text))
			require.ErrorContains(t, err, tc.says)
		})
	}
}

func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "example.org:80", "127.0.0.1"} {
		_, err := Listen(Options{Addr: addr, KeyFile: filepath.Join(t.TempDir(), "key.pem")})
		require.ErrorContains(t, err, "--addr", addr)
	}
}

func FuzzParseDirectory(f *testing.F) {
	f.Add(sample)
	f.Add([]byte("users: [{id: a}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ParseDirectory(text)
		if err != nil {
			require.Nil(t, d)
			return
		}
		require.NotEmpty(t, d.Users)
		require.Positive(t, d.TokenLifetime)
		for _, client := range d.Clients {
			for _, uri := range client.RedirectURIs {
				require.True(t, client.allows(uri), "a registered address is allowed")
			}
		}
	})
}

// Whatever is asked for, a browser is only ever sent to the registered path on
// loopback.
func FuzzRedirect(f *testing.F) {
	client := Client{RedirectURIs: []string{"http://127.0.0.1/cb"}}
	for _, uri := range []string{"http://127.0.0.1:1/cb", "http://127.0.0.1@evil/cb", "http://127.0.0.1/cb/../x", "http://127.0.0.1:1/cb?x", "//127.0.0.1/cb"} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		if !client.allows(uri) {
			return
		}
		rest, ok := strings.CutPrefix(uri, "http://127.0.0.1")
		if !ok {
			rest, ok = strings.CutPrefix(strings.ToLower(uri), "http://127.0.0.1")
		}
		require.True(t, ok, uri)
		port, ok := strings.CutSuffix(rest, "/cb")
		require.True(t, ok, uri)
		require.Empty(t, strings.Trim(port, ":0123456789"), uri)
	})
}
