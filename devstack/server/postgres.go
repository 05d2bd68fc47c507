package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
)

const (
	postgresConns       = 20
	postgresTimeout     = 10 * time.Second
	defaultDatabase     = "temporal"
	maintenanceDatabase = "postgres"
	visibilitySuffix    = "_visibility"

	unknownDatabase = "3D000" // SQLSTATE invalid_catalog_name
)

// Schemas as the server embeds them.
const (
	mainSchema       = "postgresql/v12/temporal"
	visibilitySchema = "postgresql/v12/visibility"
)

// openPostgres creates what is missing of the two databases and brings their
// schemas up to date. The schemas share table names, so one database cannot
// hold both.
func openPostgres(ctx context.Context, rawURL string, logger log.Logger) (store, error) {
	main, err := parsePostgresURL(rawURL)
	if err != nil {
		return store{}, err
	}
	visibility := main
	visibility.DatabaseName += visibilitySuffix
	visibility.ConnectAttributes = maps.Clone(main.ConnectAttributes)

	for _, part := range []struct {
		cfg    config.SQL
		schema string
	}{{main, mainSchema}, {visibility, visibilitySchema}} {
		if err := ensureDatabase(ctx, part.cfg, logger); err != nil {
			return store{}, err
		}
		if err := migrate(part.cfg, part.schema, logger); err != nil {
			return store{}, fmt.Errorf("--postgres: set up the schema of database %q: %w", part.cfg.DatabaseName, err)
		}
	}
	return store{main: main, visibility: visibility}, nil
}

// parsePostgresURL never repeats the URL in an error: it may hold a password.
func parsePostgresURL(rawURL string) (config.SQL, error) {
	const want = "write postgres://USER[:PASSWORD]@HOST:PORT/DATABASE"
	u, err := url.Parse(rawURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return config.SQL{}, errors.New("--postgres is not a PostgreSQL URL: " + want)
	}
	if u.User.Username() == "" {
		return config.SQL{}, errors.New("--postgres names no user: " + want)
	}
	attributes := map[string]string{}
	for key, values := range u.Query() {
		if len(values) != 1 {
			return config.SQL{}, fmt.Errorf("--postgres gives option %q more than once", key)
		}
		attributes[key] = values[0]
	}
	database := strings.TrimPrefix(u.Path, "/")
	if database == "" {
		database = defaultDatabase
	}
	password, _ := u.User.Password()
	return config.SQL{
		PluginName:        postgresql.PluginNamePGX,
		ConnectProtocol:   "tcp",
		ConnectAddr:       u.Host,
		User:              url.PathEscape(u.User.Username()),
		Password:          password,
		DatabaseName:      database,
		ConnectAttributes: attributes,
		MaxConns:          postgresConns,
		MaxIdleConns:      postgresConns,
		MaxConnLifetime:   time.Hour,
	}, nil
}

// ensureDatabase connects first and creates only what does not exist, so that a
// user without the right to create databases can bring its own.
func ensureDatabase(ctx context.Context, cfg config.SQL, logger log.Logger) error {
	err := ping(ctx, cfg)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == unknownDatabase {
		// The tool changes the configuration it is given; cfg is our copy.
		name := cfg.DatabaseName
		if err := sqltool.DoCreateDatabase(&cfg, maintenanceDatabase, logger); err != nil {
			return fmt.Errorf("--postgres: create database %q (or create it yourself): %w", name, err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("--postgres: connect to database %q: %w", cfg.DatabaseName, err)
	}
	return nil
}

// ping exists because the server's own connection retries in the background
// and hides why it cannot connect.
func ping(ctx context.Context, cfg config.SQL) error {
	ctx, cancel := context.WithTimeout(ctx, postgresTimeout)
	defer cancel()
	query := url.Values{}
	for key, value := range cfg.ConnectAttributes {
		query.Set(key, value)
	}
	if !query.Has("sslmode") {
		query.Set("sslmode", "disable") // the plugin's default
	}
	user, err := url.PathUnescape(cfg.User)
	if err != nil {
		return errors.New("the user name is not valid in a URL")
	}
	target := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(user, cfg.Password),
		Host:     cfg.ConnectAddr,
		Path:     "/" + cfg.DatabaseName,
		RawQuery: query.Encode(),
	}
	conn, err := pgx.Connect(ctx, target.String())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// migrate does what temporal-sql-tool's setup-schema and update-schema do. Both
// are no-ops on a database that is up to date.
func migrate(cfg config.SQL, schemaName string, logger log.Logger) error {
	conn, err := sqltool.NewConnection(&cfg, logger)
	if err != nil {
		return err
	}
	defer conn.Close()
	setup := &schema.SetupConfig{InitialVersion: "0.0"}
	if version, err := conn.ReadSchemaVersion(); err != nil || version == "" {
		if err := schema.NewSetupSchemaTask(conn, setup, logger).Run(); err != nil {
			return err
		}
	}
	update := &schema.UpdateConfig{SchemaName: schemaName}
	return schema.NewUpdateSchemaTask(conn, update, logger).Run()
}
