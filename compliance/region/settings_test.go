package region_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/config"
)

// A setting could be an address by its name or by its text.
var (
	addressName = regexp.MustCompile(`_(URL|ADDR|ADDRESS|ENDPOINT|HOST|SERVER|PROXY|DSN|OIDC|ISSUERS?|BUCKET|BROKERS?|WITNESS(ES)?|SMTP|SMS|OBJECTS|RELAY|GATEWAY)$`)
	addressText = regexp.MustCompile(`(?i)\bURL\b|\bhost:port\b|\baddress of\b`)
)

func addressLike(s config.Setting) bool {
	return addressName.MatchString(s.Name) || addressText.MatchString(s.Text)
}

// noAddress are settings that look like one and are none.
var noAddress = map[string]string{
	"VOICEHIVE_ADDR":            "the API listens there",
	"VOICEHIVE_METRICS_ADDR":    "a worker listens there",
	"VOICEHIVE_CODEC_URL":       "browsers find our own API there",
	"VOICEHIVE_CONSOLE_URL":     "browsers find our own pages there",
	"VOICEHIVE_PUBLIC_URL":      "guests find our own API there",
	"VOICEHIVE_TEMPORAL_UI":     "a link that an officer's browser follows",
	"VOICEHIVE_AUDIT_WITNESSES": "a file; the guard classifies each witness when it is dialled",
	"VOICEHIVE_VAULT_DATABASE":  "the name of a role, said beside the URL that it goes with",
}

// TestEverySettingThatIsAnAddressIsGuarded fails for a new one that
// config.Endpoints does not list.
func TestEverySettingThatIsAnAddressIsGuarded(t *testing.T) {
	t.Parallel()
	guarded := map[string]bool{}
	for _, e := range config.Endpoints() {
		require.Contains(t, region.Roles(), region.Role(e.Purpose), e.Setting)
		require.False(t, guarded[e.Setting], "%s is listed twice", e.Setting)
		guarded[e.Setting] = true
	}
	found := 0
	for _, s := range config.Settings() {
		if !addressLike(s) || noAddress[s.Name] != "" {
			continue
		}
		found++
		require.True(t, guarded[s.Name], "%s looks like an address: list it in config.Endpoints with what stands there, so that the region guard checks it", s.Name)
	}
	require.Greater(t, found, 4)
	for name := range noAddress {
		require.True(t, slices.ContainsFunc(config.Settings(), func(s config.Setting) bool { return s.Name == name }), name)
	}
}

// TestNewAddressesAreSeen keeps the pattern above honest.
func TestNewAddressesAreSeen(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"VOICEHIVE_SMTP", "SMS_GATEWAY", "VOICEHIVE_OBJECTS", "LIVEKIT_URL", "VOICEHIVE_WITNESSES", "REDIS_ADDR"} {
		require.True(t, addressLike(config.Setting{Name: name}), name)
	}
	require.True(t, addressLike(config.Setting{Name: "X", Text: "host:port of the mail relay"}))
	require.True(t, addressLike(config.Setting{Name: "X", Text: "base URL of the witness"}))
	require.False(t, addressLike(config.Setting{Name: "VOICEHIVE_HOLD", Text: "how long"}))
}

func TestAddressesInSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		shape config.Shape
		value string
		want  []string
	}{
		{config.One, "", nil},
		{config.One, " ", nil},
		{config.One, "https://a,b", []string{"https://a,b"}},
		{config.Many, "a, b,", []string{"a", "b"}},
		{config.Place, "/a/folder", nil},
		{config.Place, "", nil},
		{config.Place, "s3://a,b?region=c", []string{"s3://a,b?region=c"}},
		{config.Audiences, "https://a/realm=x, https://b=y", []string{"https://a/realm", "https://b"}},
	} {
		require.Equal(t, test.want, config.Endpoint{Shape: test.shape}.Addresses(test.value))
	}
}
