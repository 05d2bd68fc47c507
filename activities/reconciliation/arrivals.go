package reconciliation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/pms"
)

// ownReference is what our references look like. Those of other channels are
// none of our business.
var ownReference = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

// Arrivals compares the hotel's arrivals of some days with the ledger: what
// carries a reference of ours must be ours, and once only. A hotel whose system
// has no such list is not compared this way.
func (a *Activities) Arrivals(ctx context.Context, b Batch) (Report, error) {
	defer heartbeat.Start(ctx)()
	l, err := a.begin(ctx, b)
	if err == nil {
		err = l.arrivals(ctx)
	}
	if errors.Is(err, pms.ErrUnsupported) {
		return Report{}, nil
	}
	if err != nil {
		return Report{}, temporalError(err)
	}
	return l.report, nil
}

func (l *look) arrivals(ctx context.Context) error {
	first := l.today
	if l.After != "" {
		day, err := pms.ParseDate(l.After)
		if err != nil {
			return err
		}
		// A round that lasts past midnight does not look back.
		if day.After(first) {
			first = day
		}
	}
	end := l.today.AddDays(l.Window.Ahead)
	for n := range l.Size {
		day := first.AddDays(n)
		if !day.Before(end) {
			return nil
		}
		if err := l.day(ctx, day); err != nil {
			return err
		}
	}
	if next := first.AddDays(l.Size); next.Before(end) {
		l.report.Next = next.String()
	}
	return nil
}

// day compares one day's arrivals.
func (l *look) day(ctx context.Context, day pms.Date) error {
	claims := map[string][]string{} // vendor's bookings by our reference
	for stay, err := range l.conn.Arrivals(ctx, day) {
		if err != nil {
			return err
		}
		reference, id := string(stay.Reference), string(stay.ReservationID)
		if !living(stay.Status) || !ownReference.MatchString(reference) {
			continue
		}
		l.report.Compared++
		if !slices.Contains(claims[reference], id) {
			claims[reference] = append(claims[reference], id)
		}
	}
	references := slices.Sorted(maps.Keys(claims))
	if len(references) == 0 {
		return nil
	}
	known, err := l.Records.named(ctx, l.Hotel, references)
	if err != nil {
		return err
	}
	for _, reference := range references {
		var ours *named
		if found, ok := known[reference]; ok {
			ours = &found
		}
		if err := passing(l.claim(ctx, reference, claims[reference], ours)); err != nil {
			return err
		}
	}
	return nil
}

// claim judges the hotel's bookings that carry one reference of ours.
func (l *look) claim(ctx context.Context, reference string, theirs []string, ours *named) error {
	switch {
	case ours == nil:
		return l.stranger(ctx, reference, theirs)
	case ours.open:
		return nil // under way: what the hotel has of it is not for us to judge yet
	case len(theirs) > 1, ours.vendorBooking != "" && ours.vendorBooking != theirs[0]:
		return l.raise(ctx, duplicate(ours.id, append(theirs, ours.vendorBooking)))
	case ours.vendorBooking == "":
		return l.again(ctx, ours.id, l.unanswered)
	case ours.state.Final():
		return l.again(ctx, ours.id, l.compare)
	}
	return nil
}

// stranger is a reference that the ledger does not have. A booking that came
// from elsewhere and was adopted is known by the vendor's number.
func (l *look) stranger(ctx context.Context, reference string, theirs []string) error {
	for _, id := range theirs {
		_, err := l.Ledger.ByVendor(ctx, l.Hotel, pms.ReservationID(id))
		if errors.Is(err, ledger.ErrNotFound) {
			return l.raise(ctx, orphan(reference, "does not have it", theirs...))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// again looks at one booking more closely.
func (l *look) again(ctx context.Context, booking string, closely func(context.Context, ledger.Entry) error) error {
	entry, err := l.Ledger.Entry(ctx, l.Hotel, booking)
	if err != nil {
		return fmt.Errorf("reconciliation: %w", err)
	}
	return closely(ctx, entry)
}
