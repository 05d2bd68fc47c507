package retention

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
)

// Rules are the rules of a class for a hotel; empty stands for every class.
func (e *Engine) Rules(h Hotel, class register.Class) []Rule { return e.Policy.Rules(class, h.Country) }

// OpenRequest stands in a verdict in a rule's place: it would go, and is kept for
// a request of the person that is open.
const OpenRequest = "open-request"

// Explain is Policy.Resolve with what the database knows: the hotel's terms, the
// holds that bind and the requests that are open now, and the dates of a booking
// or call, where the record names one and does not bring its own.
func (e *Engine) Explain(ctx context.Context, h Hotel, r Record) (Verdict, error) {
	r.Country = h.Country
	var s Settings
	var held []holds.Hold
	err := e.Pool.InTenantReadOnly(ctx, h.ID, func(tx pgx.Tx) (err error) {
		if s, err = e.settings(ctx, tx, h); err != nil {
			return err
		}
		scopes := []string{}
		if r.Scope != "" {
			scopes = append(scopes, r.Scope)
			known, err := dates(ctx, tx, h, r.Scope, s.zone())
			if err != nil {
				return err
			}
			maps.Copy(known, r.Anchors)
			r.Anchors = known
		}
		held, err = holds.In(ctx, tx, h.ID, scopes)
		return err
	})
	if err != nil {
		return Verdict{}, err
	}
	if r.Scope == "" {
		// No hold of one booking or call keeps a record that is none's.
		r.Scope = "none"
	}
	v := e.Policy.Resolve(r, s, held, e.now())
	if v.Action != Erase || r.Asked {
		return v, nil // what the request is about goes by the request
	}
	asked, err := e.asked(ctx, h.ID)
	if slices.Contains(asked, r.Scope) {
		v.say("a request of the person is open: it is kept until that is closed")
		v.Action, v.Rule, v.Until = HoldIt, OpenRequest, time.Time{}
	}
	return v, err
}

// dates are when a booking was to begin and end, or a call ended.
func dates(ctx context.Context, tx pgx.Tx, h Hotel, scope string, zone *time.Location) (map[Anchor]time.Time, error) {
	known := map[Anchor]time.Time{}
	var arrival, departure, created time.Time
	err := tx.QueryRow(ctx, `select arrival, departure, created_at from booking where hotel = $1 and id = $2`, h.ID, scope).Scan(&arrival, &departure, &created)
	switch {
	case err == nil:
		known[Arrival], known[Departure], known[Created] = startOf(arrival, zone), startOf(departure, zone), created
		return known, nil
	case !errors.Is(err, pgx.ErrNoRows):
		return nil, wrap(err, "read a booking")
	}
	var ended *time.Time
	err = tx.QueryRow(ctx, `select started_at, ended_at from call where hotel = $1 and id = $2`, h.ID, scope).Scan(&created, &ended)
	if errors.Is(err, pgx.ErrNoRows) {
		return known, nil
	}
	if ended != nil {
		known[CallEnd] = *ended
	}
	known[Created] = created
	return known, wrap(err, "read a call")
}
