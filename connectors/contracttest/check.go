package contracttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// promptly bounds what must not wait for the vendor. It is far more than a
// busy machine needs, and less than any connector's time-outs.
const promptly = 4 * time.Second

// ahead is how many days ahead the suite's stays begin.
const ahead = 8

// A check is one behaviour being looked at.
type check struct {
	T
	Bench
	target Target
	caps   pms.Capabilities
	// base is the common start of this check's references.
	base string
}

func newCheck(t T, target Target, o Options) *check {
	t.Helper()
	bench := target.New(t, o)
	return &check{T: t, Bench: bench, target: target, caps: bench.Connector.Capabilities(), base: ulid.Make().String()}
}

// now is the vendor's time.
func (c *check) now() time.Time {
	if c.Sandbox == nil {
		return time.Now()
	}
	return c.Sandbox.Now()
}

func (c *check) today() pms.Date   { return pms.DateOf(c.now().In(c.Zone)) }
func (c *check) arrival() pms.Date { return c.today().AddDays(ahead) }

var couple = pms.Occupancy{Adults: 2}

// guest is somebody whose every field carries the marker.
func guest(first string) pms.Guest {
	return pms.Guest{
		FirstName: first, LastName: Marker, Email: strings.ToLower(first+"."+Marker) + "@example.org",
		Phone: "+49 30 5550123", Language: "de", Comment: "late arrival, says " + Marker,
	}
}

// play plays a fault.
func (c *check) play(f Fault) {
	c.Helper()
	require.NoError(c, c.Sandbox.Play(f), "play %s", f.Kind)
}

// offers asks for what can be booked, which must be something.
func (c *check) offers(arrival pms.Date, nights int, guests pms.Occupancy) []pms.Offer {
	c.Helper()
	offers, err := c.Connector.Availability(c.Context(), pms.AvailabilityQuery{
		Arrival: arrival, Departure: arrival.AddDays(nights), Occupancy: guests,
	})
	require.NoError(c, err)
	offers = slices.DeleteFunc(offers, func(o pms.Offer) bool { return !o.Bookable() })
	require.NotEmpty(c, offers, "a fresh vendor has nothing to sell from %s for %d nights", arrival, nights)
	return offers
}

// offer picks one that asks for no guarantee where there is one, since it can
// also be held.
func (c *check) offer(arrival pms.Date, nights int, guests pms.Occupancy) pms.Offer {
	c.Helper()
	offers := c.offers(arrival, nights, guests)
	if i := slices.IndexFunc(offers, func(o pms.Offer) bool { return o.Guarantee == pms.GuaranteeNone }); i >= 0 {
		return offers[i]
	}
	return offers[0]
}

// other picks an offer of another room type, with the same rate where the
// vendor has the like.
func (c *check) other(than pms.Offer) pms.Offer {
	c.Helper()
	offers := slices.DeleteFunc(c.offers(than.Arrival, than.Arrival.NightsUntil(than.Departure), than.Occupancy), func(o pms.Offer) bool {
		return o.RoomType.ID == than.RoomType.ID
	})
	require.NotEmpty(c, offers, "the simulator needs two room types at least")
	if i := slices.IndexFunc(offers, func(o pms.Offer) bool { return o.Guarantee == than.Guarantee }); i >= 0 {
		return offers[i]
	}
	return offers[0]
}

// reference is one of ours; the same text gives the same one.
func (c *check) reference(text string) pms.Reference { return pms.Reference(c.base + text) }

// request asks for the offers, one stay each.
func (c *check) request(ref pms.Reference, offers ...pms.Offer) pms.CreateRequest {
	r := pms.CreateRequest{Reference: ref, Booker: guest("Ada")}
	for _, o := range offers {
		r.Stays = append(r.Stays, pms.StayRequest{Offer: o, Comment: "a quiet room for " + Marker})
	}
	return r
}

func (c *check) draft(ref pms.Reference, offers ...pms.Offer) pms.Draft {
	c.Helper()
	draft, err := c.Connector.Draft(c.request(ref, offers...))
	require.NoError(c, err)
	return draft
}

// book books one stay of a couple.
func (c *check) book(text string, nights int) pms.Reservation {
	c.Helper()
	return c.create(c.draft(c.reference(text), c.offer(c.arrival(), nights, couple)))
}

func (c *check) create(d pms.Draft) pms.Reservation {
	c.Helper()
	made, err := c.Connector.Create(c.Context(), d)
	require.NoError(c, err)
	require.NotEmpty(c, made.ID)
	require.NotEmpty(c, made.Stays)
	c.giveBack(made)
	return made
}

// giveBack has a real vendor's rooms cancelled in the end, whatever comes of
// the behaviour; its own cancellation is no mistake.
func (c *check) giveBack(made pms.Reservation) {
	if c.Sandbox != nil || !c.caps.Can(pms.OpCancel) {
		return
	}
	c.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), time.Minute)
		defer cancel()
		for _, s := range made.Stays {
			if err := c.Connector.Cancel(ctx, s.ID); err != nil && !errors.Is(err, pms.ErrConflict) {
				c.Errorf("a stay of the suite's is left at the vendor; cancel it there: %v", err)
			}
		}
	})
}

func (c *check) read(id pms.ReservationID) pms.Reservation {
	c.Helper()
	read, err := c.Connector.Reservation(c.Context(), id)
	require.NoError(c, err)
	return read
}

