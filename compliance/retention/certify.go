package retention

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/register"
)

// PredicateType is what a certificate of a run claims.
const PredicateType = attest.Predicates + "retention-run/v1"

// A Claim is what the certificate of a run says. It names no guest: hotels by
// pseudonym, rows by the roots of their keys.
type Claim struct {
	Hotel      string        `json:"hotel"` // its pseudonym in the audit log
	Run        string        `json:"run"`
	AsOf       string        `json:"as_of"`
	Policy     string        `json:"policy"`
	PlanHash   string        `json:"plan_hash"`
	StartedBy  string        `json:"started_by"`
	ApprovedBy string        `json:"approved_by,omitempty"`
	Planned    int64         `json:"planned"`
	Erased     int64         `json:"erased"`
	Stores     []StoreErased `json:"stores"`
	// Kept are due and kept by a hold, an open request or a guest's right.
	Kept int64 `json:"kept"`
	// Overdue is what was due that day, is kept by nothing, and is still there.
	Overdue int64 `json:"overdue"`
	// ErasedLive is when nothing in service had the rows any more, Final when no
	// backup has them either.
	ErasedLive time.Time `json:"erased_live"`
	Final      time.Time `json:"final"`
	// Runs is how many days Temporal keeps finished runs; zero where it was not
	// asked.
	Runs int `json:"temporal_retention_days,omitempty"`
	// RunsOver: that is longer than the rule and the hotel let it.
	RunsOver bool `json:"temporal_retention_over_rule,omitempty"`
}

// StoreErased is one store's part.
type StoreErased struct {
	Store   string           `json:"store"`
	Class   register.Class   `json:"class"`
	Rows    int64            `json:"rows"`
	Bytes   int64            `json:"bytes"`
	Batches int              `json:"batches"`
	Rules   map[string]int64 `json:"rules"`
	// Root is that of a Merkle tree of the batches' roots, as the audit log has
	// them.
	Root string `json:"root"`
}

