package contracttest

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// faithful is the reference connector.
type faithful struct {
	pms.Without
	h *house
}

func (f *faithful) Capabilities() pms.Capabilities { return f.h.caps }

// can answers ErrUnsupported for what the house is said to lack.
func (f *faithful) can(o pms.Operation) error {
	if !f.h.caps.Can(o) {
		return failed(o, pms.ErrUnsupported, 0)
	}
	return nil
}

// ask is one request, if the house has the operation.
func (f *faithful) ask(ctx context.Context, o pms.Operation, act func() error) error {
	if err := f.can(o); err != nil {
		return err
	}
	return f.h.exchange(ctx, o, act)
}

var houseNamed = pms.Named{ID: "HOUSE", Name: "Reference House"}

func (f *faithful) Health(ctx context.Context) (health pms.Health, err error) {
	return pms.Health{Property: houseNamed, Latency: time.Millisecond}, f.ask(ctx, pms.OpHealth, func() error { return nil })
}

func (f *faithful) Properties(ctx context.Context) (all []pms.Named, err error) {
	return []pms.Named{houseNamed, {ID: "OTHER", Name: "Another House"}}, f.ask(ctx, pms.OpProperties, func() error { return nil })
}

func (f *faithful) Catalog(ctx context.Context) (pms.Catalog, error) {
	c := pms.Catalog{Property: houseNamed, TimeZone: f.h.zone.String(), Currency: f.h.currency, Country: "DE"}
	for _, room := range []string{"single", "double", "suite"} {
		c.RoomTypes = append(c.RoomTypes, pms.Named{ID: room, Name: strings.ToUpper(room)})
	}
	for _, plan := range []string{"flex", "fixed", "spring", "acme"} {
		c.RatePlans = append(c.RatePlans, pms.RatePlan{Named: pms.Named{ID: plan, Name: plan}})
	}
	return c, f.ask(ctx, pms.OpCatalog, func() error { return nil })
}

var prices = map[string]int64{"single": 9111, "double": 12999, "suite": 30003}
var persons = map[string]int{"single": 1, "double": 4, "suite": 6}

// offer prices a room; the caller holds mu.
func (h *house) offer(room, plan string, arrival, departure pms.Date, guests pms.Occupancy) pms.Offer {
	o := pms.Offer{
		RoomType: pms.Named{ID: room, Name: room}, RatePlan: pms.Named{ID: plan, Name: plan}, Arrival: arrival, Departure: departure,
		Occupancy: guests, MaxPersons: persons[room], Guarantee: pms.GuaranteeNone, Vendor: []byte(`{"of":"reference"}`),
		Total: pms.Money{Currency: h.currency}, Available: h.left[pms.RoomTypeID(room)],
	}
	if plan == "fixed" {
		o.Guarantee = pms.GuaranteePrepayment
	}
	for night := arrival; night.Before(departure); night = night.AddDays(1) {
		price := pms.Money{Amount: prices[room] + int64(night.Weekday())*101 + int64(len(guests.ChildrenAges))*77, Currency: h.currency}
		o.Nights = append(o.Nights, pms.Night{Date: night, RoomTypeID: pms.RoomTypeID(room), RatePlanID: pms.RatePlanID(plan), Total: price})
		o.Total = o.Total.Plus(price)
	}
	for _, e := range h.books {
		for _, s := range e.Stays {
			if s.RoomType.ID == room && living(s) && s.Arrival.Before(departure) && arrival.Before(s.Departure) {
				o.Available--
			}
		}
	}
	tax := pms.Money{Amount: o.Total.Amount / 20, Currency: h.currency}
	o.Charges = []pms.Charge{{Code: "vat", Amount: pms.Money{Amount: o.Total.Amount / 15, Currency: h.currency}, Included: true}, {Code: "city_tax", Amount: tax}}
	o.PayableTotal = o.Total.Plus(tax)
	o.Cancellation = pms.CancellationPolicy{
		Fee: o.Total, NoShowFee: o.Total, FreeUntil: arrival.AddDays(-1).At(18, 0, h.zone).UTC(),
	}
	if len(guests.ChildrenAges)+guests.Adults > persons[room] {
		o.Available, o.Restrictions.Other = 0, []string{"too many persons"}
	}
	if arrival == closedDay {
		o.Available, o.Restrictions.ClosedToArrival = 0, true
	}
	o.Available = max(0, o.Available)
	return o
}

