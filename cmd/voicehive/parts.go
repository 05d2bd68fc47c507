package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	masking "github.com/voicehive/voicehive/compliance/pii/redaction"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/compliance/restriction"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/quota"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/status"
	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/leased"
	"github.com/voicehive/voicehive/internal/telemetry"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/internal/vault"
)

// parts are what the processes are made of. Each is opened once, in order, and
// closed in reverse.
type parts struct {
	config       config.Config
	log          *slog.Logger
	metrics      *telemetry.Metrics
	traces       *telemetry.Traces
	guard        *region.Guard
	vaultClient  *vault.Client // nil until asked for; see vault()
	auditor      *audit.Writer
	pool         *postgres.Pool
	keysPool     *postgres.Pool
	ring         *keys.Ring
	registry     *registry.Registry
	capabilities *capability.Live
	statuses     *status.Store
	factory      *connectors.Factory
	ledger       *ledger.Ledger
	recordings   objects.Erasable // nil without one
	// restricted is restrictions(), once it was asked for.
	restricted     *restriction.Store
	restrictedOnce sync.Once
	temporal       client.Client
	closers        []func()
}

// close ends the parts, last opened first.
func (p *parts) close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
}

// openBase reads the settings and opens what needs no other process.
func openBase(getenv func(string) string) (*parts, error) {
	c, err := config.Load(getenv)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	p := &parts{config: c, log: telemetry.Logger(os.Stderr, c.LogLevel, c.LogFormat, masking.ForLogs(pii.New(pii.Options{})))}
	// What libraries log by themselves goes through the same handler.
	slog.SetDefault(p.log)
	if p.metrics, err = telemetry.NewMetrics(p.log); err != nil {
		return nil, err
	}
	p.closers = append(p.closers, func() { _ = p.metrics.Close(context.Background()) })
	return p, nil
}

// openStores opens both databases, the keys, the registry and the connectors.
func openStores(ctx context.Context, name string) (*parts, error) {
	return openStoresIn(ctx, name, os.Getenv)
}

