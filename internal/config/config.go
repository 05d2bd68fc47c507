// Package config reads a process's settings from its environment. Each setting
// is documented where it is declared; `voicehive config` prints them. Where
// Temporal is, internal/temporal reads itself from TEMPORAL_* variables and
// temporal.toml, as Temporal's own tools do.
//
// It stands on the internal floor and knows nothing of hotels.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Environments that a process can run in.
const (
	Development = "development"
	Production  = "production"
)

// A Setting is one environment variable.
type Setting struct {
	Name    string
	Default string
	Text    string
	Secret  bool
}

// Settings lists every variable that Load reads.
func Settings() []Setting {
	return []Setting{
		{"VOICEHIVE_ENV", Development, "development or production; production refuses local keys and a privileged database login", false},
		{"VOICEHIVE_HOME", ".voicehive", "folder of local state in development: keyring, credentials, database, logs", false},
		{"VOICEHIVE_ADDR", "127.0.0.1:8080", "where the API listens", false},
		{"VOICEHIVE_METRICS_ADDR", "127.0.0.1:0", "where a worker serves /healthz, /readyz and /metrics", false},
		{"VOICEHIVE_LOG_LEVEL", "info", "debug, info, warn or error", false},
		{"VOICEHIVE_LOG_FORMAT", "json", "json or text", false},
		{"VOICEHIVE_OIDC", "", "trusted issuers of bearer tokens: issuer=audience pairs, separated by commas; after a pair may stand ;clients=A|B, to which its tokens may be given, and ;roles=ops|agent, which they may give", false},
		{"VOICEHIVE_PUBLIC_URL", "", "address at which guests find the API, such as https://voicehive.example.com: links in letters begin with it; http://VOICEHIVE_ADDR when empty, development only", false},
		{"VOICEHIVE_CODEC_ORIGINS", "", "origins of the Temporal Web UIs whose pages may ask /codec to open payloads, separated by commas, such as https://temporal.example.com", false},
		{"VOICEHIVE_CODEC_URL", "", "address at which browsers find /codec, such as https://voicehive.example.com/codec; with the client below a browser can log in there, for a Web UI that passes no token", false},
		{"VOICEHIVE_CODEC_CLIENT", "", "public client id of that login at the first issuer of VOICEHIVE_OIDC", false},
		{"VOICEHIVE_CONSOLE_URL", "", "address at which browsers find /console, the compliance officer's pages, such as https://voicehive.example.com/console; http is for the loopback interface only", false},
		{"VOICEHIVE_CONSOLE_CLIENT", "", "public client id of the officers' login at the first issuer of VOICEHIVE_OIDC; without it there is no console", false},
		{"VOICEHIVE_TOKEN_FILE", "", "file with an access token of the identity provider: the person who types, where two people have to agree; --token-file of a verb goes before it", false},
		{"VOICEHIVE_TEMPORAL_UI", "", "address of the Temporal Web UI that the console links to; the first of VOICEHIVE_CODEC_ORIGINS when empty", false},
		{"VOICEHIVE_CREDENTIALS", "", "file with the hotels' credentials where no Vault is set, development only; <home>/credentials.yaml when empty", false},
		{"VOICEHIVE_KEYRING", "", "file with the local wrapping keys, development only; <home>/keyring.yaml when empty", false},
		{"VOICEHIVE_AUDIT_NAME", "voicehive.local", "name of this installation in its audit logs: a host name of yours, perhaps with a path; it must never change", false},
		{"VOICEHIVE_AUDIT_KEY", "", "Ed25519 key in Vault's Transit engine that signs the audit log; the file <home>/audit.key when empty, development only", false},
		{"VOICEHIVE_CERTIFICATE_KEY", "", "Ed25519 key in Vault's Transit engine that signs certificates of erasures, retention runs, off-boardings and packs of evidence; the audit log's when empty, which workers may not use where the sequencer runs apart", false},
		{"VOICEHIVE_AUDIT_STORE", "", "where copies of the audit log's signed heads go: URL of a bucket with Object Lock, of another account, such as s3://bucket/folder?region=eu-central-1, with endpoint=https://host where it is not Amazon's and ca=file for its authority; or a folder, <home>/audit when empty", false},
		{"VOICEHIVE_AUDIT_STORE_LOGIN_FILE", "", "file with the bucket's login in lines AWS_ACCESS_KEY_ID=... and AWS_SECRET_ACCESS_KEY=...; read again each minute; needed with a bucket", false},
		{"VOICEHIVE_AUDIT_RETENTION_DAYS", "1096", "how many days the bucket locks each copy; nobody can shorten it", false},
		{"VOICEHIVE_AUDIT_FOLDER", "", "true to let production keep the copies in a folder, which then must belong to another machine or account", false},
		{"VOICEHIVE_RECORDINGS", "", "where sealed recordings lie: URL of a bucket without Object Lock, as for VOICEHIVE_AUDIT_STORE, and with another login; development takes a folder too, <home>/recordings when empty", false},
		{"VOICEHIVE_RECORDINGS_LOGIN_FILE", "", "file with that bucket's login; needed with a bucket", false},
		{"VOICEHIVE_AUDIT_SEQUENCER", "workers", "who takes events into the audit log and signs it: workers, of which one at a time does, or apart, which is `voicehive audit sequence` and nobody else", false},
		{"VOICEHIVE_AUDIT_WITNESSES", "", "policy file with the witnesses that cosign the audit log's heads; none when empty", false},
		{"VOICEHIVE_BUILD_ID", "", "worker version; the build's own when empty", false},
		{"VOICEHIVE_HOLD", "30m", "how long a hold is kept at most", false},
		{"VOICEHIVE_BACKUP_HORIZON", "168h", "how old the oldest backup of the key database can be: what was erased is gone for good that long after, and requests of guests are due that much earlier", false},
		{"VOICEHIVE_RETENTION_ROWS", "5000", "how many rows a retention run may erase without a second person's approval", false},
		{"VOICEHIVE_RECIPIENTS", "", "YAML file with those besides the hotels' own systems whom bookings were disclosed to and who are told of erasures, each with the key that signs its receipts; none when empty", false},
		{"VOICEHIVE_BREACH_HOURS", "72", "within how many hours of becoming aware of a personal-data breach a supervisory authority is told (Article 33 GDPR)", false},
		{"VOICEHIVE_BREACH_HOTEL_HOURS", "24", "within how many hours of that the hotels are told, which the law wants without undue delay", false},
		{"VOICEHIVE_RETURNS", "", "folder that all workers share, for packs of what hotels that leave get back; <home>/returns when empty", false},
		{"VOICEHIVE_PMS_RATE", "", "requests a second, for each credential, that the whole fleet sends to a hotel system, instead of what the capability matrix says", false},
		{"VOICEHIVE_CAPABILITIES", "", "YAML file whose vendors replace those of the built-in capability matrix; read again when it changes", false},
		{"DATABASE_URL", "", "Postgres of the ledger and the registry", true},
		{"KEYS_DATABASE_URL", "", "Postgres of the wrapped keys", true},
		{"VAULT_ADDR", "", "URL of the Vault that keeps the hotels' credentials; production demands one", false},
		{"VAULT_CACERT", "", "PEM file with the authorities that Vault's certificate is checked by; the system's when empty", false},
		{"VAULT_NAMESPACE", "", "namespace in Vault Enterprise", false},
		{"VOICEHIVE_VAULT_MOUNT", "secret", "mount of Vault's KV engine, version 2; entries are below it in voicehive/hotels", false},
		{"VOICEHIVE_VAULT_LOGIN", "approle", "how to log in to Vault: approle, kubernetes or token", false},
		{"VOICEHIVE_VAULT_AUTH", "", "mount of that auth method; its usual one when empty", false},
		{"VOICEHIVE_VAULT_ROLE", "", "AppRole's role id, or the name of the Kubernetes role", false},
		{"VOICEHIVE_VAULT_SECRET_FILE", "", "file with AppRole's secret id, the service account's token, or a Vault token; read at each login", false},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "", "base URL of an OpenTelemetry collector that takes traces by OTLP over HTTP, such as http://127.0.0.1:4318; without it no spans are made. OTEL_TRACES_SAMPLER and OTEL_EXPORTER_OTLP_HEADERS are read too", false},
		{"VOICEHIVE_REGION_FILE", "", "YAML file that says of hosts whose name does not tell it where they stand, each with its evidence", false},
		{"VOICEHIVE_VAULT_TRANSIT", "transit", "mount of Vault's Transit engine, which wraps the data keys and signs the audit log", false},
		{"VOICEHIVE_VAULT_DATABASE", "", "mount/role of Vault's database engine that lends the login of DATABASE_URL, such as database/voicehive-app; the login is in the URL when empty", false},
		{"VOICEHIVE_VAULT_KEYS_DATABASE", "", "the same for KEYS_DATABASE_URL, such as database/voicehive-keys", false},
		{"VOICEHIVE_SMTP", "", "URL of the mail relay, smtp://host:587 (STARTTLS) or smtps://host:465; the query may hold user=name, ca=file and helo=name; without it e-mail waits in the outbox", false},
		{"VOICEHIVE_SMTP_PASSWORD_FILE", "", "file with the password of the relay's user; read for each connection", false},
		{"VOICEHIVE_MAIL_FROM", "", "address that e-mail is sent from, such as post@hotel.example; needed with VOICEHIVE_SMTP", false},
		{"VOICEHIVE_SMS", "", "URL of the SMS gateway's API, such as https://gateway.seven.io/api?from=Aurora; without it text messages wait in the outbox", false},
		{"VOICEHIVE_SMS_KEY_FILE", "", "file with the gateway's API key; read for each message; needed with VOICEHIVE_SMS", false},
		{"RIVA_ADDRESS", "", "host:port of the NVIDIA Riva server; without it no GPU pool runs", false},
		{"RIVA_TLS", "", "true to speak TLS to Riva", false},
		{"VOICEHIVE_PRESIDIO", "", "URL of a Presidio analyzer that gives a second opinion on transcripts, such as http://127.0.0.1:5002; without it our own detector stands alone", false},
		{"LIVEKIT_URL", "", "URL of the LiveKit server whose rooms hold the calls, such as wss://livekit.example", false},
		{"VOICEHIVE_MEDIA_NODES", "", "where LiveKit's nodes send media from, separated by commas: ranges such as 198.51.100.0/24, which a declaration of VOICEHIVE_REGION_FILE has among its addresses, and TURN servers such as turn:host:3478; production needs it with LIVEKIT_URL", false},
	}
}

