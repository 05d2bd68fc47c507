package retention

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
)

// A State is where a run stands.
type State string

// The states.
const (
	Planned State = "planned" // nobody has to approve it
	Waiting State = "waiting" // for a second person
	Running State = "running"
	Done    State = "done"
	Refused State = "refused" // by a person
	Lapsed  State = "lapsed"  // nobody approved it in time
	Changed State = "changed" // its plan did not hold any more
)

// A Run is one erasure of what has had its time.
type Run struct {
	ID         string    `json:"run"`
	State      State     `json:"state"`
	Plan       Plan      `json:"plan"`
	PlanHash   string    `json:"plan_hash"`
	StartedBy  string    `json:"started_by"`
	ApprovedBy string    `json:"approved_by,omitempty"`
	RefusedBy  string    `json:"refused_by,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Erased     int64     `json:"erased"`
	// Overdue is what verification found left; nil before.
	Overdue *int64 `json:"overdue,omitempty"`
	// Because is why it needs a second person; none where it needs none.
	Because []string `json:"because,omitempty"`
	// Certificate is a DSSE envelope, once there is one.
	Certificate json.RawMessage `json:"certificate,omitempty"`
}

// Why a run needs a second person.
const (
	OverThreshold = "over_threshold"
	UnusualVolume = "unusual_volume"
	FirstRun      = "first_run"
)

// usual is how many times the median of past runs is not unusual yet.
const usual = 3

// because says why so many rows need a second person. past are the rows of
// earlier runs.
func (e *Engine) because(rows int64, past []int64) (why []string) {
	if rows > e.Threshold {
		why = append(why, OverThreshold)
	}
	if rows <= e.Floor {
		return why
	}
	if len(past) == 0 {
		return append(why, FirstRun)
	}
	slices.Sort(past)
	if rows > usual*past[len(past)/2] {
		why = append(why, UnusualVolume)
	}
	return why
}

// Begin remembers a plan as a run. One that needs a second person waits.
func (e *Engine) Begin(ctx context.Context, hotel, actor string, plan Plan) (Run, error) {
	hash, id := plan.Hash(), ulid.Make().String()
	text, err := json.Marshal(plan)
	if err != nil {
		return Run{}, wrap(err, "write a plan")
	}
	entry, err := e.Auditor.Prepare(ctx, audit.Event{Tenant: hotel, Kind: EventPlanned, Actor: actor, Detail: map[string]any{
		"run": id, "as_of": plan.AsOf, "rows": plan.Rows, "held": plan.Held, "plan_hash": hex.EncodeToString(hash[:]),
	}})
	if err != nil {
		return Run{}, wrap(err, "prepare the audit entry")
	}
	err = e.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		past, err := pastRuns(ctx, tx, hotel)
		if err != nil {
			return err
		}
		state := Planned
		if len(e.because(plan.Rows, past)) > 0 {
			state = Waiting
		}
		_, err = tx.Exec(ctx, `insert into retention_run (hotel, id, state, as_of, plan, plan_hash, rows, started_by) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			hotel, id, state, plan.AsOf, text, hash[:], plan.Rows, actor)
		if unique(err) {
			return ErrOpen
		}
		if err != nil {
			return wrap(err, "begin a run")
		}
		return entry.Insert(ctx, tx)
	})
	if err != nil {
		return Run{}, err
	}
	return e.Show(ctx, hotel, id)
}

