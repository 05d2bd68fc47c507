package reconciliation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
)

// maxRepairs is how often the same facts are repaired before a person is asked:
// a repair that does not help would be made for ever.
const maxRepairs = 3

// A finding is something that is not as it should be. Its facts tell one
// finding from another of its kind and booking; its detail is for an operator,
// and holds no guest.
type finding struct {
	kind    Kind
	booking string
	detail  string
	facts   []string
}

func duplicate(booking string, theirs []string) finding {
	theirs = slices.DeleteFunc(slices.Sorted(slices.Values(theirs)), func(id string) bool { return id == "" })
	theirs = slices.Compact(theirs)
	which := "more than one booking"
	if len(theirs) > 0 {
		which = "the bookings " + strings.Join(theirs, " and ")
	}
	return finding{
		kind: Duplicate, booking: booking, facts: theirs,
		detail: fmt.Sprintf("The hotel's system has %s for one booking of ours. Let the desk cancel what is too much.", which),
	}
}

func orphan(booking, ledgerSays string, theirs ...string) finding {
	return finding{
		kind: Orphan, booking: booking, facts: slices.Sorted(slices.Values(theirs)),
		detail: fmt.Sprintf("The hotel's system has a live booking, %s, with our reference %s, and the ledger %s. "+
			"Take it over with `voicehive adopt`, or let the desk cancel it.", strings.Join(theirs, " and "), booking, ledgerSays),
	}
}

// raise leaves a finding to a person, and counts it.
func (l *look) raise(ctx context.Context, f finding) error {
	raised, err := l.Records.raise(ctx, l.Hotel, f)
	if err != nil {
		return err
	}
	if raised {
		l.count(f.kind, Raised)
	} else {
		l.count(f.kind, Known)
	}
	return nil
}

// repair makes a repair, or leaves the finding to a person when the same one
// did not help before.
func (l *look) repair(ctx context.Context, f finding, do func() error) error {
	tries, err := l.Records.try(ctx, l.Hotel, f)
	if err != nil {
		return err
	}
	if tries > maxRepairs {
		return l.raise(ctx, f)
	}
	if err := do(); err != nil {
		return err
	}
	l.count(f.kind, Repaired)
	return nil
}

func (l *look) count(kind Kind, result Result) {
	l.report.Tally.Add(kind, result, 1)
	l.findings.WithLabelValues(l.Vendor, string(kind), string(result)).Inc()
}

// living reports whether somebody may still come, or is there.
func living(s pms.Status) bool {
	return s == pms.StatusHeld || s == pms.StatusConfirmed || s == pms.StatusInHouse
}

// Names of what can differ.
const (
	fieldState = "state"
	fieldTotal = "total"
	fieldStays = "stays"
)

// differ names what the ledger and the hotel say differently of a living
// booking. What a guest would not notice does not count.
func differ(entry ledger.Entry, found pms.Reservation) []string {
	theirs := booking.EntryOf(entry.ID, found)
	// Some hotels count a hold as confirmed; only we end it.
	held := entry.State == ledger.Held && theirs.State == ledger.Confirmed
	var fields []string
	add := func(field string, same bool) {
		if !same && !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	add(fieldState, held || entry.State == theirs.State)
	add(fieldTotal, entry.Total == theirs.Total)
	add(fieldStays, len(entry.Stays) == len(theirs.Stays))
	for _, ours := range entry.Stays {
		i := slices.IndexFunc(theirs.Stays, func(s pms.Stay) bool { return s.ID == ours.ID })
		if i < 0 {
			add(fieldStays, false)
			continue
		}
		stay := theirs.Stays[i]
		add("status", ours.Status == stay.Status || held && stay.Status == pms.StatusConfirmed)
		add("arrival", ours.Arrival == stay.Arrival)
		add("departure", ours.Departure == stay.Departure)
		add("room_type", ours.RoomType.ID == stay.RoomType.ID)
		add("rate_plan", ours.RatePlan.ID == stay.RatePlan.ID)
		add("guests", sameGuests(ours.Occupancy, stay.Occupancy))
	}
	return fields
}

func sameGuests(a, b pms.Occupancy) bool {
	ages := func(o pms.Occupancy) []int { return slices.Sorted(slices.Values(o.ChildrenAges)) }
	return a.Adults == b.Adults && slices.Equal(ages(a), ages(b))
}
