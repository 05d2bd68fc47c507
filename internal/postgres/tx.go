package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrTenant is the answer to a tenant that could not be one. The tenant itself
// is not quoted: it came from outside.
var ErrTenant = errors.New("postgres: a tenant must be 2 to 63 of a-z, 0-9 and -, and start with a letter or digit")

// ErrRole is the answer to a role that is none of this package's.
var ErrRole = errors.New("postgres: not a role that a query may take")

// tenantPattern keeps out everything that means something to SQL, so that a
// tenant can stand inside the begin statement.
var tenantPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)

// A Role is a narrow role for work across tenants. Each sees no more than its
// one job needs.
type Role string

// The roles. A tenant's own work takes none of them: see InTenant.
const (
	RoleRegistrar Role = "voicehive_registrar" // writes the hotel registry and API keys
	RoleGate      Role = "voicehive_gate"      // reads them, to let a caller in
	RoleSweeper   Role = "voicehive_sweeper"   // finds work that nobody took up
	RoleKeys      Role = "voicehive_keys"      // reads and writes the key database
	RoleMeter     Role = "voicehive_meter"     // shares the vendors' request limits among processes
	RoleChecker   Role = "voicehive_checker"   // checks each hotel's connection and records its status
	RoleRoller    Role = "voicehive_roller"    // rewraps the key database in a new epoch and ends old ones
	RoleSequencer Role = "voicehive_sequencer" // takes the audit outbox into the audit log
	RoleAuditor   Role = "voicehive_auditor"   // reads the audit log
	RoleJournal   Role = "voicehive_journal"   // compares the erasure journal with its other copy
	RoleHouse     Role = "voicehive_house"     // tells the audit log what belongs to no tenant
	RoleLeaver    Role = "voicehive_leaver"    // empties the tables of one tenant that leaves
	RoleArchivist Role = "voicehive_archivist" // drops years of the audit log that had their time
)

// Roles are all of them.
func Roles() []Role {
	return []Role{RoleRegistrar, RoleGate, RoleSweeper, RoleKeys, RoleMeter, RoleChecker, RoleRoller, RoleSequencer, RoleAuditor, RoleHouse, RoleJournal, RoleLeaver, RoleArchivist}
}

// tenantRole is the role of a tenant's own work. It is no Role, because it is
// nothing without a tenant.
const tenantRole = "voicehive_tenant"

// InTenant runs fn in a transaction that sees and writes one tenant's rows
// only, and commits it when fn returns nil. It and EnterTenant are the only
// places where a tenant is set. Any error of fn comes back as it is, after a rollback. fn must not
// keep tx.
func (p *Pool) InTenant(ctx context.Context, tenant string, fn func(pgx.Tx) error) error {
	return p.inTenant(ctx, "begin", tenant, fn)
}

// InTenantReadOnly is InTenant for reads: a write in it fails.
func (p *Pool) InTenantReadOnly(ctx context.Context, tenant string, fn func(pgx.Tx) error) error {
	return p.inTenant(ctx, "begin read only", tenant, fn)
}

func (p *Pool) inTenant(ctx context.Context, begin, tenant string, fn func(pgx.Tx) error) error {
	if !tenantPattern.MatchString(tenant) {
		return ErrTenant
	}
	return p.run(ctx, fmt.Sprintf("%s; set local role %s; set local voicehive.tenant = '%s'", begin, tenantRole, tenant), fn)
}

// AsRole runs fn in a transaction that has taken a narrow role and no tenant,
// and commits it when fn returns nil. Any error of fn comes back as it is,
// after a rollback. fn must not keep tx.
func (p *Pool) AsRole(ctx context.Context, role Role, fn func(pgx.Tx) error) error {
	if !slices.Contains(Roles(), role) {
		return ErrRole
	}
	return p.run(ctx, fmt.Sprintf("begin; set local role %s", role), fn)
}

// InTenantAs is InTenant under a narrow role whose policies ask for the tenant as
// well: for work on one tenant that a tenant's own role may not do.
func (p *Pool) InTenantAs(ctx context.Context, role Role, tenant string, fn func(pgx.Tx) error) error {
	if !slices.Contains(Roles(), role) {
		return ErrRole
	}
	if !tenantPattern.MatchString(tenant) {
		return ErrTenant
	}
	return p.run(ctx, fmt.Sprintf("begin; set local role %s; set local voicehive.tenant = '%s'", role, tenant), fn)
}

// A Step is a part of a transaction that whoever runs it knows nothing of, such
// as an entry in the audit log that has to be there if and only if the rest is.
type Step func(ctx context.Context, tx pgx.Tx) error

// Along runs steps in a transaction, in their order.
func Along(ctx context.Context, tx pgx.Tx, steps ...Step) error {
	for _, step := range steps {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// EnterTenant makes what is left of a transaction a tenant's own: for work of a
// narrow role that has to leave a row with the tenant that it concerns. There is
// no way back, so let it come last.
func EnterTenant(ctx context.Context, tx pgx.Tx, tenant string) error {
	if !tenantPattern.MatchString(tenant) {
		return ErrTenant
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("set local role %s; set local voicehive.tenant = '%s'", tenantRole, tenant))
	if err != nil {
		return fmt.Errorf("postgres: entering a tenant: %w", err)
	}
	return nil
}

// run begins with several statements in one message, so that taking a role and
// a tenant costs no round trip of its own. When one of them fails the pool
// throws the connection away, for its transaction is still open.
func (p *Pool) run(ctx context.Context, begin string, fn func(pgx.Tx) error) error {
	tx, err := p.pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		p.logins.noticed(err)
		return fmt.Errorf("postgres: beginning a transaction: %w", err)
	}
	// After a commit this does nothing; after a panic of fn it still rolls back.
	defer rollback(ctx, tx)
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("postgres: committing: %w", err)
	}
	return nil
}

// rollback works for a cancelled context too, but not for ever: a connection
// that does not answer is thrown away.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = tx.Rollback(ctx)
}
