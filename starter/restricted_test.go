package starter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/restriction"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
)

// restrictions answer the same for every booking.
type restrictions struct{ err error }

func (r *restrictions) Check(context.Context, string, string) error { return r.err }

// TestNobodyWorksWithARestrictedBooking: neither the ledger nor the workflow nor
// the hotel's system hears of it, and once the restriction is over all goes on.
func TestNobodyWorksWithARestrictedBooking(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double)
	quote := d.longer(booked)
	marks := &restrictions{err: restriction.ErrRestricted}
	client := d.client(starter.Options{Restrictions: marks})
	check := d.untouched()
	ctx, cancelKey := t.Context(), key()
	_, err := client.Modify(ctx, d.Hotel.ID, booked.ID, key(), quote.ID)
	problem(t, err, starter.GuestRestricted)
	_, err = client.Cancel(ctx, d.Hotel.ID, booked.ID, cancelKey)
	problem(t, err, starter.GuestRestricted)
	_, err = client.Confirm(ctx, d.Hotel.ID, booked.ID, key())
	problem(t, err, starter.GuestRestricted)
	marks.err = errors.Join(restriction.ErrUnknown, errors.New("away"))
	_, err = client.Cancel(ctx, d.Hotel.ID, booked.ID, cancelKey)
	problem(t, err, starter.Unavailable)
	check()
	read, err := client.Reservation(ctx, d.Hotel.ID, booked.ID)
	require.NoError(t, err, "the ledger's row names nobody")
	require.Equal(t, booked.ID, read.ID)
	marks.err = nil
	_, err = client.Cancel(ctx, d.Hotel.ID, booked.ID, cancelKey)
	require.NoError(t, err)
}
