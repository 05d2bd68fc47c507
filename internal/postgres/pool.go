package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Pool is a bounded set of connections to one database. It is safe for
// concurrent use.
type Pool struct {
	pool *pgxpool.Pool
}

type options struct {
	applicationName  string
	maxConns         int32
	statementTimeout time.Duration
	patience         time.Duration
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
	}
	for _, opt := range opts {
		opt(&o)
	}
	config, err := poolConfig(url, o)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: making the pool: %w", err)
	}
	if err := awaitServer(ctx, pool, o.patience); err != nil {
		pool.Close()
		return nil, err
	}
	return &Pool{pool: pool}, nil
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
	config.ConnConfig.ConnectTimeout = 5 * time.Second
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
	if !errors.As(err, &pgErr) {
		return false
	}
	class := pgErr.Code[:min(2, len(pgErr.Code))]
	return class == "28" || class == "3D" || pgErr.Code == "42501"
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(d.Milliseconds(), 10)
}

// Close waits for running transactions and closes the connections.
func (p *Pool) Close() { p.pool.Close() }

// Ping asks the server for a sign of life.
func (p *Pool) Ping(ctx context.Context) error {
	if err := p.pool.Ping(ctx); err != nil {
		return fmt.Errorf("postgres: the server does not answer: %w", err)
	}
	return nil
}

// Stat is a snapshot of the pool, for metrics.
func (p *Pool) Stat() *pgxpool.Stat { return p.pool.Stat() }
