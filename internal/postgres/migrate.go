package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations are the main database's, for Migrate.
var Migrations = below(embedded, "migrations")

// below is fs.Sub for a folder that the compiler has seen.
func below(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return files
	}
	return sub
}

// migrationLock is the advisory lock that lets one process at a time migrate a
// database. Any number does that nobody else takes.
const migrationLock int64 = 0x766f696365686976

type migrateOptions struct {
	login string
	apart []apart
	log   *slog.Logger
	dial  DialFunc
}

// apart is a role that only one login gets, with some that others have too.
type apart struct {
	role    Role
	login   string
	besides []Role
}

// A MigrateOption changes what Migrate does.
type MigrateOption func(*migrateOptions)

// GrantTo names the login that the product connects as: it gets every query
// role that the database's policies name. Without it the migrating user does.
func GrantTo(login string) MigrateOption {
	return func(o *migrateOptions) { o.login = login }
}

// GrantApart names the login that alone may take a role, besides some others:
// the login of GrantTo does not get it then, and loses it if it had it. So what
// ends the keys of all guests, or writes the audit log, is in no reach of what
// serves callers.
func GrantApart(role Role, login string, besides ...Role) MigrateOption {
	return func(o *migrateOptions) { o.apart = append(o.apart, apart{role, login, besides}) }
}

// WithLog tells where to say which migrations were applied.
func WithLog(log *slog.Logger) MigrateOption {
	return func(o *migrateOptions) { o.log = log }
}

// Migrate brings the database that url names up to the newest of migrations
// (goose SQL files at the root of the file system) and grants the query roles.
// Doing it again changes nothing; several processes may do it at once. The
// user in url must own the database and have CREATEROLE.
func Migrate(ctx context.Context, url string, migrations fs.FS, opts ...MigrateOption) error {
	o := migrateOptions{log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return errors.New("postgres: cannot read the database URL; it must look like postgres://user:password@host:5432/database")
	}
	dialThrough(config, o.dial)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()

	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }()
	if err := apply(ctx, db, migrations, o.log); err != nil {
		return err
	}
	return shareRoles(ctx, db, o)
}

func apply(ctx context.Context, db *sql.DB, migrations fs.FS, log *slog.Logger) error {
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations,
		goose.WithSessionLocker(advisoryLock{}), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("postgres: reading the migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("postgres: migrating; each migration is applied whole or not at all, so fix the cause and repeat: %w", err)
	}
	for _, r := range results {
		log.InfoContext(ctx, "migration applied", "file", r.Source.Path, "took", r.Duration)
	}
	return nil
}

// advisoryLock waits in the server's queue, where goose's own lock polls.
type advisoryLock struct{}

func (advisoryLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "select pg_advisory_lock($1)", migrationLock)
	return err
}

func (advisoryLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "select pg_advisory_unlock($1)", migrationLock)
	return err
}

// execShared repeats a statement on roles that lost a race with another
// database of the same cluster. Roles belong to the cluster, so no lock of one
// database can keep such races away.
func execShared(ctx context.Context, db *sql.DB, statement string) error {
	var err error
	for range 10 {
		if _, err = db.ExecContext(ctx, statement); !lostRace(err) {
			return err
		}
	}
	return err
}

// lostRace knows the server's answers to two writes of one catalogue row:
// XX000 "tuple concurrently updated" and 23505 for two inserts.
func lostRace(err error) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && (pgErr.Code == "XX000" || pgErr.Code == "23505")
}
