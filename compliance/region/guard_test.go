package region_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
)

const frankfurt = "db.x.eu-central-1.rds.amazonaws.com"

// TestNamesThatLeadElsewhere: a name may pass, and its records in the DNS not.
func TestNamesThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	world := names{
		frankfurt: {"writer.x.eu-central-1.rds.amazonaws.com"},
		"writer.x.eu-central-1.rds.amazonaws.com": {"198.51.100.7"},
		"moved.x.eu-central-1.rds.amazonaws.com":  {"db.x.us-east-1.rds.amazonaws.com"},
		"db.x.us-east-1.rds.amazonaws.com":        {"198.51.100.8"},
		"gone.x.eu-central-1.rds.amazonaws.com":   {"cdn.example.net"},
		"cdn.example.net":                         {"198.51.100.9"},
		"self.x.eu-central-1.rds.amazonaws.com":   {"127.0.0.1"},
		"any.x.eu-central-1.rds.amazonaws.com":    {"198.51.100.7", "0.0.0.0"},
		"meta.x.eu-central-1.rds.amazonaws.com":   {"169.254.169.254"},
		"six.x.eu-central-1.rds.amazonaws.com":    {"::ffff:127.0.0.1"},
		"db.hotelhost.example":                    {"node7.hetzner.example"},
		"node7.hetzner.example":                   {"198.51.100.7"},
		"api.mews.com":                            {"mews.azurefd.net"},
		"mews.azurefd.net":                        {"198.51.100.10"},
	}
	g := guard(t, func(o *region.Options) {
		o.Resolver, o.Declared = world, declared(t, declaration)
	})
	check := func(g *region.Guard, role region.Role, host string) region.Finding {
		findings := g.Check(t.Context(), region.Endpoint{Name: "X", Role: role, Address: "https://" + host})
		require.Len(t, findings, 1)
		return findings[0]
	}
	for host, want := range map[string]string{ // "": passes
		frankfurt:                                "",
		"moved.x.eu-central-1.rds.amazonaws.com": "us-east-1",
		"gone.x.eu-central-1.rds.amazonaws.com":  "*.example.net",
		"self.x.eu-central-1.rds.amazonaws.com":  "this machine",
		"any.x.eu-central-1.rds.amazonaws.com":   "this machine",
		"meta.x.eu-central-1.rds.amazonaws.com":  "link-local",
		"six.x.eu-central-1.rds.amazonaws.com":   "this machine",
		"db.hotelhost.example":                   "",
	} {
		f := check(g, region.Vault, host)
		if want == "" {
			require.Equal(t, region.Pass, f.State, "%s: %s", host, f.Reason)
			require.Equal(t, []netip.Addr{netip.MustParseAddr("198.51.100.7")}, f.Addresses)
			continue
		}
		require.Equal(t, region.Fail, f.State, host)
		require.Contains(t, f.Reason, want, host)
	}
	require.Equal(t, region.Unknown, check(g, region.System, "api.mews.com").State, "a hotel's system lies where the hotel says")

	world["node7.hetzner.example"] = []string{"203.0.113.5"}
	require.Contains(t, check(g, region.Vault, "db.hotelhost.example").Reason, "outside the declared ranges")
	require.Equal(t, region.Pass, check(g, region.Vault, "absent.x.eu-central-1.rds.amazonaws.com").State, "a name that does not resolve now stands as it says")
	require.Contains(t, check(g, region.Vault, "absent.x.eu-central-1.rds.amazonaws.com").Reason, "does not resolve")

	dev := guard(t, func(o *region.Options) { o.Resolver, o.Production = world, false })
	require.Equal(t, region.Pass, check(dev, region.Vault, "self.x.eu-central-1.rds.amazonaws.com").State)
	require.Equal(t, region.Fail, check(dev, region.Vault, "moved.x.eu-central-1.rds.amazonaws.com").State)
	world["a.localhost"] = []string{"198.51.100.7"}
	require.Contains(t, check(dev, region.Vault, "a.localhost").Reason, "resolves to another")
}

func TestAStartTellsAllAtOnce(t *testing.T) {
	t.Parallel()
	endpoints := []region.Endpoint{
		{Name: "DATABASE_URL", Role: region.Database, Address: "postgres://u:hush@" + frankfurt + "/x", Required: true},
		{Name: "KEYS_DATABASE_URL", Role: region.Database, Address: "postgres://u:hush@k.x.eu-west-2.rds.amazonaws.com/x"},
		{Name: "VAULT_ADDR", Role: region.Vault, Address: "https://vault.internal:8200"},
		{Name: "RIVA_ADDRESS", Role: region.Speech, Required: true},
		{Name: "OTHER_RIVA", Role: region.Speech, Address: "grpc.nvcf.nvidia.com:443"},
		{Name: "HTTPS_PROXY", Role: region.Proxy, Address: "http://u:hush@proxy.example:3128"},
		{Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Role: region.Telemetry},
		{Name: "TEMPORAL_ADDRESS", Role: region.Temporal, Address: "127.0.0.1:7233", Required: true},
	}
	g := guard(t, func(o *region.Options) { o.Endpoints = endpoints })
	findings, err := g.Start(t.Context())
	require.ErrorIs(t, err, region.ErrRefused)
	require.Len(t, findings, 7, "an empty one that is not required is none")
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 6)
	for _, name := range []string{"KEYS_DATABASE_URL", "VAULT_ADDR", "RIVA_ADDRESS", "OTHER_RIVA", "HTTPS_PROXY", "TEMPORAL_ADDRESS"} {
		require.Contains(t, err.Error(), name)
	}
	require.NotContains(t, err.Error(), "hush")

	dev := guard(t, func(o *region.Options) { o.Endpoints, o.Production = endpoints, false })
	_, err = dev.Start(t.Context())
	require.Len(t, strings.Split(err.Error(), "\n"), 3, "%v", err) // London, the empty Riva and NVIDIA's
}

func TestAFineStart(t *testing.T) {
	t.Parallel()
	g := guard(t, func(o *region.Options) {
		o.Endpoints = []region.Endpoint{{Name: "DATABASE_URL", Role: region.Database, Address: "postgres://u:p@" + frankfurt + "/x"}}
	})
	findings, err := g.Start(t.Context())
	require.NoError(t, err)
	require.Len(t, findings, 1)
}
