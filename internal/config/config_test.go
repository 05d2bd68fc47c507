package config_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/config"
)

// env is an environment for Load.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for _, pair := range pairs {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := config.Load(env())
	require.NoError(t, err)
	require.Equal(t, config.Config{
		Environment: config.Development, Home: ".voicehive", Addr: "127.0.0.1:8080", MetricsAddr: "127.0.0.1:0",
		LogLevel: slog.LevelInfo, LogFormat: "json", Hold: 30 * time.Minute, BackupHorizon: 7 * 24 * time.Hour, RetentionRows: 5000, Returns: ".voicehive/returns", BreachHours: 72, BreachHotelHours: 24,
		Credentials: ".voicehive/credentials.yaml", Keyring: ".voicehive/keyring.yaml",
		Audit:      config.Audit{Name: "voicehive.local", LocalKey: ".voicehive/audit.key", Store: config.Objects{Place: ".voicehive/audit"}, Retention: 1096 * 24 * time.Hour},
		Recordings: config.Objects{Place: ".voicehive/recordings"},
		Vault:      config.Vault{Mount: "secret", Login: config.VaultAppRole, Transit: "transit"},
	}, c)
}

func TestSettingsAreRead(t *testing.T) {
	t.Parallel()
	c, err := config.Load(env(
		"VOICEHIVE_ENV=production", "VOICEHIVE_HOME=/var/lib/voicehive", "VOICEHIVE_ADDR=:1", "VOICEHIVE_METRICS_ADDR=:2",
		"VOICEHIVE_LOG_LEVEL=debug", "VOICEHIVE_LOG_FORMAT=text", "VOICEHIVE_OIDC=https://a=one, https://b=two;clients=ui|cli;roles=ops,",
		"VOICEHIVE_KEYRING=/k", "VOICEHIVE_BUILD_ID=7", "VOICEHIVE_HOLD=90s", "VOICEHIVE_BACKUP_HORIZON=48h", "VOICEHIVE_BREACH_HOURS=96", "VOICEHIVE_BREACH_HOTEL_HOURS=12", "VOICEHIVE_PMS_RATE=2.5", "DATABASE_URL=postgres://x",
		"KEYS_DATABASE_URL=postgres://y", "RIVA_ADDRESS=riva:50051", "RIVA_TLS=true",
		"VOICEHIVE_SMTP=smtps://relay.example?user=aurora", "VOICEHIVE_SMTP_PASSWORD_FILE=/mail", "VOICEHIVE_MAIL_FROM=post@aurora.example",
		"VOICEHIVE_SMS=https://gateway.example/api", "VOICEHIVE_SMS_KEY_FILE=/sms",
		"VOICEHIVE_AUDIT_NAME=audit.example/eu1", "VOICEHIVE_AUDIT_KEY=audit", "VOICEHIVE_CERTIFICATE_KEY=certificates", "VOICEHIVE_AUDIT_STORE=s3://heads?region=eu-central-1",
		"VOICEHIVE_AUDIT_STORE_LOGIN_FILE=/heads", "VOICEHIVE_AUDIT_RETENTION_DAYS=10", "VOICEHIVE_AUDIT_FOLDER=true",
		"VOICEHIVE_RECORDINGS=s3://recordings?region=eu-central-1", "VOICEHIVE_RECORDINGS_LOGIN_FILE=/recordings",
		"VOICEHIVE_AUDIT_WITNESSES=/policy", "VOICEHIVE_AUDIT_SEQUENCER=apart",
		"VOICEHIVE_CODEC_ORIGINS=https://ui, https://ui2", "VOICEHIVE_CODEC_URL=https://v/codec", "VOICEHIVE_CODEC_CLIENT=codec", "VOICEHIVE_PUBLIC_URL=https://v/",
		"VOICEHIVE_CONSOLE_URL=https://v/console", "VOICEHIVE_CONSOLE_CLIENT=console", "VOICEHIVE_RETENTION_ROWS=70",
		"VAULT_ADDR=https://vault:8200", "VAULT_CACERT=/ca", "VAULT_NAMESPACE=hotels", "VOICEHIVE_VAULT_MOUNT=kv",
		"VOICEHIVE_VAULT_LOGIN=kubernetes", "VOICEHIVE_VAULT_AUTH=k8s", "VOICEHIVE_VAULT_ROLE=worker", "VOICEHIVE_VAULT_SECRET_FILE=/token",
		"VOICEHIVE_VAULT_TRANSIT=eu/transit", "VOICEHIVE_VAULT_DATABASE=database/voicehive-app", "VOICEHIVE_VAULT_KEYS_DATABASE=eu/database/voicehive-keys",
	))
	require.NoError(t, err)
	require.Equal(t, config.Config{
		Environment: config.Production, Home: "/var/lib/voicehive", Addr: ":1", MetricsAddr: ":2",
		LogLevel: slog.LevelDebug, LogFormat: "text", PublicURL: "https://v",
		Issuers:     []config.Issuer{{URL: "https://a", Audience: "one"}, {URL: "https://b", Audience: "two", Clients: []string{"ui", "cli"}, Roles: []string{"ops"}}},
		Credentials: "/var/lib/voicehive/credentials.yaml", Keyring: "/k", BuildID: "7", Hold: 90 * time.Second, BackupHorizon: 48 * time.Hour, RetentionRows: 70, Returns: "/var/lib/voicehive/returns", BreachHours: 96, BreachHotelHours: 12, PMSRate: 2.5,
		Database: "postgres://x", KeysDB: "postgres://y", Riva: config.Riva{Address: "riva:50051", TLS: true},
		Mail: config.Mail{URL: "smtps://relay.example?user=aurora", PasswordFile: "/mail", From: "post@aurora.example"},
		SMS:  config.SMS{URL: "https://gateway.example/api", KeyFile: "/sms"},
		Audit: config.Audit{Name: "audit.example/eu1", Key: "audit", Certificates: "certificates", LocalKey: "/var/lib/voicehive/audit.key", Store: config.Objects{Place: "s3://heads?region=eu-central-1", LoginFile: "/heads"},
			Retention: 10 * 24 * time.Hour, Folder: true, Witnesses: "/policy", Apart: true},
		Recordings: config.Objects{Place: "s3://recordings?region=eu-central-1", LoginFile: "/recordings"},
		Codec:      config.Codec{Origins: []string{"https://ui", "https://ui2"}, URL: "https://v/codec", Client: "codec"},
		Console:    config.Console{URL: "https://v/console", Client: "console", TemporalUI: "https://ui"},
		Vault: config.Vault{
			Address: "https://vault:8200", CACert: "/ca", Namespace: "hotels", Mount: "kv",
			Login: config.VaultKubernetes, AuthMount: "k8s", Role: "worker", SecretFile: "/token", Transit: "eu/transit",
			Database:     config.VaultLogin{Mount: "database", Role: "voicehive-app"},
			KeysDatabase: config.VaultLogin{Mount: "eu/database", Role: "voicehive-keys"},
		},
	}, c)
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	wrong := []string{
		"VOICEHIVE_ENV=staging", "VOICEHIVE_LOG_LEVEL=loud", "VOICEHIVE_LOG_FORMAT=xml", "VOICEHIVE_OIDC=https://a",
		"VOICEHIVE_HOLD=soon", "VOICEHIVE_BACKUP_HORIZON=soon", "VOICEHIVE_PMS_RATE=fast", "RIVA_TLS=perhaps", "VOICEHIVE_VAULT_LOGIN=magic",
		"VOICEHIVE_VAULT_DATABASE=database/", "VOICEHIVE_VAULT_KEYS_DATABASE=database/needs-an-address",
		"VOICEHIVE_PUBLIC_URL=http://everywhere.example", "VOICEHIVE_CODEC_CLIENT=codec", "VOICEHIVE_CONSOLE_CLIENT=console", "VOICEHIVE_AUDIT_KEY=needs-an-address", "VOICEHIVE_CERTIFICATE_KEY=needs-it-too", "VOICEHIVE_AUDIT_RETENTION_DAYS=0", "VOICEHIVE_AUDIT_FOLDER=perhaps",
	}
	_, err := config.Load(env(wrong...))
	for _, pair := range wrong {
		name, _, _ := strings.Cut(pair, "=")
		require.ErrorContains(t, err, name+":")
	}
	for _, pair := range []string{"VOICEHIVE_HOLD=-1m", "VOICEHIVE_HOLD=0s", "VOICEHIVE_PMS_RATE=0", "VOICEHIVE_PMS_RATE=-1",
		"VOICEHIVE_OIDC=https://a=;roles=ops", "VOICEHIVE_OIDC=https://a=one;roles=", "VOICEHIVE_OIDC=https://a=one;rules=ops"} {
		_, err := config.Load(env(pair))
		require.Error(t, err, pair)
	}
}

