package erasure

import (
	"cmp"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/connectors/pms"
)

// desk is a hotel's system with one reservation.
type desk struct {
	pms.Without
	reservation pms.Reservation
	known       map[pms.GuestID]pms.Guest
	erased      []pms.GuestID
	fail        error
	stubborn    bool // says that it erased, and did not
	leaves      string
	unread      error
}

func (d *desk) Connector(context.Context, string) (pms.Connector, error) { return d, nil }

func (d *desk) Capabilities() pms.Capabilities { return pms.Capabilities{} }

func (d *desk) Reservation(_ context.Context, id pms.ReservationID) (pms.Reservation, error) {
	if id != d.reservation.ID {
		return pms.Reservation{}, pms.ErrNotFound
	}
	return d.reservation, nil
}

func (d *desk) Guest(_ context.Context, id pms.GuestID) (pms.Guest, error) {
	return d.known[id], d.unread
}

func (d *desk) EraseGuest(_ context.Context, id pms.GuestID) error {
	if d.fail != nil {
		return d.fail
	}
	d.erased = append(d.erased, id)
	if !d.stubborn {
		d.known[id] = pms.Guest{ID: id, LastName: cmp.Or(d.leaves, "Erased")}
	}
	return nil
}

func newDesk(stays ...pms.Guest) *desk {
	ada := pms.Guest{ID: "booker", FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.org"}
	d := &desk{reservation: pms.Reservation{ID: "R", Booker: &ada}, known: map[pms.GuestID]pms.Guest{ada.ID: ada}}
	for _, g := range stays {
		d.known[g.ID] = g
		d.reservation.Stays = append(d.reservation.Stays, pms.Stay{Guest: &g})
	}
	return d
}

var (
	herself = pms.Guest{ID: "first", FirstName: "Ada", LastName: "Lovelace"}
	charles = pms.Guest{ID: "second", FirstName: "Charles", LastName: "Babbage"}
	mary    = pms.Guest{ID: "third", FirstName: "Mary", LastName: "Somerville"}
)

// Who booked goes, as booker and as guest; who came along stays.
func TestWhoBookedIsErased(t *testing.T) {
	t.Parallel()
	d := newDesk(herself, charles)
	require.NoError(t, NewSystem(d).Erase(t.Context(), "h", "R", nil))
	require.Equal(t, []pms.GuestID{"booker", "first"}, d.erased)
	require.NoError(t, NewSystem(d).Erase(t.Context(), "h", "gone", nil), "what is not there is erased")
}

// Who came along goes alone, by the name, and nobody when that may be one or
// another, or is somebody else's.
func TestWhoCameAlongIsErased(t *testing.T) {
	t.Parallel()
	along := func(g pms.Guest) *erasure.Companion {
		return &erasure.Companion{FirstName: g.FirstName, LastName: g.LastName}
	}
	d := newDesk(herself, charles, mary)
	require.NoError(t, NewSystem(d).Erase(t.Context(), "h", "R", along(charles)))
	require.Equal(t, []pms.GuestID{"second"}, d.erased)
	twin := charles
	twin.ID = "fourth"
	for name, d := range map[string]*desk{"another guest alone": newDesk(herself, mary), "two of one name": newDesk(charles, twin)} {
		require.ErrorIs(t, NewSystem(d).Erase(t.Context(), "h", "R", along(charles)), erasure.ErrRefused{Problem: "ambiguous"}, name)
		require.Empty(t, d.erased, name)
	}
	d = newDesk(pms.Guest{ID: "second"})
	require.ErrorIs(t, NewSystem(d).Erase(t.Context(), "h", "R", along(pms.Guest{})), erasure.ErrRefused{Problem: "ambiguous"}, "nobody knows the name any more")
	d.reservation.Booker = nil
	require.ErrorIs(t, NewSystem(d).Erase(t.Context(), "h", "R", nil), erasure.ErrRefused{Problem: "ambiguous"}, "the vendor withholds who it is")
}

// A last name that stays is read back, and so is a guest without a first name;
// what may not be read is not taken for gone. Who is erased once more is erased.
func TestWhatIsReadBack(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.leaves = "Lovelace"
	require.ErrorIs(t, NewSystem(d).Erase(t.Context(), "h", "R", nil), erasure.ErrRefused{Problem: "still_there"})
	d = newDesk()
	d.reservation.Booker.FirstName, d.leaves = "", "lovelace "
	require.ErrorIs(t, NewSystem(d).Erase(t.Context(), "h", "R", nil), erasure.ErrRefused{Problem: "still_there"})
	d = newDesk()
	d.unread = pms.ErrPermission
	require.ErrorIs(t, NewSystem(d).Erase(t.Context(), "h", "R", nil), erasure.ErrRefused{Problem: "permission"})
	d = newDesk()
	d.reservation.Booker = &pms.Guest{ID: "booker", LastName: "Erased"}
	require.NoError(t, NewSystem(d).Erase(t.Context(), "h", "R", nil))
}

// A definite no is told from a question that is open, and what is said to be
// erased is read back.
func TestWhatASystemAnswers(t *testing.T) {
	t.Parallel()
	var refused erasure.ErrRefused
	for _, no := range []error{pms.ErrUnsupported, pms.ErrValidation, pms.ErrConflict, pms.ErrPermission} {
		d := newDesk()
		d.fail = no
		require.ErrorAs(t, NewSystem(d).Erase(t.Context(), "h", "R", nil), &refused)
		require.Equal(t, pms.KindName(no), refused.Problem)
	}
	for _, open := range []error{pms.ErrUnavailable, pms.ErrRateLimited, pms.ErrAuthentication, errors.New("reset")} {
		d := newDesk()
		d.fail = open
		require.False(t, errors.As(NewSystem(d).Erase(t.Context(), "h", "R", nil), &refused), "%v is tried again", open)
	}
	d := newDesk()
	d.fail = pms.ErrNotFound
	d.known["booker"] = pms.Guest{}
	require.NoError(t, NewSystem(d).Erase(t.Context(), "h", "R", nil))
	d = newDesk()
	d.stubborn = true
	require.ErrorIs(t, NewSystem(d).Erase(t.Context(), "h", "R", nil), erasure.ErrRefused{Problem: "still_there"})
}
