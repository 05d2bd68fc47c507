package apaleo

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/connectors/pms"
)

const (
	// maxRead bounds the stays of one booking that are read, groups being of
	// no use to a caller on the phone.
	maxRead = 50
	// readsAtOnce bounds the requests for one booking's stays in parallel.
	readsAtOnce = 4
)

// Reservation implements pms.Connector. Apaleo's booking has the booker and no
// nights, its reservations have nights: one request, and one for each stay.
func (c *Connector) Reservation(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	return c.reservation(ctx, "read", id)
}

func (c *Connector) reservation(ctx context.Context, operation string, id pms.ReservationID) (pms.Reservation, error) {
	if !validID(string(id)) {
		return pms.Reservation{}, failure(operation, pms.ErrNotFound, "", "")
	}
	var b booking
	if _, err := c.get(ctx, operation, "/booking/v1/bookings/"+string(id), url.Values{"expand": {"reservations"}}, &b); err != nil {
		return pms.Reservation{}, err
	}
	own := slices.DeleteFunc(b.Reservations, func(r reservation) bool { return r.Property.ID != c.property })
	if len(own) == 0 {
		return pms.Reservation{}, failure(operation, pms.ErrNotFound, "", "")
	}
	if len(own) > maxRead {
		return pms.Reservation{}, failure(operation, pms.ErrUnsupported, "", "groups of this size are the desk's work")
	}
	wire, err := c.readStays(ctx, operation, own)
	if err != nil {
		return pms.Reservation{}, err
	}
	stays := make([]pms.Stay, len(wire))
	for i, r := range wire {
		if stays[i], err = c.stay(r); err != nil {
			return pms.Reservation{}, unreadable(operation)
		}
		stays[i].ReservationID = pms.ReservationID(b.ID)
		if r.Modified.After(b.Modified.Time) {
			b.Modified = r.Modified
		}
	}
	result, err := assemble(b.ID, stays)
	if err != nil {
		return pms.Reservation{}, unreadable(operation)
	}
	result.Booker, result.Modified = b.Booker.guest(), b.Modified.Time
	return result, nil
}

func (c *Connector) readStays(ctx context.Context, operation string, of []reservation) ([]reservation, error) {
	wire := make([]reservation, len(of))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, r := range of {
		group.Go(func() (err error) {
			wire[i], err = c.readStay(ctx, operation, r.ID)
			return err
		})
	}
	return wire, group.Wait()
}

// readStay reads one of this property's stays.
func (c *Connector) readStay(ctx context.Context, operation, id string) (reservation, error) {
	if !validID(id) {
		return reservation{}, failure(operation, pms.ErrNotFound, "", "")
	}
	var r reservation
	if _, err := c.get(ctx, operation, "/booking/v1/reservations/"+id, url.Values{"expand": {"timeSlices"}}, &r); err != nil {
		return reservation{}, err
	}
	if r.Property.ID != c.property {
		return reservation{}, failure(operation, pms.ErrNotFound, "", "")
	}
	return r, nil
}

// confirmation is a number that a guest can quote: a booking's or a stay's.
var confirmation = regexp.MustCompile(`^([A-Z0-9]{4,20})(-[0-9]{1,4})?$`)

// ByConfirmation implements pms.Connector. Apaleo prints the id of the stay,
// which is the booking's id with a number; both are understood.
func (c *Connector) ByConfirmation(ctx context.Context, number string) (pms.Reservation, error) {
	const operation = "by_confirmation"
	number = strings.ToUpper(strings.TrimSpace(number))
	parts := confirmation.FindStringSubmatch(number)
	if parts == nil {
		return pms.Reservation{}, failure(operation, pms.ErrNotFound, "", "")
	}
	r, err := c.reservation(ctx, operation, pms.ReservationID(parts[1]))
	if err != nil {
		return pms.Reservation{}, err
	}
	named := func(s pms.Stay) bool { return s.ID == pms.StayID(number) }
	if parts[2] != "" && !slices.ContainsFunc(r.Stays, named) {
		return pms.Reservation{}, failure(operation, pms.ErrNotFound, "", "")
	}
	return r, nil
}

// ByReference implements pms.Connector. Apaleo finds every code that starts
// with ours, so the list is read to its end and matched here.
func (c *Connector) ByReference(ctx context.Context, ref pms.Reference) (pms.Reservation, error) {
	const operation = "by_reference"
	if ref == "" {
		return pms.Reservation{}, failure(operation, pms.ErrNotFound, "", "")
	}
	var id string
	for r, err := range c.list(ctx, operation, url.Values{"externalCode": {string(ref)}}) {
		switch {
		case err != nil:
			return pms.Reservation{}, err
		case r.External != string(ref) || r.BookingID == id:
		case id != "":
			return pms.Reservation{}, failure(operation, pms.ErrConflict, "", "two bookings carry this reference; the desk must cancel one")
		default:
			id = r.BookingID
		}
	}
	if id == "" {
		return pms.Reservation{}, failure(operation, pms.ErrNotFound, "", "")
	}
	return c.reservation(ctx, operation, pms.ReservationID(id))
}

// assemble makes a reservation of its stays. Its total is of the stays that
// are not cancelled.
func assemble(id string, stays []pms.Stay) (pms.Reservation, error) {
	if len(stays) == 0 {
		return pms.Reservation{}, errors.New("apaleo: a booking without stays")
	}
	r := pms.Reservation{
		ID: pms.ReservationID(id), Confirmation: id, Stays: stays,
		Total: pms.Money{Currency: stays[0].Total.Currency},
	}
	if len(stays) == 1 {
		r.Confirmation = string(stays[0].ID)
	}
	for _, s := range stays {
		if r.Reference == "" {
			r.Reference = s.Reference
		}
		if s.Status == pms.StatusCancelled {
			continue
		}
		var err error
		if r.Total, err = sum(r.Total, s.Total); err != nil {
			return pms.Reservation{}, err
		}
	}
	r.Status = overall(stays)
	return r, nil
}

// overall is the status of the stay that matters most: a guest in the house,
// then one to come, then one we cannot read.
func overall(stays []pms.Stay) pms.Status {
	for _, wanted := range []pms.Status{
		pms.StatusInHouse, pms.StatusConfirmed, pms.StatusUnknown, pms.StatusCheckedOut, pms.StatusNoShow,
	} {
		if slices.ContainsFunc(stays, func(s pms.Stay) bool { return s.Status == wanted }) {
			return wanted
		}
	}
	return pms.StatusCancelled
}