// Config is the settings, read and checked.
type Config struct {
	Environment string
	Home        string
	Addr        string
	MetricsAddr string
	LogLevel    slog.Level
	LogFormat   string
	// PublicURL is where guests find the API; "" is nowhere.
	PublicURL   string
	Issuers     []Issuer
	Codec       Codec
	Console     Console
	Credentials string
	Keyring     string
	BuildID     string
	Hold        time.Duration
	// BackupHorizon is how old the oldest backup of the key database can be.
	BackupHorizon time.Duration
	// RetentionRows is how many rows go without a second person.
	RetentionRows int64
	// TokenFile has the token of the person who types; "" is none.
	TokenFile string
	// Recipients is a file with those who are told of erasures; "" is none.
	Recipients string
	// Returns is the folder of packs for hotels that leave.
	Returns string
	// BreachHours and BreachHotelHours are the clock of a personal-data breach.
	BreachHours, BreachHotelHours int

	PMSRate float64 // requests a second; 0 is what the matrix says
	// Capabilities is a file over the built-in matrix; "" is none.
	Capabilities string
	Database     string
	KeysDB       string
	Riva         Riva
	LiveKit      LiveKit
	// Presidio is the URL of a second engine that looks for personal data; "" is
	// none.
	Presidio string
	Mail     Mail
	SMS      SMS
	Audit    Audit
	// Recordings are where sealed recordings lie; the zero value is nowhere.
	Recordings Objects
	// RegionFile declares where hosts stand; "" declares none.
	RegionFile string
	// Traces is the base URL of a collector of spans; "" is none.
	Traces string
	Vault  Vault
}

