package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// speak runs a verb with text on standard input and returns what it printed.
func speak(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(strings.NewReader(in))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	text := out.String()
	if err != nil {
		text += err.Error()
	}
	require.NotContains(t, text, "hush", "a secret is never printed")
	return text, err
}

func TestCredentialsVerb(t *testing.T) {
	for name, settings := range map[string]func(t *testing.T){
		"in a file": func(t *testing.T) { t.Setenv("VAULT_ADDR", "") },
		"in Vault": func(t *testing.T) {
			fake := vaulttest.NewFake(t)
			roleID, secretID := fake.AppRole(t, time.Hour, time.Hour)
			t.Setenv("VAULT_ADDR", fake.URL)
			t.Setenv("VOICEHIVE_VAULT_ROLE", roleID)
			t.Setenv("VOICEHIVE_VAULT_SECRET_FILE", vaulttest.SecretFile(t, secretID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("VOICEHIVE_HOME", t.TempDir())
			settings(t)
			_, err := speak(t, "client_id: id\nclient_secret: hush-1\n", "credentials", "put", "group/aurora")
			require.NoError(t, err)
			fields := filepath.Join(t.TempDir(), "fields.yaml")
			require.NoError(t, os.WriteFile(fields, []byte("client_secret: hush-2\nscopes: [offers.read]\n"), 0o600))
			_, err = speak(t, "", "credentials", "rotate", "group/aurora", "--file", fields)
			require.NoError(t, err)
			said, err := speak(t, "", "credentials", "list", "--json")
			require.NoError(t, err)
			var listed []listedCredentials
			require.NoError(t, json.Unmarshal([]byte(said), &listed))
			require.Equal(t, []listedCredentials{{Ref: "group/aurora", Kind: "oauth2_client_credentials"}}, listed)

			for in, problem := range map[string]string{
				"client_secert: hush-3": "client_secert",
				"client_secret: null":   "client_secret",
				"[hush":                 "YAML",
				"":                      "empty",
				"client_id: " + strings.Repeat("x", 300<<10): "larger",
			} {
				said, err := speak(t, in, "credentials", "rotate", "group/aurora")
				require.ErrorContains(t, err, problem)
				require.NotContains(t, said, "is rotated")
				_, err = speak(t, in, "credentials", "put", "other")
				require.Error(t, err)
			}
			_, err = speak(t, "client_secret: hush-3", "credentials", "rotate", "none")
			require.ErrorContains(t, err, "no such credentials")
			_, err = speak(t, "", "credentials", "put", "x", "--file", filepath.Join(fields, "none"))
			require.Error(t, err)
			_, err = speak(t, "", "credentials", "put")
			require.ErrorContains(t, err, "needs a reference")
		})
	}
}

func TestProductionKeepsCredentialsInVault(t *testing.T) {
	t.Setenv("VOICEHIVE_ENV", "production")
	t.Setenv("VAULT_ADDR", "")
	_, err := speak(t, "", "credentials", "list")
	require.ErrorContains(t, err, "VAULT_ADDR")
	t.Setenv("VAULT_ADDR", "http://vault.eu-central-1.elb.amazonaws.com:8200") // the region guard lets it through
	t.Setenv("VOICEHIVE_VAULT_ROLE", "role")
	for _, login := range []string{"approle", "kubernetes", "token"} {
		t.Setenv("VOICEHIVE_VAULT_LOGIN", login)
		t.Setenv("VOICEHIVE_VAULT_SECRET_FILE", "none")
		_, err = speak(t, "", "credentials", "list")
		require.ErrorContains(t, err, "https")
	}
}