func TestBucketsNeedALogin(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"VOICEHIVE_AUDIT_STORE", "VOICEHIVE_RECORDINGS"} {
		_, err := config.Load(env(name + "=s3://b?region=eu-central-1"))
		require.ErrorContains(t, err, name+"_LOGIN_FILE: is needed")
		_, err = config.Load(env(name + "=/a/folder"))
		require.NoError(t, err)
	}
	c, err := config.Load(env("VOICEHIVE_ENV=production"))
	require.NoError(t, err)
	require.Empty(t, c.Recordings, "production keeps recordings where it is told to, and nowhere else")
}

func TestVaultNeedsALogin(t *testing.T) {
	t.Parallel()
	for missing, set := range map[string][]string{
		"VOICEHIVE_VAULT_ROLE":        {"VAULT_ADDR=https://vault"},
		"VOICEHIVE_VAULT_SECRET_FILE": {"VAULT_ADDR=https://vault", "VOICEHIVE_VAULT_LOGIN=token"},
	} {
		_, err := config.Load(env(set...))
		require.ErrorContains(t, err, missing)
		_, err = config.Load(env(append(set, missing+"=x")...))
		require.NoError(t, err)
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	_, err := config.Load(func(name string) string {
		asked[name] = true
		return ""
	})
	require.NoError(t, err)
	for _, s := range config.Settings() {
		require.True(t, asked[s.Name], s.Name)
		require.NotEmpty(t, s.Text)
		require.Equal(t, strings.HasSuffix(s.Name, "DATABASE_URL"), s.Secret)
	}
	require.Len(t, asked, len(config.Settings()))
}