// Ways to log in to Vault.
const (
	VaultAppRole    = "approle"
	VaultKubernetes = "kubernetes"
	VaultToken      = "token"
)

// Vault says where the credentials are kept and how to log in there; an empty
// Address means in a file.
type Vault struct {
	Address, CACert, Namespace, Mount string
	Login, AuthMount, Role            string
	SecretFile                        string
	Transit                           string     // mount
	Database, KeysDatabase            VaultLogin // who lends the databases' logins
}

// VaultLogin is a role of Vault's database engine; the zero value is none.
type VaultLogin struct{ Mount, Role string }

// Audit says who signs the audit log and where copies of its heads go. An empty
// Key means the file LocalKey, an empty Witnesses none.
type Audit struct {
	Name, Key, LocalKey, Witnesses string
	// Certificates is the key that signs certificates; "" is Key.
	Certificates string
	Store        Objects
	// Retention is how long a bucket locks each copy of a head.
	Retention time.Duration
	// Folder lets production keep the copies in a folder.
	Folder bool
	// Apart leaves the log to `voicehive audit sequence`; workers only write
	// events then, and need no right to sign.
	Apart bool
}

// Objects are a bucket with its login, or a folder.
type Objects struct{ Place, LoginFile string }

// Mail says how e-mail is sent; an empty URL means not at all.
type Mail struct{ URL, PasswordFile, From string }

