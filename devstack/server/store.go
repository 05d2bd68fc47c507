package server

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	sqliteschema "go.temporal.io/server/schema/sqlite"
)

// Names of the two data stores in the server's configuration. They may be the
// same database.
const (
	mainStore       = "main"
	visibilityStore = "visibility"
)

// store says where the server keeps its state, with the schema in place.
type store struct {
	main, visibility config.SQL
}

func (s store) persistence() config.Persistence {
	return config.Persistence{
		DefaultStore:     mainStore,
		VisibilityStore:  visibilityStore,
		NumHistoryShards: historyShards,
		DataStores: map[string]config.DataStore{
			mainStore:       {SQL: &s.main},
			visibilityStore: {SQL: &s.visibility},
		},
	}
}

func openStore(ctx context.Context, o Options, logger log.Logger) (store, error) {
	switch {
	case o.PostgresURL != "":
		return openPostgres(ctx, o.PostgresURL, logger)
	case o.DBFilename != "":
		return openSQLiteFile(o.DBFilename, logger)
	default:
		return openSQLiteMemory(), nil
	}
}

// openSQLiteMemory names a database that lives as long as the process. The
// plugin sets its schema up on the first connection.
func openSQLiteMemory() store {
	memory := config.SQL{
		PluginName:        sqlite.PluginName,
		DatabaseName:      fmt.Sprintf("devstack-%d", rand.Uint64()),
		ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
		MaxConns:          1,
		MaxIdleConns:      1,
	}
	return store{main: memory, visibility: memory}
}

// openSQLiteFile opens or creates the file. The write-ahead log keeps it whole
// through kill -9. It gets one connection: with more, transactions fail as busy
// instead of waiting.
func openSQLiteFile(name string, logger log.Logger) (store, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return store{}, fmt.Errorf("--db-filename: %w", err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return store{}, fmt.Errorf("--db-filename: folder %s does not exist: create it first", filepath.Dir(path))
	}
	file := config.SQL{
		PluginName:   sqlite.PluginName,
		DatabaseName: path,
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": "wal",
			// In WAL mode this loses nothing when a process dies, and at most
			// the last transactions when the machine does.
			"synchronous":  "normal",
			"busy_timeout": "5000",
		},
		MaxConns:     1,
		MaxIdleConns: 1,
	}
	if err := setupSQLiteSchema(file, logger); err != nil {
		return store{}, fmt.Errorf("set up the schema in --db-filename %s: %w", name, err)
	}
	return store{main: file, visibility: file}, nil
}

// setupSQLiteSchema fills an empty file in one transaction, so that a kill in
// the middle leaves an empty file and not half a schema.
func setupSQLiteSchema(file config.SQL, logger log.Logger) error {
	db, err := sql.NewSQLAdminDB(sqlplugin.DbKindUnknown, &file, resolver.NewNoopResolver(), logger, metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()

	tables, err := db.ListTables(file.DatabaseName)
	if err != nil {
		return err
	}
	if len(tables) > 0 {
		return nil
	}
	// Statements share a transaction because the file has one connection.
	if err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := sqliteschema.SetupSchemaOnDB(db); err != nil {
		_ = db.Exec("ROLLBACK")
		return err
	}
	return db.Exec("COMMIT")
}
