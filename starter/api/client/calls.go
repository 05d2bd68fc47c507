package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
)

// Availability lists what can be booked.
func (c *Client) Availability(ctx context.Context, hotel string, q starter.AvailabilityQuery) ([]pms.Offer, error) {
	query := url.Values{
		"arrival": {q.Arrival.String()}, "departure": {q.Departure.String()}, "adults": {strconv.Itoa(q.Occupancy.Adults)},
	}
	if len(q.Occupancy.ChildrenAges) > 0 {
		ages := make([]string, len(q.Occupancy.ChildrenAges))
		for i, age := range q.Occupancy.ChildrenAges {
			ages[i] = strconv.Itoa(age)
		}
		query.Set("children_ages", strings.Join(ages, ","))
	}
	if q.Restricted {
		query.Set("restricted", "true")
	}
	if q.PromoCode != "" {
		query.Set("promo_code", q.PromoCode)
	}
	if q.CorporateCode != "" {
		query.Set("corporate_code", q.CorporateCode)
	}
	var out struct {
		Offers []pms.Offer `json:"offers"`
	}
	_, err := c.do(ctx, call{method: http.MethodGet, path: []string{hotel, "availability"}, query: query}, &out)
	return out.Offers, err
}

// Status tells where the connection to the hotel's system stands.
func (c *Client) Status(ctx context.Context, hotel string) (connectors.Status, error) {
	var out connectors.Status
	_, err := c.do(ctx, call{method: http.MethodGet, path: []string{hotel, "status"}}, &out)
	return out, err
}

// Extras lists what can be added to the stays of a reservation.
func (c *Client) Extras(ctx context.Context, hotel, id string) ([]starter.StayExtras, error) {
	var out struct {
		Stays []starter.StayExtras `json:"stays"`
	}
	_, err := c.do(ctx, call{method: http.MethodGet, path: []string{hotel, "reservations", id, "extras"}}, &out)
	return out.Stays, err
}

// Quote fixes a price.
func (c *Client) Quote(ctx context.Context, hotel string, r starter.QuoteRequest) (starter.Quote, error) {
	var out starter.Quote
	_, err := c.do(ctx, call{method: http.MethodPost, path: []string{hotel, "quotes"}, body: r}, &out)
	return out, err
}

// Book books a quote. A reservation that is pending can be given to Await.
func (c *Client) Book(ctx context.Context, hotel, key string, r starter.BookRequest) (starter.Reservation, error) {
	return c.reservation(ctx, call{method: http.MethodPost, path: []string{hotel, "reservations"}, key: key, body: r})
}

// Confirm turns a hold into a confirmed reservation.
func (c *Client) Confirm(ctx context.Context, hotel, id, key string) (starter.Reservation, error) {
	return c.reservation(ctx, call{method: http.MethodPost, path: []string{hotel, "reservations", id, "confirm"}, key: key})
}

// Modify makes a reservation what a quote of a change says.
func (c *Client) Modify(ctx context.Context, hotel, id, key, quote string) (starter.Reservation, error) {
	body := map[string]string{"quote_id": quote}
	return c.reservation(ctx, call{method: http.MethodPatch, path: []string{hotel, "reservations", id}, key: key, body: body})
}

// Cancel cancels a reservation, or gives a hold back.
func (c *Client) Cancel(ctx context.Context, hotel, id, key string) (starter.Reservation, error) {
	return c.reservation(ctx, call{method: http.MethodDelete, path: []string{hotel, "reservations", id}, key: key})
}

// Reservation reads a reservation.
func (c *Client) Reservation(ctx context.Context, hotel, id string) (starter.Reservation, error) {
	return c.reservation(ctx, call{method: http.MethodGet, path: []string{hotel, "reservations", id}})
}

// Adopt takes up a reservation that was made elsewhere.
func (c *Client) Adopt(ctx context.Context, hotel string, r starter.AdoptRequest) (starter.Reservation, error) {
	return c.reservation(ctx, call{method: http.MethodPost, path: []string{hotel, "reservations", "adopt"}, body: r})
}

func (c *Client) reservation(ctx context.Context, what call) (starter.Reservation, error) {
	var out starter.Reservation
	_, err := c.do(ctx, what, &out)
	return out, err
}

// Await reads a reservation until it is no longer pending, and outlasts an API
// that does not answer for a while. With a ctx that ends first it returns what
// it last saw, and the ctx's error.
func (c *Client) Await(ctx context.Context, hotel, id string) (starter.Reservation, error) {
	var last starter.Reservation
	for {
		var now starter.Reservation
		header, err := c.do(ctx, call{method: http.MethodGet, path: []string{hotel, "reservations", id}}, &now)
		switch {
		case err == nil && now.State != ledger.Pending:
			return now, nil
		case err == nil:
			last = now
		case !passing(err):
			return last, err
		}
		pause := time.NewTimer(c.pace(header))
		select {
		case <-ctx.Done():
			pause.Stop()
			return last, ctx.Err()
		case <-pause.C:
		}
	}
}

// pace is how long to wait before asking again.
func (c *Client) pace(header http.Header) time.Duration {
	if c.poll > 0 {
		return c.poll
	}
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 60 {
		return time.Second
	}
	return time.Duration(seconds) * time.Second
}

// passing reports whether the same request may succeed later.
func passing(err error) bool {
	var problem *Problem
	return !errors.As(err, &problem) || problem.Status >= http.StatusInternalServerError
}