// SMS says how text messages are sent; an empty URL means not at all.
type SMS struct{ URL, KeyFile string }

// Riva says where the speech server is; an empty Address means nowhere.
type Riva struct {
	Address string
	TLS     bool
}

// LiveKit says where calls' rooms are; an empty URL means nowhere. Nodes are the
// ranges and TURN servers of its media.
type LiveKit struct {
	URL   string
	Nodes []string
}

// Codec says which pages may ask for payloads to be opened, and how a browser
// logs in for that; an empty Client means not here.
type Codec struct {
	Origins     []string
	URL, Client string
}

// Console says where browsers find the officers' pages and how they log in
// there; an empty Client means that there are none. TemporalUI is where runs can
// be looked at; "" is nowhere.
type Console struct{ URL, Client, TemporalUI string }

// hours reads a number of hours of at most thirty days.
func hours(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 720 {
		return 0, errors.New("must be a number of hours from 1 to 720")
	}
	return n, nil
}

// Issuer is a trusted issuer of bearer tokens.
type Issuer struct {
	URL, Audience string
	// Clients and Roles are all that its tokens may be given to, and may give;
	// any when empty.
	Clients, Roles []string
}

// Load reads the settings through getenv, usually os.Getenv, and reports all
// that is wrong at once.
func Load(getenv func(string) string) (Config, error) {
	get := func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		for _, s := range Settings() {
			if s.Name == name {
				return s.Default
			}
		}
		panic("config: unknown setting " + name) // a bug, found by the first test
	}
	home := get("VOICEHIVE_HOME")
	c := Config{
		Environment: get("VOICEHIVE_ENV"), Home: home,
		Addr: get("VOICEHIVE_ADDR"), MetricsAddr: get("VOICEHIVE_METRICS_ADDR"),
		LogFormat:   get("VOICEHIVE_LOG_FORMAT"),
		Credentials: orPath(get("VOICEHIVE_CREDENTIALS"), home, "credentials.yaml"),
		Keyring:     orPath(get("VOICEHIVE_KEYRING"), home, "keyring.yaml"),
		BuildID:     get("VOICEHIVE_BUILD_ID"), Capabilities: get("VOICEHIVE_CAPABILITIES"),
		Database: get("DATABASE_URL"), KeysDB: get("KEYS_DATABASE_URL"),
		Riva: Riva{Address: get("RIVA_ADDRESS")}, Presidio: get("VOICEHIVE_PRESIDIO"), Traces: get("OTEL_EXPORTER_OTLP_ENDPOINT"), RegionFile: get("VOICEHIVE_REGION_FILE"),
		Vault: Vault{
			Address: get("VAULT_ADDR"), CACert: get("VAULT_CACERT"), Namespace: get("VAULT_NAMESPACE"),
			Mount: get("VOICEHIVE_VAULT_MOUNT"), Login: get("VOICEHIVE_VAULT_LOGIN"), AuthMount: get("VOICEHIVE_VAULT_AUTH"),
			Role: get("VOICEHIVE_VAULT_ROLE"), SecretFile: get("VOICEHIVE_VAULT_SECRET_FILE"),
			Transit: get("VOICEHIVE_VAULT_TRANSIT"),
		},
	}
	c.Audit = Audit{
		Name: get("VOICEHIVE_AUDIT_NAME"), Key: get("VOICEHIVE_AUDIT_KEY"), Certificates: get("VOICEHIVE_CERTIFICATE_KEY"), LocalKey: filepath.Join(home, "audit.key"),
		Store:     Objects{orPath(get("VOICEHIVE_AUDIT_STORE"), home, "audit"), get("VOICEHIVE_AUDIT_STORE_LOGIN_FILE")},
		Witnesses: get("VOICEHIVE_AUDIT_WITNESSES"),
		Apart:     get("VOICEHIVE_AUDIT_SEQUENCER") == "apart",
	}
	var wrong []error
	note := func(name string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	var err error
	note("VOICEHIVE_ENV", oneOf(c.Environment, Development, Production))
	note("VOICEHIVE_AUDIT_SEQUENCER", oneOf(get("VOICEHIVE_AUDIT_SEQUENCER"), "workers", "apart"))
	note("VOICEHIVE_LOG_FORMAT", oneOf(c.LogFormat, "json", "text"))
	note("VOICEHIVE_LOG_LEVEL", c.LogLevel.UnmarshalText([]byte(get("VOICEHIVE_LOG_LEVEL"))))
	c.Issuers, err = issuers(get("VOICEHIVE_OIDC"))
	note("VOICEHIVE_OIDC", err)
	if c.PublicURL = strings.TrimSuffix(get("VOICEHIVE_PUBLIC_URL"), "/"); c.PublicURL != "" {
		note("VOICEHIVE_PUBLIC_URL", publicURL(c.PublicURL))
	}
	c.Codec = Codec{Origins: list(get("VOICEHIVE_CODEC_ORIGINS")), URL: get("VOICEHIVE_CODEC_URL"), Client: get("VOICEHIVE_CODEC_CLIENT")}
	if c.Codec.Client != "" && (c.Codec.URL == "" || len(c.Issuers) == 0) {
		note("VOICEHIVE_CODEC_CLIENT", errors.New("needs VOICEHIVE_CODEC_URL and an issuer in VOICEHIVE_OIDC"))
	}
	c.Console = Console{URL: get("VOICEHIVE_CONSOLE_URL"), Client: get("VOICEHIVE_CONSOLE_CLIENT"), TemporalUI: get("VOICEHIVE_TEMPORAL_UI")}
	if c.Console.Client != "" && (c.Console.URL == "" || len(c.Issuers) == 0) {
		note("VOICEHIVE_CONSOLE_CLIENT", errors.New("needs VOICEHIVE_CONSOLE_URL and an issuer in VOICEHIVE_OIDC"))
	}
	if c.Console.TemporalUI == "" && len(c.Codec.Origins) > 0 {
		c.Console.TemporalUI = c.Codec.Origins[0]
	}
	c.Hold, err = span(get("VOICEHIVE_HOLD"))
	note("VOICEHIVE_HOLD", err)
	c.BackupHorizon, err = span(get("VOICEHIVE_BACKUP_HORIZON"))
	note("VOICEHIVE_BACKUP_HORIZON", err)
	c.RetentionRows, err = strconv.ParseInt(get("VOICEHIVE_RETENTION_ROWS"), 10, 64)
	if err != nil || c.RetentionRows < 1 {
		err = errors.New("must be a number of rows above zero")
	}
	note("VOICEHIVE_RETENTION_ROWS", err)
	c.Recipients = get("VOICEHIVE_RECIPIENTS")
	c.TokenFile = get("VOICEHIVE_TOKEN_FILE")
	c.Returns = orPath(get("VOICEHIVE_RETURNS"), home, "returns")
	c.BreachHours, err = hours(get("VOICEHIVE_BREACH_HOURS"))
	note("VOICEHIVE_BREACH_HOURS", err)
	c.BreachHotelHours, err = hours(get("VOICEHIVE_BREACH_HOTEL_HOURS"))
	if err == nil && c.BreachHotelHours > c.BreachHours && c.BreachHours > 0 {
		err = errors.New("the hotels are told no later than the authority")
	}
	note("VOICEHIVE_BREACH_HOTEL_HOURS", err)
	if rate := get("VOICEHIVE_PMS_RATE"); rate != "" {
		c.PMSRate, err = positive(rate)
		note("VOICEHIVE_PMS_RATE", err)
	}
	c.Mail = Mail{URL: get("VOICEHIVE_SMTP"), PasswordFile: get("VOICEHIVE_SMTP_PASSWORD_FILE"), From: get("VOICEHIVE_MAIL_FROM")}
	if c.Mail.URL != "" && c.Mail.From == "" {
		note("VOICEHIVE_MAIL_FROM", errors.New("is needed with VOICEHIVE_SMTP"))
	}
	c.SMS = SMS{URL: get("VOICEHIVE_SMS"), KeyFile: get("VOICEHIVE_SMS_KEY_FILE")}
	if c.SMS.URL != "" && c.SMS.KeyFile == "" {
		note("VOICEHIVE_SMS_KEY_FILE", errors.New("is needed with VOICEHIVE_SMS"))
	}
	c.LiveKit = LiveKit{URL: get("LIVEKIT_URL"), Nodes: list(get("VOICEHIVE_MEDIA_NODES"))}
	c.Riva.TLS, err = boolean(get("RIVA_TLS"))
	note("RIVA_TLS", err)
	note("VOICEHIVE_VAULT_LOGIN", oneOf(c.Vault.Login, VaultAppRole, VaultKubernetes, VaultToken))
	note("VOICEHIVE_VAULT_ROLE", c.Vault.needs(c.Vault.Role, c.Vault.Login != VaultToken))
	note("VOICEHIVE_VAULT_SECRET_FILE", c.Vault.needs(c.Vault.SecretFile, c.Vault.Login == VaultToken))
	c.Vault.Database, err = c.Vault.lends(get("VOICEHIVE_VAULT_DATABASE"))
	note("VOICEHIVE_VAULT_DATABASE", err)
	c.Vault.KeysDatabase, err = c.Vault.lends(get("VOICEHIVE_VAULT_KEYS_DATABASE"))
	note("VOICEHIVE_VAULT_KEYS_DATABASE", err)
	note("VOICEHIVE_AUDIT_STORE_LOGIN_FILE", c.Audit.Store.needsLogin())
	c.Audit.Retention, err = days(get("VOICEHIVE_AUDIT_RETENTION_DAYS"))
	note("VOICEHIVE_AUDIT_RETENTION_DAYS", err)
	c.Audit.Folder, err = boolean(get("VOICEHIVE_AUDIT_FOLDER"))
	note("VOICEHIVE_AUDIT_FOLDER", err)
	c.Recordings = Objects{get("VOICEHIVE_RECORDINGS"), get("VOICEHIVE_RECORDINGS_LOGIN_FILE")}
	if c.Recordings.Place == "" && c.Environment == Development {
		c.Recordings.Place = filepath.Join(home, "recordings")
	}
	note("VOICEHIVE_RECORDINGS_LOGIN_FILE", c.Recordings.needsLogin())
	if c.Audit.Key != "" && c.Vault.Address == "" {
		note("VOICEHIVE_AUDIT_KEY", errors.New("needs VAULT_ADDR: the Vault that has the key"))
	}
	if c.Audit.Certificates != "" && c.Vault.Address == "" {
		note("VOICEHIVE_CERTIFICATE_KEY", errors.New("needs VAULT_ADDR: the Vault that has the key"))
	}
	return c, errors.Join(wrong...)
}

