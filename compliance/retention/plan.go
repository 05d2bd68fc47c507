package retention

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/register"
)

// A Plan says what a run would erase. It names rows by their number only, and
// some by pseudonym.
type Plan struct {
	Hotel string `json:"hotel"`
	// AsOf is the hotel's day, as 2026-01-31. What becomes due later is no part
	// of it.
	AsOf     string                    `json:"as_of"`
	Policy   string                    `json:"policy"` // the digest of the rules
	Settings map[register.Class]Period `json:"settings"`
	Parts    []Part                    `json:"parts"`
	Rows     int64                     `json:"rows"`
	Bytes    int64                     `json:"bytes"`
	Held     int64                     `json:"held"`
}

// A Part is what a plan says of one store.
type Part struct {
	Store string         `json:"store"`
	Class register.Class `json:"class"`
	Act   Act            `json:"act"`
	Rows  int64          `json:"rows"`
	Bytes int64          `json:"bytes"`
	// Held are due too and kept by a legal hold or for a request that is open,
	// Restricted by a guest's right.
	Held       int64            `json:"held,omitempty"`
	Restricted int64            `json:"restricted,omitempty"`
	Rules      map[string]int64 `json:"rules,omitempty"`
	// Root is that of a Merkle tree of the rows' keys, in hexadecimal.
	Root string `json:"root"`
	// Samples are pseudonyms of some rows: the same row has the same one in
	// every plan, and nobody without the hotel's key can tell which it is.
	Samples []string `json:"samples,omitempty"`
}

// samples is how many rows of a part are named by pseudonym.
const samples = 3

// Hash names the plan: whoever approves it approves this.
func (p Plan) Hash() [32]byte {
	text, err := json.Marshal(p)
	if err != nil {
		return [32]byte{} // it has no value that cannot be written
	}
	return sha256.Sum256(text)
}

// part is that of a store; nothing when the plan has none.
func (p Plan) part(store string) Part {
	if i := slices.IndexFunc(p.Parts, func(each Part) bool { return each.Store == store }); i >= 0 {
		return p.Parts[i]
	}
	return Part{Store: store}
}

// Plan is the dry run: it reads all that has had its time on the hotel's day and
// changes nothing.
func (e *Engine) Plan(ctx context.Context, h Hotel) (Plan, error) {
	asOf, err := e.AsOf(h)
	if err != nil {
		return Plan{}, err
	}
	return e.planAsOf(ctx, h, asOf)
}

func (e *Engine) planAsOf(ctx context.Context, h Hotel, asOf time.Time) (Plan, error) {
	digest := e.Policy.Digest()
	plan := Plan{Hotel: h.ID, AsOf: asOf.Format(time.DateOnly), Policy: hex.EncodeToString(digest[:])}
	if e.house(h.ID) {
		part, err := e.shardPart(ctx, asOf)
		plan.add(part)
		return plan, err
	}
	// One transaction for each store: a plan may read for long, and a hold that
	// waits for it must not. Shared locks of holds end with each.
	var all []query
	err := e.Pool.InTenantReadOnly(ctx, h.ID, func(tx pgx.Tx) error {
		queries, s, err := e.open(ctx, tx, h, asOf)
		all, plan.Settings = queries, s.Terms
		return err
	})
	if err != nil {
		return Plan{}, err
	}
	asked, err := e.asked(ctx, h.ID)
	if err != nil {
		return Plan{}, err
	}
	for _, q := range all {
		part, err := e.part(ctx, h, q, asOf, asked)
		if err != nil {
			return Plan{}, err
		}
		plan.add(part)
	}
	return plan, nil
}

// add takes up what there is to say of one store.
func (p *Plan) add(part Part) {
	p.Rows, p.Bytes, p.Held = p.Rows+part.Rows, p.Bytes+part.Bytes, p.Held+part.Held
	if part.Rows+part.Held+part.Restricted > 0 {
		p.Parts = append(p.Parts, part)
	}
}

// part reads one store.
func (e *Engine) part(ctx context.Context, h Hotel, q query, asOf time.Time, asked []string) (Part, error) {
	part := Part{Store: q.name, Class: q.class, Act: q.act, Rules: map[string]int64{}}
	tree := newTree()
	err := e.Pool.InTenantReadOnly(ctx, h.ID, func(tx pgx.Tx) error {
		reach, err := reachOf(ctx, tx, h.ID, q.class, asked)
		if err != nil {
			return err
		}
		// It reads all that is due, which may be millions of rows.
		if _, err := tx.Exec(ctx, "set local statement_timeout = '15min'"); err != nil {
			return wrap(err, "plan "+q.name)
		}
		sql, args := q.counted(reach)
		rows, err := tx.Query(ctx, sql, append([]any{h.ID, h.Zone, asOf}, args...)...)
		if err != nil {
			return wrap(err, "plan "+q.name)
		}
		var key, scope, rule string
		var bytes int64
		var held, restricted bool
		_, err = pgx.ForEachRow(rows, []any{&key, &scope, &rule, &bytes, &held, &restricted}, func() error {
			switch {
			case held:
				part.Held++
			case restricted:
				part.Restricted++
			default:
				part.Rows, part.Bytes = part.Rows+1, part.Bytes+bytes
				part.Rules[rule]++
				tree.add(q.name, key)
				if len(part.Samples) < samples {
					pseudonym, err := e.pseudonym(ctx, h.ID, q.name, key)
					part.Samples = append(part.Samples, pseudonym)
					return err
				}
			}
			return nil
		})
		return wrap(err, "plan "+q.name)
	})
	root := tree.root()
	part.Root = hex.EncodeToString(root[:])
	return part, err
}

func (e *Engine) pseudonym(ctx context.Context, hotel, store, key string) (string, error) {
	mac, err := e.Keys.MAC(ctx, hotel, "retention/sample", []byte(store), []byte(key))
	if err != nil {
		return "", wrap(err, "make a pseudonym")
	}
	return hex.EncodeToString(mac[:8]), nil
}
