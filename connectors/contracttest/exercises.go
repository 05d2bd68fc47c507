package contracttest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// An exercise is how the suite uses an operation where it looks at all of them
// alike: under faults and with contexts that end.
type exercise struct {
	// with are the other operations that it takes.
	with []pms.Operation
	// prepare brings the vendor to where the operation has something to do.
	prepare func(c *check) attempt
}

// An attempt is an operation that is ready to be called.
type attempt struct {
	// call is the operation; its answer must be the same each time for a read.
	call func(ctx context.Context) (any, error)
	// effects counts how often the vendor shows that it happened; nil for a
	// read, and for a write that leaves no trace of its own.
	effects func() int
	// settle is the write rule: with the vendor back and the outcome not
	// known, it sees to it that the write has happened once. Nil calls again.
	settle func()
}

// nothing is the answer of an operation that has none.
type nothing struct{}

var (
	toBook   = []pms.Operation{pms.OpAvailability, pms.OpDraft, pms.OpCreate}
	toBookIn = append(toBook[:len(toBook):len(toBook)], pms.OpRead)
	toHold   = []pms.Operation{pms.OpAvailability, pms.OpDraft, pms.OpHold}
	toChange = append(toBookIn[:len(toBookIn):len(toBookIn)], pms.OpQuoteChange)
	toFind   = append(toBookIn[:len(toBookIn):len(toBookIn)], pms.OpSearchGuests)
)

// exercises has one for each operation that makes a call.
func exercises() map[pms.Operation]exercise {
	return map[pms.Operation]exercise{
		pms.OpHealth:         {nil, tryHealth},
		pms.OpProperties:     {nil, tryProperties},
		pms.OpCatalog:        {nil, tryCatalog},
		pms.OpAvailability:   {nil, tryAvailability},
		pms.OpQuote:          {[]pms.Operation{pms.OpAvailability}, tryQuote},
		pms.OpQuoteChange:    {toBook, tryQuoteChange},
		pms.OpCreate:         {toBook, tryCreate},
		pms.OpHold:           {toHold, tryHold},
		pms.OpConfirm:        {toHold, tryConfirm},
		pms.OpRelease:        {toHold, tryRelease},
		pms.OpRead:           {toBook, tryRead},
		pms.OpByConfirmation: {toBook, tryByConfirmation},
		pms.OpByReference:    {toBook, tryByReference},
		pms.OpAmend:          {toChange, tryAmend},
		pms.OpEdit:           {toBookIn, tryEdit},
		pms.OpCancel:         {toBookIn, tryCancel},
		pms.OpNoShow:         {toBookIn, tryNoShow},
		pms.OpExtras:         {toBook, tryExtras},
		pms.OpAddExtra:       {append(toBookIn[:len(toBookIn):len(toBookIn)], pms.OpExtras), tryAddExtra},
		pms.OpSearchGuests:   {toBook, trySearchGuests},
		pms.OpGuest:          {toFind, tryGuest},
		pms.OpUpsertGuest:    {append(toFind[:len(toFind):len(toFind)], pms.OpGuest), tryUpsertGuest},
		pms.OpEraseGuest:     {toFind, tryEraseGuest},
		pms.OpArrivals:       {toBook, tryArrivals},
		pms.OpInHouse:        {toBook, tryInHouse},
		pms.OpSubscribe:      {[]pms.Operation{pms.OpSubscriptions}, trySubscribe},
		pms.OpSubscriptions:  {[]pms.Operation{pms.OpSubscribe}, trySubscriptions},
		pms.OpUnsubscribe:    {[]pms.Operation{pms.OpSubscribe, pms.OpSubscriptions}, tryUnsubscribe},
	}
}

// settled brings an attempt to its end, by the write rules for a write, and
// looks whether it happened exactly once.
func (c *check) settled(o pms.Operation, a attempt) {
	c.Helper()
	if a.settle != nil {
		a.settle()
	} else {
		_, err := a.call(c.Context())
		require.NoError(c, err, "%s works again when the vendor does", o)
	}
	if a.effects == nil {
		return
	}
	require.Equal(c, 1, a.effects(), "%s happened once", o)
	// What was under way for long comes now, and must change nothing.
	c.Sandbox.Advance(c.caps.WriteTimeout + c.caps.ListLag + time.Minute)
	require.Equal(c, 1, a.effects(), "%s happened once, also after late commits", o)
}

