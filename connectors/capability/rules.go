package capability

import (
	"fmt"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// What no vendor takes, whatever its own limits are.
const (
	maxAdults   = 20 // in one room
	maxChildren = 10 // in one room
	maxChildAge = 17 // years; older ones are adults
	maxExtra    = 1000
)

// A rule looks at a request and answers what is wrong with it; the zero fault
// when nothing is.
type rule func(pms.Capabilities) fault

// A fault names a field of the request. It tells limits and counts, never what
// a guest said.
type fault struct{ field, detail string }

// span checks the nights of a question or a stay. field is put before the
// names of its dates.
func span(field string, arrival, departure pms.Date) rule {
	return func(c pms.Capabilities) fault {
		switch nights := arrival.NightsUntil(departure); {
		case arrival.IsZero():
			return fault{field + "arrival", "a day of arrival is required"}
		case departure.IsZero():
			return fault{field + "departure", "a day of departure is required"}
		case nights < 1:
			return fault{field + "departure", "the departure must be after the arrival"}
		case c.MaxNights > 0 && nights > c.MaxNights:
			return fault{field + "departure", fmt.Sprintf("the hotel system takes at most %d nights", c.MaxNights)}
		case c.MaxAhead > 0 && latestToday().NightsUntil(arrival) > c.MaxAhead:
			return fault{field + "arrival", fmt.Sprintf("the hotel system takes arrivals at most %d days ahead", c.MaxAhead)}
		}
		return fault{}
	}
}

// latestToday is the day that it is where the day begins first, so that no
// property is refused a day that is near enough by its own calendar.
func latestToday() pms.Date { return pms.DateOf(time.Now().UTC().Add(14 * time.Hour)) }

// earliestToday is the day that it is where the day begins last.
func earliestToday() pms.Date { return pms.DateOf(time.Now().UTC().Add(-12 * time.Hour)) }

// begun refuses to change a stay that has begun everywhere on earth, where the
// vendor cannot change such a stay in part.
func begun(arrival pms.Date) rule {
	return func(c pms.Capabilities) fault {
		if !c.PartialAmend && !arrival.IsZero() && arrival.Before(earliestToday()) {
			return fault{"arrival", "the hotel system does not change a stay that has begun"}
		}
		return fault{}
	}
}

// party checks who sleeps in a room.
func party(field string, o pms.Occupancy) rule {
	return func(pms.Capabilities) fault {
		if o.Adults < 1 || o.Adults > maxAdults {
			return fault{field + "adults", fmt.Sprintf("a room has 1 to %d adults", maxAdults)}
		}
		if len(o.ChildrenAges) > maxChildren {
			return fault{field + "children_ages", fmt.Sprintf("a room has at most %d children", maxChildren)}
		}
		for _, age := range o.ChildrenAges {
			if age < 0 || age > maxChildAge {
				return fault{field + "children_ages", fmt.Sprintf("a child is 0 to %d years old", maxChildAge)}
			}
		}
		return fault{}
	}
}

// offer checks what an offer promises.
func offer(field string, o pms.Offer) rule {
	return func(c pms.Capabilities) fault {
		if f := span(field, o.Arrival, o.Departure)(c); f.field != "" {
			return f
		}
		return party(field, o.Occupancy)(c)
	}
}

// rooms checks the stays of one new reservation.
func rooms(stays []pms.StayRequest) rule {
	return func(c pms.Capabilities) fault {
		if len(stays) == 0 {
			return fault{"stays", "a reservation needs a stay"}
		}
		if len(stays) > c.MaxStays {
			return fault{"stays", fmt.Sprintf("the hotel system takes at most %d stays in one reservation", c.MaxStays)}
		}
		for i, stay := range stays {
			if f := offer(fmt.Sprintf("stays[%d].", i), stay.Offer)(c); f.field != "" {
				return f
			}
		}
		return fault{}
	}
}

// frozen checks that a draft is sent the way it was made for.
func frozen(d pms.Draft, hold bool) rule {
	return func(pms.Capabilities) fault {
		switch {
		case len(d.Body) == 0:
			return fault{"draft", "the draft is empty"}
		case d.Hold && !hold:
			return fault{"draft", "this draft is for a hold"}
		case !d.Hold && hold:
			return fault{"draft", "this draft is not for a hold"}
		}
		return fault{}
	}
}

// count bounds how many of an extra are asked for.
func count(r pms.ExtraRequest) rule {
	return func(pms.Capabilities) fault {
		if r.Count < 1 || r.Count > maxExtra {
			return fault{"count", fmt.Sprintf("1 to %d of an extra can be added", maxExtra)}
		}
		return fault{}
	}
}

// narrowed refuses a search that asks for nobody: it would answer with every
// guest of the house.
func narrowed(q pms.GuestQuery) rule {
	return func(pms.Capabilities) fault {
		if q == (pms.GuestQuery{}) {
			return fault{"query", "a name, an e-mail address or a phone number is required"}
		}
		return fault{}
	}
}

// date checks that a day is given.
func date(field string, d pms.Date) rule {
	return func(pms.Capabilities) fault {
		if d.IsZero() {
			return fault{field, "a day is required"}
		}
		return fault{}
	}
}
