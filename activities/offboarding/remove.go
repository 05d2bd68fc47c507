package offboarding

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/internal/postgres"
)

const (
	// batchRows is how many rows of a table go in one transaction.
	batchRows = 5000
	// stepTime is how long one attempt of a step works before the next one goes
	// on: so a dead worker loses little, and a history stays short.
	stepTime = 2 * time.Minute
	// width is how many runs are deleted at once.
	width = 8
	// atOnce is of how many runs, objects or scopes no hold can be placed meanwhile.
	atOnce = 25
)

// A table is one with rows of hotels.
type table struct{ name, tenant string }

func (t table) quoted() string { return pgx.Identifier{t.name}.Sanitize() }

// leaving are the tables that a leaving hotel's rows go from, as the database
// says itself. The registry's row comes last: while it is there, everybody knows
// whose the rest is.
func (a *Activities) leaving(ctx context.Context, hotel string) (all []table, err error) {
	err = a.Pool.InTenantAs(ctx, postgres.RoleLeaver, hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select c.relname::text, a.attname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
			where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
			  and (a.attname = 'hotel' or c.relname = 'hotel' and a.attname = 'id') and has_table_privilege(c.oid, 'delete')
			order by c.relname = 'hotel', c.relname`)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t table, err error) { return t, row.Scan(&t.name, &t.tenant) })
		return err
	})
	return all, wrap(err, "list a hotel's tables")
}

// Approve notes that another person agrees.
func (a *Activities) Approve(ctx context.Context, act Act) error {
	return answer(a.Store.Approve(ctx, act))
}

// Withdraw notes that it is ended before anything was removed, and forgets a
// pack that was written.
func (a *Activities) Withdraw(ctx context.Context, act Act) error {
	if err := a.Store.Withdraw(ctx, act); err != nil {
		return answer(err)
	}
	return answer(a.dropPack(act.Offboarding))
}

// Handed notes that the hotel has what it gets back, or wants nothing.
func (a *Activities) Handed(ctx context.Context, act Act) error {
	return answer(a.Store.handed(ctx, act))
}

// Close ends all business with the hotel's system, and the keys of platforms
// that call for this hotel alone. Doing it again changes nothing.
func (a *Activities) Close(ctx context.Context, ref Ref) error {
	if _, err := a.Connections.Maintain(ctx, ref.Hotel, "The hotel leaves.", time.Time{}); err != nil {
		return answer(err)
	}
	return answer(wrap(a.Pool.InTenantAs(ctx, postgres.RoleLeaver, ref.Hotel, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update api_key set revoked_at = now() where revoked_at is null")
		return err
	}), "revoke API keys"))
}

// held is ErrHeld while a legal hold keeps anything of the hotel. It is asked in
// the transaction that deletes, which lets no other hold in.
func held(ctx context.Context, tx pgx.Tx, hotel string) error {
	if _, err := tx.Exec(ctx, "select hold_lock($1, false)", hotel); err != nil {
		return err
	}
	var n int
	if err := tx.QueryRow(ctx, "select count(*) from legal_hold h where h.hotel = $1 and hold_binds(h)", hotel).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%w (%d of the hotel that leaves; see `voicehive hold list`)", holds.ErrHeld, n)
	}
	return nil
}

// whileUnheld does what no transaction of ours decides: in one that keeps every
// hold out until it is done, so it is short.
func (a *Activities) whileUnheld(ctx context.Context, hotel string, do func(tx pgx.Tx) error) error {
	return a.Pool.InTenantAs(ctx, postgres.RoleLeaver, hotel, func(tx pgx.Tx) error {
		if err := held(ctx, tx, hotel); err != nil {
			return err
		}
		return do(tx)
	})
}

// A Step is what one attempt removed, and whether there is more.
type Step struct {
	Removed Removed `json:"removed"`
	More    bool    `json:"more,omitempty"`
	// Entry is the hotel's in the store of credentials.
	Entry string `json:"entry,omitempty"`
}

// Runs deletes the workflow runs of the hotel, running ones too.
func (a *Activities) Runs(ctx context.Context, ref Ref) (Step, error) {
	defer heartbeat.Start(ctx)()
	found, err := a.runs(ctx, ref.Hotel)
	if err != nil {
		return Step{}, answer(err)
	}
	for part := range slices.Chunk(append(found, nil), atOnce) { // a hold is asked for when there is nothing too
		if err := a.whileUnheld(ctx, ref.Hotel, func(pgx.Tx) error {
			group, ctx := errgroup.WithContext(ctx)
			group.SetLimit(width)
			for _, run := range part {
				if run != nil {
					group.Go(func() error { return a.deleteRun(ctx, run) })
				}
			}
			return group.Wait()
		}); err != nil {
			return Step{}, answer(err)
		}
	}
	return Step{Removed: Removed{Runs: len(found)}, More: len(found) > 0}, nil
}

// runs are up to a thousand runs of the hotel, as the server's list has them.
func (a *Activities) runs(ctx context.Context, hotel string) (all []*workflowpb.WorkflowExecutionInfo, err error) {
	for _, kind := range []string{"booking", "call", "dsar", "system"} {
		answer, err := a.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: a.Namespace, PageSize: 1000, Query: fmt.Sprintf("WorkflowId STARTS_WITH '%s/%s/'", kind, hotel),
		})
		if err != nil {
			return nil, fmt.Errorf("offboarding: list runs: %w", err)
		}
		all = append(all, answer.GetExecutions()...)
	}
	return all, nil
}

func (a *Activities) deleteRun(ctx context.Context, run *workflowpb.WorkflowExecutionInfo) error {
	its := run.GetExecution()
	_, err := a.Temporal.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: a.Namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: its.GetWorkflowId(), RunId: its.GetRunId()},
	})
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return nil
	}
	return err
}

// RemoveObjects deletes recordings and packs of guests, whose rows name them.
func (a *Activities) RemoveObjects(ctx context.Context, ref Ref) (Step, error) {
	defer heartbeat.Start(ctx)()
	if err := a.note(ctx, ref.Hotel); err != nil {
		return Step{}, answer(err)
	}
	names, err := a.objects(ctx, ref.Hotel)
	if err != nil {
		return Step{}, answer(err)
	}
	var s Step
	until := a.Now().Add(stepTime)
	for part := range slices.Chunk(append(names, ""), atOnce) { // a hold is asked for when there is nothing too
		if s.More = a.Now().After(until); s.More {
			break
		}
		if err := a.whileUnheld(ctx, ref.Hotel, func(pgx.Tx) error { return a.removeObjects(ctx, part, &s.Removed) }); err != nil {
			return Step{}, answer(err)
		}
	}
	return s, nil
}

func (a *Activities) removeObjects(ctx context.Context, names []string, gone *Removed) error {
	for _, name := range names {
		if name == "" {
			continue
		}
		there, err := a.Objects.Exists(ctx, name)
		if err == nil && there {
			err = a.Objects.Delete(ctx, name)
			gone.Objects++
		}
		if err != nil {
			return wrap(err, "delete an object")
		}
	}
	return nil
}

// objects are all names of objects in the hotel's rows.
func (a *Activities) objects(ctx context.Context, hotel string) (names []string, err error) {
	err = a.Pool.InTenantAs(ctx, postgres.RoleLeaver, hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select object from recording where hotel = $1 union select object from access_pack where hotel = $1 and object is not null
			union select object from erased_object where hotel = $1`, hotel)
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return names, wrap(err, "list a hotel's objects")
}

