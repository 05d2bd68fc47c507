package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// shareRoles lets each login take its query roles, of those that a policy of
// this database names.
func shareRoles(ctx context.Context, db *sql.DB, o migrateOptions) error {
	kept := make([]string, 0, len(o.apart))
	for _, a := range o.apart {
		kept = append(kept, string(a.role))
	}
	if err := grantRoles(ctx, db, o.login, "r.rolname <> all($2)", kept); err != nil {
		return err
	}
	for _, a := range o.apart {
		wanted := []string{string(a.role)}
		for _, role := range a.besides {
			wanted = append(wanted, string(role))
		}
		if err := grantRoles(ctx, db, a.login, "r.rolname = any($2)", wanted); err != nil {
			return err
		}
	}
	if o.login == "" {
		return nil // the migrating user grants the roles, and has them all
	}
	return takeBack(ctx, db, o.login, kept)
}

// grantRoles grants the roles that the login lacks. It asks first, so that a
// second run needs no right to grant.
func grantRoles(ctx context.Context, db *sql.DB, login, which string, names []string) error {
	grants, err := statements(ctx, db, `
		select distinct format('grant %I to %I', r.rolname, l.login)
		from pg_policy p
		  join pg_roles r on r.oid = any(p.polroles),
		  (select coalesce(nullif($1, ''), current_user::text) as login) l
		where not pg_has_role(l.login, r.oid, 'member') and `+which, login, names)
	if err != nil {
		return fmt.Errorf("postgres: asking which roles login %q lacks; create it first: %w", login, err)
	}
	for _, grant := range grants {
		if err := execShared(ctx, db, grant); err != nil {
			return fmt.Errorf("postgres: %s failed; let an administrator run it once: %w", grant, err)
		}
	}
	return nil
}

// takeBack revokes roles that the login had from before they were kept apart,
// and makes sure that it cannot take them any more.
func takeBack(ctx context.Context, db *sql.DB, login string, kept []string) error {
	// Of its own roles the owner takes none from itself, and cannot.
	owner, err := statements(ctx, db, "select rolname::text from pg_roles where rolname = current_user and rolname = $1 and $2::text[] <> '{}'", login, kept)
	if err == nil && len(owner) > 0 {
		err = errors.New("it is the owner; let the product connect as another one")
	}
	if err != nil {
		return keptApart(login, err)
	}
	revokes, err := statements(ctx, db, `
		select format('revoke %I from %I granted by %I', r.rolname, $1::text, g.rolname)
		from pg_auth_members m
		  join pg_roles r on r.oid = m.roleid
		  join pg_roles l on l.oid = m.member
		  join pg_roles g on g.oid = m.grantor
		where l.rolname = $1 and r.rolname = any($2)`, login, kept)
	if err != nil {
		return fmt.Errorf("postgres: asking which roles login %q has: %w", login, err)
	}
	for _, revoke := range revokes {
		if err := execShared(ctx, db, revoke); err != nil {
			return fmt.Errorf("postgres: %s failed; let an administrator run it once: %w", revoke, err)
		}
	}
	left, err := statements(ctx, db, "select rolname::text from pg_roles where rolname = any($2) and pg_has_role($1, oid, 'member')", login, kept)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("it is a superuser, or in another group that may: %v", left)
	}
	if err != nil {
		return keptApart(login, err)
	}
	return nil
}

func keptApart(login string, err error) error {
	return fmt.Errorf("postgres: login %q must not be able to take roles that are kept apart: %w", login, err)
}

// statements runs a query that answers texts.
func statements(ctx context.Context, db *sql.DB, query string, args ...any) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