// stay reads one stay again.
func (c *check) stay(s pms.Stay) pms.Stay {
	c.Helper()
	for _, found := range c.read(s.ReservationID).Stays {
		if found.ID == s.ID {
			return found
		}
	}
	require.Fail(c, "the stay is gone")
	return pms.Stay{}
}

// records of one of our references.
func (c *check) records(ref pms.Reference) []Record {
	return slices.DeleteFunc(c.Sandbox.Records(), func(r Record) bool { return r.Reference != ref })
}

// living counts the stays of a reference that take a room.
func (c *check) living(ref pms.Reference) int {
	return len(slices.DeleteFunc(c.records(ref), func(r Record) bool { return !r.Living() }))
}

// record of one stay.
func (c *check) record(id pms.StayID) Record {
	c.Helper()
	for _, r := range c.Sandbox.Records() {
		if r.Stay == id {
			return r
		}
	}
	require.Fail(c, "the vendor has no such stay")
	return Record{}
}

// fails looks at an error: it must be of one of the kinds, say where it comes
// from, and hold nothing secret.
func (c *check) fails(err error, o pms.Operation, kinds ...error) *pms.Error {
	c.Helper()
	require.Error(c, err)
	require.True(c, slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) }), "%v is none of %v", err, kinds)
	c.clean(err)
	var failure *pms.Error
	require.ErrorAs(c, err, &failure, "every error of a connector is a *pms.Error")
	require.Equal(c, c.target.Vendor, failure.Vendor, "the error names the vendor")
	require.Equal(c, string(o), failure.Operation, "the error names the operation")
	if failure.Status != 0 {
		require.NotEmpty(c, failure.Hotel, "the error of an answer names the hotel")
	}
	return failure
}

// clean looks for guest data and secrets in an error, in every form and cause.
func (c *check) clean(err error) {
	c.Helper()
	if err == nil {
		return
	}
	text := fmt.Sprintf("%v %+v %#v %s", err, err, err, slog.AnyValue(err))
	var failure *pms.Error
	if errors.As(err, &failure) {
		text += fmt.Sprintf("%#v", *failure)
		if failure.Cause != nil && failure.Cause != err {
			c.clean(failure.Cause)
		}
	} else if inner := errors.Unwrap(err); inner != nil {
		c.clean(inner)
	}
	c.silent("an error", text)
}

// quiet looks for guest data and secrets in the log.
func (c *check) quiet() {
	c.Helper()
	if c.Log != nil {
		c.silent("the log", c.Log())
	}
}

func (c *check) silent(where, text string) {
	c.Helper()
	require.NotContains(c, strings.ToLower(text), strings.ToLower(Marker), "%s holds guest data", where)
	for i, secret := range c.Secrets {
		require.False(c, strings.Contains(text, secret), "%s holds secret %d", where, i)
	}
}

// unasked runs f, during which no request may reach the vendor.
func (c *check) unasked(f func()) {
	c.Helper()
	if c.Sandbox == nil {
		f()
		return
	}
	requests, tokens := c.Sandbox.Requests(), c.Sandbox.TokenRequests()
	f()
	require.Equal(c, requests, c.Sandbox.Requests(), "no request may reach the vendor")
	require.Equal(c, tokens, c.Sandbox.TokenRequests(), "no token may be asked for")
}

// within runs f in the background and returns its error; it must come in time.
func (c *check) within(limit time.Duration, f func() error) error {
	c.Helper()
	answered := make(chan error, 1)
	go func() { answered <- safely(f) }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-answered:
		return err
	case <-timer.C:
		require.Fail(c, "the call does not return", "it was given %s", limit)
		return nil
	}
}

// safely makes a panic an error, in goroutines where it would end the program.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// text is a value in a form that compares without pointers and clocks.
func (c *check) text(v any) string {
	c.Helper()
	plain, err := json.MarshalIndent(v, "", " ")
	require.NoError(c, err)
	return string(plain)
}

// priced looks at the sums of an offer.
func (c *check) priced(o pms.Offer) {
	c.Helper()
	c.nights(o.Nights, o.Arrival, o.Departure)
	c.sums(o.Nights, o.Total)
	payable, included := o.Total, pms.Money{}
	for _, charge := range o.Charges {
		require.NotEmpty(c, charge.Code, "a charge has a code")
		require.Equal(c, c.Currency, charge.Amount.Currency)
		require.GreaterOrEqual(c, charge.Amount.Amount, int64(0))
		if charge.Included {
			included = included.Plus(charge.Amount)
		} else {
			payable = payable.Plus(charge.Amount)
		}
	}
	require.Less(c, included.Amount, o.Total.Amount, "the taxes in a price are a part of it")
	require.Equal(c, payable, o.PayableTotal, "what is payable is the total and the charges that it does not include")
	require.Equal(c, c.Currency, o.PayableTotal.Currency)
}

// nights must be consecutive and cover the stay.
func (c *check) nights(nights []pms.Night, arrival, departure pms.Date) {
	c.Helper()
	require.Len(c, nights, arrival.NightsUntil(departure), "nights from %s to %s", arrival, departure)
	for i, night := range nights {
		require.Equal(c, arrival.AddDays(i).String(), night.Date.String(), "night %d", i)
		require.NotEmpty(c, night.RatePlanID)
	}
}

// sums adds up nights.
func (c *check) sums(nights []pms.Night, total pms.Money) {
	c.Helper()
	sum := pms.Money{}
	for _, night := range nights {
		require.Equal(c, c.Currency, night.Total.Currency)
		sum = sum.Plus(night.Total)
	}
	require.Equal(c, sum, total, "the nights add up to the total")
	require.Positive(c, total.Amount)
}
