package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/register"
)

// ErrSetting is wrapped by every refusal of a hotel's own term.
var ErrSetting = errors.New("retention: not a term that a hotel can set")

// CheckSetting tells whether a hotel of a country may set a term for a class: it
// may shorten what is the default, and go over it as far as a maximum of the law
// only.
func (p *Policy) CheckSetting(class register.Class, country string, own Period, today time.Time) error {
	if err := class.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrSetting, err)
	}
	var ours, most *Rule
	for _, r := range p.standing(class, country, "", today) {
		switch {
		case r.Bound == Default && (ours == nil || longer(r.Period, ours.Period)):
			ours = &r
		case r.Bound == Max && (most == nil || longer(most.Period, r.Period)):
			most = &r
		}
	}
	switch {
	case ours == nil:
		return fmt.Errorf("%w: class %s has no default that it could replace", ErrSetting, class)
	case most != nil && p.over(*most, *ours, own):
		return fmt.Errorf("%w: %s is over the maximum of %s (%s)", ErrSetting, own, most.Period, most.ID)
	case most == nil && longer(own, ours.Period):
		return fmt.Errorf("%w: %s is over the default of %s (%s), and a hotel may only shorten it", ErrSetting, own, ours.Period, ours.ID)
	}
	return nil
}

// over tells whether a term in place of the default would pass the maximum.
func (p *Policy) over(most, ours Rule, own Period) bool {
	ours.Period = own
	if p.root(most.Anchor) != p.root(ours.Anchor) {
		return longer(own, most.Period)
	}
	return p.ends(most, ours)
}

// longer compares periods from a day on which no month is short.
func longer(a, b Period) bool {
	day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	return a.after(day).After(b.after(day))
}

// A Setting is a hotel's own term.
type Setting struct {
	Class  register.Class `json:"class"`
	Period Period         `json:"period"`
	SetBy  string         `json:"set_by"`
	SetAt  time.Time      `json:"set_at"`
}

// Settings lists a hotel's own terms.
func (e *Engine) Settings(ctx context.Context, hotel string) (all []Setting, err error) {
	err = e.Pool.InTenantReadOnly(ctx, hotel, func(tx pgx.Tx) error {
		all, err = settings(ctx, tx, hotel)
		return err
	})
	return all, err
}

func settings(ctx context.Context, tx pgx.Tx, hotel string) ([]Setting, error) {
	rows, err := tx.Query(ctx, `select class, period, set_by, set_at from retention_setting where hotel = $1 order by class`, hotel)
	if err != nil {
		return nil, wrap(err, "read a hotel's terms")
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Setting, err error) {
		var period string
		if err = row.Scan(&s.Class, &period, &s.SetBy, &s.SetAt); err == nil {
			s.Period, err = ParsePeriod(period)
		}
		return s, err
	})
	return all, wrap(err, "read a hotel's terms")
}

func (e *Engine) settings(ctx context.Context, tx pgx.Tx, h Hotel) (Settings, error) {
	zone, err := h.zone()
	if err != nil {
		return Settings{}, err
	}
	s := Settings{Zone: zone, Terms: map[register.Class]Period{}}
	all, err := settings(ctx, tx, h.ID)
	for _, each := range all {
		s.Terms[each.Class] = each.Period
	}
	return s, err
}

// SettingsOf is what Policy.Resolve asks of a hotel.
func (e *Engine) SettingsOf(ctx context.Context, h Hotel) (s Settings, err error) {
	err = e.Pool.InTenantReadOnly(ctx, h.ID, func(tx pgx.Tx) error {
		s, err = e.settings(ctx, tx, h)
		return err
	})
	return s, err
}

// Set sets a hotel's own term, or takes it back when it is nil.
func (e *Engine) Set(ctx context.Context, h Hotel, actor string, class register.Class, own *Period) error {
	today, err := e.AsOf(h)
	if err != nil {
		return err
	}
	detail := map[string]any{"class": class, "period": own}
	if own != nil {
		if err := e.Policy.CheckSetting(class, h.Country, *own, today); err != nil {
			return err
		}
	} else if err := class.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrSetting, err)
	}
	entry, err := e.Auditor.Prepare(ctx, audit.Event{Tenant: h.ID, Kind: EventSetting, Actor: actor, Detail: detail})
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	return e.Pool.InTenant(ctx, h.ID, func(tx pgx.Tx) error {
		if own == nil {
			_, err = tx.Exec(ctx, `delete from retention_setting where hotel = $1 and class = $2`, h.ID, class)
		} else {
			_, err = tx.Exec(ctx, `
				insert into retention_setting (hotel, class, period, set_by) values ($1, $2, $3, $4)
				on conflict (hotel, class) do update set period = excluded.period, set_by = excluded.set_by, set_at = clock_timestamp()`,
				h.ID, class, own.String(), actor)
		}
		if err != nil {
			return wrap(err, "set a hotel's term")
		}
		return entry.Insert(ctx, tx)
	})
}
