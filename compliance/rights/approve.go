package rights

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
)

// A Plan is what somebody who approves an erasure saw: its hash, and its terms,
// of which this room knows nothing.
type Plan struct {
	Hash  string
	Terms json.RawMessage
}

func placePlan(act string) string { return "dsar/plan/" + act }

// Approve counts one person's agreement; of an erasure, to a plan.
func (s *Store) Approve(ctx context.Context, hotel, id, act string, p Plan) (n int, err error) {
	var sealed []byte
	detail := map[string]any{}
	if p.Hash != "" {
		detail["plan"] = p.Hash
		if sealed, err = s.seal(ctx, hotel, id, placePlan(act), p.Terms); err != nil {
			return 0, err
		}
	}
	err = s.act(ctx, hotel, id, act, EventApproved, detail, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		if c.Kind == Erasure && p.Hash == "" {
			return 0, incomplete("which plan is approved")
		}
		if err := sameProvider(ctx, tx, hotel, id, act); err != nil {
			return 0, err
		}
		_, err := tx.Exec(ctx, `update dsar_act set plan_hash = nullif($4, ''), sealed_plan = $5 where hotel = $1 and case_id = $2 and id = $3`,
			hotel, id, act, p.Hash, sealed)
		return 1, err
	})
	if err != nil {
		return 0, err
	}
	return s.counted(ctx, hotel, id, ActApproved)
}

// sameProvider refuses the act of somebody whom another identity provider let in
// than the others who did the same: who has an account at both would be two.
func sameProvider(ctx context.Context, tx pgx.Tx, hotel, id, act string) error {
	var other bool
	err := tx.QueryRow(ctx, `
		select exists (select from dsar_act a join dsar_act this on this.hotel = a.hotel and this.case_id = a.case_id and this.kind = a.kind
		where this.hotel = $1 and this.case_id = $2 and this.id = $3 and a.done_at is not null
		  and split_part(a.actor, '.', 2) <> split_part(this.actor, '.', 2))`, hotel, id, act).Scan(&other)
	if err == nil && other {
		return ErrProvider
	}
	return err
}

// Recheck takes back each approval of an erasure whose terms covers refuses, and
// tells whether enough people still agree. One that names no plan covers none.
func (s *Store) Recheck(ctx context.Context, hotel, id string, covers func(terms []byte) bool) (stands bool, err error) {
	plans, err := s.plans(ctx, hotel, id)
	if err != nil {
		return false, err
	}
	var void []string
	for act, sealed := range plans {
		var terms json.RawMessage
		if sealed != nil {
			if err := s.open(ctx, hotel, id, placePlan(act), sealed, &terms); err != nil {
				return false, err
			}
		}
		if sealed == nil || !covers(terms) {
			void = append(void, act)
		}
	}
	if err := s.takeBack(ctx, hotel, id, void); err != nil {
		return false, err
	}
	return len(plans)-len(void) >= TierOf(Erasure).Approvals(), nil
}

// plans are the sealed terms of a case's approvals, by act.
func (s *Store) plans(ctx context.Context, hotel, id string) (map[string][]byte, error) {
	all := map[string][]byte{}
	rows, err := s.pool.Tenant(hotel).Query(ctx, `
		select id, sealed_plan from dsar_act where hotel = $1 and case_id = $2 and kind = 'approved' and done_at is not null`, hotel, id)
	if err != nil {
		return nil, refusal(err, "read what was approved")
	}
	var act string
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&act, &sealed}, func() error {
		all[act], sealed = sealed, nil
		return nil
	})
	return all, refusal(err, "read what was approved")
}

// takeBack notes that some approvals count no more.
func (s *Store) takeBack(ctx context.Context, hotel, id string, acts []string) error {
	for _, act := range acts {
		e := event(hotel, id, EventVoided, ActorWorker, map[string]any{"act": act})
		if err := s.do(ctx, hotel, id, "take an approval back", []audit.Event{e}, func(ctx context.Context, tx pgx.Tx, _ Case) (int, error) {
			tag, err := tx.Exec(ctx, `
				update dsar_act set done_at = null, problem = 'void', voided_at = clock_timestamp(), sealed_plan = null
				where hotel = $1 and case_id = $2 and id = $3 and done_at is not null`, hotel, id, act)
			return int(tag.RowsAffected()), err
		}); err != nil {
			return err
		}
	}
	return nil
}

// forgetPlans forgets which bookings and calls approved plans were about: a case
// that is closed joins none of them.
func forgetPlans(ctx context.Context, tx pgx.Tx, hotel, id string) error {
	_, err := tx.Exec(ctx, `update dsar_act set sealed_plan = null where hotel = $1 and case_id = $2 and sealed_plan is not null`, hotel, id)
	return err
}
