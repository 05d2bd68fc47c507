package erasure

import (
	"context"
	"errors"
	"strings"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/connectors/pms"
)

// Connectors reach the hotels' own systems. *connectors.Factory is one.
type Connectors interface {
	Connector(ctx context.Context, hotel string) (pms.Connector, error)
}

// NewSystem is an erasure.System over the hotels' connectors: each vendor
// erases, anonymises or overwrites, as it can.
func NewSystem(c Connectors) erasure.System { return system{c} }

type system struct{ connectors Connectors }

// Erase implements erasure.System. Whoever booked and whoever sleeps there under
// the same name are one person; who came along is found by the name, when one
// guest alone has it.
func (s system) Erase(ctx context.Context, hotel, reservation string, companion *erasure.Companion) error {
	conn, err := s.connectors.Connector(ctx, hotel)
	if err != nil {
		return answer(err)
	}
	r, err := conn.Reservation(ctx, pms.ReservationID(reservation))
	if errors.Is(err, pms.ErrNotFound) {
		return nil // it is gone there
	}
	if err != nil {
		return answer(err)
	}
	people, doubt := meant(r, companion)
	if doubt {
		return erasure.ErrRefused{Problem: "ambiguous"}
	}
	for _, g := range people {
		if err := conn.EraseGuest(ctx, g.ID); err != nil && !errors.Is(err, pms.ErrNotFound) {
			return answer(err)
		}
		if err := readBack(ctx, conn, g); err != nil {
			return err
		}
	}
	return nil
}

// meant are the people of a reservation that are to be erased. The vendor
// withholds who it is: nobody can tell.
func meant(r pms.Reservation, companion *erasure.Companion) (people []pms.Guest, doubt bool) {
	if r.Booker == nil {
		return nil, true
	}
	if companion == nil {
		people = append(people, *r.Booker)
	}
	for _, stay := range r.Stays {
		g := stay.Guest
		switch {
		case g == nil || g.ID == "" || g.ID == r.Booker.ID:
		case companion == nil && same(*g, *r.Booker), companion != nil && came(*g, *companion):
			people = append(people, *g)
		}
	}
	return people, companion != nil && len(people) != 1
}

// came tells whether a guest is who came along, as they are named with us.
func came(g pms.Guest, c erasure.Companion) bool {
	return strings.TrimSpace(c.FirstName+c.LastName) != "" && sameName(g.FirstName, c.FirstName) && sameName(g.LastName, c.LastName)
}

func sameName(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

func same(a, b pms.Guest) bool { return a.FirstName == b.FirstName && a.LastName == b.LastName }

// readBack makes sure that nothing of a guest can be read any more.
func readBack(ctx context.Context, conn pms.Connector, was pms.Guest) error {
	is, err := conn.Guest(ctx, was.ID)
	if errors.Is(err, pms.ErrNotFound) {
		return nil
	}
	if err != nil {
		return answer(err)
	}
	if is.Email != "" || is.Phone != "" || stays(was.FirstName, is.FirstName) || stays(was.LastName, is.LastName) {
		return erasure.ErrRefused{Problem: "still_there"}
	}
	return nil
}

// erasedName is what connectors write over a name. Whoever is erased once more
// has it before and after.
const erasedName = "erased"

func stays(was, is string) bool {
	return strings.TrimSpace(was) != "" && !sameName(was, erasedName) && sameName(was, is)
}

// answer tells a definite no from a question that is open.
func answer(err error) error {
	for _, kind := range []error{pms.ErrUnsupported, pms.ErrValidation, pms.ErrConflict, pms.ErrPermission} {
		if errors.Is(err, kind) {
			return erasure.ErrRefused{Problem: pms.KindName(err)}
		}
	}
	return err
}
