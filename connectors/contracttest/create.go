package contracttest

import (
	"encoding/json"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func draftBehaviours() []behaviour {
	offered := []pms.Operation{pms.OpAvailability}
	return []behaviour{
		{operation: pms.OpDraft, name: "deterministic", real: true, with: offered, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			first := c.draft(c.reference(""), o)
			c.unasked(func() { require.Equal(c, first, c.draft(c.reference(""), o), "the same request gives the same bytes") })
			require.NotEmpty(c, first.Key)
			require.Equal(c, c.reference(""), first.Reference)
			require.NotContains(c, first.Key, Marker, "the key is sent in a header and must not tell the guest")
		}},
		{operation: pms.OpDraft, name: "key_per_reference", real: true, with: offered, run: func(c *check) {
			o := c.offer(c.arrival(), 1, couple)
			require.NotEqual(c, c.draft(c.reference("A"), o).Key, c.draft(c.reference("B"), o).Key, "two reservations must not share a key")
		}},
		{operation: pms.OpDraft, name: "survives_storage", with: toBook, run: func(c *check) {
			d := c.draft(c.reference(""), c.offer(c.arrival(), 1, couple))
			stored, err := json.Marshal(d)
			require.NoError(c, err)
			var again pms.Draft
			require.NoError(c, json.Unmarshal(stored, &again))
			require.Equal(c, d, again)
			made := c.create(again)
			if c.caps.KeyWindow > 0 {
				require.Equal(c, made.ID, c.create(d).ID, "a stored draft is sent as the same request")
			}
			require.Equal(c, 1, c.living(d.Reference))
		}},
		{operation: pms.OpDraft, name: "refuses_nonsense", real: true, with: offered, run: refusesDrafts},
	}
}

func refusesDrafts(c *check) {
	good := c.offer(c.arrival(), 2, couple)
	foreign, short, empty := good, good, good
	foreign.Vendor = []byte(`{"of":"another vendor"}`)
	short.Nights = short.Nights[:1]
	empty.Occupancy = pms.Occupancy{}
	nameless := c.request(c.reference(""), good)
	nameless.Booker.LastName = ""
	for name, r := range map[string]pms.CreateRequest{
		"no reference":    c.request("", good),
		"no name":         nameless,
		"no stays":        c.request(c.reference("")),
		"too many stays":  c.request(c.reference(""), slices.Repeat([]pms.Offer{good}, c.caps.MaxStays+1)...),
		"a foreign offer": c.request(c.reference(""), foreign),
		"nights missing":  c.request(c.reference(""), short),
		"nobody":          c.request(c.reference(""), empty),
	} {
		c.unasked(func() {
			_, err := c.Connector.Draft(r)
			require.Error(c, err, name)
			c.fails(err, pms.OpDraft, pms.ErrValidation)
		})
	}
}

func createBehaviours() []behaviour {
	several := func(p probe) string {
		if p.caps.MaxStays < 2 {
			return "one stay in a reservation"
		}
		return ""
	}
	return []behaviour{
		{operation: pms.OpCreate, name: "books_what_was_offered", with: toBookIn, run: booksWhatWasOffered},
		{operation: pms.OpCreate, name: "answer_is_what_is_read", real: true, with: toBookIn, run: func(c *check) {
			made := c.book("", 3)
			read := c.read(made.ID)
			require.Equal(c, c.text(bookingTerms(made)), c.text(bookingTerms(read)))
		}},
		{operation: pms.OpCreate, name: "childrens_ages", with: toBookIn, run: func(c *check) {
			family := pms.Occupancy{Adults: 2, ChildrenAges: []int{4, 11}}
			made := c.create(c.draft(c.reference(""), c.offer(c.arrival(), 2, family)))
			require.Equal(c, family, made.Stays[0].Occupancy)
			require.Equal(c, family, c.read(made.ID).Stays[0].Occupancy, "the children's ages are kept")
			require.Equal(c, 2, c.record(made.Stays[0].ID).Adults, "as the vendor has it")
		}},
		{operation: pms.OpCreate, name: "several_stays", with: toBookIn, when: several, run: createsSeveralStays},
		{operation: pms.OpCreate, name: "all_stays_or_none", with: toBook, when: several, run: func(c *check) {
			o := c.offer(c.arrival(), 1, couple)
			d := c.draft(c.reference(""), o, o)
			c.rooms(o, 1)
			_, err := c.Connector.Create(c.Context(), d)
			c.fails(err, pms.OpCreate, pms.ErrSoldOut)
			require.Zero(c, c.living(d.Reference), "half a reservation was made")
		}},
		{operation: pms.OpCreate, name: "sold_out", with: toBook, run: func(c *check) {
			o := c.offer(c.arrival(), 1, couple)
			d := c.draft(c.reference(""), o)
			c.rooms(o, 0)
			_, err := c.Connector.Create(c.Context(), d)
			c.fails(err, pms.OpCreate, pms.ErrSoldOut)
			require.Zero(c, c.living(d.Reference))
		}},
		{operation: pms.OpCreate, name: "hold_draft_refused", with: toHold, run: func(c *check) {
			d := c.holdDraft("")
			c.unasked(func() {
				_, err := c.Connector.Create(c.Context(), d)
				c.fails(err, pms.OpCreate, pms.ErrValidation)
			})
		}},
		{operation: pms.OpCreate, name: "foreign_draft_refused", real: true, run: func(c *check) {
			for _, body := range []string{``, `null`, `{}`, `[]`, `"` + Marker + `"`, `{"post":`} {
				c.unasked(func() {
					_, err := c.Connector.Create(c.Context(), pms.Draft{Key: c.base, Reference: c.reference(""), Body: []byte(body)})
					c.fails(err, pms.OpCreate, pms.ErrValidation)
				})
			}
		}},
		{operation: pms.OpCreate, name: "one_request", with: toBook, run: func(c *check) {
			d := c.draft(c.reference(""), c.offer(c.arrival(), 1, couple))
			before := c.Sandbox.Requests()
			c.create(d)
			require.Equal(c, 1, c.Sandbox.Requests()-before, "a booking of one stay is one request: a caller waits")
		}},
		{operation: pms.OpCreate, name: "guests_withheld", with: toBookIn, options: Options{WithholdGuests: true}, run: func(c *check) {
			made := c.book("", 1)
			read := c.read(made.ID)
			require.Nil(c, read.Booker, "what the vendor withholds is nil, not a guest without a name")
			require.Nil(c, read.Stays[0].Guest)
			require.Equal(c, made.Total, read.Total)
		}},
	}
}

