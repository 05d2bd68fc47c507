package server

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/server/common/dynamicconfig"
)

func TestParsePostgresURL(t *testing.T) {
	t.Parallel()
	cfg, err := parsePostgresURL("postgres://u%40corp:p%2Fw@db:5433/hive?sslmode=require&connect_timeout=3")
	require.NoError(t, err)
	require.Equal(t, "db:5433", cfg.ConnectAddr)
	require.Equal(t, "u@corp", mustUnescape(t, cfg.User))
	require.Equal(t, "p/w", cfg.Password)
	require.Equal(t, "hive", cfg.DatabaseName)
	require.Equal(t, map[string]string{"sslmode": "require", "connect_timeout": "3"}, cfg.ConnectAttributes)

	cfg, err = parsePostgresURL("postgresql://u@/?host=%2Ftmp")
	require.NoError(t, err)
	require.Equal(t, defaultDatabase, cfg.DatabaseName)
	require.Equal(t, "/tmp", cfg.ConnectAttributes["host"])
}

func TestUIPorts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		port, ui int
		want     func(*testing.T, Options)
	}{
		"beside the frontend": {7300, 0, func(t *testing.T, o Options) { require.Equal(t, 8300, o.UI.Port) }},
		"as given":            {7300, 9000, func(t *testing.T, o Options) { require.Equal(t, 9000, o.UI.Port) }},
		"any":                 {7300, AnyPort, func(t *testing.T, o Options) { require.Positive(t, o.UI.Port) }},
		"any beside any":      {0, 0, func(t *testing.T, o Options) { require.NotEqual(t, o.Port+UIPortOffset, o.UI.Port) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := Options{Port: tc.port, UI: &UI{Port: tc.ui}}.complete()
			require.NoError(t, err)
			tc.want(t, o)
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	settings, err := newSettings(map[string]any{"history.TransferProcessorMaxPollRPS": 5})
	require.NoError(t, err)
	value := func(key dynamicconfig.Key) any { return settings.GetValue(key)[0].Value }
	require.Equal(t, 5, value(dynamicconfig.TransferProcessorMaxPollRPS.Key()), "the caller's word counts, in any case")
	require.Equal(t, pollRPS, value(dynamicconfig.TimerProcessorMaxPollRPS.Key()))
	require.Equal(t, 1, value(dynamicconfig.MatchingNumTaskqueueReadPartitions.Key()))
	require.Equal(t, true, value(dynamicconfig.MatchingEnableFairness.Key()))
}

// The UI refuses to decode anything when told to pass a token to plain HTTP.
func TestCodecCredentials(t *testing.T) {
	t.Parallel()
	login := &OIDC{Issuer: "http://127.0.0.1:1", ClientID: "ui", CallbackURL: "http://127.0.0.1:2/cb"}
	for name, tc := range map[string]struct {
		endpoint      string
		login         *OIDC
		token, cookie bool
	}{
		"https with login":    {"https://codec", login, true, false},
		"http with login":     {"http://127.0.0.1:3", login, false, true},
		"https without login": {"https://codec", nil, false, true},
		"http without login":  {"http://127.0.0.1:3", nil, false, true},
		"no codec":            {"", login, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := UI{CodecEndpoint: tc.endpoint, OIDC: tc.login}.config("127.0.0.1:7233", "default")
			require.Equal(t, tc.token, cfg.Codec.PassAccessToken)
			require.Equal(t, tc.cookie, cfg.Codec.IncludeCredentials)
			require.Equal(t, tc.cookie, cfg.Codec.DefaultErrorLink != "", "where to log in at the decoder")
			require.Equal(t, tc.login != nil, cfg.Auth.Enabled)
		})
	}
}

func mustUnescape(t *testing.T, text string) string {
	t.Helper()
	plain, err := url.PathUnescape(text)
	require.NoError(t, err)
	return plain
}