func sane(arrival, departure pms.Date, guests pms.Occupancy, today pms.Date) bool {
	odd := slices.ContainsFunc(guests.ChildrenAges, func(age int) bool { return age < 0 || age > 17 })
	return !arrival.IsZero() && arrival.Before(departure) && guests.Adults > 0 && !odd && !arrival.Before(today)
}

func (h *house) today() pms.Date { return pms.DateOf(h.now().In(h.zone)) }

func (f *faithful) Availability(ctx context.Context, q pms.AvailabilityQuery) (offers []pms.Offer, err error) {
	err = f.ask(ctx, pms.OpAvailability, func() error {
		if !sane(q.Arrival, q.Departure, q.Occupancy, f.h.today()) {
			return failed(pms.OpAvailability, pms.ErrValidation, 422)
		}
		for _, room := range []string{"single", "double", "suite"} {
			for _, plan := range []string{"flex", "fixed", "spring", "acme"} {
				o := f.h.offer(room, plan, q.Arrival, q.Departure, q.Occupancy)
				if open(plan, q.PromoCode, q.CorporateCode) && (o.Bookable() || q.IncludeRestricted) {
					offers = append(offers, o)
				}
			}
		}
		return nil
	})
	return offers, err
}

func (f *faithful) Quote(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
	return f.quote(ctx, pms.OpQuote, q, "")
}

func (f *faithful) quote(ctx context.Context, op pms.Operation, q pms.QuoteQuery, own pms.StayID) (o pms.Offer, err error) {
	err = f.ask(ctx, op, func() error {
		plan := string(q.RatePlanID)
		if own != "" {
			if e, s := f.h.find(own); s == nil || e.away {
				return failed(op, pms.ErrNotFound, 404)
			} else if !living(*s) {
				return failed(op, pms.ErrConflict, 409)
			} else {
				q.RoomTypeID = pms.RoomTypeID(first(string(q.RoomTypeID), s.RoomType.ID))
				plan = first(plan, s.RatePlan.ID)
				status := s.Status
				s.Status = pms.StatusCancelled // its own room counts as free
				defer func() { s.Status = status }()
			}
		}
		room := first(string(q.RoomTypeID), "double")
		known := prices[room] > 0 && open(plan, q.PromoCode, q.CorporateCode)
		if !known || !sane(q.Arrival, q.Departure, q.Occupancy, f.h.today()) {
			return failed(op, pms.ErrNotFound, 404)
		}
		if o = f.h.offer(room, plan, q.Arrival, q.Departure, q.Occupancy); !o.Bookable() {
			return failed(op, pms.ErrSoldOut, 422)
		}
		return nil
	})
	if err != nil {
		return pms.Offer{}, err
	}
	return o, nil
}

