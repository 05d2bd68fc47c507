//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/config"
)

func TestRegionCheckAttestAndList(t *testing.T) {
	hotel, _ := sandboxed(t)
	findings := must[[]region.Finding](t, "region", "check")
	require.NotEmpty(t, findings)
	for _, f := range findings {
		require.Equal(t, region.Pass, f.State, f.String())
		require.Equal(t, region.Loopback, f.Class, f.String())
	}

	hotel.Endpoints = nil // the vendor's own hosts
	entry, err := yaml.Marshal(hotel)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "hotel.yaml")
	require.NoError(t, os.WriteFile(file, entry, 0o600))
	_, err = verb(t, "hotel", "add", "--unchecked", file)
	require.NoError(t, err)
	require.Equal(t, "UNKNOWN", must[[]map[string]any](t, "hotel", "list")[0]["residency"])

	document := filepath.Join(t.TempDir(), "contract.pdf")
	require.NoError(t, os.WriteFile(document, []byte("hello"), 0o600))
	day := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	a := must[registry.Attestation](t, "region", "attest", hotel.ID, "--by", "General Manager", "--document", document, "--until", day)
	require.Equal(t, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", a.SHA256)
	require.Equal(t, "contract.pdf", a.Document)
	require.Equal(t, []string{"api.apaleo.com", "identity.apaleo.com", "webhook.apaleo.com"}, a.Hosts)
	require.Equal(t, "ATTESTED", must[[]map[string]any](t, "hotel", "list")[0]["residency"])
	text, err := verb(t, "region", "list")
	require.NoError(t, err)
	require.Contains(t, text, "General Manager")

	for _, args := range [][]string{
		{"region", "attest", hotel.ID, "--by", "GM", "--document", document},
		{"region", "attest", hotel.ID, "--by", "GM", "--document", document, "--until", "soon"},
		{"region", "attest", hotel.ID, "--by", "GM", "--document", document, "--until", "2020-01-01"},
		{"region", "attest", hotel.ID, "--by", "GM", "--document", document + ".no", "--until", day},
		{"region", "attest", "hotel-nowhere", "--by", "GM", "--document", document, "--until", day},
		{"region", "check", "--settings", "--pool", "gpu"}, // there is no speech server
	} {
		_, err := verb(t, args...)
		require.Error(t, err, args)
	}
}

func TestRegionCheckRefusesWithEachReason(t *testing.T) {
	for name, value := range map[string]string{
		"VOICEHIVE_ENV": "production", "DATABASE_URL": "postgres://u:hush@db.x.eu-west-2.rds.amazonaws.com/x",
		"KEYS_DATABASE_URL": "postgres://u:hush@db.internal/x", "RIVA_ADDRESS": "grpc.nvcf.nvidia.com:443",
		"VOICEHIVE_OIDC": "https://login.microsoftonline.com/x=voicehive,https://sso.example=voicehive",
		"HTTPS_PROXY":    "http://u:hush@proxy.example:3128", "TEMPORAL_ADDRESS": "prod.a1b2c.tmprl.cloud:7233",
		"LIVEKIT_URL": "wss://aurora.livekit.cloud",
	} {
		t.Setenv(name, value)
	}
	text, err := verb(t, "region", "check", "--settings")
	require.ErrorContains(t, err, "refused")
	require.NotContains(t, text, "hush")
	for setting, state := range map[string]string{
		"DATABASE_URL": "FAIL", "KEYS_DATABASE_URL": "UNKNOWN", "RIVA_ADDRESS": "FAIL", "VOICEHIVE_OIDC[1]": "UNKNOWN",
		"HTTPS_PROXY": "UNKNOWN", "TEMPORAL_ADDRESS": "UNKNOWN", "LIVEKIT_URL": "UNKNOWN", "VOICEHIVE_MEDIA_NODES": "FAIL",
	} {
		require.Regexp(t, `(?m)^`+state+` +`+strings.NewReplacer("[", `\[`, "]", `\]`).Replace(setting)+` `, text)
	}
}

func TestSettingsEndpoints(t *testing.T) {
	endpoints, err := settingsEndpoints(func(name string) string {
		return map[string]string{"VOICEHIVE_OIDC": "https://a=x,https://b=y", "TEMPORAL_ADDRESS": "t:7233"}[name]
	}, "")
	require.NoError(t, err)
	var names []string
	for _, e := range endpoints {
		names = append(names, e.Name)
	}
	require.Equal(t, []string{"VOICEHIVE_OIDC", "VOICEHIVE_OIDC[1]", "TEMPORAL_ADDRESS"}, names)

	for environment, nodes := range map[string]int{"production": 1, "development": 0} {
		endpoints, err = settingsEndpoints(func(name string) string {
			return map[string]string{"LIVEKIT_URL": "wss://rooms.example", "VOICEHIVE_ENV": environment, "TEMPORAL_ADDRESS": "t:7233"}[name]
		}, "")
		require.NoError(t, err)
		require.Len(t, endpoints, 2+nodes)
		require.Equal(t, nodes == 1, endpoints[1].Name == "VOICEHIVE_MEDIA_NODES", "where media goes must be said, in production")
	}
	file := filepath.Join(t.TempDir(), "region.yaml")
	require.NoError(t, os.WriteFile(file, []byte("endpoints: [{host: s3.amazonaws.com}]"), 0o600))
	_, err = newGuard(config.Config{RegionFile: file}, os.Getenv, "", nil, nil)
	require.ErrorIs(t, err, region.ErrRules)
}
