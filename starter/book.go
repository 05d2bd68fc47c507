package starter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// macPurpose names the hotel's key that idempotency keys and bodies are
// authenticated with: neither is stored as it came.
const macPurpose = "idempotency"

// Book books a quote, or holds it. It answers with the reservation as the
// hotel settled it, or, when ctx ends before, with one in state pending, which
// VoiceHive goes on with. Repeating the call with its key never books twice.
func (c *Client) Book(ctx context.Context, hotel, key string, r BookRequest) (Reservation, error) {
	s, err := c.site(ctx, hotel)
	if err != nil {
		return Reservation{}, err
	}
	if err := checkGuest(r.Guest, r.Comment); err != nil {
		return Reservation{}, err
	}
	asked, err := c.asked(ctx, s, ledger.Book, "", key, r)
	if err != nil {
		return Reservation{}, err
	}
	quote, err := c.bookable(ctx, s, r)
	if err != nil {
		return c.orKnown(ctx, s, asked, err)
	}
	request, err := c.prepare(ctx, s, asked, quote, r)
	if err != nil {
		return Reservation{}, problemOf(err)
	}
	intent, fresh, err := c.Ledger.Reserve(ctx, s.ID, request)
	if !fresh && (err == nil || errors.Is(err, ledger.ErrKeyReused) || errors.Is(err, ledger.ErrQuoteUsed)) {
		// A retry: the key made for it sealed nothing that was kept. After any
		// other error that is not known, and the key must stay.
		if _, gone := c.Keys.Destroy(ctx, keys.Scope{Tenant: s.ID, ID: request.Entry.ID}); gone != nil {
			c.Logger.WarnContext(ctx, "A key that nothing needs is left over.", "hotel", s.ID, "error", gone)
		}
	}
	if err != nil {
		return Reservation{}, problemOf(err)
	}
	return c.carryOut(ctx, s, intent, work{arrival: request.Entry.Arrival, offer: quote.Offers[0], stays: len(quote.Offers)})
}

// bookable finds the quote and checks that it can still be booked.
func (c *Client) bookable(ctx context.Context, s site, r BookRequest) (ledger.Quote, error) {
	quote, err := c.quote(ctx, s, r.Quote)
	switch {
	case err != nil:
		return ledger.Quote{}, err
	case quote.Booking != "":
		return ledger.Quote{}, QuoteMismatch.In("/quote_id", "This quote changes a reservation; PATCH that one with it.")
	case r.Hold && !s.conn.Capabilities().Can(pms.OpHold):
		return ledger.Quote{}, Unsupported.With("The hotel's system cannot hold rooms; book, or do not.")
	case quote.Offers[0].Arrival.Before(c.today(s)):
		return ledger.Quote{}, PastArrival.With("The day of arrival has passed since the quote.")
	}
	return quote, nil
}

func (c *Client) quote(ctx context.Context, s site, id string) (ledger.Quote, error) {
	if err := checkID(id, UnknownQuote); err != nil {
		return ledger.Quote{}, err
	}
	quote, err := c.Ledger.Quote(ctx, s.ID, id)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && len(quote.Offers) == 0 {
		return ledger.Quote{}, UnknownQuote.In("/quote_id", "Quote first, then book with the quote's id.")
	}
	if err != nil {
		return ledger.Quote{}, problemOf(err)
	}
	if !c.now().Before(quote.ExpiresAt) {
		return ledger.Quote{}, QuoteExpired.In("/quote_id", "Quote again: the price may have changed.")
	}
	return quote, nil
}

// prepare makes everything that is stored before anything is started: a key
// scope of the booking's own, the guest and the vendor's draft sealed under
// it, the ways to find the guest again, and the ledger's first entry.
func (c *Client) prepare(ctx context.Context, s site, asked ledger.Request, quote ledger.Quote, r BookRequest) (ledger.Request, error) {
	scope, err := c.Keys.Create(ctx, s.ID)
	if err != nil {
		return ledger.Request{}, keysAway("No key can be made for the booking now.", err)
	}
	create := pms.CreateRequest{Reference: pms.Reference(scope.ID), Booker: r.Guest, Hold: r.Hold}
	for _, offer := range quote.Offers {
		create.Stays = append(create.Stays, pms.StayRequest{Offer: offer, Comment: r.Comment})
	}
	draft, err := s.conn.Draft(create)
	if err != nil {
		return ledger.Request{}, err
	}
	if asked.Intent.Sealed, err = c.seal(ctx, scope, booking.PlaceIntent, draft); err != nil {
		return ledger.Request{}, err
	}
	if asked.Guest, err = c.seal(ctx, scope, booking.PlaceGuest, r.Guest); err != nil {
		return ledger.Request{}, err
	}
	if asked.Index, err = c.index(ctx, s, r.Guest); err != nil {
		return ledger.Request{}, err
	}
	asked.Intent.Booking, asked.Intent.Quote = scope.ID, quote.ID
	asked.Entry = firstEntry(scope.ID, quote)
	return asked, nil
}