// visible lets everything that is under way at the vendor happen and be seen.
func (c *check) visible() { c.Sandbox.Advance(c.caps.WriteTimeout + c.caps.ListLag) }

func tryHealth(c *check) attempt {
	return attempt{call: func(ctx context.Context) (any, error) {
		h, err := c.Connector.Health(ctx)
		return h.Property, err
	}}
}

func tryProperties(c *check) attempt {
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.Properties(ctx) }}
}

func tryCatalog(c *check) attempt {
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.Catalog(ctx) }}
}

func tryAvailability(c *check) attempt {
	arrival := c.arrival()
	return attempt{call: func(ctx context.Context) (any, error) {
		return c.Connector.Availability(ctx, pms.AvailabilityQuery{Arrival: arrival, Departure: arrival.AddDays(2), Occupancy: couple})
	}}
}

func tryQuote(c *check) attempt {
	q := quoteOf(c.offer(c.arrival(), 2, couple))
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.Quote(ctx, q) }}
}

func tryQuoteChange(c *check) attempt {
	stay := c.book("", 2).Stays[0]
	return attempt{call: func(ctx context.Context) (any, error) {
		return c.Connector.QuoteChange(ctx, until(stay, stay.Departure.AddDays(1)))
	}}
}

func tryCreate(c *check) attempt {
	d := c.draft(c.reference(""), c.offer(c.arrival(), 2, couple))
	return c.trySend(d, c.Connector.Create)
}

func tryHold(c *check) attempt {
	return c.trySend(c.holdDraft(""), c.Connector.Hold)
}

// trySend sends a draft. The write rule repeats it while the vendor remembers
// the key, and otherwise looks it up before it writes once more.
func (c *check) trySend(d pms.Draft, send func(context.Context, pms.Draft) (pms.Reservation, error)) attempt {
	return attempt{
		call:    func(ctx context.Context) (any, error) { return send(ctx, d) },
		effects: func() int { return c.living(d.Reference) },
		settle: func() {
			if c.caps.KeyWindow == 0 {
				c.visible()
				_, err := c.Connector.ByReference(c.Context(), d.Reference)
				if err == nil {
					return
				}
				c.fails(err, pms.OpByReference, pms.ErrNotFound)
			}
			made, err := send(c.Context(), d)
			require.NoError(c, err)
			require.Equal(c, c.records(d.Reference)[0].Reservation, made.ID, "the answer names what the vendor holds")
		},
	}
}

func (c *check) holdDraft(text string) pms.Draft {
	c.Helper()
	request := c.request(c.reference(text), c.offer(c.arrival(), 2, couple))
	request.Hold = true
	draft, err := c.Connector.Draft(request)
	require.NoError(c, err)
	return draft
}

func (c *check) hold(text string) pms.Reservation {
	c.Helper()
	held, err := c.Connector.Hold(c.Context(), c.holdDraft(text))
	require.NoError(c, err)
	return held
}

func tryConfirm(c *check) attempt {
	held := c.hold("")
	return attempt{call: func(ctx context.Context) (any, error) {
		r, err := c.Connector.Confirm(ctx, held.ID)
		return r.Status, err
	}}
}

func tryRelease(c *check) attempt {
	ref := c.reference("")
	held := c.hold("")
	return attempt{
		call:    func(ctx context.Context) (any, error) { return nothing{}, c.Connector.Release(ctx, held.ID) },
		effects: func() int { return 1 - c.living(ref) },
	}
}

func tryRead(c *check) attempt {
	made := c.book("", 2)
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.Reservation(ctx, made.ID) }}
}

func tryByConfirmation(c *check) attempt {
	made := c.book("", 2)
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.ByConfirmation(ctx, made.Confirmation) }}
}

