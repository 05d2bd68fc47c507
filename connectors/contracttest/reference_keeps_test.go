package contracttest

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/connectors/pms"
)

func (f *faithful) Confirm(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	return f.read(ctx, pms.OpConfirm, func(e *entry) bool { return e.ID == id }, func(e *entry) error {
		for i := range e.Stays {
			if !living(e.Stays[i]) {
				return failed(pms.OpConfirm, pms.ErrConflict, 409)
			}
			e.Stays[i].Status = pms.StatusConfirmed
		}
		return nil
	})
}

func (f *faithful) Release(ctx context.Context, id pms.ReservationID) error {
	_, err := f.read(ctx, pms.OpRelease, func(e *entry) bool { return e.ID == id }, func(e *entry) error {
		for i := range e.Stays {
			if e.Stays[i].Status == pms.StatusInHouse {
				return failed(pms.OpRelease, pms.ErrConflict, 409)
			}
			e.Stays[i].Status = pms.StatusCancelled
		}
		return nil
	})
	return err
}

// read finds a reservation, does something with it and shows it.
func (f *faithful) read(ctx context.Context, o pms.Operation, match func(*entry) bool, do func(*entry) error) (r pms.Reservation, err error) {
	err = f.ask(ctx, o, func() error {
		i := slices.IndexFunc(f.h.books, func(e *entry) bool { return !e.away && match(e) })
		if i < 0 {
			return failed(o, pms.ErrNotFound, 404)
		}
		if do != nil {
			if err := do(f.h.books[i]); err != nil {
				return err
			}
		}
		r = f.h.show(f.h.books[i])
		return nil
	})
	if err != nil {
		return pms.Reservation{}, err
	}
	return r, nil
}

func (f *faithful) Reservation(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	return f.read(ctx, pms.OpRead, func(e *entry) bool { return e.ID == id }, nil)
}

func (f *faithful) ByConfirmation(ctx context.Context, number string) (pms.Reservation, error) {
	number = strings.ToUpper(strings.TrimSpace(number))
	return f.read(ctx, pms.OpByConfirmation, func(e *entry) bool { return e.Confirmation == number }, nil)
}

func (f *faithful) ByReference(ctx context.Context, ref pms.Reference) (pms.Reservation, error) {
	return f.read(ctx, pms.OpByReference, func(e *entry) bool { return e.Reference == ref && f.h.listed(e) }, nil)
}

// listed is false while a list-lag fault hides a reservation.
func (h *house) listed(e *entry) bool {
	for _, f := range h.faults {
		if f.Kind == ListLag && h.now().Sub(e.created) < f.Wait {
			return false
		}
	}
	return true
}

// write changes one stay.
func (f *faithful) write(ctx context.Context, o pms.Operation, id pms.StayID, do func(*entry, *pms.Stay) error) error {
	if err := f.can(o); err != nil {
		return err
	}
	if !plain(string(id)) {
		return failed(o, pms.ErrNotFound, 0)
	}
	return f.ask(ctx, o, func() error {
		e, s := f.h.find(id)
		if s == nil {
			return failed(o, pms.ErrNotFound, 404)
		}
		err := do(e, s)
		if err == nil {
			e.Modified = f.h.now()
		}
		return err
	})
}

func (f *faithful) Amend(ctx context.Context, r pms.AmendRequest) error {
	if f.can(pms.OpAmend) == nil && !whole(r.Offer) {
		return failed(pms.OpAmend, pms.ErrValidation, 0)
	}
	return f.write(ctx, pms.OpAmend, r.Stay, func(e *entry, s *pms.Stay) error {
		if !living(*s) {
			return failed(pms.OpAmend, pms.ErrConflict, 409)
		}
		status := s.Status
		s.Status = pms.StatusCancelled
		now := f.h.offer(r.Offer.RoomType.ID, r.Offer.RatePlan.ID, r.Offer.Arrival, r.Offer.Departure, r.Offer.Occupancy)
		s.Status = status
		if !now.Bookable() {
			return failed(pms.OpAmend, pms.ErrSoldOut, 422)
		}
		f.h.shape(s, r.Offer)
		f.h.post("amended", e.ID, s.ID)
		return nil
	})
}

func (f *faithful) Edit(ctx context.Context, r pms.EditRequest) error {
	if f.can(pms.OpEdit) == nil && r.Guest != nil && r.Guest.LastName == "" {
		return failed(pms.OpEdit, pms.ErrValidation, 0)
	}
	return f.write(ctx, pms.OpEdit, r.Stay, func(_ *entry, s *pms.Stay) error {
		if r.Guest != nil {
			who := *r.Guest
			s.Guest = &who
		}
		return nil
	})
}