// open tells whether a rate plan is sold to who sends these codes.
func open(plan, promo, corporate string) bool {
	return slices.Contains([]string{"flex", "fixed"}, plan) || plan == "spring" && promo == "SPRING" || plan == "acme" && corporate == "ACME"
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (f *faithful) QuoteChange(ctx context.Context, q pms.ChangeQuery) (pms.Offer, error) {
	if err := f.can(pms.OpQuoteChange); err != nil {
		return pms.Offer{}, err
	}
	if !plain(string(q.Stay)) {
		return pms.Offer{}, failed(pms.OpQuoteChange, pms.ErrNotFound, 0)
	}
	return f.quote(ctx, pms.OpQuoteChange, pms.QuoteQuery{
		RoomTypeID: q.RoomTypeID, RatePlanID: q.RatePlanID, Arrival: q.Arrival, Departure: q.Departure, Occupancy: q.Occupancy,
	}, q.Stay)
}

var plainID = regexp.MustCompile(`^[A-Z0-9-]{1,40}$`)

func plain(id string) bool { return plainID.MatchString(id) }

func whole(o pms.Offer) bool {
	return string(o.Vendor) == `{"of":"reference"}` && len(o.Nights) > 0 && len(o.Nights) == o.Arrival.NightsUntil(o.Departure) && o.Occupancy.Adults > 0
}

func (f *faithful) Draft(r pms.CreateRequest) (pms.Draft, error) {
	if err := f.can(pms.OpDraft); err != nil {
		return pms.Draft{}, err
	}
	bad := r.Reference == "" || r.Booker.LastName == "" || len(r.Stays) == 0 || len(r.Stays) > f.h.caps.MaxStays ||
		slices.ContainsFunc(r.Stays, func(s pms.StayRequest) bool { return !whole(s.Offer) })
	if bad {
		return pms.Draft{}, failed(pms.OpDraft, pms.ErrValidation, 0)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return pms.Draft{}, failed(pms.OpDraft, pms.ErrValidation, 0)
	}
	return pms.Draft{Key: string(r.Reference), Reference: r.Reference, Hold: r.Hold, Body: body}, nil
}

func (f *faithful) Create(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	return f.send(ctx, pms.OpCreate, d)
}

func (f *faithful) Hold(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	return f.send(ctx, pms.OpHold, d)
}

func (f *faithful) send(ctx context.Context, o pms.Operation, d pms.Draft) (made pms.Reservation, err error) {
	if err := f.can(o); err != nil {
		return pms.Reservation{}, err
	}
	var r pms.CreateRequest
	if json.Unmarshal(d.Body, &r) != nil || len(r.Stays) == 0 || d.Hold != (o == pms.OpHold) {
		return pms.Reservation{}, failed(o, pms.ErrValidation, 0)
	}
	err = f.ask(ctx, o, func() error {
		if known, ok := f.h.keys[d.Key]; ok && f.h.caps.KeyWindow > 0 {
			if known.body != string(d.Body) {
				return failed(o, pms.ErrConflict, 422)
			}
			made = f.h.show(f.h.entry(known.id))
			made.Booker = &r.Booker
			return nil
		}
		e, err := f.h.enter(o, r)
		if err != nil {
			return err
		}
		f.h.keys[d.Key] = keyed{string(d.Body), e.ID}
		made = f.h.show(e)
		f.h.post("created", e.ID, e.Stays[0].ID)
		return nil
	})
	if err != nil {
		return pms.Reservation{}, err
	}
	return made, nil
}

// enter books; the caller holds mu.
func (h *house) enter(o pms.Operation, r pms.CreateRequest) (*entry, error) {
	id := pms.ReservationID(fmt.Sprintf("RES%05d", len(h.books)+1))
	e := &entry{created: h.now(), remarks: r.Stays[0].Comment, Reservation: pms.Reservation{
		ID: id, Confirmation: string(id), Reference: r.Reference, Status: pms.StatusConfirmed, Booker: &r.Booker, Modified: h.now(),
	}}
	h.books = append(h.books, e)
	for i, wanted := range r.Stays {
		offer := wanted.Offer
		now := h.offer(offer.RoomType.ID, offer.RatePlan.ID, offer.Arrival, offer.Departure, offer.Occupancy)
		if !now.Bookable() {
			h.books = h.books[:len(h.books)-1]
			return nil, failed(o, pms.ErrSoldOut, 422)
		}
		who := r.Booker
		if wanted.Guest != nil {
			who = *wanted.Guest
		}
		s := pms.Stay{ID: pms.StayID(fmt.Sprintf("%s-%d", id, i+1)), ReservationID: id, Reference: r.Reference, Status: pms.StatusConfirmed, Guest: &who}
		if r.Hold {
			s.Status, e.HoldUntil = pms.StatusHeld, offer.Arrival.At(18, 0, h.zone)
		}
		h.shape(&s, offer)
		e.Stays = append(e.Stays, s)
	}
	return e, nil
}

// shape gives a stay what an offer has.
func (h *house) shape(s *pms.Stay, o pms.Offer) {
	s.RoomType, s.RatePlan, s.Arrival, s.Departure, s.Occupancy = o.RoomType, o.RatePlan, o.Arrival, o.Departure, o.Occupancy
	s.Nights, s.Total, s.Cancellation = o.Nights, o.Total, o.Cancellation
	s.Charges, s.PayableTotal = o.Charges, o.PayableTotal
}

func (h *house) entry(id pms.ReservationID) *entry {
	for _, e := range h.books {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// show is a reservation as the vendor answers it; the caller holds mu.
func (h *house) show(e *entry) pms.Reservation {
	r := e.Reservation
	r.Stays = nil
	r.Total = pms.Money{Currency: h.currency}
	r.Status = pms.StatusCancelled
	for _, s := range e.Stays {
		if h.withhold {
			s.Guest = nil
		} else if s.Guest != nil {
			who := *s.Guest
			s.Guest = &who
		}
		s.Extras = slices.Clone(s.Extras)
		if living(s) || s.Status == pms.StatusNoShow {
			r.Total = r.Total.Plus(s.Total)
			r.Status = s.Status
		}
		r.Stays = append(r.Stays, s)
	}
	if h.withhold {
		r.Booker = nil
	} else if r.Booker != nil {
		who := *r.Booker
		r.Booker = &who
	}
	return r
}