// needs refuses an empty setting that a login wants.
func (v Vault) needs(setting string, wanted bool) error {
	if v.Address != "" && wanted && setting == "" {
		return fmt.Errorf("is needed for a login to Vault by %s", v.Login)
	}
	return nil
}

// lends reads mount/role; a mount may hold slashes.
func (v Vault) lends(setting string) (VaultLogin, error) {
	if setting == "" {
		return VaultLogin{}, nil
	}
	i := strings.LastIndexByte(setting, '/')
	if i <= 0 || i == len(setting)-1 {
		return VaultLogin{}, errors.New("must be mount/role, such as database/voicehive-app")
	}
	if v.Address == "" {
		return VaultLogin{}, errors.New("needs VAULT_ADDR: the Vault that lends the login")
	}
	return VaultLogin{Mount: setting[:i], Role: setting[i+1:]}, nil
}

// Bucket tells whether they are a bucket, and not a folder.
func (o Objects) Bucket() bool { return strings.Contains(o.Place, "://") }

func (o Objects) needsLogin() error {
	if o.Bucket() && o.LoginFile == "" {
		return errors.New("is needed for a bucket")
	}
	return nil
}

func orPath(path, home, name string) string {
	if path != "" {
		return path
	}
	return filepath.Join(home, name)
}

