package apaleo

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// readReservation is GET /booking/v1/reservations/{id}.
func (s *Sandbox) readReservation(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	return answer{status: http.StatusOK, body: s.wire(r, csv(c.URL.Query()["expand"]), true)}
}

// readBooking is GET /booking/v1/bookings/{id}.
func (s *Sandbox) readBooking(c *call) answer {
	b := s.bookings[c.PathValue("id")]
	if b == nil {
		return status(http.StatusNotFound)
	}
	expand := csv(c.URL.Query()["expand"])
	m := s.wireBooking(b, expand)
	if slices.Contains(expand, "propertyValues") {
		m["propertyValues"] = b.propertyValues()
	}
	return answer{status: http.StatusOK, body: m}
}

// listBookings is GET /booking/v1/bookings. Its free text looks at the booker
// only, and finds "one of the provided values"; that they are separated by
// spaces is unconfirmed.
func (s *Sandbox) listBookings(c *call) answer {
	q := c.URL.Query()
	texts := strings.Fields(strings.ToLower(q.Get("textSearch")))
	channels, expand := csv(q["channelCode"]), csv(q["expand"])
	seen := map[*booking]bool{}
	var items []any
	for _, r := range s.order {
		b := r.booking
		match := s.listed(r) && strings.HasPrefix(r.external, q.Get("externalCode")) && within(channels, r.channel) &&
			(q.Get("reservationId") == "" || q.Get("reservationId") == r.id) &&
			(q.Get("groupId") == "") && (len(texts) == 0 || slices.ContainsFunc(texts, b.booker.contains))
		if match && !seen[b] {
			seen[b] = true
			items = append(items, s.wireBooking(b, expand))
		}
	}
	return page(q, items, "bookings")
}

// listReservations is GET /booking/v1/reservations.
func (s *Sandbox) listReservations(c *call) answer {
	q := c.URL.Query()
	match, message := reservationFilter(q)
	if message != "" {
		return refused(message)
	}
	var found []*reservation
	for _, r := range s.order {
		if s.listed(r) && match(r) {
			found = append(found, r)
		}
	}
	if by := q.Get("sort"); by != "" {
		sortReservations(found, by)
	}
	expand := csv(q["expand"])
	items := make([]any, len(found))
	for i, r := range found {
		items[i] = s.wire(r, expand, false)
	}
	return page(q, items, "reservations")
}

// countReservations is GET /booking/v1/reservations/$count.
func (s *Sandbox) countReservations(c *call) answer {
	match, message := reservationFilter(c.URL.Query())
	if message != "" {
		return refused(message)
	}
	count := 0
	for _, r := range s.order {
		if s.listed(r) && match(r) {
			count++
		}
	}
	return answer{status: http.StatusOK, body: map[string]any{"count": count}}
}

// listed is false while a list-lag fault still hides a new reservation.
func (s *Sandbox) listed(r *reservation) bool {
	return s.now().Sub(r.created) >= s.faults.listLag()
}

func reservationFilter(q url.Values) (func(*reservation) bool, string) {
	inTime, message := dateFilter(q)
	if message != "" {
		return nil, message
	}
	text := strings.ToLower(q.Get("textSearch"))
	lists := map[string][]string{}
	for _, name := range []string{"propertyIds", "ratePlanIds", "unitGroupIds", "unitGroupTypes", "companyIds", "status", "channelCode", "sources"} {
		lists[name] = csv(q[name])
	}
	for _, name := range []string{"unitIds", "blockIds", "validationMessageCategory"} {
		if q.Has(name) { // the sandbox has neither units by name, nor blocks, nor overbookings
			return func(*reservation) bool { return false }, ""
		}
	}
	if q.Has("balanceFilter") || q.Has("allFoliosHaveInvoice") {
		return nil, "balanceFilter, allFoliosHaveInvoice: the sandbox has no folios to filter by."
	}
	return func(r *reservation) bool {
		return within(lists["propertyIds"], r.property().id) &&
			within(lists["ratePlanIds"], r.plan().id) &&
			within(lists["unitGroupIds"], r.plan().group.id) &&
			within(lists["status"], r.status) &&
			within(lists["channelCode"], r.channel) &&
			within(lists["companyIds"], r.company) &&
			within(lists["unitGroupTypes"], "BedRoom") &&
			within(lists["sources"], r.source) &&
			(q.Get("bookingId") == "" || q.Get("bookingId") == r.booking.id) &&
			strings.HasPrefix(r.external, q.Get("externalCode")) &&
			(text == "" || r.contains(text)) && inTime(r)
	}, ""
}

// contains is the vendor's free-text search; text is in lower case.
func (r *reservation) contains(text string) bool {
	return r.booking.booker.contains(text) || (r.primary != nil && r.primary.contains(text)) ||
		strings.Contains(strings.ToLower(r.external), text) || strings.Contains(strings.ToLower(r.id), text)
}

// dateFilter reads dateFilter, from (included) and to (excluded).
func dateFilter(q url.Values) (func(*reservation) bool, string) {
	var bounds [2]time.Time
	for i, name := range []string{"from", "to"} {
		if text := q.Get(name); text != "" {
			at, err := instant(text)
			if err != nil {
				return nil, name + ": must be a date and time with an offset and without a fraction of a second"
			}
			bounds[i] = at
		}
	}
	from, to := bounds[0], bounds[1]
	kind := q.Get("dateFilter")
	if kind == "" {
		return func(*reservation) bool { return true }, ""
	}
	if from.IsZero() && to.IsZero() {
		return nil, "from, to: a date filter needs one of them at least."
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return nil, "to: must be later than from."
	}
	within := func(at time.Time) bool {
		return !at.IsZero() && !at.Before(from) && (to.IsZero() || at.Before(to))
	}
	moments := map[string]func(*reservation) time.Time{
		"Arrival":      func(r *reservation) time.Time { return r.arrivesAt },
		"Departure":    func(r *reservation) time.Time { return r.departsAt },
		"Creation":     func(r *reservation) time.Time { return r.created },
		"Modification": func(r *reservation) time.Time { return r.modified },
		"Cancellation": func(r *reservation) time.Time { return r.cancelled },
	}
	if kind == "Stay" {
		return func(r *reservation) bool {
			return r.departsAt.After(from) && (to.IsZero() || r.arrivesAt.Before(to))
		}, ""
	}
	moment, ok := moments[kind]
	if !ok {
		return nil, "dateFilter: is not known."
	}
	return func(r *reservation) bool { return within(moment(r)) }, ""
}

// sortReservations orders by the first known key; others are silently
// ignored, as documented.
func sortReservations(all []*reservation, by string) {
	field, direction, _ := strings.Cut(strings.Split(by, ",")[0], ":")
	keys := map[string]func(a, b *reservation) int{
		"arrival":   func(a, b *reservation) int { return a.arrivesAt.Compare(b.arrivesAt) },
		"departure": func(a, b *reservation) int { return a.departsAt.Compare(b.departsAt) },
		"created":   func(a, b *reservation) int { return a.created.Compare(b.created) },
		"updated":   func(a, b *reservation) int { return a.modified.Compare(b.modified) },
		"id":        func(a, b *reservation) int { return cmp.Compare(a.id, b.id) },
	}
	if order, ok := keys[field]; ok {
		slices.SortStableFunc(all, func(a, b *reservation) int {
			if direction == "desc" {
				a, b = b, a
			}
			return order(a, b)
		})
	}
}