func (f *faithful) Cancel(ctx context.Context, id pms.StayID) error {
	return f.write(ctx, pms.OpCancel, id, func(e *entry, s *pms.Stay) error {
		if s.Status != pms.StatusConfirmed && s.Status != pms.StatusHeld {
			return failed(pms.OpCancel, pms.ErrConflict, 409)
		}
		s.Status = pms.StatusCancelled
		if f.h.now().After(s.Cancellation.FreeUntil) {
			s.CancellationFee = s.Cancellation.Fee
		}
		f.h.post("cancelled", e.ID, s.ID)
		return nil
	})
}

func (f *faithful) NoShow(ctx context.Context, id pms.StayID) error {
	return f.write(ctx, pms.OpNoShow, id, func(_ *entry, s *pms.Stay) error {
		if s.Status != pms.StatusConfirmed || f.h.today().Before(s.Arrival) {
			return failed(pms.OpNoShow, pms.ErrConflict, 409)
		}
		s.Status, s.CancellationFee = pms.StatusNoShow, s.Cancellation.NoShowFee
		return nil
	})
}

func (f *faithful) Extras(ctx context.Context, id pms.StayID) (extras []pms.Extra, err error) {
	err = f.write(ctx, pms.OpExtras, id, func(*entry, *pms.Stay) error {
		extras = []pms.Extra{{ID: "breakfast", Name: "Breakfast", Price: pms.Money{Amount: 1900, Currency: f.h.currency}}}
		return nil
	})
	return extras, err
}

func (f *faithful) AddExtra(ctx context.Context, r pms.ExtraRequest) error {
	return f.write(ctx, pms.OpAddExtra, r.Stay, func(_ *entry, s *pms.Stay) error {
		i := slices.IndexFunc(s.Extras, func(e pms.Extra) bool { return e.ID == r.Extra.ID })
		if i < 0 {
			i, s.Extras = len(s.Extras), append(s.Extras, r.Extra)
		}
		s.PayableTotal.Amount += int64(r.Count-s.Extras[i].Count) * r.Extra.Price.Amount
		s.Extras[i].Count = r.Count
		return nil
	})
}

// guests of the house, by the id that leads to them; the caller holds mu.
func (h *house) guests() map[pms.GuestID]*pms.Guest {
	all := map[pms.GuestID]*pms.Guest{}
	for _, e := range h.books {
		if !h.withhold && !e.away {
			all[pms.GuestID("G-"+string(e.ID))] = e.Booker
		}
	}
	return all
}

func (f *faithful) SearchGuests(ctx context.Context, q pms.GuestQuery) (found []pms.Guest, err error) {
	err = f.ask(ctx, pms.OpSearchGuests, func() error {
		same := func(wanted, has string) bool {
			return wanted == "" || strings.EqualFold(strings.TrimSpace(wanted), strings.TrimSpace(has))
		}
		for id, g := range f.h.guests() {
			if same(q.LastName, g.LastName) && same(q.FirstName, g.FirstName) && same(q.Email, g.Email) && same(digits(q.Phone), digits(g.Phone)) {
				shown := *g
				shown.ID = id
				found = append(found, shown)
			}
		}
		slices.SortFunc(found, func(a, b pms.Guest) int { return strings.Compare(string(a.ID), string(b.ID)) })
		return nil
	})
	return found, err
}

func (f *faithful) guest(ctx context.Context, o pms.Operation, id pms.GuestID, do func(*pms.Guest)) (g pms.Guest, err error) {
	err = f.ask(ctx, o, func() error {
		known := f.h.guests()[id]
		if known == nil {
			return failed(o, pms.ErrNotFound, 404)
		}
		do(known)
		g = *known
		g.ID = id
		return nil
	})
	return g, err
}

func (f *faithful) Guest(ctx context.Context, id pms.GuestID) (pms.Guest, error) {
	return f.guest(ctx, pms.OpGuest, id, func(*pms.Guest) {})
}

func (f *faithful) UpsertGuest(ctx context.Context, g pms.Guest) (pms.GuestID, error) {
	_, err := f.guest(ctx, pms.OpUpsertGuest, g.ID, func(known *pms.Guest) { *known = g })
	return g.ID, err
}

