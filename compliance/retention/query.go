package retention

import (
	"fmt"
	"strings"

	"github.com/voicehive/voicehive/compliance/holds"
)

// query is the SQL of one store under the rules of one hotel.
type query struct {
	store
	compiled
}

// aged selects the rows that have had their time: $1 is the hotel, $2 its zone,
// $3 the day before which a row's last day lies.
func (q query) aged(columns, more, tail string) string {
	// Not every store has instants, and each parameter must be named.
	where := []string{"x.hotel = $1", "$2::text is not null", q.due + " < $3::date"}
	for _, each := range []string{q.where, more} {
		if each != "" {
			where = append(where, each)
		}
	}
	return fmt.Sprintf("select %s from %s x%s%s where %s %s", columns, q.table, q.store.joins, q.compiled.joins, strings.Join(where, " and "), tail)
}

// kept tells of a row that the law does not let go or the guest does not: under
// the holds in parameter n, or restricted.
func (q query) kept(n int) (held, restricted string) {
	if q.scopes == "" {
		return fmt.Sprintf("$%d::text[] is null", n), "false" // which they never are
	}
	held = fmt.Sprintf("exists (select from hold_scope s where s.hotel = $1 and s.hold = any($%d::text[]) and s.scope = any(%s))", n, q.scopes)
	restricted = fmt.Sprintf("exists (select from restriction r where r.hotel = $1 and r.scope = any(%s) and r.lifted_at is null)", q.scopes)
	return held, restricted
}

// counted lists what has had its time, for the plan; $4 are the holds, $5 says
// that all is held.
func (q query) counted() string {
	held, restricted := q.kept(4)
	scope := "''"
	if q.scopes != "" {
		scope = fmt.Sprintf("coalesce((%s)[1], '')", q.scopes)
	}
	return q.aged(fmt.Sprintf("%s, %s, %s, %s, $5::bool or %s, %s", q.key(), scope, q.rule, q.bytes, held, restricted), "", "order by "+q.order())
}

// overdue counts what should be gone and is kept by nothing.
func (q query) overdue() string {
	held, restricted := q.kept(4)
	return q.aged("count(*)", fmt.Sprintf("not (%s) and not (%s)", held, restricted), "")
}

// lock picks the next rows and locks them, passing over those that somebody
// else has: $4 is how many, then come the holds where there are any, and the
// key to go on behind.
func (q query) lock(reach holds.Reach, cursor []string) (sql string, args []any) {
	more, n := []string{}, 5
	if len(reach.Holds) > 0 {
		held, _ := q.kept(n)
		more, args, n = append(more, "not "+held), append(args, reach.Holds), n+1
	}
	if _, restricted := q.kept(0); q.scopes != "" {
		more = append(more, "not "+restricted)
	}
	if cursor != nil {
		more = append(more, q.behind(n))
		for _, part := range cursor {
			args = append(args, part)
		}
	}
	columns := []string{"x.ctid as at", q.key() + " as key", q.rule + " as rule", q.bytes + " as bytes", "'' as object", "null::text[] as scopes"}
	if q.object != "" {
		columns[4] = q.object + " as object"
	}
	if len(q.shred) > 0 {
		columns[5] = q.scopes + "::text[] as scopes"
	}
	return q.aged(strings.Join(columns, ", "), strings.Join(more, " and "), "order by "+q.order()+" limit $4 for update of x skip locked"), args
}

// erase locks the next rows and erases them in one statement. It answers those
// that it locked, in their order, each with how many are gone: fewer when a row
// changed in the same moment, and then all of it has to be tried again.
func (q query) erase(reach holds.Reach, cursor []string) (sql string, args []any) {
	locked, args := q.lock(reach, cursor)
	erase := "delete from " + q.table + " x"
	if q.redact != "" {
		erase = "update " + q.table + " x set " + q.redact
	}
	return fmt.Sprintf(`
		with due as materialized (%s), gone as (%s where x.ctid = any(array(select at from due)) returning 1)
		select key, rule, bytes, object, scopes, (select count(*) from gone) from due`, locked, erase), args
}

// separator stands between the parts of a key; none of them has it.
const separator = "\x1f"

// key is the row's key as one text.
func (q query) key() string {
	parts := make([]string, len(q.keys))
	for i, k := range q.keys {
		parts[i] = k.out
	}
	return strings.Join(parts, " || chr(31) || ")
}