// Overdue counts the rows that had their time by the hotel's day and are kept by
// nothing: what the daily control must find to be none.
func (e *Engine) Overdue(ctx context.Context, h Hotel, asOf time.Time) (map[register.Class]int64, error) {
	found := map[register.Class]int64{}
	if e.house(h.ID) {
		n, err := e.overdueYears(ctx, asOf)
		found[register.AuditDetail] = n
		return found, err
	}
	asked, err := e.asked(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	err = e.Pool.InTenantReadOnly(ctx, h.ID, func(tx pgx.Tx) error {
		all, _, err := e.open(ctx, tx, h, asOf)
		if err != nil {
			return err
		}
		for _, q := range all {
			reach, err := reachOf(ctx, tx, h.ID, q.class, asked)
			if err != nil {
				return err
			}
			if reach.All {
				continue
			}
			var n int64
			sql, args := q.overdue(reach)
			if err := tx.QueryRow(ctx, sql, append([]any{h.ID, h.Zone, asOf}, args...)...).Scan(&n); err != nil {
				return wrap(err, "count what is overdue in "+q.name)
			}
			found[q.class] += n
		}
		return nil
	})
	return found, err
}

// Finish reads back what is left of a run, certifies it, and ends it. keeps is
// how many days Temporal keeps finished runs; zero when it was not asked. A run
// that is done stays as it is.
func (e *Engine) Finish(ctx context.Context, h Hotel, id string, keeps int) (Run, error) {
	r, err := e.Show(ctx, h.ID, id)
	if err != nil || r.State == Done {
		return r, err
	}
	if r.State != Running {
		return r, ErrState
	}
	claim, err := e.claim(ctx, h, r, keeps)
	if err != nil {
		return r, err
	}
	envelope, err := e.sign(ctx, r, claim)
	if err != nil {
		return r, err
	}
	entry, err := e.Auditor.Prepare(ctx, audit.Event{Tenant: h.ID, Kind: EventCertified, Actor: actorWorker, Detail: claim})
	if err != nil {
		return r, wrap(err, "prepare the audit entry")
	}
	err = e.Pool.InTenant(ctx, h.ID, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update retention_run set state = 'done', finished_at = $3, erased = $4, overdue = $5, certificate = $6
			where hotel = $1 and id = $2 and state = 'running'`, h.ID, id, claim.ErasedLive, claim.Erased, claim.Overdue, envelope)
		if err != nil || tag.RowsAffected() == 0 {
			return wrap(err, "finish a run")
		}
		return entry.Insert(ctx, tx)
	})
	if err != nil {
		return r, err
	}
	return e.Show(ctx, h.ID, id)
}

// claim says what came of a run.
func (e *Engine) claim(ctx context.Context, h Hotel, r Run, keeps int) (Claim, error) {
	now := e.now().UTC().Truncate(time.Microsecond)
	c := Claim{
		Run: r.ID, AsOf: r.Plan.AsOf, Policy: r.Plan.Policy, PlanHash: r.PlanHash, StartedBy: r.StartedBy, ApprovedBy: r.ApprovedBy,
		Planned: r.Plan.Rows, ErasedLive: now, Final: now.Add(e.Horizon), Runs: keeps,
	}
	var err error
	if err := e.CheckHistory(ctx, h, time.Duration(keeps)*24*time.Hour); errors.Is(err, ErrHistory) {
		c.RunsOver = true
	} else if err != nil {
		return c, err
	}
	if c.Hotel, err = e.Auditor.Pseudonym(ctx, h.ID); err != nil {
		return c, wrap(err, "make a pseudonym")
	}
	asOf, err := time.Parse(time.DateOnly, r.Plan.AsOf)
	if err != nil {
		return c, wrap(err, "read a plan")
	}
	left, err := e.Overdue(ctx, h, asOf)
	if err != nil {
		return c, err
	}
	for _, n := range left {
		c.Overdue += n
	}
	for _, part := range r.Plan.Parts {
		c.Kept += part.Held + part.Restricted
	}
	if c.Stores, err = e.erasedBy(ctx, h.ID, r); err != nil {
		return c, err
	}
	for _, s := range c.Stores {
		c.Erased += s.Rows
	}
	return c, nil
}

// erasedBy reads the batches of a run.
func (e *Engine) erasedBy(ctx context.Context, hotel string, r Run) (all []StoreErased, err error) {
	err = e.Pool.InTenantReadOnly(ctx, hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select store, rows, bytes, rules, root from retention_batch where hotel = $1 and run = $2 order by store, n`, hotel, r.ID)
		if err != nil {
			return wrap(err, "read the batches of a run")
		}
		var name string
		var n, bytes int64
		var rules map[string]int64
		var root []byte
		tree := newTree()
		end := func() {
			if last := len(all) - 1; last >= 0 {
				sum := tree.root()
				all[last].Root = hex.EncodeToString(sum[:])
			}
		}
		_, err = pgx.ForEachRow(rows, []any{&name, &n, &bytes, &rules, &root}, func() error {
			if last := len(all) - 1; last < 0 || all[last].Store != name {
				end()
				tree = newTree()
				all = append(all, StoreErased{Store: name, Class: r.Plan.part(name).Class, Rules: map[string]int64{}})
			}
			s := &all[len(all)-1]
			s.Rows, s.Bytes, s.Batches = s.Rows+n, s.Bytes+bytes, s.Batches+1
			for rule, of := range rules {
				s.Rules[rule] += of
			}
			rules = nil
			tree.add(string(root))
			return nil
		})
		end()
		return wrap(err, "read the batches of a run")
	})
	return all, err
}

// sign makes the certificate.
func (e *Engine) sign(ctx context.Context, r Run, c Claim) ([]byte, error) {
	if e.Signer == nil {
		return nil, ErrUnsigned
	}
	envelope, err := attest.Sign(ctx, e.Signer, PredicateType, []attest.Subject{{Name: "retention-plan/" + r.ID, Digest: map[string]string{"sha256": r.PlanHash}}}, c)
	if err != nil {
		return nil, wrap(err, "certify a run")
	}
	text, err := json.Marshal(envelope)
	return text, wrap(err, "certify a run")
}
