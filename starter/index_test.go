package starter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/subjects"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
)

// A booked guest can be found from the moment of the intent, and an adopted one
// too; a repeat adds nothing, and a refused request leaves no trace.
func TestBookedGuestCanBeFound(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	desk := subjects.New(subjects.Options{Pool: d.Database.Pool(t), Keys: d.Ring, Auditor: audit.NewWriter(d.Ring)})
	find := func(p subjects.Person) []string {
		t.Helper()
		p.Country = "DE"
		found, err := desk.Lookup(t.Context(), d.Hotel.ID, "compliance", p)
		require.NoError(t, err)
		return found.Scopes
	}
	guest := bookingtest.Guest()
	require.Empty(t, find(subjects.Person{Email: guest.Email}))

	quote, once := d.quote(sandbox.Double), key()
	booked, err := d.Book(t.Context(), d.Hotel.ID, once, request(quote))
	require.NoError(t, err)
	rows := d.Rows(t, "guest_index")
	require.Equal(t, 4, rows)
	for _, p := range []subjects.Person{
		{Email: guest.Email}, {Phone: "0049 30/5550199"}, {FirstName: guest.LastName, LastName: guest.FirstName}, {LastName: guest.LastName},
	} {
		require.Equal(t, []string{booked.ID}, find(p))
	}
	_, err = d.Book(t.Context(), d.Hotel.ID, once, request(quote))
	require.NoError(t, err)
	_, err = d.Book(t.Context(), d.Hotel.ID, key(), request(quote))
	problem(t, err, starter.QuoteUsed)
	require.Equal(t, rows, d.Rows(t, "guest_index"))
}