// openStoresIn is openStores with settings from elsewhere. What a restored backup
// brought back is erased again before anybody sees it, whatever they came for.
func openStoresIn(ctx context.Context, name string, getenv func(string) string) (*parts, error) {
	p, err := openUnreplayed(ctx, name, getenv)
	if err != nil {
		return nil, err
	}
	if err := p.requireReplayed(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// openUnreplayed is openStoresIn for what is needed between a restore and the
// end of its replay: the replay itself, the journal, and where the audit log
// stands. Nothing else calls it.
func openUnreplayed(ctx context.Context, name string, getenv func(string) string) (*parts, error) {
	p, err := openBase(getenv)
	if err != nil {
		return nil, err
	}
	if err := p.openGuarded(ctx, name, getenv); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// openGuard makes the guard that everything dials through.
func (p *parts) openGuard(getenv func(string) string) (err error) {
	p.guard, err = newGuard(p.config, getenv, "", p.metrics, p.log)
	return err
}

// startGuard makes the guard and has it see where every endpoint of the settings
// stands, before anything connects. It is for verbs that need few settings and
// no Temporal: where none is named, its usual address does not count.
func (p *parts) startGuard(ctx context.Context, getenv func(string) string) ([]region.Finding, error) {
	if err := p.openGuard(getenv); err != nil {
		return nil, err
	}
	address, err := temporalAddress(getenv)
	if err != nil || address != "" {
		return p.guard.Start(ctx)
	}
	return p.guard.Start(ctx, region.Temporal)
}

// openGuarded opens the stores behind the guard.
func (p *parts) openGuarded(ctx context.Context, name string, getenv func(string) string) error {
	if err := p.openGuard(getenv); err != nil {
		return err
	}
	findings, err := p.guard.Start(ctx)
	if err != nil {
		return err
	}
	if err := p.openStores(ctx, name); err != nil {
		return err
	}
	if _, err := region.NewStore(p.pool).Record(ctx, time.Now(), findings, nil); err != nil {
		p.log.WarnContext(ctx, "Where the endpoints stand was not recorded; the hourly check will.", "error", err)
	}
	return nil
}

func (p *parts) openStores(ctx context.Context, name string) (err error) {
	if p.traces, err = telemetry.NewTraces(ctx, telemetry.TraceOptions{
		Endpoint: p.config.Traces, Process: name, Version: version, Logger: p.log,
		Equip: p.guard.For(region.Telemetry).Equip,
	}); err != nil {
		return err
	}
	p.closers = append(p.closers, func() { _ = p.traces.Close(context.WithoutCancel(ctx)) })
	if p.pool, err = p.database(ctx, "ledger", "DATABASE_URL", p.config.Database, name, p.config.Vault.Database); err != nil {
		return err
	}
	if p.keysPool, err = p.database(ctx, "keys", "KEYS_DATABASE_URL", p.config.KeysDB, name, p.config.Vault.KeysDatabase); err != nil {
		return err
	}
	root, err := p.openRoot()
	if err != nil {
		return err
	}
	p.ring = keys.New(keys.NewPostgres(p.keysPool), root, keys.Options{Logger: p.log})
	p.auditor = audit.NewWriter(p.ring)
	if p.recordings, err = p.openRecordings(); err != nil {
		return err
	}
	if p.registry, err = registry.New(p.pool); err != nil {
		return err
	}
	p.ledger = ledger.New(p.pool, ledger.WithAudit(p.auditor))
	if p.statuses, err = status.New(p.pool); err != nil {
		return err
	}
	if err = p.metrics.Register(p.statuses.Collector()); err != nil {
		return fmt.Errorf("show the hotels' connections: %w", err)
	}
	p.capabilities, err = capability.Open(p.config.Capabilities, capability.Options{Registerer: p.metrics, Logger: p.log})
	if err != nil {
		return err
	}
	p.closers = append(p.closers, p.capabilities.Close)
	limits, err := quota.New(p.pool, quota.Options{Rate: p.rate, Registerer: p.metrics, Logger: p.log})
	if err != nil {
		return err
	}
	secrets, err := p.openCredentials()
	if err != nil {
		return err
	}
	p.factory, err = connectors.New(connectors.Deps{
		Hotels:      p.registry,
		Statuses:    p.statuses,
		Matrix:      p.capabilities.Current,
		Credentials: secrets,
		Residency:   registry.NewResidency(p.registry, p.guard, p.log),
		Transport: transport.Options{
			Registerer: p.metrics, Logger: p.log, Tracer: p.traces,
			Limits: limits, Equip: p.guard.For(region.System).Equip,
		},
	})
	return err
}

// askTime bounds a question to an identity provider or a witness.
const askTime = 5 * time.Second

// client is for questions to servers of one role, through the guard.
func (p *parts) client(role region.Role) *http.Client {
	return &http.Client{Timeout: askTime, Transport: p.guard.For(role).Transport()}
}

// rate is what a vendor allows each credential: what the settings say, else
// the matrix.
func (p *parts) rate(vendor string) transport.Rate {
	if rate := p.config.PMSRate; rate > 0 {
		return transport.Rate{PerSecond: rate, Burst: max(1, int(2*rate))}
	}
	return p.capabilities.Current().Limits(vendor)
}

// queueRate guards a vendor's queue coarsely; it is read when a worker starts.
func (p *parts) queueRate(vendor string) float64 {
	return max(p.config.PMSRate, p.capabilities.Current().QueueRate(vendor))
}

// database opens a pool, shown in metrics under a name, as a login that may not
// see past row level security: the one in the URL, or one leased from Vault.
func (p *parts) database(ctx context.Context, shown, setting, url, name string, login config.VaultLogin) (*postgres.Pool, error) {
	if url == "" {
		return nil, fmt.Errorf("%s is not set; `voicehive dev` prints one, or see `voicehive config`", setting)
	}
	options := []postgres.Option{
		postgres.WithApplicationName("voicehive-" + name), postgres.WithLogger(p.log),
		postgres.WithDial(p.guard.For(region.Database).DialContext),
	}
	if login.Role != "" {
		client, err := p.vault()
		if err != nil {
			return nil, err
		}
		options = append(options, postgres.WithCredentials(leased.From(client.Database(login.Mount), login.Role)))
	}
	pool, err := postgres.Open(ctx, url, options...)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, pool.Close)
	if err := p.metrics.Register(pool.Collector(shown)); err != nil {
		return nil, fmt.Errorf("show the pool of %s: %w", setting, err)
	}
	found, err := postgres.CheckLogin(ctx, pool)
	if err != nil {
		return nil, err
	}
	problems := found.Problems()
	if p.config.Environment == config.Production { // elsewhere one login does everything
		problems = append(problems, found.Beyond(p.apart(shown, name)...)...)
	}
	if len(problems) == 0 {
		return pool, nil
	}
	if p.config.Environment == config.Production {
		return nil, fmt.Errorf("%s: %s", setting, strings.Join(problems, "; "))
	}
	p.log.Warn("The database login is too powerful; production refuses it.", "setting", setting, "problems", problems)
	return pool, nil
}

// apart are the roles of jobs apart that a process has by its own job.
func (p *parts) apart(shown, name string) []postgres.Role {
	switch {
	case shown == "ledger" && (name == "sequencer" || name == "worker" && !p.config.Audit.Apart):
		return []postgres.Role{postgres.RoleSequencer}
	case name == "keys": // `voicehive keys`, which has one login to both databases
		return []postgres.Role{postgres.RoleRoller}
	}
	return nil
}

// requireRole makes sure that a pool's login may take the role of a job apart, for
// otherwise the job would fail again and again; hint says what to do.
func requireRole(ctx context.Context, pool *postgres.Pool, role postgres.Role, hint string) error {
	found, err := postgres.CheckLogin(ctx, pool)
	if err == nil && !slices.Contains(found.Apart, role) {
		err = fmt.Errorf("database login %s may not take the role %s: %s", found.Name, role, hint)
	}
	return err
}

// openTemporal connects to Temporal with the one plugin that seals payloads.
func (p *parts) openTemporal(ctx context.Context, patience time.Duration) error {
	settings, err := temporal.Environment()
	if err != nil {
		return err
	}
	settings.Namespace = namespaceOf(settings)
	settings.Logger, settings.Metrics, settings.Patience = p.log, p.metrics.Temporal(), patience
	if p.config.Traces != "" {
		settings.Tracer = p.traces
	}
	settings.DialOptions = p.guard.For(region.Temporal).GRPC()
	settings.Interceptors = []interceptor.ClientInterceptor{restriction.Starts(p.restrictions())}
	if settings.Plugin, err = p.plugin(settings.Namespace); err != nil {
		return err
	}
	if p.temporal, err = temporal.Dial(ctx, settings); err != nil {
		return err
	}
	p.closers = append(p.closers, p.temporal.Close)
	return nil
}

// defaultNamespace is ours; Temporal's own default belongs to everybody.
const defaultNamespace = "voicehive"

// openAll opens everything that a worker or the API needs.
func openAll(ctx context.Context, name string) (*parts, error) {
	p, err := openStores(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := p.openTemporal(ctx, time.Minute); err != nil {
		p.close()
		return nil, err
	}
	p.attendKeys(ctx)
	return p, nil
}
