package retention

import (
	"fmt"
	"strings"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
)

// A store is one table of one class: how its rows are found, dated and erased.
type store struct {
	name  string
	class register.Class
	table string
	joins string // what is read beside x, the table
	where string
	// keys order the rows: what none is passed over by, and none erased twice.
	keys []column
	// twin is the column beside x that equals the first of the keys, if one does:
	// else each batch would pass over what the batches before it emptied.
	twin string
	// scopes are the key scopes of a row, as an array; empty where it has none.
	scopes string
	// anchors are days of a row; in those, %s stands for the hotel's zone.
	anchors map[Anchor]string
	bytes   string // how much a row holds of a guest, about
	// redact is what takes the place of the guest's part; with none rows are
	// deleted.
	redact string
	// shred are the purposes whose keys nothing needs any more when the row goes.
	shred []keys.Purpose
	// object is the column that names what lies in the object store.
	object string
	batch  int
}

// column is a part of a key, which travels as text.
type column struct{ name, out, in string }

func texts(names ...string) []column {
	all := make([]column, len(names))
	for i, name := range names {
		all[i] = column{name, "x." + name, "$%d::text"}
	}
	return all
}

// rows in one transaction: enough to cost little each, and short enough that a
// hold does not wait for long.
const (
	manyRows    = 20000
	manyObjects = 50
)

func local(at string) string { return "(" + at + " at time zone $2)::date" }

// inZone dates a row by some instants, in the hotel's zone.
func inZone(anchors ...any) map[Anchor]string {
	all := map[Anchor]string{}
	for i := 0; i < len(anchors); i += 2 {
		all[anchors[i].(Anchor)] = local(anchors[i+1].(string))
	}
	return all
}

func stay(alias string) map[Anchor]string {
	return map[Anchor]string{
		Arrival: alias + ".arrival", Departure: alias + ".departure", Ended: alias + ".departure", Created: local("x.created_at"),
	}
}

