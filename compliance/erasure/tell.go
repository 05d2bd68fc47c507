package erasure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
)

// ErrOpen: a recipient's receipt covers a part of what it was asked for.
var ErrOpen = errors.New("erasure: the recipient has not done all references yet; it is asked again for the rest")

// Tell hands a notice to every recipient that has not answered for all yet, and
// keeps their receipts. One that does not answer, or for a part only, holds no
// other up; one that refuses is left to staff.
func (o *Office) Tell(ctx context.Context, hotel, request, hash string) (told int, err error) {
	var failed error
	err = o.eachRecipient(ctx, hotel, request, hash, func(p Plan, r Recipient, n Notice) error {
		err := o.tell(ctx, p, r, n)
		var refused ErrRefused
		switch {
		case errors.As(err, &refused):
			return o.leaveRecipient(ctx, p, r, n, refused.Problem)
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("erasure: tell %s: %w", r.Name(), err))
			return ctx.Err()
		}
		told++
		return nil
	})
	return told, errors.Join(err, failed)
}

// GiveUpRecipients leaves to staff those who did not answer.
func (o *Office) GiveUpRecipients(ctx context.Context, hotel, request, hash string) error {
	return o.eachRecipient(ctx, hotel, request, hash, func(p Plan, r Recipient, n Notice) error {
		return o.leaveRecipient(ctx, p, r, n, "away")
	})
}

// eachRecipient calls do for each recipient with a notice of those of the
// people's bookings that it knows and has not answered for yet.
func (o *Office) eachRecipient(ctx context.Context, hotel, request, hash string, do func(Plan, Recipient, Notice) error) error {
	if len(o.Recipients) == 0 {
		return nil
	}
	p, err := o.load(ctx, hotel, request, hash)
	if err != nil {
		return err
	}
	known, err := o.references(ctx, p)
	if err != nil {
		return err
	}
	for _, r := range o.Recipients {
		id, by, ok := r.Hotel(hotel)
		if !ok {
			continue
		}
		open, err := o.unanswered(ctx, p, r.Name(), known[by])
		if err != nil {
			return err
		}
		if len(open) == 0 {
			continue
		}
		n, err := p.notice(r.Name(), id, open)
		if err != nil {
			return err
		}
		if err := do(p, r, n); err != nil {
			return err
		}
	}
	return nil
}

// references are the bookings of the plan that may be forgotten now, by each
// numbering. A hold or a stay that came meanwhile counts.
func (o *Office) references(ctx context.Context, p Plan) (map[Numbering][]Reference, error) {
	stays, all := p.stays(), map[Numbering][]Reference{}
	for _, batch := range p.Batches() {
		f, err := o.survey(ctx, p.Hotel, batch)
		if err != nil {
			return nil, err
		}
		p.place(f, batch)
		for _, scope := range batch {
			whole, booking := f.bookings[scope]
			_, along := p.Companions[scope] // whose place in the booking may be gone
			_, waits := stays[scope]
			_, ahead := f.awaited[scope]
			held := slices.ContainsFunc(f.held, func(h holds.Hold) bool { return h.Keeps(register.HotelSystem, scope) })
			if !booking && !along || waits || ahead || held {
				continue
			}
			if number := f.system[scope]; number != "" {
				all[ByReservation] = append(all[ByReservation], Reference{number, whole})
			}
			if whole { // a place in a booking has an id that nobody else knows
				all[ByBooking] = append(all[ByBooking], Reference{scope, whole})
			}
		}
	}
	return all, nil
}

// unanswered are those of some references that a recipient has not answered for,
// and that were not left to staff.
func (o *Office) unanswered(ctx context.Context, p Plan, recipient string, known []Reference) ([]Reference, error) {
	if len(known) == 0 {
		return nil, nil
	}
	known = sorted(known)
	marks, err := p.marks(recipient, known)
	if err != nil {
		return nil, err
	}
	rows, err := o.Pool.Tenant(p.Hotel).Query(ctx, `
		select w.n::int - 1 from unnest($4::bytea[]) with ordinality w (mark, n)
		where w.mark not in (select unnest(marks) from erasure_receipt where hotel = $1 and request = $2 and recipient = $3)
		order by 1`, p.Hotel, p.Case, recipient, marks)
	if err != nil {
		return nil, wrap(err, "look who has answered")
	}
	open, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Reference, err error) {
		var at int
		err = row.Scan(&at)
		return known[at], err
	})
	return open, wrap(err, "look who has answered")
}

func (o *Office) tell(ctx context.Context, p Plan, r Recipient, n Notice) error {
	receipt, err := r.Forget(ctx, n)
	if err != nil {
		return err
	}
	said, covered, err := checkReceipt(receipt, r.Keys(), n)
	if err != nil {
		return err
	}
	if err := o.keepReceipt(ctx, p, r, n, said, covered, &receipt); err != nil {
		return err
	}
	if len(said.Open) > 0 {
		return fmt.Errorf("%w: %d of %d", ErrOpen, len(said.Open), len(n.References))
	}
	return nil
}

// keepReceipt keeps what a recipient said of some references, or with no receipt
// that it did not.
func (o *Office) keepReceipt(ctx context.Context, p Plan, r Recipient, n Notice, said ReceiptPredicate, covered []Reference, receipt *attest.Envelope) error {
	kind, detail := EventTold, map[string]any{"recipient": r.Name(), "notice": n.ID, "outcome": said.Outcome, "references": len(covered)}
	var text []byte
	marks, err := p.marks(r.Name(), covered)
	if err != nil {
		return err
	}
	if receipt == nil {
		kind = EventUntold
	} else {
		if text, err = json.Marshal(receipt); err != nil {
			return wrap(err, "write the receipt")
		}
		detail["receipt"] = digest(text)
	}
	entry, err := o.Auditor.Prepare(ctx, audit.Event{Tenant: p.Hotel, Kind: kind, Actor: actor, Scope: p.Case, Detail: detail})
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	return wrap(o.Pool.InTenant(ctx, p.Hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into erasure_receipt (hotel, request, recipient, notice, told, outcome, statute, receipt, covers, marks)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
			p.Hotel, p.Case, r.Name(), n.ID, len(covered), said.Outcome, said.Statute, text, Digest(n.Salt, covered), marks)
		if err != nil || tag.RowsAffected() == 0 {
			return err // another worker was quicker
		}
		return entry.Insert(ctx, tx)
	}), "keep what a recipient said")
}

// taskTell is the kind of the task to tell recipients by hand.
const taskTell = "tell_recipients"

// leaveRecipient leaves to staff a recipient that refuses or does not answer.
// The task names recipients and the case, where the bookings are looked up.
func (o *Office) leaveRecipient(ctx context.Context, p Plan, r Recipient, n Notice, problem string) error {
	if err := o.keepReceipt(ctx, p, r, n, ReceiptPredicate{Outcome: OutcomeManual}, n.References, nil); err != nil {
		return err
	}
	return wrap(o.Pool.InTenant(ctx, p.Hotel, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into operator_task (hotel, id, booking, kind, detail)
			select $1, $2, $3, $4, 'Tell by hand that the data of this request has to be erased, for they would not take our notice (' || $5 || '): '
				|| string_agg(distinct recipient, ', ' order by recipient) || '.'
			from erasure_receipt where hotel = $1 and request = $3 and outcome = 'manual'
			on conflict (hotel, booking, kind) do update set closed_at = null, detail = excluded.detail`,
			p.Hotel, ulid.Make().String(), p.Case, taskTell, problem)
		return err
	}), "leave a task")
}