func tryByReference(c *check) attempt {
	ref := c.book("", 2).Stays[0].Reference
	c.visible()
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.ByReference(ctx, ref) }}
}

// tryAmend: the write rule reads first; as wanted is done, as before is
// repeated.
func tryAmend(c *check) attempt {
	stay := c.book("", 2).Stays[0]
	wanted := stay.Departure.AddDays(1)
	offer := c.change(until(stay, wanted))
	amend := func(ctx context.Context) error {
		return c.Connector.Amend(ctx, pms.AmendRequest{Stay: stay.ID, Offer: offer})
	}
	return attempt{
		call: func(ctx context.Context) (any, error) { return nothing{}, amend(ctx) },
		effects: func() int {
			if c.record(stay.ID).Departure == wanted {
				return 1
			}
			return 0
		},
		settle: func() {
			if now := c.stay(stay); now.Departure == stay.Departure {
				require.NoError(c, amend(c.Context()))
			}
		},
	}
}

func tryEdit(c *check) attempt {
	stay := c.book("", 1).Stays[0]
	grace := guest("Grace")
	return attempt{
		call: func(ctx context.Context) (any, error) {
			return nothing{}, c.Connector.Edit(ctx, pms.EditRequest{Stay: stay.ID, Guest: &grace})
		},
		effects: func() int {
			if g := c.stay(stay).Guest; g != nil && g.FirstName == "Grace" {
				return 1
			}
			return 0
		},
	}
}

func tryCancel(c *check) attempt {
	return c.tryStatus(c.book("", 1).Stays[0], pms.StatusCancelled, c.Connector.Cancel)
}

func tryNoShow(c *check) attempt {
	stay := c.book("", 1).Stays[0]
	c.lateOn(stay.Arrival)
	return c.tryStatus(stay, pms.StatusNoShow, c.Connector.NoShow)
}

// tryStatus: the write rule of a cancellation reads first; done already is
// success.
func (c *check) tryStatus(stay pms.Stay, wanted pms.Status, write func(context.Context, pms.StayID) error) attempt {
	return attempt{
		call: func(ctx context.Context) (any, error) { return nothing{}, write(ctx, stay.ID) },
		effects: func() int {
			if c.record(stay.ID).Status == wanted {
				return 1
			}
			return 0
		},
		settle: func() {
			if c.stay(stay).Status != wanted {
				require.NoError(c, write(c.Context(), stay.ID))
			}
		},
	}
}

// lateOn moves the vendor's clock to late in the evening of a day, and lets
// the connector get a token that is good then.
func (c *check) lateOn(day pms.Date) {
	c.Helper()
	c.Sandbox.Advance(day.At(23, 0, c.Zone).Sub(c.Sandbox.Now()))
	c.together(1)
}

func tryExtras(c *check) attempt {
	stay := c.book("", 2).Stays[0]
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.Extras(ctx, stay.ID) }}
}

func tryAddExtra(c *check) attempt {
	stay := c.book("", 2).Stays[0]
	extra := c.extra(stay.ID)
	return attempt{
		call: func(ctx context.Context) (any, error) {
			return nothing{}, c.Connector.AddExtra(ctx, pms.ExtraRequest{Stay: stay.ID, Extra: extra, Count: 2})
		},
		effects: func() int { return count(c.stay(stay), extra.ID) / 2 },
	}
}

// extra is one that can be added to a stay.
func (c *check) extra(id pms.StayID) pms.Extra {
	c.Helper()
	extras, err := c.Connector.Extras(c.Context(), id)
	require.NoError(c, err)
	require.NotEmpty(c, extras, "the simulator sells no extras")
	return extras[0]
}

func count(s pms.Stay, id pms.ExtraID) (n int) {
	for _, e := range s.Extras {
		if e.ID == id {
			n += e.Count
		}
	}
	return n
}

func trySearchGuests(c *check) attempt {
	c.book("", 1)
	c.visible()
	return attempt{call: func(ctx context.Context) (any, error) {
		return c.Connector.SearchGuests(ctx, pms.GuestQuery{LastName: Marker, FirstName: "Ada"})
	}}
}

