package retention

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

const runColumns = `id, state, plan, encode(plan_hash, 'hex'), started_by, coalesce(approved_by, ''), coalesce(refused_by, ''), created_at, finished_at,
	erased, overdue, certificate`

func scanRun(row pgx.CollectableRow) (r Run, err error) {
	var plan []byte
	var finished *time.Time
	err = row.Scan(&r.ID, &r.State, &plan, &r.PlanHash, &r.StartedBy, &r.ApprovedBy, &r.RefusedBy, &r.CreatedAt, &finished, &r.Erased, &r.Overdue, &r.Certificate)
	if err != nil {
		return r, err
	}
	if finished != nil {
		r.FinishedAt = *finished
	}
	return r, json.Unmarshal(plan, &r.Plan)
}

func readRun(ctx context.Context, tx pgx.Tx, hotel, id string) (Run, error) {
	rows, err := tx.Query(ctx, `select `+runColumns+` from retention_run where hotel = $1 and id = $2`, hotel, id)
	if err != nil {
		return Run{}, wrap(err, "read a run")
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRun)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, ErrUnknownRun
	}
	return r, wrap(err, "read a run")
}

// Show reads a run, with why it needs a second person.
func (e *Engine) Show(ctx context.Context, hotel, id string) (r Run, err error) {
	err = e.Pool.InTenantReadOnly(ctx, hotel, func(tx pgx.Tx) error {
		if r, err = readRun(ctx, tx, hotel, id); err != nil || r.State != Waiting {
			return err
		}
		past, err := pastRuns(ctx, tx, hotel)
		r.Because = e.because(r.Plan.Rows, past)
		return err
	})
	return r, err
}

// mostRuns bounds what one list answers.
const mostRuns = 100

// Runs lists the runs of a hotel, the newest first.
func (e *Engine) Runs(ctx context.Context, hotel string) (all []Run, err error) {
	err = e.Pool.InTenantReadOnly(ctx, hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select `+runColumns+` from retention_run where hotel = $1 order by id desc limit $2`, hotel, mostRuns)
		if err != nil {
			return wrap(err, "list runs")
		}
		all, err = pgx.CollectRows(rows, scanRun)
		return wrap(err, "list runs")
	})
	return all, err
}
