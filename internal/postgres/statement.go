package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// setLocal takes a role, and a tenant or none, until the transaction ends.
const setLocal = "select set_config('role', $1, true), set_config('voicehive.tenant', $2, true)"

// Statements runs statements one by one, each in a transaction of its own that
// sets role and tenant as InTenant does. Statement and settings travel
// together, so one costs one round trip where a transaction costs three. It has
// the methods that sqlc's generated code asks for.
type Statements struct {
	pool         *Pool
	role, tenant string
	err          error
}

// Tenant runs single statements for one tenant. A tenant that could not be one
// fails with the first statement.
func (p *Pool) Tenant(tenant string) Statements {
	s := Statements{pool: p, role: tenantRole, tenant: tenant}
	if !tenantPattern.MatchString(tenant) {
		s.err = ErrTenant
	}
	return s
}

// Role runs single statements as a narrow role and for no tenant.
func (p *Pool) Role(role Role) Statements {
	s := Statements{pool: p, role: string(role)}
	if !slices.Contains(Roles(), role) {
		s.err = ErrRole
	}
	return s
}

// Exec runs a statement that answers no rows.
func (s Statements) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	results, err := s.send(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if closing := results.Close(); err == nil {
		err = closing
	}
	return tag, err
}

// Query runs a statement that answers rows; close them.
func (s Statements) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	results, err := s.send(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, err
	}
	return &statementRows{Rows: rows, results: results}, nil
}

// QueryRow runs a statement that answers one row; scan it.
func (s Statements) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	results, err := s.send(ctx, sql, args)
	return statementRow{results: results, err: err}
}

// send sends the settings and the statement in one message. Without a begin of
// its own the server makes both one transaction and ends it with the message.
func (s Statements) send(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	if s.err != nil {
		return nil, s.err
	}
	batch := &pgx.Batch{}
	batch.Queue(setLocal, s.role, s.tenant)
	batch.Queue(sql, args...)
	results := s.pool.pool.SendBatch(ctx, batch)
	if _, err := results.Exec(); err != nil {
		_ = results.Close()
		s.pool.logins.noticed(err)
		return nil, fmt.Errorf("postgres: taking the role of a statement: %w", err)
	}
	return results, nil
}

// statementRows gives the connection back when the rows are closed. The
// transaction ends then, so that is where a late error shows.
type statementRows struct {
	pgx.Rows
	results pgx.BatchResults
	closed  bool
	err     error
}

func (r *statementRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *statementRows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.Rows.Close()
	r.err = r.results.Close()
}

func (r *statementRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

type statementRow struct {
	results pgx.BatchResults
	err     error
}

func (r statementRow) Scan(into ...any) error {
	if r.err != nil {
		return r.err
	}
	err := r.results.QueryRow().Scan(into...)
	if closing := r.results.Close(); err == nil {
		err = closing
	}
	return err
}
