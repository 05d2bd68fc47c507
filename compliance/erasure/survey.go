package erasure

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// A how says how a class is treated by an erasure.
type how int

const (
	byRows     how = iota // subjects.Erase
	bySystem              // the hotel's system is asked
	byRuns                // workflow runs are deleted
	byKey                 // the row stays, and the key that opens it is destroyed
	byLaw                 // proofs that the law has us keep
	atTheHotel            // the hotel keeps it in its own system, by law
	shell                 // nothing of the person is in it
	ofTheCase             // the case file: its own key and its own term
	byDigest              // a digest against contacting the person again: Art. 21(3)
)

// treatment is what an erasure does with each class of the register. A class
// that is missing here fails a test: nothing is kept because it was forgotten.
var treatment = map[register.Class]how{
	register.Guest: byRows, register.Companion: byRows, register.Index: byRows, register.Draft: byRows,
	register.Turn: byRows, register.Recording: byRows, register.Message: byRows, register.Code: byRows,
	register.SubjectDecision: byRows, register.WebhookDelivery: byRows, register.Restriction: byRows,
	register.Booking: byRows, register.Call: shell, register.Task: shell,
	register.HotelSystem: bySystem, register.Run: byRuns, register.AuditDetail: byKey, register.Consent: byLaw,
	register.Invoice: atTheHotel, register.GuestRegister: atTheHotel,
	register.Case: ofTheCase, register.Pack: ofTheCase, register.Certificate: ofTheCase, register.Suppression: byDigest,
}

// Rules of what stays by itself.
const (
	ruleShell  = "erasure/nothing-of-the-person"
	ruleKey    = "erasure/key-destroyed"
	ruleProof  = "erasure/proof-of-consent"
	ruleStay   = "erasure/stay-not-over"
	ruleSystem = "erasure/operator-task"
)

// found is what a survey finds out about a batch of scopes.
type found struct {
	hotel    string
	country  string
	zone     *time.Location
	records  map[register.Class]map[string]int
	anchors  map[string]map[retention.Anchor]time.Time
	messages map[string][]string // ids, by scope
	bookings map[string]bool     // scopes that are one, and not a place in one
	calls    map[string]bool
	system   map[string]string // vendor's reservation, by scope
	stayed   map[string]bool   // the guests were in the house
	state    map[string]string // at the hotel's system
	awaited  map[string]time.Time
	held     []holds.Hold
}

func (f *found) add(class register.Class, scope string, n int) {
	if f.records[class] == nil {
		f.records[class] = map[string]int{}
	}
	f.records[class][scope] += n
}

// survey looks at a batch of scopes in one transaction.
func (o *Office) survey(ctx context.Context, hotel string, batch []string) (*found, error) {
	f := &found{
		hotel: hotel, zone: time.UTC, records: map[register.Class]map[string]int{},
		anchors:  map[string]map[retention.Anchor]time.Time{},
		messages: map[string][]string{}, bookings: map[string]bool{}, calls: map[string]bool{},
		system: map[string]string{}, stayed: map[string]bool{}, state: map[string]string{},
	}
	err := o.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) (err error) {
		if f.held, err = holds.In(ctx, tx, hotel, batch); err != nil {
			return err
		}
		if f.awaited, err = subjects.Ahead(ctx, tx, hotel, batch); err != nil {
			return err
		}
		if err := subjects.Records(ctx, tx, hotel, batch, func(class register.Class, scope string, n int64) { f.add(class, scope, int(n)) }); err != nil {
			return err
		}
		for _, look := range []func(context.Context, pgx.Tx, []string) error{f.house, f.stays, f.done, f.rings, f.others} {
			if err := look(ctx, tx, batch); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, wrap(err, "look what there is")
	}
	return f, wrap(o.details(ctx, f, batch), "look what there is")
}

// house is where the hotel is.
func (f *found) house(ctx context.Context, tx pgx.Tx, _ []string) error {
	rows, err := tx.Query(ctx, `select country, time_zone from hotel where id = $1`, f.hotel)
	if err != nil {
		return err
	}
	var zone string
	_, err = pgx.ForEachRow(rows, []any{&f.country, &zone}, func() (err error) {
		f.zone, err = time.LoadLocation(zone)
		return err
	})
	return err
}