func booksWhatWasOffered(c *check) {
	o := c.offer(c.arrival(), 3, couple)
	made := c.create(c.draft(c.reference(""), o))
	for _, r := range []pms.Reservation{made, c.read(made.ID)} {
		require.Equal(c, pms.StatusConfirmed, r.Status)
		require.NotEmpty(c, r.Confirmation)
		require.Equal(c, c.reference(""), r.Reference)
		require.Equal(c, o.Total, r.Total)
		require.NotNil(c, r.Booker)
		require.Equal(c, Marker, r.Booker.LastName)
		require.Len(c, r.Stays, 1)
		s := r.Stays[0]
		require.Equal(c, r.ID, s.ReservationID)
		require.Equal(c, o.RoomType.ID, s.RoomType.ID)
		require.Equal(c, o.RatePlan.ID, s.RatePlan.ID)
		require.Equal(c, couple, s.Occupancy)
		require.Equal(c, o.Arrival.String(), s.Arrival.String())
		require.Equal(c, o.Departure.String(), s.Departure.String())
		require.NotNil(c, s.Guest)
		require.Equal(c, Marker, s.Guest.LastName)
		c.nights(s.Nights, o.Arrival, o.Departure)
		c.sums(s.Nights, s.Total)
	}
	held := c.record(made.Stays[0].ID)
	require.Equal(c, Record{
		Reservation: made.ID, Stay: made.Stays[0].ID, Reference: c.reference(""), Status: pms.StatusConfirmed,
		RoomType: pms.RoomTypeID(o.RoomType.ID), Arrival: o.Arrival, Departure: o.Departure, Adults: 2, Total: o.Total,
	}, held, "as the vendor has it")
}

// bookingTerms is what a guest agreed to.
func bookingTerms(r pms.Reservation) any {
	type terms struct {
		ID, Confirmation, Reference, Status, Total string
		Stays                                      []any
	}
	t := terms{string(r.ID), r.Confirmation, string(r.Reference), string(r.Status), r.Total.String(), nil}
	for _, s := range r.Stays {
		t.Stays = append(t.Stays, []any{
			s.ID, s.Status, s.RoomType.ID, s.RatePlan.ID, s.Arrival, s.Departure, s.Occupancy, s.Nights, s.Total,
			s.Cancellation.Fee, s.Cancellation.FreeUntil.UTC().Unix(),
		})
	}
	return t
}

// createsSeveralStays: each keeps its own room, nights and guest.
func createsSeveralStays(c *check) {
	one := c.offer(c.arrival(), 1, couple)
	two := c.other(one)
	longer := c.offer(c.arrival(), 3, couple)
	request := c.request(c.reference(""), one, two, longer)
	grace := guest("Grace")
	request.Stays[1].Guest = &grace
	d, err := c.Connector.Draft(request)
	require.NoError(c, err)
	made := c.create(d)
	for _, r := range []pms.Reservation{made, c.read(made.ID)} {
		require.Len(c, r.Stays, 3)
		var wanted, got []string
		total := pms.Money{}
		for i, s := range r.Stays {
			o := request.Stays[i].Offer
			first := "Ada"
			if i == 1 {
				first = "Grace"
			}
			wanted = append(wanted, o.RoomType.ID+o.Departure.String()+o.Total.String()+first)
			got = append(got, s.RoomType.ID+s.Departure.String()+s.Total.String()+s.Guest.FirstName)
			total = total.Plus(s.Total)
			require.Equal(c, s.Departure.String(), c.record(s.ID).Departure.String(), "a stay goes by another's id")
			require.Equal(c, s.RoomType.ID, string(c.record(s.ID).RoomType), "a stay goes by another's id")
		}
		slices.Sort(wanted)
		slices.Sort(got)
		require.Equal(c, wanted, got)
		require.Equal(c, total, r.Total)
	}
	require.Equal(c, 3, c.living(d.Reference))
}
