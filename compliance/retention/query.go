package retention

import (
	"fmt"
	"strings"
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

// asks tells whether open requests keep rows here.
func (q query) asks(asked []string) bool { return q.scopes != "" && len(asked) > 0 }

// asking tells of a row that an open request is about: parameter n are its scopes.
func (q query) asking(n int) string { return fmt.Sprintf("%s && $%d::text[]", q.scopes, n) }

// counted lists what has had its time, for the plan; $4 are the holds, $5 says
// that all is held, and $6 are the scopes of open requests, where there are any.
func (q query) counted(r reach) (sql string, args []any) {
	held, restricted := q.kept(4)
	args = []any{r.Holds, r.All}
	if q.asks(r.asked) {
		held, args = held+" or "+q.asking(6), append(args, r.asked)
	}
	scope := "''"
	if q.scopes != "" {
		scope = fmt.Sprintf("coalesce((%s)[1], '')", q.scopes)
	}
	return q.aged(fmt.Sprintf("%s, %s, %s, %s, $5::bool or %s, %s", q.key(), scope, q.rule, q.bytes, held, restricted), "", "order by "+q.order()), args
}

// overdue counts what should be gone and is kept by nothing.
func (q query) overdue(r reach) (sql string, args []any) {
	held, restricted := q.kept(4)
	more := fmt.Sprintf("not (%s) and not (%s)", held, restricted)
	args = []any{r.Holds}
	if q.asks(r.asked) {
		more, args = more+" and not ("+q.asking(5)+")", append(args, r.asked)
	}
	return q.aged("count(*)", more, ""), args
}

// next picks the next rows: $4 is how many, then come the holds and the scopes of
// open requests where there are any, and the key to go on behind.
func (q query) next(reach reach, cursor []string, tail string) (sql string, args []any) {
	more, n := []string{}, 5
	if len(reach.Holds) > 0 {
		held, _ := q.kept(n)
		more, args, n = append(more, "not "+held), append(args, reach.Holds), n+1
	}
	if q.asks(reach.asked) {
		more, args, n = append(more, "not ("+q.asking(n)+")"), append(args, reach.asked), n+1
	}
	if _, restricted := q.kept(0); q.scopes != "" {
		more = append(more, "not "+restricted)
	}
	if cursor != nil {
		more = append(more, q.behind(n))
		if q.twin != "" {
			more = append(more, q.twin+" >= "+fmt.Sprintf(q.keys[0].in, n))
		}
		for _, part := range cursor {
			args = append(args, part)
		}
	}
	columns := []string{"x.ctid as at", q.key() + " as key", q.bytes + " as bytes"}
	if !q.sole {
		columns = append(columns, q.rule+" as rule")
	}
	if q.object != "" {
		columns = append(columns, q.object+" as object")
	}
	if len(q.shred) > 0 {
		columns = append(columns, "array_to_string("+q.scopes+", chr(31)) as scopes")
	}
	return q.aged(strings.Join(columns, ", "), strings.Join(more, " and "), "order by "+q.order()+" limit $4"+tail), args
}

// erase erases the next rows in one statement, and answers one row about them:
// how many there were, whether those are gone, their bytes, keys in their order,
// rules, objects and scopes. If they are not, a row changed in the same moment,
// and all of it has to be tried again.
//
// To lock each row first costs as much again as to delete it, so it is done only
// where somebody else is at these rows, whom it then passes over. Without locks
// a row that changed stays, or is deleted where it went to: older servers do
// that. Both show, for the places of what was due and what is gone differ. What
// is written over goes to another place by itself, and is always locked.
func (q query) erase(reach reach, cursor []string, locks bool) (sql string, args []any) {
	const places = "count(*), coalesce(bit_xor(hashtidextended(at, 0)), 0)"
	tail, erase, sum := "", "delete from "+q.table+" x", places
	if q.redact != "" {
		erase = "update " + q.table + " x set " + q.redact
	}
	if locks || q.redact != "" {
		tail, sum = " for update of x skip locked", "count(*)"
	}
	due, args := q.next(reach, cursor, tail)
	rules, objects, scopes := "json_build_object("+q.rule+", count(*))", "null::text[]", "''"
	if !q.sole {
		rules = "(select json_object_agg(rule, n) from (select rule, count(*) as n from due group by rule) r)"
	}
	if q.object != "" {
		objects = "array_agg(object) filter (where object <> '')"
	}
	if len(q.shred) > 0 {
		scopes = "string_agg(scopes, chr(31))"
	}
	return fmt.Sprintf(`
		with due as materialized (%s), gone as (%s where x.ctid = any(array(select at from due)) returning x.ctid as at)
		select count(*), (%s) = (select %s from gone), sum(bytes)::bigint, string_agg(key, chr(30)), %s, %s, %s
		from due`, due, erase, sum, sum, rules, objects, scopes), args
}

// between stands between keys, separator between the parts of one; no key has
// either.
const (
	between   = "\x1e"
	separator = "\x1f"
)

// key is the row's key as one text.
func (q query) key() string {
	parts := make([]string, len(q.keys))
	for i, k := range q.keys {
		parts[i] = k.out
	}
	return strings.Join(parts, " || chr(31) || ")
}
