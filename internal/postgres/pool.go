package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Pool is a bounded set of connections to one database. It is safe for
// concurrent use.
type Pool struct {
	pool   *pgxpool.Pool
	logins *logins // nil when the URL holds the login
}

type options struct {
	applicationName  string
	maxConns         int32
	statementTimeout time.Duration
	patience         time.Duration
	credentials      Credentials
	log              *slog.Logger
	dial             DialFunc
	clock            func() time.Time
}

// An Option changes how Open connects.
type Option func(*options)

// WithApplicationName sets the name the server shows for the connections;
// "voicehive" without it.
func WithApplicationName(name string) Option {
	return func(o *options) { o.applicationName = name }
}

// WithMaxConns bounds the connections; 10 without it.
func WithMaxConns(n int32) Option {
	return func(o *options) { o.maxConns = n }
}

// WithStatementTimeout bounds how long the server works on one statement; 10 s
// without it.
func WithStatementTimeout(d time.Duration) Option {
	return func(o *options) { o.statementTimeout = d }
}

// WithPatience sets how long Open waits for a server that is not there yet;
// 5 s without it.
func WithPatience(d time.Duration) Option {
	return func(o *options) { o.patience = d }
}

// WithLogger tells where to say that a leased login cannot be renewed; nowhere
// without it.
func WithLogger(log *slog.Logger) Option {
	return func(o *options) { o.log = log }
}

// Open connects to the database that url names
// (postgres://user:password@host:port/database) and proves that it answers. A
// server that is still starting is given some seconds; one that refuses the
// login or has no such database fails at once. Settings in the URL's query,
// such as statement_timeout, win over the defaults.
func Open(ctx context.Context, url string, opts ...Option) (*Pool, error) {
	o := options{
		applicationName:  "voicehive",
		maxConns:         10,
		statementTimeout: 10 * time.Second,
		patience:         5 * time.Second,
		log:              slog.New(slog.DiscardHandler),
		clock:            time.Now,
	}
	for _, opt := range opts {
		opt(&o)
	}
	config, err := poolConfig(url, o)
	if err != nil {
		return nil, err
	}
	p := &Pool{}
	if o.credentials != nil {
		if config.ConnConfig.Password != "" {
			return nil, errors.New("postgres: take the password out of the database URL: the login is leased")
		}
		if p.logins, err = borrow(ctx, o.credentials, o); err != nil {
			return nil, err
		}
		p.logins.attach(config)
	}
	if p.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		p.logins.abandon()
		return nil, fmt.Errorf("postgres: making the pool: %w", err)
	}
	if p.logins != nil {
		p.logins.start(p.pool)
	}
	if err := awaitServer(ctx, p.pool, o.patience); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func poolConfig(url string, o options) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The parser's own error quotes the URL, and the URL holds a password.
		return nil, errors.New("postgres: cannot read the database URL; it must look like postgres://user:password@host:5432/database")
	}
	config.MaxConns = o.maxConns
	config.MaxConnLifetime = 30 * time.Minute
	config.MaxConnLifetimeJitter = 5 * time.Minute
	config.MaxConnIdleTime = 5 * time.Minute
	if config.ConnConfig.ConnectTimeout <= 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	dialThrough(config.ConnConfig, o.dial)
	for name, value := range map[string]string{
		"application_name":                    o.applicationName,
		"statement_timeout":                   milliseconds(o.statementTimeout),
		"idle_in_transaction_session_timeout": milliseconds(30 * time.Second),
		"timezone":                            "UTC",
	} {
		if _, set := config.ConnConfig.RuntimeParams[name]; !set {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	return config, nil
}

// awaitServer pings until the server answers, refuses, or patience ends.
func awaitServer(ctx context.Context, pool *pgxpool.Pool, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	retry := time.NewTicker(100 * time.Millisecond)
	defer retry.Stop()
	for {
		err := pool.Ping(ctx)
		if err == nil {
			return nil
		}
		if refused(err) {
			return fmt.Errorf("postgres: the server refused the connection; check user, password and database name: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("postgres: no server answered within %s; check that it runs and that host and port are right: %w", patience, err)
		case <-retry.C:
		}
	}
}

// refused tells a server's final no from one that is not ready: 28 is an
// invalid authorization, 3D an unknown database, 42501 a lacking privilege.
func refused(err error) bool {
	var pgErr *pgconn.PgError
	return refusedLogin(err) || errors.As(err, &pgErr) && (strings.HasPrefix(pgErr.Code, "3D") || pgErr.Code == "42501")
}

func refusedLogin(err error) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && strings.HasPrefix(pgErr.Code, "28")
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(d.Milliseconds(), 10)
}

// Close waits for running transactions, closes the connections and gives a
// leased login back.
func (p *Pool) Close() {
	giveBack := p.logins.close()
	p.pool.Close()
	giveBack()
}

// Ping asks the server for a sign of life.
func (p *Pool) Ping(ctx context.Context) error {
	if err := p.pool.Ping(ctx); err != nil {
		p.logins.noticed(err)
		return fmt.Errorf("postgres: the server does not answer: %w", err)
	}
	return nil
}

// Stat is a snapshot of the pool, for metrics.
func (p *Pool) Stat() *pgxpool.Stat { return p.pool.Stat() }