func unique(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// pastRuns are how many rows the last runs erased; those that found nothing say
// nothing about what is usual.
func pastRuns(ctx context.Context, tx pgx.Tx, hotel string) ([]int64, error) {
	rows, err := tx.Query(ctx, `select erased from retention_run where hotel = $1 and state = 'done' and erased > 0 order by id desc limit 31`, hotel)
	if err != nil {
		return nil, wrap(err, "read past runs")
	}
	past, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	return past, wrap(err, "read past runs")
}

// Approve lets a waiting run go ahead: by another person than the one who
// started it or set a term that it goes by, for the plan that they saw.
func (e *Engine) Approve(ctx context.Context, hotel, actor, id, planHash string) error {
	return e.decide(ctx, hotel, actor, id, EventApproved, func(ctx context.Context, tx pgx.Tx, r Run) error {
		switch {
		case r.StartedBy == actor:
			return ErrSamePerson
		case r.PlanHash != planHash:
			return ErrPlanHash
		}
		return setBy(ctx, tx, r.Plan, hotel, actor)
	}, `update retention_run set state = 'planned', approved_by = $3 where hotel = $1 and id = $2 and state = 'waiting'`)
}

// setBy refuses whoever set one of the hotel's own terms that a plan goes by:
// the schedule would start the run, and one person alone would have erased.
func setBy(ctx context.Context, tx pgx.Tx, plan Plan, hotel, actor string) error {
	classes := []string{}
	for _, part := range plan.Parts {
		if part.Rows > 0 {
			classes = append(classes, string(part.Class))
		}
	}
	var own bool
	err := tx.QueryRow(ctx, `select exists (select from retention_setting where hotel = $1 and set_by = $2 and class = any($3))`, hotel, actor, classes).Scan(&own)
	if err == nil && own {
		return ErrSamePerson
	}
	return wrap(err, "look who set the terms")
}

// Refuse ends a waiting run with nothing erased.
func (e *Engine) Refuse(ctx context.Context, hotel, actor, id string) error {
	return e.decide(ctx, hotel, actor, id, EventRefused, nil,
		`update retention_run set state = 'refused', refused_by = $3, finished_at = clock_timestamp() where hotel = $1 and id = $2 and state = 'waiting'`)
}

func (e *Engine) decide(ctx context.Context, hotel, actor, id string, kind audit.Kind, allow func(ctx context.Context, tx pgx.Tx, r Run) error, statement string) error {
	entry, err := e.Auditor.Prepare(ctx, audit.Event{Tenant: hotel, Kind: kind, Actor: actor, Detail: map[string]any{"run": id}})
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	return e.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		r, err := readRun(ctx, tx, hotel, id)
		if err != nil {
			return err
		}
		if r.State == Planned && kind == EventApproved && r.ApprovedBy == actor {
			return nil // said twice
		}
		if r.State != Waiting {
			return ErrState
		}
		if allow != nil {
			if err := allow(ctx, tx, r); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, statement, hotel, id, actor)
		if err != nil {
			return wrap(err, "decide on a run")
		}
		if tag.RowsAffected() == 0 {
			return ErrState
		}
		return entry.Insert(ctx, tx)
	})
}

// End ends a run that does not erase: because nobody approved it, or because its
// plan changed. A run that has ended stays as it is.
func (e *Engine) End(ctx context.Context, hotel, id string, state State) error {
	if state != Lapsed && state != Changed {
		return ErrState
	}
	entry, err := e.Auditor.Prepare(ctx, audit.Event{Tenant: hotel, Kind: EventEnded, Actor: actorWorker, Detail: map[string]any{"run": id, "state": state}})
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	return e.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update retention_run set state = $3, finished_at = clock_timestamp()
			where hotel = $1 and id = $2 and state in ('planned', 'waiting', 'running')`, hotel, id, state)
		if err != nil || tag.RowsAffected() == 0 {
			return wrap(err, "end a run")
		}
		return entry.Insert(ctx, tx)
	})
}

// Ready tells whether a run may go ahead now, makes it Running, and refuses one
// whose plan changed beyond what time brings: other rules or terms, or more in
// any store than was planned. That something went meanwhile, or is held, is
// what time brings. A run that is under way is asked nothing twice.
func (e *Engine) Ready(ctx context.Context, h Hotel, id string) (Run, error) {
	r, err := e.Show(ctx, h.ID, id)
	if err != nil || r.State == Running || r.State == Done {
		return r, err
	}
	if r.State != Planned {
		return r, ErrState
	}
	asOf, err := time.Parse(time.DateOnly, r.Plan.AsOf)
	if err != nil {
		return r, wrap(err, "read a plan")
	}
	now, err := e.planAsOf(ctx, h, asOf)
	if err != nil {
		return r, err
	}
	if err := r.Plan.still(now); err != nil {
		return r, err
	}
	err = e.Pool.InTenant(ctx, h.ID, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update retention_run set state = 'running' where hotel = $1 and id = $2 and state = 'planned'`, h.ID, id)
		return wrap(err, "start a run")
	})
	r.State = Running
	return r, err
}

// still tells whether another plan of the same day is the same, but for what
// went or came to be kept meanwhile.
func (p Plan) still(now Plan) error {
	if p.Policy != now.Policy {
		return fmt.Errorf("%w: the rules are others", ErrChanged)
	}
	if len(p.Settings) != len(now.Settings) {
		return fmt.Errorf("%w: the hotel's terms are others", ErrChanged)
	}
	for class, period := range now.Settings {
		if before, ok := p.Settings[class]; !ok || before != period {
			return fmt.Errorf("%w: the hotel's term for %s is another", ErrChanged, class)
		}
	}
	for _, part := range now.Parts {
		before := p.part(part.Store)
		if part.Rows > before.Rows || part.Rows == before.Rows && part.Root != before.Root {
			return fmt.Errorf("%w: %s has %d rows now, and others than the %d that were planned", ErrChanged, part.Store, part.Rows, before.Rows)
		}
	}
	return nil
}