// stores are all that is erased when it has had its time, what hangs on
// something before what it hangs on.
func stores() []store {
	ofCall := ` join call c on c.hotel = x.hotel and c.id = x.call`
	return []store{
		{
			name: "turn", class: register.Turn, table: "turn", joins: ofCall, keys: append(texts("call"), column{"seq", "x.seq::text", "$%d::text::int"}), twin: "c.id",
			scopes: "array[x.call]", anchors: inZone(CallEnd, "c.ended_at", Ended, "c.ended_at", Created, "x.created_at"), bytes: "length(x.sealed)",
		}, {
			name: "recording", class: register.Recording, table: "recording", joins: ofCall, keys: texts("id"), scopes: "array[x.call]",
			anchors: inZone(CallEnd, "c.ended_at", Ended, "c.ended_at", Created, "x.created_at"), bytes: "x.bytes", object: "x.object",
			shred: []keys.Purpose{keys.Recording}, batch: manyObjects,
		}, {
			name: "message", class: register.Message, table: "message", where: "x.purpose = 'operations' and x.sealed is not null and x.state not in ('queued', 'sending')",
			keys: texts("id"), scopes: "array[x.scope]", anchors: inZone(Created, "x.created_at"), bytes: "length(x.sealed)",
			redact: "sealed = null, updated_at = now()",
		}, {
			name: "code", class: register.Code, table: "one_time_code", keys: texts("id"), scopes: "array[x.scope]",
			anchors: inZone(Created, "x.created_at"), bytes: "32",
		}, {
			name: "index", class: register.Index, table: "guest_index",
			joins: ` left join booking b on b.hotel = x.hotel and b.id = x.scope
				left join call c on c.hotel = x.hotel and c.id = x.scope
				left join party p on p.hotel = x.hotel and p.scope = x.scope
				left join booking pb on pb.hotel = p.hotel and pb.id = p.booking`,
			keys:   []column{{"kind", "x.kind", "$%d::text"}, {"digest", "encode(x.digest, 'hex')", "decode($%d::text, 'hex')"}, {"scope", "x.scope", "$%d::text"}},
			scopes: "array_remove(array[x.scope, p.booking], null)", bytes: "length(x.digest)",
			// What is about nothing that there still is ended when it was made; a
			// call that goes on has not ended.
			anchors: map[Anchor]string{
				Created: local("x.created_at"),
				Ended: `case when c.id is not null and c.ended_at is null then null
					else coalesce(greatest(b.departure, pb.departure, ` + local("c.ended_at") + `), ` + local("x.created_at") + `) end`,
			},
		}, {
			name: "companion", class: register.Companion, table: "party", joins: ` join booking b on b.hotel = x.hotel and b.id = x.booking`,
			keys: texts("scope"), scopes: "array[x.scope, x.booking]", anchors: stay("b"), bytes: "length(x.sealed)", shred: []keys.Purpose{keys.Operations},
		}, {
			name: "guest", class: register.Guest, table: "guest", joins: ` join booking b on b.hotel = x.hotel and b.id = x.booking`,
			keys: texts("booking"), twin: "b.id", scopes: "array[x.booking]", anchors: stay("b"), bytes: "length(x.sealed)", shred: []keys.Purpose{keys.Operations},
		}, {
			name: "quote", class: register.Draft, table: "quote",
			joins: ` left join intent i on i.hotel = x.hotel and i.quote = x.id and i.kind = 'book'`,
			where: "x.expires_at < now() - interval '1 day' and not exists (select from intent o where o.hotel = x.hotel and o.quote = x.id and o.settled_at is null)",
			keys:  texts("id"), scopes: "array_remove(array[x.booking, i.booking], null)", anchors: inZone(Created, "x.created_at"), bytes: "length(x.offers::text)",
		}, {
			name: "intent", class: register.Draft, table: "intent", where: "x.settled_at is not null and (x.sealed is not null or x.erased_at is null)",
			keys: texts("id"), scopes: "array[x.booking]", anchors: inZone(Created, "x.created_at"), bytes: "coalesce(length(x.sealed), 0) + 32",
			// Whoever has the hotel's key could try names on the digest.
			redact: "sealed = null, body_hmac = sha256(uuid_send(gen_random_uuid())), erased_at = now()",
		}, {
			name: "booking", class: register.Booking, table: "booking", where: "x.subject is not null", keys: texts("id"), scopes: "array[x.id]",
			anchors: map[Anchor]string{Arrival: "x.arrival", Departure: "x.departure", Ended: "x.departure", Created: local("x.created_at")}, bytes: "16",
			redact: "subject = null",
		}, {
			name: "consent", class: register.Consent, table: "consent_event",
			where: "not exists (select from recording r where r.hotel = x.hotel and r.consent = x.id)", keys: texts("id"), scopes: "array[x.scope]",
			anchors: inZone(Created, "x.recorded_at"), bytes: "coalesce(length(x.sealed), 0) + 64", shred: []keys.Purpose{keys.Consent},
		}, {
			name: "call", class: register.Call, table: "call",
			where: `not exists (select from turn o where o.hotel = x.hotel and o.call = x.id)
				and not exists (select from recording o where o.hotel = x.hotel and o.call = x.id)
				and not exists (select from consent_event o where o.hotel = x.hotel and o.call = x.id)`,
			keys: texts("id"), scopes: "array[x.id]", anchors: inZone(CallEnd, "x.ended_at", Ended, "x.ended_at", Created, "x.started_at"), bytes: "64",
			shred: []keys.Purpose{keys.Operations, keys.Recording},
		}, {
			name: "subject_decision", class: register.SubjectDecision, table: "subject_decision", where: "x.done_at is not null", keys: texts("id"),
			scopes: "x.scopes", anchors: inZone(Created, "x.created_at", Closed, "x.done_at"), bytes: "32 * cardinality(x.scopes)",
		}, {
			name: "task", class: register.Task, table: "operator_task", where: "x.closed_at is not null", keys: texts("id"), scopes: "array[x.booking]",
			anchors: inZone(Created, "x.created_at", Closed, "x.closed_at"), bytes: "length(x.detail)",
		}, {
			name: "webhook_delivery", class: register.WebhookDelivery, table: "webhook_delivery",
			keys:    []column{{"vendor", "x.vendor", "$%d::text"}, {"id", "encode(x.id, 'hex')", "decode($%d::text, 'hex')"}},
			anchors: inZone(Created, "x.received_at"), bytes: "64",
		}, {
			name: "pack", class: register.Pack, table: "access_pack", keys: texts("id"), scopes: "array[x.scope]", anchors: inZone(Created, "x.created_at"),
			bytes: "coalesce(x.bytes, 0)", object: "x.object", batch: manyObjects,
		}, {
			name: "letter", class: register.Case, table: "message", joins: ` left join dsar_case d on d.hotel = x.hotel and d.id = x.scope`,
			where: "x.purpose = 'case' and x.sealed is not null and x.state not in ('queued', 'sending')", keys: texts("id"), scopes: "array[x.scope]",
			anchors: map[Anchor]string{
				Created: local("x.created_at"),
				Closed:  "case when d.id is not null and d.closed_at is null then null else " + local("coalesce(d.closed_at, x.updated_at)") + " end",
			},
			bytes: "length(x.sealed)", redact: "sealed = null, updated_at = now()",
		}, {
			name: "case", class: register.Case, table: "dsar_case", where: "x.closed_at is not null", keys: texts("id"), scopes: "array[x.id]",
			anchors: inZone(Created, "x.opened_at", Closed, "x.closed_at"), bytes: "coalesce(length(x.sealed_wish), 0)", shred: []keys.Purpose{keys.Case},
		},
	}
}

// rowsAtOnce is how many rows go in one transaction.
func (s store) rowsAtOnce() int {
	if s.batch == 0 {
		return manyRows
	}
	return s.batch
}

func (s store) order() string {
	out := make([]string, len(s.keys))
	for i, k := range s.keys {
		out[i] = "x." + k.name
	}
	return strings.Join(out, ", ")
}

// behind is the condition that a row comes after a key, whose parts are the
// parameters from first on.
func (s store) behind(first int) string {
	in := make([]string, len(s.keys))
	for i, k := range s.keys {
		in[i] = fmt.Sprintf(k.in, first+i)
	}
	return "(" + s.order() + ") > (" + strings.Join(in, ", ") + ")"
}
