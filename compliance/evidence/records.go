package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
)

// perStatement bounds the records of one statement.
const perStatement = 500

// a kind is a sort of single facts that are stated one by one.
type kind struct {
	name, title, as string
	// events are how the kinds of entries in the audit log begin that tell of
	// the same.
	events string
	// query yields id and scope, which are replaced, and what is told. @hotel,
	// @from and @until are given.
	query string
}

var factKinds = []kind{
	// When it was last checked is left out: whoever starts a process checks.
	{"region-check", "Where an endpoint stands", "checker", "", `
		select endpoint, role, host, class, provider, region, country, state, changed_at
		from region_check where hotel in ('', @hotel) order by endpoint`},
	{"consent-record", "A guest's yes or no", "tenant", "consent.", `
		select id, scope, purpose, action, wording, wording_hash, language, channel, method, offset_ms, event_time, recorded_at
		from consent_event where hotel = @hotel and recorded_at >= @from::timestamptz and recorded_at < @until::timestamptz order by id`},
	{"ai-notice", "A caller heard that a machine answers", "tenant", "notice.", `
		select id, id as scope, notice_version, notice_language, notice_hash, notice_ended_ms, notice_at
		from call where hotel = @hotel and notice_at >= @from::timestamptz and notice_at < @until::timestamptz order by id`},
	{"retention-run", "Data that had its time was erased", "tenant", "", `
		select id, state, as_of::text as as_of, encode(plan_hash, 'hex') as plan_hash, rows, erased, overdue, created_at, finished_at,
		  encode(sha256(convert_to(certificate::text, 'UTF8')), 'hex') as certificate_text_sha256
		from retention_run where hotel = @hotel and finished_at >= @from::timestamptz and finished_at < @until::timestamptz order by id`},
	{"erasure", "A person's data was erased", "tenant", "", `
		select id, encode(sha256(envelope), 'hex') as certificate_sha256, erased_at, final_at
		from erasure_certificate where hotel = @hotel and erased_at >= @from::timestamptz and erased_at < @until::timestamptz order by id`},
	{"dsar-completion", "A request was closed", "tenant", "dsar.", `
		select id, id as scope, kind, state, outcome, proof, received_at, due_at, extended_at, closed_at, closed_at <= due_at as in_time
		from dsar_case where hotel = @hotel and closed_at >= @from::timestamptz and closed_at < @until::timestamptz order by id`},
	{"restore-test", "A restored backup of the keys was proven", "auditor", "", `
		select year, n, to_timestamp((convert_from(leaf, 'UTF8')::jsonb->>'time')::bigint / 1e6) as at
		from audit_leaf where tenant = 'voicehive-house' and convert_from(leaf, 'UTF8')::jsonb->>'kind' = 'keys.backup_checked'
		  and to_timestamp((convert_from(leaf, 'UTF8')::jsonb->>'time')::bigint / 1e6) >= @from::timestamptz
		  and to_timestamp((convert_from(leaf, 'UTF8')::jsonb->>'time')::bigint / 1e6) < @until::timestamptz order by year, n`},
}

// a record is one fact.
type record struct {
	// Ref stands for the id: whoever has the database finds it, others do not.
	Ref   string         `json:"ref"`
	Audit []audit.Place  `json:"audit,omitempty"` // entries that tell of it
	Told  map[string]any `json:"told"`
	scope string
}

// facts is the predicate of a statement.
type facts struct {
	Hotel   string    `json:"hotel"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Events  string    `json:"events,omitempty"`
	Records []record  `json:"records"`
}

// a statement is a signed file of the pack.
type statement struct {
	kind, file string
	records    int
	content    []byte
}

// state makes the statements of all kinds.
func (j *job) state(ctx context.Context) error {
	for _, k := range factKinds {
		all, err := j.records(ctx, k)
		if err != nil {
			return fmt.Errorf("evidence: collect %s: %w", k.name, err)
		}
		for n := 0; n*perStatement < len(all); n++ {
			some := all[n*perStatement : min((n+1)*perStatement, len(all))]
			subjects := make([]attest.Subject, len(some))
			for i, r := range some {
				text, err := json.Marshal(r)
				if err != nil {
					return err
				}
				subjects[i] = attest.Digested(r.Ref, text)
			}
			content, err := j.sign(ctx, k.name, subjects, facts{j.Hotel, j.From, j.Until, k.events, some})
			if err != nil {
				return err
			}
			j.statements = append(j.statements, statement{k.name, fmt.Sprintf("attest/%s-%04d.dsse.json", k.name, n+1), len(some), content})
		}
	}
	return nil
}

func (j *job) records(ctx context.Context, k kind) (all []record, err error) {
	err = roles[k.as](ctx, j.Pool, j.Hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, k.query, pgx.NamedArgs{"hotel": j.Hotel, "from": j.From, "until": j.Until})
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (record, error) {
			told, err := pgx.RowToMap(row)
			if err != nil {
				return record{}, err
			}
			return j.record(k, told), nil
		})
		return err
	})
	if err == nil && k.events != "" {
		err = j.link(ctx, k, all)
	}
	return all, err
}

// record makes a fact of a row. Numbers, times and bytes get one form.
func (j *job) record(k kind, told map[string]any) record {
	id := fmt.Sprint(told["id"], told["endpoint"], told["year"], told["n"])
	r := record{Ref: j.reference(k.name, id), Told: told}
	r.scope, _ = told["scope"].(string)
	delete(told, "id")
	delete(told, "scope")
	for name, value := range told {
		switch v := value.(type) {
		case nil:
			delete(told, name)
		case time.Time:
			told[name] = v.UTC().Format(time.RFC3339Nano)
		case []byte:
			told[name] = hex.EncodeToString(v)
		}
	}
	return r
}

// reference hides an id. Ids are random, so nobody finds one by trying.
func (j *job) reference(kind, id string) string {
	sum := sha256.Sum256([]byte("evidence\x00" + j.Hotel + "\x00" + kind + "\x00" + id))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// link finds the entries of the audit log that tell of the same scopes, below
// the heads that the pack has.
func (j *job) link(ctx context.Context, k kind, all []record) error {
	byScope := map[string][]audit.Place{}
	scopes := make([]string, 0, len(all))
	for _, r := range all {
		scopes = append(scopes, r.scope)
	}
	err := roles["auditor"](ctx, j.Pool, j.Hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select d.scope, l.year, l.n from audit_detail d join audit_leaf l using (tenant, writer, seq)
			where d.tenant = $1 and d.scope = any($2) and starts_with(convert_from(l.leaf, 'UTF8')::jsonb->>'kind', $3)
			order by 1, 2, 3`, j.Hotel, scopes, k.events)
		if err != nil {
			return err
		}
		var scope string
		var p audit.Place
		_, err = pgx.ForEachRow(rows, []any{&scope, &p.Year, &p.N}, func() error {
			if j.told(p) {
				byScope[scope] = append(byScope[scope], p)
			}
			return nil
		})
		return err
	})
	for i := range all {
		all[i].Audit = byScope[all[i].scope]
	}
	return err
}

// told says whether the pack's part of the log tells an entry.
func (j *job) told(p audit.Place) bool {
	for _, l := range j.logs {
		if l.year == p.Year {
			_, ok := l.kinds[p.N]
			return ok
		}
	}
	return false
}
