//go:build unix

package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The two logins. Package postgres tells what each is for.
const (
	OwnerName = "voicehive_owner"
	LoginName = "voicehive_login"
)

// Logins are the passwords that Bootstrap gives the two logins.
type Logins struct {
	OwnerPassword string
	Password      string
}

// Bootstrap makes the two logins and the databases on a server, as the
// superuser that adminURL names. What is there already is kept, but the
// passwords are set again. Several processes may do it at once.
func Bootstrap(ctx context.Context, adminURL string, logins Logins, databases ...string) error {
	conn, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return fmt.Errorf("cluster: connecting as the administrator: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := makeLogins(ctx, conn, logins); err != nil {
		return fmt.Errorf("cluster: making the logins: %w", err)
	}
	for _, database := range databases {
		if err := makeDatabase(ctx, conn, database); err != nil {
			return fmt.Errorf("cluster: making database %s: %w", database, err)
		}
	}
	return nil
}

// makeLogins holds a lock of the administrator's database, so everybody who
// bootstraps a server must do it through the same one.
func makeLogins(ctx context.Context, conn *pgx.Conn, logins Logins) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtext('voicehive_logins'))"); err != nil {
			return err
		}
		for _, login := range []struct{ name, attributes, password string }{
			{OwnerName, "createrole inherit", logins.OwnerPassword},
			{LoginName, "nocreaterole noinherit", logins.Password},
		} {
			var exists bool
			if err := tx.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", login.name).Scan(&exists); err != nil {
				return err
			}
			verb := "create"
			if exists {
				verb = "alter"
			}
			statement := fmt.Sprintf("%s role %s login nosuperuser nocreatedb nobypassrls %s password %s",
				verb, login.name, login.attributes, quote(login.password))
			if _, err := tx.Exec(ctx, statement); err != nil {
				return errors.New(describe(err)) // the full error could quote the statement
			}
		}
		return adoptRoles(ctx, tx)
	})
}

// adoptRoles lets the owner grant query roles that somebody else made. Since
// PostgreSQL 16 CREATEROLE alone is not enough for that.
func adoptRoles(ctx context.Context, tx pgx.Tx) error {
	const foreign = `
		select format('grant %I to %I with admin option', r.rolname, $1::text)
		from pg_roles r
		where r.rolname like 'voicehive\_%' and not r.rolcanlogin
		  and not pg_has_role($1::text, r.oid, 'member with admin option')`
	rows, err := tx.Query(ctx, foreign, OwnerName)
	if err != nil {
		return err
	}
	grants, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, grant := range grants {
		if _, err := tx.Exec(ctx, grant); err != nil {
			return err
		}
	}
	return nil
}

func makeDatabase(ctx context.Context, conn *pgx.Conn, database string) error {
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&exists); err != nil {
		return err
	}
	if exists {
		return nil
	}
	_, err := conn.Exec(ctx, fmt.Sprintf("create database %s owner %s", pgx.Identifier{database}.Sanitize(), OwnerName))
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && (pgErr.Code == "42P04" || pgErr.Code == "23505") {
		return nil // somebody else just made it
	}
	return err
}

func quote(literal string) string {
	return "'" + strings.ReplaceAll(literal, "'", "''") + "'"
}

// describe tells an error by its code alone.
func describe(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return "the server answered " + pgErr.Code
	}
	return "the connection broke"
}
