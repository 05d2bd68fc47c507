package console

import (
	"fmt"
	"time"

	"github.com/voicehive/voicehive/starter"
)

// A clock is a request's time as a bar: from its receipt to the law's due date.
type clock struct {
	// Fill is how much of the bar is full; House and Marks are places on it. All
	// are percent.
	Fill, House int
	Marks       []int
	// Class colours the bar; Left says the same in words.
	Class, Left string
	// Due is the last day by law, in words.
	Due    string
	DueDay time.Time
	Over   bool // the request is closed
}

// near and late are shares of the house's own time, in percent, from which the
// bar warns. They are those of the reminders and the page.
const (
	near = 75
	late = 95
)

// clockOf draws the clock of a request as it stands.
func clockOf(c starter.Case, v *visit) clock {
	now, end := v.now, v.now
	if !c.ClosedAt.IsZero() {
		end = c.ClosedAt
	}
	share := func(t time.Time) int {
		whole := c.Clock.Due.Sub(c.Clock.Received)
		if whole <= 0 {
			return 100
		}
		return int(min(100, max(0, t.Sub(c.Clock.Received)*100/whole)))
	}
	// The due date is an end: its day is the one before.
	k := clock{Fill: share(end), House: share(c.Clock.Internal), DueDay: c.Clock.Due.Add(-time.Nanosecond), Over: !c.ClosedAt.IsZero()}
	k.Due = "due " + k.DueDay.In(v.zone).Format("2 Jan 2006")
	if !c.Clock.Extended.IsZero() {
		k.Due = "extended, " + k.Due
	}
	for _, mark := range c.Clock.Marks {
		k.Marks = append(k.Marks, share(mark.At))
	}
	switch {
	case k.Over && end.After(c.Clock.Due):
		k.Class, k.Left = "late", "closed late"
	case k.Over:
		k.Class, k.Left = "over", "closed in time"
	case !now.Before(c.Clock.Due):
		k.Class, k.Left = "late", span(now.Sub(c.Clock.Due))+" overdue"
	case !now.Before(c.Clock.Internal):
		k.Class, k.Left = "late", span(c.Clock.Due.Sub(now))+" left by law"
	default:
		k.Left = span(c.Clock.Internal.Sub(now)) + " left"
		if c.Clock.Passed >= late {
			k.Class = "late"
		} else if c.Clock.Passed >= near {
			k.Class = "near"
		}
	}
	return k
}

// Text is what the bar shows, for those who do not see it.
func (k clock) Text() string {
	return fmt.Sprintf("%d percent of the time by law has passed; the house's own date is at %d percent", k.Fill, k.House)
}

// span is a length of time in the unit that people plan by.
func span(d time.Duration) string {
	if hours := int(d.Hours()); hours < 48 {
		return plural(max(hours, 0), "hour", "hours")
	}
	return plural(int(d.Hours()/24), "day", "days")
}