// found is a guest of a fresh booking.
func (c *check) found() (pms.Stay, pms.Guest) {
	c.Helper()
	stay := c.book("", 1).Stays[0]
	c.visible()
	guests, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{LastName: Marker, FirstName: "Ada"})
	require.NoError(c, err)
	require.NotEmpty(c, guests)
	return stay, guests[0]
}

func tryGuest(c *check) attempt {
	_, g := c.found()
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.Guest(ctx, g.ID) }}
}

func tryUpsertGuest(c *check) attempt {
	_, g := c.found()
	g.Phone = "+49 30 5550999"
	return attempt{
		call: func(ctx context.Context) (any, error) { return c.Connector.UpsertGuest(ctx, g) },
		effects: func() int {
			read, err := c.Connector.Guest(c.Context(), g.ID)
			require.NoError(c, err)
			if digits(read.Phone) == digits(g.Phone) {
				return 1
			}
			return 0
		},
	}
}

func tryEraseGuest(c *check) attempt {
	stay, g := c.found()
	return attempt{
		call: func(ctx context.Context) (any, error) { return nothing{}, c.Connector.EraseGuest(ctx, g.ID) },
		effects: func() int {
			left, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{LastName: Marker, FirstName: "Ada"})
			require.NoError(c, err)
			for _, l := range left {
				if l.ID == g.ID {
					return 0
				}
			}
			require.NotEmpty(c, c.stay(stay).ID, "the stay outlives its guest's data")
			return 1
		},
	}
}

func tryArrivals(c *check) attempt {
	day := c.book("", 2).Stays[0].Arrival
	c.visible()
	return attempt{call: func(ctx context.Context) (any, error) { return collect(c.Connector.Arrivals(ctx, day)) }}
}

func tryInHouse(c *check) attempt {
	stay := c.book("", 2).Stays[0]
	require.NoError(c, c.Sandbox.Staff(stay.ID, Deed{Status: pms.StatusInHouse}))
	c.visible()
	return attempt{call: func(ctx context.Context) (any, error) { return collect(c.Connector.InHouse(ctx)) }}
}

// receiver is an address that takes events and the vendor's questions.
func (c *check) receiver() string {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	c.Cleanup(server.Close)
	return server.URL + "/v1/webhooks/" + hookSecret
}

// hookSecret is the part of a subscription's address that nobody may learn.
const hookSecret = "geheim-7c1d"

// trySubscribe: the write rule looks whether the address is subscribed.
func trySubscribe(c *check) attempt {
	address := c.receiver()
	subscribe := func(ctx context.Context) (any, error) {
		s, err := c.Connector.Subscribe(ctx, pms.SubscribeRequest{URL: address})
		return s.URL, err
	}
	effects := func() int { return c.subscribed(address) }
	return attempt{call: subscribe, effects: effects, settle: func() {
		c.visible()
		if effects() == 0 {
			_, err := subscribe(c.Context())
			require.NoError(c, err)
		}
	}}
}

func (c *check) subscribed(address string) (n int) {
	c.Helper()
	all, err := c.Connector.Subscriptions(c.Context())
	require.NoError(c, err)
	for _, s := range all {
		if s.URL == address {
			n++
		}
	}
	return n
}

func trySubscriptions(c *check) attempt {
	_, err := c.Connector.Subscribe(c.Context(), pms.SubscribeRequest{URL: c.receiver()})
	require.NoError(c, err)
	return attempt{call: func(ctx context.Context) (any, error) { return c.Connector.Subscriptions(ctx) }}
}

func tryUnsubscribe(c *check) attempt {
	address := c.receiver()
	s, err := c.Connector.Subscribe(c.Context(), pms.SubscribeRequest{URL: address})
	require.NoError(c, err)
	return attempt{
		call:    func(ctx context.Context) (any, error) { return nothing{}, c.Connector.Unsubscribe(ctx, s.ID) },
		effects: func() int { return 1 - c.subscribed(address) },
	}
}