func oneOf(value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("must be one of %s", strings.Join(allowed, ", "))
}

func span(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return 0, errors.New("must be a duration above zero, such as 30m")
	}
	return d, nil
}

// days bounds what can never be taken back.
func days(value string) (time.Duration, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > 36500 {
		return 0, errors.New("must be a number of days from 1 to 36500")
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

func boolean(value string) (bool, error) {
	if value == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(value)
	if err != nil {
		return false, errors.New("must be true or false")
	}
	return b, nil
}

func positive(value string) (float64, error) {
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || !(f > 0) || f > 1e6 {
		return 0, errors.New("must be a number above 0")
	}
	return f, nil
}

// list splits at commas; nothing is no list.
func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func issuers(list string) ([]Issuer, error) {
	var all []Issuer
	for _, pair := range strings.Split(list, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		one, err := issuer(pair)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func issuer(text string) (Issuer, error) {
	url, rest, ok := strings.Cut(text, "=")
	parts := strings.Split(rest, ";")
	i := Issuer{URL: url, Audience: parts[0]}
	if !ok || i.URL == "" || i.Audience == "" {
		return i, errors.New("must be issuer=audience, separated by commas")
	}
	for _, limit := range parts[1:] {
		name, values, _ := strings.Cut(limit, "=")
		switch {
		case name == "clients" && values != "":
			i.Clients = strings.Split(values, "|")
		case name == "roles" && values != "":
			i.Roles = strings.Split(values, "|")
		default:
			return i, errors.New("behind issuer=audience may stand ;clients=A|B and ;roles=A|B")
		}
	}
	return i, nil
}

// publicURL refuses what no guest could safely follow.
func publicURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Hostname() != "127.0.0.1" {
		return errors.New("must be an https address without a query, such as https://voicehive.example.com")
	}
	return nil
}
