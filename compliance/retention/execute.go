package retention

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// actorWorker is who the audit log says erased: who approved it stands in the
// event of the approval.
const actorWorker = "worker"

// A Step is how far a store is.
type Step struct {
	Store string `json:"store"`
	// Erased is how much this call erased.
	Erased int64 `json:"erased"`
	// Done: there is nothing left that this run may erase.
	Done bool `json:"done"`
	// Batch and Cursor are the last batch, for who watches.
	Batch  int      `json:"batch"`
	Cursor []string `json:"cursor,omitempty"`
}

// mostPasses bounds how often a store is gone through for rows that somebody
// else had locked.
const mostPasses = 5

// Erase erases what is due in one store of a running run, batch by batch, until
// it is done or most batches are through. It goes on where the last batch ended
// that was committed, whoever committed it. Between batches it calls beat, and
// stops at its error.
func (e *Engine) Erase(ctx context.Context, h Hotel, id, name string, most int, beat func(Step) error) (Step, error) {
	step := Step{Store: name}
	r, err := e.Show(ctx, h.ID, id)
	if err != nil {
		return step, err
	}
	if e.house(h.ID) {
		return e.eraseShards(ctx, r, most, beat)
	}
	w, err := e.work(ctx, h, r, name)
	if err != nil {
		return step, err
	}
	if step.Done = w.planned == 0; step.Done {
		return step, nil
	}
	for range most {
		done, err := w.batch(ctx)
		step.Erased, step.Batch, step.Cursor = w.erased, w.n, w.cursor
		if err != nil {
			return step, err
		}
		if step.Done = done; done {
			return step, nil
		}
		if err := beat(step); err != nil {
			return step, err
		}
	}
	return step, nil
}

// errMoved: a row changed between being found and being locked.
var errMoved = errors.New("retention: rows change faster than they can be erased; try again later")

// work is the erasure of one store.
type work struct {
	*Engine
	query
	hotel   Hotel
	run     string
	asOf    time.Time
	planned int64 // rows that it may still erase
	erased  int64
	// n is the last batch, cursor the last key of it; nil at the beginning of a
	// pass.
	n      int
	cursor []string
	passes int
	// whole tells that the pass began at the beginning, dry that it erased
	// nothing so far.
	whole, dry bool
}

// work reads where the store's last batch ended.
func (e *Engine) work(ctx context.Context, h Hotel, r Run, name string) (*work, error) {
	asOf, err := time.Parse(time.DateOnly, r.Plan.AsOf)
	if err != nil {
		return nil, wrap(err, "read a plan")
	}
	w := &work{Engine: e, hotel: h, run: r.ID, asOf: asOf, planned: r.Plan.part(name).Rows, dry: true}
	if w.planned == 0 {
		return w, nil
	}
	if digest := e.Policy.Digest(); r.Plan.Policy != hex.EncodeToString(digest[:]) {
		return nil, fmt.Errorf("%w: the rules are others", ErrChanged)
	}
	queries, err := e.queries(h, Settings{Terms: r.Plan.Settings}, asOf)
	if err != nil {
		return nil, err
	}
	for _, q := range queries {
		if q.name == name {
			w.query = q
		}
	}
	if w.query.name == "" {
		return nil, fmt.Errorf("%w: %s has no rule any more", ErrChanged, name)
	}
	// What this very call needs of the keys' database, before a transaction is open.
	if _, err := e.Auditor.Prepare(ctx, w.event(batchDetail{})); err != nil {
		return nil, wrap(err, "prepare the audit entry")
	}
	return w, e.Pool.InTenantReadOnly(ctx, h.ID, func(tx pgx.Tx) error { return w.resume(ctx, tx) })
}

func (w *work) resume(ctx context.Context, tx pgx.Tx) error {
	var gone int64
	if err := tx.QueryRow(ctx, `select coalesce(sum(rows), 0), coalesce(max(n), 0) from retention_batch where hotel = $1 and run = $2 and store = $3`,
		w.hotel.ID, w.run, w.name).Scan(&gone, &w.n); err != nil {
		return wrap(err, "read where a run is")
	}
	w.planned -= gone
	if w.whole = w.n == 0; w.whole {
		return nil
	}
	err := tx.QueryRow(ctx, `select cursor from retention_batch where hotel = $1 and run = $2 and store = $3 and n = $4`,
		w.hotel.ID, w.run, w.name, w.n).Scan(&w.cursor)
	return wrap(err, "read where a run is")
}
