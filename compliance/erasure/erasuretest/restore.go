//go:build unix

package erasuretest

import (
	"context"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// Backup copies a database as it is, as a backup that is restored does.
func (h *House) Backup(of *postgrestest.Database, pools ...*postgres.Pool) *postgrestest.Database {
	h.t.Helper()
	ctx := context.WithoutCancel(h.t.Context())
	copied := of.Name + "_backup"
	server := named(of.AdminURL, of.Name, "postgres")
	admin := func(statements ...string) {
		conn, err := pgx.Connect(ctx, server)
		require.NoError(h.t, err)
		defer func() { _ = conn.Close(ctx) }()
		for _, statement := range statements {
			_, err := conn.Exec(ctx, statement)
			require.NoError(h.t, err)
		}
	}
	admin(
		"alter database "+of.Name+" with allow_connections false",
		"select pg_terminate_backend(pid) from pg_stat_activity where datname = '"+of.Name+"'")
	require.Eventually(h.t, func() bool {
		conn, err := pgx.Connect(ctx, server)
		if err != nil {
			return false
		}
		defer func() { _ = conn.Close(ctx) }()
		_, err = conn.Exec(ctx, "create database "+copied+" template "+of.Name)
		return err == nil
	}, patience, step, "the copy waits for the last connection to end")
	admin("alter database " + of.Name + " with allow_connections true")
	h.t.Cleanup(func() { admin("drop database if exists " + copied + " with (force)") })
	// Connections that were cut off are thrown away at their next use.
	for _, pool := range pools {
		for range 25 {
			_ = pool.Ping(ctx)
		}
	}
	return &postgrestest.Database{
		Name: copied, URL: named(of.URL, of.Name, copied), OwnerURL: named(of.OwnerURL, of.Name, copied), AdminURL: named(of.AdminURL, of.Name, copied),
	}
}

// named is a URL of another database of the server.
func named(text, from, to string) string {
	u, err := url.Parse(text)
	if err != nil {
		return strings.Replace(text, from, to, 1)
	}
	u.Path = strings.Replace(u.Path, from, to, 1)
	return u.String()
}