// stays are the bookings of the scopes, also of those that are a place in one.
func (f *found) stays(ctx context.Context, tx pgx.Tx, batch []string) error {
	// Without the word materialized the planner reads every booking.
	rows, err := tx.Query(ctx, `
		with asked as materialized (
			select s.scope, coalesce(p.booking, s.scope) as booking
			from unnest($2::text[]) s (scope) left join party p on p.hotel = $1 and p.scope = s.scope)
		select a.scope, b.id = a.scope, b.state, b.arrival, b.departure, b.created_at, coalesce(b.vendor_booking, '')
		from asked a
		join booking b on b.hotel = $1 and b.id = a.booking`, f.hotel, batch)
	if err != nil {
		return err
	}
	var scope, state, vendor string
	var own bool
	var arrival, departure, created time.Time
	_, err = pgx.ForEachRow(rows, []any{&scope, &own, &state, &arrival, &departure, &created, &vendor}, func() error {
		a := map[retention.Anchor]time.Time{retention.Created: created}
		if state == "confirmed" {
			a[retention.Arrival], a[retention.Departure], a[retention.Issued] = f.day(arrival), f.day(departure), f.day(departure)
			f.stayed[scope] = own
		}
		f.anchors[scope] = a
		f.bookings[scope] = own
		if own {
			f.add(register.Booking, scope, 0)
		}
		if vendor != "" {
			f.system[scope] = vendor
		}
		return nil
	})
	return err
}

// done is what became of them at the hotel's system, also of those whose place
// in a booking is gone.
func (f *found) done(ctx context.Context, tx pgx.Tx, batch []string) error {
	rows, err := tx.Query(ctx, `select scope, state from erasure_system where hotel = $1 and scope = any($2)`, f.hotel, batch)
	if err != nil {
		return err
	}
	var scope, state string
	_, err = pgx.ForEachRow(rows, []any{&scope, &state}, func() error {
		f.state[scope] = state
		return nil
	})
	return err
}

// day is the beginning of a day at the hotel.
func (f *found) day(d time.Time) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, f.zone)
}

// rings are the calls.
func (f *found) rings(ctx context.Context, tx pgx.Tx, batch []string) error {
	rows, err := tx.Query(ctx, `select id, started_at, ended_at from call where hotel = $1 and id = any($2)`, f.hotel, batch)
	if err != nil {
		return err
	}
	var scope string
	var started time.Time
	var ended *time.Time
	_, err = pgx.ForEachRow(rows, []any{&scope, &started, &ended}, func() error {
		a := map[retention.Anchor]time.Time{retention.Created: started}
		if ended != nil {
			a[retention.CallEnd] = *ended
		}
		f.anchors[scope], f.calls[scope] = a, true
		f.add(register.Call, scope, 1)
		return nil
	})
	return err
}

// others are the messages' ids, consents and tasks.
func (f *found) others(ctx context.Context, tx pgx.Tx, batch []string) error {
	rows, err := tx.Query(ctx, `
		select 'message', scope, id, 0, created_at from message where hotel = $1 and scope = any($2) and purpose = 'operations'
		union all
		select 'consent', scope, '', count(*), max(recorded_at) from consent_event where hotel = $1 and scope = any($2) group by scope
		union all
		select 'task', booking, '', count(*), max(created_at) from operator_task where hotel = $1 and booking = any($2) group by booking`, f.hotel, batch)
	if err != nil {
		return err
	}
	var what, scope, id string
	var n int
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&what, &scope, &id, &n, &at}, func() error {
		switch what {
		case "message":
			f.messages[scope] = append(f.messages[scope], id)
		case "consent":
			f.add(register.Consent, scope, n)
			f.since(scope, retention.Closed, at)
		case "task":
			f.add(register.Task, scope, n)
		}
		return nil
	})
	return err
}

// since notes when something of a scope came last.
func (f *found) since(scope string, anchor retention.Anchor, at time.Time) {
	if f.anchors[scope] == nil {
		f.anchors[scope] = map[retention.Anchor]time.Time{retention.Created: at}
	}
	f.anchors[scope][anchor] = at
}

// details counts entries of the audit log, which a tenant may write and not
// read.
func (o *Office) details(ctx context.Context, f *found, batch []string) error {
	return o.Pool.AsRole(ctx, postgres.RoleAuditor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select scope, count(*) from audit_detail where tenant = $1 and scope = any($2) group by 1`, f.hotel, batch)
		if err != nil {
			return err
		}
		var scope string
		var n int
		_, err = pgx.ForEachRow(rows, []any{&scope, &n}, func() error {
			f.add(register.AuditDetail, scope, n)
			return nil
		})
		return err
	})
}

// workflows are the ids of the scopes' workflows.
func (f *found) workflows(scope string) (ids []string) {
	if f.bookings[scope] {
		ids = append(ids, "booking/"+f.hotel+"/"+scope)
	}
	if f.calls[scope] {
		ids = append(ids, "call/"+f.hotel+"/"+scope)
	}
	for _, id := range f.messages[scope] {
		ids = append(ids, "system/"+f.hotel+"/message/"+id)
	}
	return ids
}