// Rows deletes the hotel's rows, table by table and batch by batch. A table
// whose rows others need waits until those are gone.
func (a *Activities) Rows(ctx context.Context, ref Ref) (Step, error) {
	defer heartbeat.Start(ctx)()
	all, err := a.leaving(ctx, ref.Hotel)
	if err != nil {
		return Step{}, answer(err)
	}
	s := Step{Removed: Removed{Rows: map[string]int{}}}
	until := a.Now().Add(stepTime)
	for _, t := range all {
		if t == noted {
			continue // by these the objects are looked for at the end
		}
		if t.name == "hotel" && s.More {
			break // what it names is still there
		}
		for {
			n, err := a.deleteRows(ctx, ref.Hotel, t)
			var needed *pgconn.PgError
			if errors.As(err, &needed) && needed.Code == "23503" {
				s.More = true
				break
			}
			if err != nil {
				return Step{}, answer(err)
			}
			if n > 0 {
				s.Removed.Rows[t.name] += n
			}
			if n < batchRows {
				break
			}
			if a.Now().After(until) {
				s.More = true
				return s, nil
			}
		}
	}
	return s, nil
}

func (a *Activities) deleteRows(ctx context.Context, hotel string, t table) (n int, err error) {
	err = a.Pool.InTenantAs(ctx, postgres.RoleLeaver, hotel, func(tx pgx.Tx) error {
		if err := held(ctx, tx, hotel); err != nil {
			return err
		}
		gone, err := tx.Exec(ctx, fmt.Sprintf("delete from %[1]s where ctid = any(array(select ctid from %[1]s where %[2]s = $1 limit $2)) and %[2]s = $1",
			t.quoted(), t.tenant), hotel, batchRows)
		n = int(gone.RowsAffected())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("offboarding: delete from %s: %w", t.name, err)
	}
	return n, nil
}

// DestroyKeys destroys every key of the hotel; its own, which others are found
// by, is the last.
func (a *Activities) DestroyKeys(ctx context.Context, ref Ref) (Step, error) {
	defer heartbeat.Start(ctx)()
	var s Step
	for until := a.Now().Add(stepTime); ; {
		n := 0
		err := a.whileUnheld(ctx, ref.Hotel, func(pgx.Tx) error {
			scopes, err := a.Living.Living(ctx, ref.Hotel, 200)
			if n = len(scopes); err != nil || n == 0 {
				return err
			}
			gone, err := a.Keys.Destroy(ctx, scopes...)
			s.Removed.Keys += len(gone)
			return err
		})
		if err != nil || n == 0 {
			return s, answer(err)
		}
		if a.Now().After(until) {
			s.More = true
			return s, nil
		}
	}
}

// readBack counts what is left of the hotel.
func (a *Activities) readBack(ctx context.Context, e Ending) (ReadBack, error) {
	ref := e.Ref
	b := ReadBack{Rows: map[string]int{}}
	all, err := a.leaving(ctx, ref.Hotel)
	if err != nil {
		return b, err
	}
	err = a.Pool.InTenantAs(ctx, postgres.RoleLeaver, ref.Hotel, func(tx pgx.Tx) error {
		for _, t := range all {
			var n int
			if err := tx.QueryRow(ctx, fmt.Sprintf("select count(*) from %s where %s = $1", t.quoted(), t.tenant), ref.Hotel).Scan(&n); err != nil {
				return err
			}
			b.Tables++
			if n > 0 && t != noted {
				b.Rows[t.name] = n
			}
		}
		return nil
	})
	if err != nil {
		return b, wrap(err, "read back a hotel's tables")
	}
	runs, err := a.runs(ctx, ref.Hotel)
	if err != nil {
		return b, err
	}
	scopes, err := a.Living.Living(ctx, ref.Hotel, 1000)
	if err != nil {
		return b, wrap(err, "read back a hotel's keys")
	}
	b.Runs, b.Keys = len(runs), len(scopes)
	if b.ObjectsLooked, b.Objects, err = a.objectsLeft(ctx, ref.Hotel); err != nil {
		return b, err
	}
	b.Secrets, b.shared, err = a.secretsLeft(ctx, e)
	return b, err
}

// kept counts what stays of the hotel in the audit log and in the journal.
func (a *Activities) kept(ctx context.Context, hotel string) (events, journal int, err error) {
	err = a.Pool.AsRole(ctx, postgres.RoleAuditor, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select (select count(*) from audit_leaf where tenant = $1) + (select count(*) from audit_outbox where tenant = $1)", hotel).Scan(&events)
	})
	if err == nil {
		err = a.Pool.Tenant(hotel).QueryRow(ctx, "select count(*) from erasure_journal where hotel = $1", hotel).Scan(&journal)
	}
	return events, journal, wrap(err, "count what stays")
}

// dropPack deletes the pack, and one that was cut off. The hotel has its own.
func (a *Activities) dropPack(id string) error {
	for _, suffix := range []string{"", ".partial"} {
		if err := os.RemoveAll(filepath.Join(a.Folder, id+suffix)); err != nil {
			return fmt.Errorf("offboarding: delete the pack: %w", bare(err))
		}
	}
	return nil
}
