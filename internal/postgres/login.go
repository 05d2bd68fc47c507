package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// RolesApart are of jobs that have a login of their own: what they do could
// hide a crime, or destroy everything.
func RolesApart() []Role { return []Role{RoleSequencer, RoleRoller} }

// A Login is what the server says about the user a pool connects as, counting
// every role it is a member of.
type Login struct {
	Name       string
	Superuser  bool
	BypassRLS  bool
	CreateRole bool
	// Apart are those of RolesApart that it may take.
	Apart []Role
	// Owns lists up to ten tables whose owner it is. An owner may switch row
	// security off.
	Owns []string
}

// Problems tells in plain sentences why row-level security does not hold this
// login; none when it does.
func (l Login) Problems() []string {
	var problems []string
	if l.Superuser {
		problems = append(problems, fmt.Sprintf("login %s is, or may become, a superuser: row security does not hold it", l.Name))
	}
	if l.BypassRLS {
		problems = append(problems, fmt.Sprintf("login %s has, or may take, BYPASSRLS: row security does not hold it", l.Name))
	}
	if l.CreateRole {
		problems = append(problems, fmt.Sprintf("login %s may create roles, and so give itself more rights", l.Name))
	}
	if len(l.Owns) > 0 {
		problems = append(problems, fmt.Sprintf("login %s owns tables (%s) and may switch their row security off", l.Name, strings.Join(l.Owns, ", ")))
	}
	return problems
}

// Beyond tells in plain sentences which roles of other jobs this login may take;
// own are those of its own.
func (l Login) Beyond(own ...Role) []string {
	var problems []string
	for _, role := range l.Apart {
		if !slices.Contains(own, role) {
			problems = append(problems, fmt.Sprintf("login %s may take %s, which is for a login of its own: run `voicehive migrate` with --sequencer-login and --roller-login", l.Name, role))
		}
	}
	return problems
}

// CheckLogin asks the server about the pool's login. Whether its problems stop
// the process or are only logged is the caller's decision: production refuses,
// development warns.
func CheckLogin(ctx context.Context, p *Pool) (Login, error) {
	// A role is inherited or can be taken by SET ROLE: both count.
	const query = `
		with reachable as (
		  select * from pg_roles where pg_has_role(session_user, oid, 'member')
		)
		select session_user::text,
		  array(select rolname::text from reachable where rolname = any($1) order by 1),
		  (select bool_or(rolsuper) from reachable),
		  (select bool_or(rolbypassrls) from reachable),
		  (select bool_or(rolcreaterole) from reachable),
		  array(select c.oid::regclass::text
		        from pg_class c join pg_namespace n on n.oid = c.relnamespace
		        where c.relkind in ('r', 'p')
		          and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
		          and c.relowner in (select oid from reachable)
		        order by 1 limit 10)`
	var login Login
	err := p.run(ctx, "begin read only", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, query, RolesApart()).Scan(&login.Name, &login.Apart, &login.Superuser, &login.BypassRLS, &login.CreateRole, &login.Owns)
	})
	if err != nil {
		return Login{}, fmt.Errorf("postgres: asking about the login: %w", err)
	}
	return login, nil
}
