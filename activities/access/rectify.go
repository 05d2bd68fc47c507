package access

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/pms"
)

// TaskRectify is the kind of the task that a guest is to be corrected at the
// hotel's system by a person.
const TaskRectify = "rectify_guest"

// Rectify corrects what is kept: at the hotel's system first, while it is still
// known what the guest was called there, and then here.
func (a *Activities) Rectify(ctx context.Context, c Case) (Rectified, error) {
	defer heartbeat.Start(ctx)()
	var out Rectified
	err := a.Desk.Corrections(ctx, c.Hotel, c.Case, func(n access.Correction) error {
		stays, err := a.fanOut(ctx, c, n)
		if err == nil {
			err = a.Desk.Apply(ctx, c.Hotel, c.Case, n)
		}
		if err == nil {
			out.Changed, out.Systems = out.Changed+1, out.Systems+stays
		}
		return err
	})
	if err != nil {
		return Rectified{}, temporalError(err)
	}
	// An attempt before may have left some of them.
	tasks, err := a.Bookings.Tasks(ctx, c.Hotel)
	for _, t := range tasks {
		if t.Kind == TaskRectify && strings.Contains(t.Detail, c.Case) {
			out.Tasks++
		}
	}
	return out, temporalError(err)
}

// fanOut corrects one booking at the hotel's system and tells how many stays
// that were. What the system does not let a machine do is left to a person.
func (a *Activities) fanOut(ctx context.Context, c Case, n access.Correction) (stays int, err error) {
	entry, err := a.Bookings.Entry(ctx, c.Hotel, n.Booking)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && entry.VendorBooking == "" {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if n.Companion { // a machine would write all companions anew to change one
		return 0, a.leave(ctx, c, n)
	}
	conn, err := a.Connectors.Connector(ctx, c.Hotel)
	if err != nil {
		return 0, err
	}
	found, err := conn.Reservation(ctx, pms.ReservationID(entry.VendorBooking))
	if errors.Is(err, pms.ErrNotFound) {
		return 0, nil // gone there, and what is in it
	}
	if err == nil {
		stays, err = correct(ctx, conn, found, n)
	}
	if refused(err) {
		return stays, a.leave(ctx, c, n)
	}
	return stays, err
}

// leave leaves a correction at the hotel's system to a person.
func (a *Activities) leave(ctx context.Context, c Case, n access.Correction) error {
	return a.Bookings.AddTask(ctx, c.Hotel, ledger.Task{
		Booking: n.Booking, Kind: TaskRectify,
		Detail: "Correct a guest's " + strings.Join(n.Fields, ", ") + " of this booking at the hotel's system; the values stand in request " + c.Case + ".",
	})
}

// errNobody: the guest is nowhere in the reservation, as far as is told.
var errNobody = errors.New("access: the hotel's system does not show the guest in the reservation")

// refused tells whether a person has to do it.
func refused(err error) bool {
	return slices.ContainsFunc([]error{errNobody, pms.ErrUnsupported, pms.ErrValidation, pms.ErrConflict, pms.ErrPermission, pms.ErrNotFound},
		func(no error) bool { return errors.Is(err, no) })
}

// correct writes the guest wherever the reservation has them. What is right
// already stays, so that a repeat writes nothing.
func correct(ctx context.Context, conn pms.Connector, found pms.Reservation, n access.Correction) (stays int, err error) {
	for _, stay := range found.Stays {
		if stay.Guest == nil || !meant(*stay.Guest, n) {
			continue
		}
		if err := write(ctx, conn, *stay.Guest, stay.ID, n); err != nil {
			return stays, err
		}
		stays++
	}
	switch {
	case found.Booker != nil && meant(*found.Booker, n):
		return stays, write(ctx, conn, *found.Booker, "", n)
	case stays == 0:
		return 0, errNobody
	}
	return stays, nil
}

// write writes one place of a guest: by the guest's own id where there is one,
// which keeps what the contract has no word for, and else by the stay.
func write(ctx context.Context, conn pms.Connector, g pms.Guest, stay pms.StayID, n access.Correction) error {
	merged := merge(g, n)
	switch {
	case merged == g:
		return nil
	case g.ID != "" && conn.Capabilities().Can(pms.OpUpsertGuest):
		_, err := conn.UpsertGuest(ctx, merged)
		return err
	case stay != "" && conn.Capabilities().Can(pms.OpEdit):
		return conn.Edit(ctx, pms.EditRequest{Stay: stay, Guest: &merged})
	}
	return pms.ErrUnsupported
}

// meant tells whether a guest at the system is the one that is corrected, as
// they were called before or are after.
func meant(g pms.Guest, n access.Correction) bool {
	name := subjects.Name(g.FirstName, g.LastName)
	return name != "" && (name == subjects.Name(n.Before.FirstName, n.Before.LastName) || name == subjects.Name(n.After.FirstName, n.After.LastName))
}

// merge is the system's guest with the corrected fields.
func merge(g pms.Guest, n access.Correction) pms.Guest {
	for field, set := range map[string]struct {
		to   *string
		from string
	}{
		"first_name": {&g.FirstName, n.After.FirstName}, "last_name": {&g.LastName, n.After.LastName}, "email": {&g.Email, n.After.Email},
		"phone": {&g.Phone, n.After.Phone}, "language": {&g.Language, n.After.Language}, "country": {&g.Country, n.After.Country},
	} {
		if slices.Contains(n.Fields, field) {
			*set.to = set.from
		}
	}
	return g
}