func (c *Client) seal(ctx context.Context, scope keys.Scope, place string, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("starter: encode the %s: %w", place, err)
	}
	return c.Keys.Seal(ctx, scope, booking.SealPurpose, place, plain)
}

// index makes the ways in which the guest's booking is found again.
func (c *Client) index(ctx context.Context, s site, g pms.Guest) ([]subjects.Entry, error) {
	entries, err := subjects.NewIndex(c.Keys).Entries(ctx, s.ID, subjects.Person{
		FirstName: g.FirstName, LastName: g.LastName, Email: g.Email, Phone: g.Phone, Country: s.Country,
	})
	if err != nil {
		return nil, keysAway("The hotel's key cannot be read now.", err)
	}
	return entries, nil
}

// firstEntry is a booking that the hotel has not answered yet.
func firstEntry(id string, quote ledger.Quote) *ledger.Entry {
	e := &ledger.Entry{ID: id, State: ledger.Pending}
	for _, o := range quote.Offers {
		e.Total = e.Total.Plus(o.Total)
		e.Stays = append(e.Stays, pms.Stay{
			RoomType: o.RoomType, RatePlan: o.RatePlan, Arrival: o.Arrival, Departure: o.Departure,
			Occupancy: o.Occupancy, Nights: o.Nights, Total: o.Total, Cancellation: o.Cancellation,
		})
	}
	e.Span()
	return e
}

// asked begins an intent: what was asked, under which key.
func (c *Client) asked(ctx context.Context, s site, kind ledger.Kind, id, key string, body any) (ledger.Request, error) {
	if err := checkKey(key); err != nil {
		return ledger.Request{}, err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return ledger.Request{}, Internal.With("the request cannot be encoded").because(err)
	}
	keyMAC, err := c.Keys.MAC(ctx, s.ID, macPurpose, []byte(key))
	if err != nil {
		return ledger.Request{}, keysAway("The hotel's key cannot be read now.", err)
	}
	bodyMAC, err := c.Keys.MAC(ctx, s.ID, macPurpose, []byte(kind), []byte(id), text)
	if err != nil {
		return ledger.Request{}, keysAway("The hotel's key cannot be read now.", err)
	}
	intent := ledger.Intent{ID: ledger.NewID(), Booking: id, Kind: kind, KeyHMAC: keyMAC}
	return ledger.Request{Intent: intent, BodyHMAC: bodyMAC}, nil
}

// orKnown answers a refused request from the intent that came before under the
// same key, if one did: a retry is answered as the first was, even when the
// quote has expired or the booking has changed since.
func (c *Client) orKnown(ctx context.Context, s site, asked ledger.Request, refusal error) (Reservation, error) {
	intent, err := c.Ledger.KnownIntent(ctx, s.ID, asked.Intent.KeyHMAC, asked.BodyHMAC)
	if errors.Is(err, ledger.ErrNotFound) {
		return Reservation{}, refusal
	}
	if err != nil {
		return Reservation{}, problemOf(err)
	}
	return c.resume(ctx, s, intent)
}

// resume goes on with an intent from the ledger alone.
func (c *Client) resume(ctx context.Context, s site, intent ledger.Intent) (Reservation, error) {
	entry, err := c.Ledger.Entry(ctx, s.ID, intent.Booking)
	if err != nil {
		return Reservation{}, problemOf(err)
	}
	w := work{arrival: entry.Arrival}
	if intent.Quote != "" {
		quote, err := c.Ledger.Quote(ctx, s.ID, intent.Quote)
		if err != nil {
			return Reservation{}, problemOf(err)
		}
		w.offer, w.stays = quote.Offers[0], len(quote.Offers)
	}
	return c.carryOut(ctx, s, intent, w)
}

// updateOf is the update that carries out a kind of intent.
func updateOf(kind ledger.Kind) string {
	switch kind {
	case ledger.Book:
		return reservation.UpdateBook
	case ledger.Confirm:
		return reservation.UpdateConfirm
	case ledger.Modify:
		return reservation.UpdateModify
	default:
		return reservation.UpdateCancel
	}
}
