package apaleo

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
)

const (
	// maxRead bounds the stays of one booking that are read, groups being of
	// no use to a caller on the phone.
	maxRead = 50
	// readsAtOnce bounds the requests for one booking's stays in parallel.
	readsAtOnce = 4
	// pageSize is of lists.
	pageSize = 100
)

// Reservation implements pms.Connector. Apaleo's booking has the booker and no
// nights, its reservations have nights: one request, and one for each stay.
func (c *Connector) Reservation(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	return c.reservation(ctx, pms.OpRead, id)
}

func (c *Connector) reservation(ctx context.Context, o pms.Operation, id pms.ReservationID) (pms.Reservation, error) {
	b, err := c.booking(ctx, o, string(id))
	if err != nil {
		return pms.Reservation{}, err
	}
	if len(b.Reservations) > maxRead {
		return pms.Reservation{}, c.failed(o, mapping.Refused(pms.ErrUnsupported, "stays", "groups of this size are the desk's work"))
	}
	wire, err := mapping.Gather(ctx, readsAtOnce, b.Reservations, func(ctx context.Context, r reservation) (reservation, error) {
		return c.readStay(ctx, o, r.ID)
	})
	if err != nil {
		return pms.Reservation{}, err
	}
	for _, r := range wire {
		if r.Modified.After(b.Modified.Time) {
			b.Modified = r.Modified
		}
	}
	result, err := mapping.Assemble(pms.ReservationID(b.ID), mapping.Each(wire, c.stay))
	result.Booker, result.Modified = b.Booker.guest(bookerOf+b.ID), b.Modified.Time
	return mapping.ConfirmedByStay(result), c.failed(o, err)
}

// booking reads one with its stays at this property.
func (c *Connector) booking(ctx context.Context, o pms.Operation, id string) (booking, error) {
	var b booking
	err := c.get(ctx, o, mapping.Path{"/booking/v1/bookings", id}, mapping.Query("expand", "reservations"), &b)
	if err != nil {
		return booking{}, err
	}
	b.Reservations = slices.DeleteFunc(b.Reservations, c.foreign)
	if len(b.Reservations) == 0 {
		return booking{}, c.elsewhere(o)
	}
	return b, nil
}

// readStay reads one of this property's stays.
func (c *Connector) readStay(ctx context.Context, o pms.Operation, id string) (reservation, error) {
	var r reservation
	err := c.get(ctx, o, mapping.Path{"/booking/v1/reservations", id}, mapping.Query("expand", "timeSlices,services"), &r)
	if err == nil && c.foreign(r) {
		err = c.elsewhere(o)
	}
	return r, err
}

func (c *Connector) elsewhere(o pms.Operation) error {
	return c.failed(o, mapping.Refused(pms.ErrNotFound, "property", "it is at another property of the account"))
}

// ByConfirmation implements pms.Connector. Apaleo prints the id of the stay,
// which is the booking's id with a number; both are understood.
func (c *Connector) ByConfirmation(ctx context.Context, number string) (pms.Reservation, error) {
	number = strings.ToUpper(strings.TrimSpace(number))
	booking, _, ofStay := strings.Cut(number, "-")
	r, err := c.reservation(ctx, pms.OpByConfirmation, pms.ReservationID(booking))
	named := func(s pms.Stay) bool { return s.ID == pms.StayID(number) }
	if err == nil && ofStay && !slices.ContainsFunc(r.Stays, named) {
		return pms.Reservation{}, c.failed(pms.OpByConfirmation, mapping.Refused(pms.ErrNotFound, "confirmation", "the booking has no such stay"))
	}
	return r, err
}

// ByReference implements pms.Connector. Apaleo finds every code that starts
// with ours, so the list is read to its end and matched here.
func (c *Connector) ByReference(ctx context.Context, ref pms.Reference) (pms.Reservation, error) {
	const o = pms.OpByReference
	found, err := mapping.Unique(c.stays(ctx, o, mapping.Query("externalCode", string(ref))), ref, mapping.OfStay)
	if err != nil {
		return pms.Reservation{}, c.failed(o, err)
	}
	return c.reservation(ctx, o, found.ReservationID)
}

// Arrivals implements pms.Connector: stays that arrive on the day, come or not
// yet, without the cancelled.
func (c *Connector) Arrivals(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
	return c.stays(ctx, pms.OpArrivals, mapping.Query(
		"dateFilter", "Arrival",
		"from", c.wireTime(day.At(0, 0, c.o.TimeZone)),
		"to", c.wireTime(day.AddDays(1).At(0, 0, c.o.TimeZone)), // excluded
		"status", "Confirmed,InHouse"))
}

// InHouse implements pms.Connector.
func (c *Connector) InHouse(ctx context.Context) iter.Seq2[pms.Stay, error] {
	return c.stays(ctx, pms.OpInHouse, mapping.Query("status", "InHouse"))
}

func (c *Connector) stays(ctx context.Context, o pms.Operation, filter url.Values) iter.Seq2[pms.Stay, error] {
	filter.Set("expand", "timeSlices,services")
	return mapping.Convert(c.list(ctx, o, filter), c.stay)
}

// list streams this property's reservations that match a filter. It ends at a
// page that is empty, which Apaleo answers with 204, or not full. The oldest
// come first, so that new ones do not push others to the next page.
func (c *Connector) list(ctx context.Context, o pms.Operation, filter url.Values) iter.Seq2[reservation, error] {
	query := maps.Clone(filter)
	query.Set("propertyIds", c.o.Property)
	query.Set("sort", "created:asc,id:asc")
	query.Set("pageSize", strconv.Itoa(pageSize))
	id := func(r reservation) string { return r.ID }
	return mapping.Pages(id, func(page int) ([]reservation, bool, error) {
		var list struct {
			Reservations []reservation `json:"reservations"`
		}
		query.Set("pageNumber", strconv.Itoa(page))
		err := c.get(ctx, o, mapping.Path{"/booking/v1/reservations"}, query, &list)
		full := len(list.Reservations) == pageSize
		return slices.DeleteFunc(list.Reservations, c.foreign), full, err
	})
}

// foreign tells a stay at another property of the account.
func (c *Connector) foreign(r reservation) bool { return r.Property.ID != c.o.Property }
