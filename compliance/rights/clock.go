package rights

import (
	"slices"
	"time"
)

const (
	// months is the time to answer, and moreMonths what an extension adds
	// (Article 12(3) GDPR).
	months, moreMonths = 1, 2
	// mostDays is our own bound: no month counts for more.
	mostDays = 30
	// paged is the share of the time after which somebody is called.
	paged = 95
)

// reminded are the shares of the time after which somebody is reminded.
var reminded = []int{50, 75, 90}

// Percents are the shares of the time that are marked.
func Percents() []int { return append(slices.Clone(reminded), paged) }

// A Clock is what the law and the house allow for one request. Its instants are
// ends: what is to be done by one is late when it comes.
type Clock struct {
	Received time.Time `json:"received"`
	// Month ends the calendar month, Days the thirty days; Due is the earlier.
	Month time.Time `json:"month"`
	Days  time.Time `json:"days"`
	Due   time.Time `json:"due"`
	// Internal is Due less the horizon of the keys' backups: what is erased by
	// then is gone from every copy by Due.
	Internal time.Time `json:"internal"`
	// Extended and ExtendedInternal are the same where the request was extended.
	Extended         time.Time `json:"extended"`
	ExtendedInternal time.Time `json:"extended_internal"`
	// Marks are when somebody hears of the case, ExtendedMarks when it was
	// extended.
	Marks         []Mark `json:"marks"`
	ExtendedMarks []Mark `json:"extended_marks"`
}

// A Mark is a share of the time that has passed.
type Mark struct {
	Percent int       `json:"percent"`
	At      time.Time `json:"at"`
}

// Page tells that somebody is called, and not only reminded.
func (m Mark) Page() bool { return m.Percent >= paged }

// Deadline computes the clock of a request that came in at an instant, to a
// hotel in a zone. By Regulation 1182/71 the day of receipt does not count, and
// a period of months ends with the last hour of the same date, or of the month
// where it has no such date. A weekend prolongs nothing here: that would only
// ever be late.
func Deadline(received time.Time, zone *time.Location, horizon time.Duration) Clock {
	c := Clock{
		Received: received.UTC(),
		Month:    endOfDay(received, zone, months, 0),
		Days:     endOfDay(received, zone, 0, mostDays),
		Extended: endOfDay(received, zone, months+moreMonths, 0),
	}
	c.Due = c.Month
	if c.Days.Before(c.Due) {
		c.Due = c.Days
	}
	c.Internal, c.ExtendedInternal = c.before(c.Due, horizon), c.before(c.Extended, horizon)
	c.Marks, c.ExtendedMarks = c.marks(c.Internal), c.marks(c.ExtendedInternal)
	return c
}

// before is a horizon less, and never before the request came in.
func (c Clock) before(due time.Time, horizon time.Duration) time.Time {
	if internal := due.Add(-horizon); internal.After(c.Received) {
		return internal
	}
	return c.Received
}

func (c Clock) marks(due time.Time) []Mark {
	var marks []Mark
	for _, percent := range Percents() {
		marks = append(marks, Mark{percent, c.Received.Add(due.Sub(c.Received) / 100 * time.Duration(percent))})
	}
	return marks
}

// DueNow is the end that counts, MarksNow are its marks.
func (c Clock) DueNow(extended bool) time.Time {
	if extended {
		return c.Extended
	}
	return c.Due
}

// InternalNow is the house's own end that counts.
func (c Clock) InternalNow(extended bool) time.Time {
	if extended {
		return c.ExtendedInternal
	}
	return c.Internal
}

// MarksNow are the marks that count.
func (c Clock) MarksNow(extended bool) []Mark {
	if extended {
		return c.ExtendedMarks
	}
	return c.Marks
}

// LastDay is the last day that ends with one of the clock's ends, as people
// write a due date.
func LastDay(end time.Time, zone *time.Location) (year int, month time.Month, day int) {
	return end.Add(-time.Nanosecond).In(zone).Date()
}

// endOfDay is the end of the day that lies so many months and days after
// another. A month that has no such date ends with its last.
func endOfDay(from time.Time, zone *time.Location, months, days int) time.Time {
	year, month, day := from.In(zone).Date()
	last := time.Date(year, month+time.Month(months)+1, 0, 12, 0, 0, 0, time.UTC)
	target := time.Date(last.Year(), last.Month(), min(day, last.Day()), 12, 0, 0, 0, time.UTC)
	if months == 0 {
		target = time.Date(year, month, day+days, 12, 0, 0, 0, time.UTC)
	}
	year, month, day = target.Date()
	return startOfDay(year, month, day+1, zone)
}

// startOfDay is the first instant of a day. Where clocks are put forward at
// midnight there is no 0:00, and where they are put back there may be two.
func startOfDay(year int, month time.Month, day int, zone *time.Location) time.Time {
	at := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if at.Hour() > 12 { // the evening before: it begins when the clocks change
		if _, end := at.ZoneBounds(); !end.IsZero() {
			return end.UTC()
		}
	}
	start, _ := at.ZoneBounds()
	if start.IsZero() {
		return at.UTC()
	}
	_, now := at.Zone()
	_, was := start.Add(-time.Second).Zone()
	switch earlier := at.Add(time.Duration(now-was) * time.Second); {
	case was < now && at.Hour() > 0: // put forward over midnight
		return start.UTC()
	case was > now && earlier.Before(start) && earlier.Day() == at.Day() && earlier.Hour() == 0:
		return earlier.UTC() // the first of two midnights
	}
	return at.UTC()
}
