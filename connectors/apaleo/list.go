package apaleo

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"strconv"

	"github.com/voicehive/voicehive/connectors/pms"
)

const (
	pageSize = 100
	maxPages = 100
)

// Arrivals implements pms.Connector: stays that arrive on the day, come or not
// yet, without the cancelled.
func (c *Connector) Arrivals(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
	return c.stays(ctx, "arrivals", url.Values{
		"dateFilter": {"Arrival"},
		"from":       {c.wireTime(day.At(0, 0, c.zone))},
		"to":         {c.wireTime(day.AddDays(1).At(0, 0, c.zone))}, // excluded
		"status":     {"Confirmed,InHouse"},
	})
}

// InHouse implements pms.Connector.
func (c *Connector) InHouse(ctx context.Context) iter.Seq2[pms.Stay, error] {
	return c.stays(ctx, "in_house", url.Values{"status": {"InHouse"}})
}

func (c *Connector) stays(ctx context.Context, operation string, query url.Values) iter.Seq2[pms.Stay, error] {
	return func(yield func(pms.Stay, error) bool) {
		for r, err := range c.list(ctx, operation, query) {
			var stay pms.Stay
			if err == nil {
				if stay, err = c.stay(r); err != nil {
					err = unreadable(operation)
				}
			}
			if !yield(stay, err) || err != nil {
				return
			}
		}
	}
}

// list streams this property's stays that match the query. It ends at a page
// that is empty, which Apaleo answers with 204, or not full. An error is the
// last thing it yields.
func (c *Connector) list(ctx context.Context, operation string, query url.Values) iter.Seq2[reservation, error] {
	query = maps.Clone(query)
	query.Set("propertyIds", c.property)
	query.Set("expand", "timeSlices")
	query.Set("sort", "id:asc")
	query.Set("pageSize", strconv.Itoa(pageSize))
	return func(yield func(reservation, error) bool) {
		for page := 1; page <= maxPages; page++ {
			query.Set("pageNumber", strconv.Itoa(page))
			var list reservationList
			some, err := c.get(ctx, operation, "/booking/v1/reservations", query, &list)
			if err != nil {
				yield(reservation{}, err)
				return
			}
			for _, r := range list.Reservations {
				if r.Property.ID == c.property && !yield(r, nil) {
					return
				}
			}
			if !some || len(list.Reservations) < pageSize {
				return
			}
		}
		yield(reservation{}, failure(operation, pms.ErrUnavailable, "", "the list does not end"))
	}
}