func (f *faithful) EraseGuest(ctx context.Context, id pms.GuestID) error {
	_, err := f.guest(ctx, pms.OpEraseGuest, id, func(known *pms.Guest) {
		*known = pms.Guest{LastName: "erased"}
		e := f.h.entry(pms.ReservationID(strings.TrimPrefix(string(id), "G-")))
		e.remarks = ""
		for i := range e.Stays {
			e.Stays[i].Guest = &pms.Guest{LastName: "erased"}
		}
	})
	return err
}

// raw is all that the house knows of a reservation.
func (h *house) raw(id pms.ReservationID) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entry(id)
	all, err := json.Marshal(e.Reservation)
	return string(all) + e.remarks, err
}

func (f *faithful) Arrivals(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
	return f.list(ctx, pms.OpArrivals, func(s pms.Stay) bool {
		return s.Arrival == day && (s.Status == pms.StatusConfirmed || s.Status == pms.StatusInHouse)
	})
}

func (f *faithful) InHouse(ctx context.Context) iter.Seq2[pms.Stay, error] {
	return f.list(ctx, pms.OpInHouse, func(s pms.Stay) bool { return s.Status == pms.StatusInHouse })
}

// list pages by number, as vendors do.
func (f *faithful) list(ctx context.Context, o pms.Operation, match func(pms.Stay) bool) iter.Seq2[pms.Stay, error] {
	return func(yield func(pms.Stay, error) bool) {
		for page := 0; ; page++ {
			stays, err := f.page(ctx, o, match, page)
			if err != nil {
				yield(pms.Stay{}, err)
				return
			}
			for _, s := range stays {
				if !yield(s, nil) {
					return
				}
			}
			if len(stays) < referencePage {
				return
			}
		}
	}
}

func (f *faithful) page(ctx context.Context, o pms.Operation, match func(pms.Stay) bool, page int) (stays []pms.Stay, err error) {
	err = f.ask(ctx, o, func() error {
		for _, e := range f.h.books {
			for _, s := range f.h.show(e).Stays {
				if f.h.listed(e) && !e.away && match(s) {
					stays = append(stays, s)
				}
			}
		}
		from := min(page*referencePage, len(stays))
		stays = stays[from:min(from+referencePage, len(stays))]
		return nil
	})
	return stays, err
}

func (f *faithful) Subscribe(ctx context.Context, r pms.SubscribeRequest) (s pms.Subscription, err error) {
	if err := f.can(pms.OpSubscribe); err != nil {
		return pms.Subscription{}, err
	}
	if at, err := url.Parse(r.URL); err != nil || !strings.HasPrefix(at.Scheme, "http") {
		return pms.Subscription{}, failed(pms.OpSubscribe, pms.ErrValidation, 0)
	}
	err = f.ask(ctx, pms.OpSubscribe, func() error {
		s = pms.Subscription{ID: pms.SubscriptionID(r.URL), URL: r.URL, Properties: []string{"HOUSE"}}
		if !slices.ContainsFunc(f.h.subs, func(known pms.Subscription) bool { return known.URL == r.URL }) {
			f.h.subs = append(f.h.subs, s)
		}
		return nil
	})
	return s, err
}

func (f *faithful) Subscriptions(ctx context.Context) (all []pms.Subscription, err error) {
	err = f.ask(ctx, pms.OpSubscriptions, func() error {
		all = slices.Clone(f.h.subs)
		return nil
	})
	return all, err
}

func (f *faithful) Unsubscribe(ctx context.Context, id pms.SubscriptionID) error {
	return f.ask(ctx, pms.OpUnsubscribe, func() error {
		f.h.subs = slices.DeleteFunc(f.h.subs, func(s pms.Subscription) bool { return s.ID == id })
		return nil
	})
}

func (f *faithful) ParseWebhook(_ http.Header, body []byte) ([]pms.Event, error) {
	if err := f.can(pms.OpWebhook); err != nil {
		return nil, err
	}
	var w hook
	if string(body) == `{"Kind":"ping"}` {
		return []pms.Event{{Kind: pms.EventHealth}}, nil
	}
	if len(body) > 4096 || json.Unmarshal(body, &w) != nil || w.Kind == "" || !plain(w.Reservation) || !plain(w.Stay) {
		return nil, failed(pms.OpWebhook, pms.ErrValidation, 0)
	}
	kind := pms.EventKind(w.Kind)
	if !slices.Contains([]pms.EventKind{pms.EventCreated, pms.EventAmended, pms.EventCancelled}, kind) {
		kind = pms.EventOther
	}
	return []pms.Event{{
		ID: w.ID, Kind: kind, Property: w.Property, ReservationID: pms.ReservationID(w.Reservation), StayID: pms.StayID(w.Stay), At: w.At,
	}}, nil
}
