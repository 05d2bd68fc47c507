package reconciliation

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/pms"
)

// Bookings compares a page of the ledger's bookings with the hotel's system
// and with the workflows.
func (a *Activities) Bookings(ctx context.Context, b Batch) (Report, error) {
	defer heartbeat.Start(ctx)()
	l, err := a.begin(ctx, b)
	if err == nil {
		err = l.bookings(ctx)
	}
	if err != nil {
		return Report{}, temporalError(err)
	}
	return l.report, nil
}

// look is one batch under way.
type look struct {
	*Activities
	Batch
	conn   pms.Connector
	today  pms.Date
	report Report
}

func (a *Activities) begin(ctx context.Context, b Batch) (*look, error) {
	hotel, err := a.Hotels.Hotel(ctx, b.Hotel)
	if err != nil {
		return nil, fmt.Errorf("reconciliation: %w", err)
	}
	today, err := hotel.Today(a.now())
	if err != nil {
		return nil, err
	}
	conn, err := a.Connectors.Connector(ctx, b.Hotel)
	if err != nil {
		return nil, err
	}
	return &look{Activities: a, Batch: b, conn: conn, today: today}, nil
}

func (l *look) bookings(ctx context.Context) error {
	ids, err := l.Records.bookings(ctx, l.Batch, l.today)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := passing(l.booking(ctx, id)); err != nil {
			return err
		}
	}
	if len(ids) == l.Size {
		l.report.Next = ids[len(ids)-1]
	}
	return nil
}

// passing keeps one booking that the hotel's system will not tell about, such
// as a large group, from hiding the others.
func passing(err error) error {
	if errors.Is(err, pms.ErrUnsupported) || errors.Is(err, pms.ErrValidation) || errors.Is(err, pms.ErrConflict) {
		return nil
	}
	return err
}

// booking compares one booking.
func (l *look) booking(ctx context.Context, id string) error {
	entry, err := l.Ledger.Entry(ctx, l.Hotel, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	l.report.Compared++
	open, err := l.Records.openIntents(ctx, l.Hotel, id)
	switch {
	case err != nil:
		return err
	case len(open) > 0:
		return l.underWay(ctx, entry, open)
	case entry.VendorBooking == "":
		return l.unanswered(ctx, entry)
	}
	return l.compare(ctx, entry)
}

// underWay looks at a booking that something is asked of. What it is at the
// hotel is not compared: it may change at any moment.
func (l *look) underWay(ctx context.Context, entry ledger.Entry, open []openIntent) error {
	age := l.now().Sub(open[0].createdAt)
	if age < l.Window.Grace {
		return nil
	}
	running, err := l.Runs.Running(ctx, l.Hotel, entry.ID)
	if err != nil {
		return err
	}
	if !running {
		f := finding{
			kind: Terminated, booking: entry.ID,
			detail: "Something was asked for and its workflow is gone; sending it again did not help. " +
				"Look at the booking in the Temporal UI, and at the hotel by its reference.",
		}
		for _, intent := range open {
			f.facts = append(f.facts, intent.id)
		}
		return l.repair(ctx, f, func() error {
			for _, intent := range open {
				if err := l.Runs.Reissue(ctx, l.Hotel, intent.id); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if age < l.Window.Stuck {
		return nil
	}
	return l.raise(ctx, stuck(entry.ID, open[0].id))
}

func stuck(booking, since string) finding {
	return finding{
		kind: Stuck, booking: booking, facts: []string{since},
		detail: "What was asked for is open for too long. See why in the Temporal UI: mostly the hotel's system " +
			"does not answer, or refuses our credentials.",
	}
}

// unanswered looks at a booking that the hotel never answered for: it should
// not exist there.
func (l *look) unanswered(ctx context.Context, entry ledger.Entry) error {
	if entry.State == ledger.Pending {
		if l.now().Sub(entry.CreatedAt) < l.Window.Stuck {
			return nil
		}
		return l.raise(ctx, stuck(entry.ID, ""))
	}
	found, err := l.conn.ByReference(ctx, pms.Reference(entry.ID))
	switch {
	case errors.Is(err, pms.ErrNotFound):
		return nil
	case errors.Is(err, pms.ErrConflict) && !l.within(entry.Arrival):
		// Within the window the list of arrivals names both.
		return l.raise(ctx, duplicate(entry.ID, nil))
	case err != nil:
		return err
	case !living(found.Status):
		return nil
	}
	return l.raise(ctx, orphan(entry.ID, "counts it as "+string(entry.State), string(found.ID)))
}

// within reports whether the arrivals of a day are compared.
func (l *look) within(arrival pms.Date) bool {
	return !arrival.Before(l.today) && arrival.Before(l.today.AddDays(l.Window.Ahead))
}

// compare holds a booking against what the hotel has.
func (l *look) compare(ctx context.Context, entry ledger.Entry) error {
	found, err := l.conn.Reservation(ctx, pms.ReservationID(entry.VendorBooking))
	gone := errors.Is(err, pms.ErrNotFound)
	if err != nil && !gone {
		return err
	}
	var fields []string
	switch {
	case entry.State.Final() && (gone || !living(found.Status)):
		return nil
	case entry.State.Final():
		fields = []string{fieldState}
	case !gone:
		if fields = differ(entry, found); len(fields) == 0 {
			return nil
		}
	}
	if moved, err := l.moved(ctx, entry); moved || err != nil {
		return err
	}
	version := strconv.FormatInt(entry.Version, 10)
	switch {
	case gone:
		return l.raise(ctx, finding{
			kind: Missing, booking: entry.ID, facts: []string{entry.VendorBooking},
			detail: fmt.Sprintf("The ledger has this booking as %s, and the hotel's system does not know its number %s. "+
				"Ask the hotel, then book anew or tell the guest.", entry.State, entry.VendorBooking),
		})
	case entry.State.Final():
		return l.raise(ctx, finding{
			kind: Drift, booking: entry.ID, facts: []string{version, string(found.Status)},
			detail: fmt.Sprintf("The ledger has this booking as %s, and the hotel's system has number %s as %s. "+
				"Agree with the hotel what is right; a live booking can be taken over with `voicehive adopt`.",
				entry.State, entry.VendorBooking, found.Status),
		})
	}
	f := finding{
		kind: Drift, booking: entry.ID, facts: append([]string{version}, fields...),
		detail: fmt.Sprintf("The ledger and the hotel's system differ in %s, and reading the booking again did not help. "+
			"Compare number %s at the hotel.", strings.Join(fields, ", "), entry.VendorBooking),
	}
	return l.repair(ctx, f, func() error { return l.Runs.Refresh(ctx, l.Hotel, entry.ID) })
}

// moved reports whether somebody recorded news, or asked for something, since
// the entry was read: then what was found may be old already.
func (l *look) moved(ctx context.Context, entry ledger.Entry) (bool, error) {
	now, err := l.Ledger.Entry(ctx, l.Hotel, entry.ID)
	if err != nil {
		return false, err
	}
	return now.Version != entry.Version || now.Pending != "", nil
}
