package contracttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/connectors/pms"
)

// sellingMistakes are about offers.
func sellingMistakes() []mistake {
	offers := func(change func(h *house, o *pms.Offer)) func(*house, pms.Connector) pms.Connector {
		return func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, availability: func(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
				all, err := good.Availability(ctx, q)
				for i := range all {
					change(h, &all[i])
				}
				return all, err
			}}
		}
	}
	return []mistake{
		{"nights counted in hours", "availability/spring_forward", nil, offers(func(h *house, o *pms.Offer) {
			// The night with 23 hours less is one night less.
			n := int(o.Departure.At(0, 0, h.zone).Sub(o.Arrival.At(0, 0, h.zone)) / (24 * time.Hour))
			o.Nights = o.Nights[:min(n, len(o.Nights))]
		})},
		{"a departure found by adding hours", "availability/fall_back", nil, offers(func(h *house, o *pms.Offer) {
			nights := time.Duration(o.Arrival.NightsUntil(o.Departure))
			o.Departure = pms.DateOf(o.Arrival.At(0, 0, h.zone).Add(nights * 24 * time.Hour))
		})},
		{"money in a float of 32 bits", "availability/sums", nil, offers(func(_ *house, o *pms.Offer) {
			var sum float32
			for _, n := range o.Nights {
				sum += float32(n.Total.Amount) / 100
			}
			o.Total.Amount = int64(sum * 100)
		})},
		{"every currency has two digits", "create/money_JPY", nil, offers(func(_ *house, o *pms.Offer) {
			if o.Total.Currency == "JPY" {
				o.Total.Amount *= 100
			}
		})},
		{"a charge on top left out of what is payable", "availability/sums", nil, offers(func(_ *house, o *pms.Offer) { o.PayableTotal = o.Total })},
		{"children's ages dropped from an offer", "availability/childrens_ages", nil, offers(func(_ *house, o *pms.Offer) { o.Occupancy.ChildrenAges = nil })},
		{"restricted rooms offered", "availability/shows_restricted_when_asked", nil, offers(func(_ *house, o *pms.Offer) { o.Available = max(1, o.Available) })},
		{"a rule of the rate ignored", "availability/closed_by_a_rule", nil, offers(func(_ *house, o *pms.Offer) {
			if o.Restrictions.ClosedToArrival {
				o.Available = 1
			}
		})},
		{"nothing to sell is an error", "availability/nothing_to_sell_is_empty", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, availability: func(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
				all, err := good.Availability(ctx, q)
				if err == nil && len(all) == 0 {
					err = failed(pms.OpAvailability, pms.ErrNotFound, 404)
				}
				return all, err
			}}
		}},
		{"a code that is not passed on", "quote/promotion_code", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, quote: func(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
				q.PromoCode = ""
				return good.Quote(ctx, q)
			}}
		}},
		{"a quote from memory", "quote/sold_out", nil, func(_ *house, good pms.Connector) pms.Connector {
			remembered := map[pms.RatePlanID]pms.Offer{}
			return bent{Connector: good, availability: func(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
				all, err := good.Availability(ctx, q)
				for _, o := range all {
					remembered[pms.RatePlanID(o.RatePlan.ID)] = o
				}
				return all, err
			}, quote: func(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
				o, err := good.Quote(ctx, q)
				if known, ok := remembered[q.RatePlanID]; ok && errors.Is(err, pms.ErrSoldOut) {
					return known, nil
				}
				return o, err
			}}
		}},
		{"a change priced without the stay's own room", "quote_change/own_room_counts_as_free", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, quoteChange: func(ctx context.Context, q pms.ChangeQuery) (pms.Offer, error) {
				o, err := good.QuoteChange(ctx, q)
				if err == nil && o.Available <= 1 {
					return pms.Offer{}, failed(pms.OpQuoteChange, pms.ErrSoldOut, 422)
				}
				return o, err
			}}
		}},
	}
}

// writingMistakes are about creates, holds and changes.
func writingMistakes() []mistake {
	return []mistake{
		{"a key that is new each time", "create/same_key_same_reservation", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				d.Key = ulid.Make().String()
				return good.Create(ctx, d)
			}}
		}},
		{"a write repeated under a new key", "faults/create/cut_after", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				if errors.Is(err, pms.ErrOutcomeUnknown) {
					d.Key += "again"
					return good.Create(ctx, d)
				}
				return r, err
			}}
		}},
		{"a write repeated by itself", "create/never_repeated_by_itself", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				if errors.Is(err, pms.ErrOutcomeUnknown) {
					return good.Create(ctx, d)
				}
				return r, err
			}}
		}},
		{"a draft with the time in it", "draft/deterministic", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, draft: func(r pms.CreateRequest) (pms.Draft, error) {
				if len(r.Stays) > 0 {
					r.Stays = append([]pms.StayRequest{}, r.Stays...)
					r.Stays[0].Comment = ulid.Make().String()
				}
				return good.Draft(r)
			}}
		}},
		{"a draft that asks the vendor", "draft/deterministic", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, draft: func(r pms.CreateRequest) (pms.Draft, error) {
				if _, err := good.Health(context.Background()); err != nil {
					return pms.Draft{}, err
				}
				return good.Draft(r)
			}}
		}},
		{"the guest's name in the key", "draft/deterministic", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, draft: func(r pms.CreateRequest) (pms.Draft, error) {
				d, err := good.Draft(r)
				d.Key += r.Booker.LastName
				return d, err
			}}
		}},
		{"children's ages dropped from a booking", "create/childrens_ages", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, draft: func(r pms.CreateRequest) (pms.Draft, error) {
				r.Stays = append([]pms.StayRequest{}, r.Stays...)
				for i := range r.Stays {
					r.Stays[i].Offer.Occupancy.ChildrenAges = nil
				}
				return good.Draft(r)
			}}
		}},
		{"stays that go by each other's ids", "create/several_stays", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				if n := len(r.Stays); n > 1 {
					r.Stays[0].ID, r.Stays[n-1].ID = r.Stays[n-1].ID, r.Stays[0].ID
				}
				return r, err
			}}
		}},
		{"a hold without an end", "hold/keeps_the_room", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, hold: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Hold(ctx, d)
				r.HoldUntil = time.Time{}
				return r, err
			}}
		}},
		{"a hold that was cancelled is confirmed", "confirm/cancelled_by_staff", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, confirm: func(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
				r, err := good.Confirm(ctx, id)
				if errors.Is(err, pms.ErrConflict) {
					r, err = good.Reservation(ctx, id)
					r.Status = pms.StatusConfirmed
				}
				return r, err
			}}
		}},
		{"a second release is an error", "release/twice", nil, func(_ *house, good pms.Connector) pms.Connector {
			released := map[pms.ReservationID]bool{}
			return bent{Connector: good, release: func(ctx context.Context, id pms.ReservationID) error {
				if released[id] {
					return failed(pms.OpRelease, pms.ErrConflict, 409)
				}
				err := good.Release(ctx, id)
				released[id] = err == nil
				return err
			}}
		}},
		{"children who stay at home are kept", "amend/children_come_and_go", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, amend: func(ctx context.Context, r pms.AmendRequest) error {
				h.mu.Lock()
				if _, s := h.find(r.Stay); s != nil && len(r.Offer.Occupancy.ChildrenAges) == 0 {
					r.Offer.Occupancy.ChildrenAges = s.Occupancy.ChildrenAges
				}
				h.mu.Unlock()
				return good.Amend(ctx, r)
			}}
		}},
		{"a change at another price than quoted", "amend/dates", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, amend: func(ctx context.Context, r pms.AmendRequest) error {
				r.Offer.Total.Amount += 100
				return good.Amend(ctx, r)
			}}
		}},
		{"a change that loses a night when clocks change", "amend/spring_forward", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, amend: func(ctx context.Context, r pms.AmendRequest) error {
				if hours := r.Offer.Departure.At(0, 0, h.zone).Sub(r.Offer.Arrival.At(0, 0, h.zone)).Hours(); hours != float64(24*len(r.Offer.Nights)) {
					r.Offer.Departure = r.Offer.Departure.AddDays(-1)
					r.Offer.Nights = r.Offer.Nights[:len(r.Offer.Nights)-1]
				}
				return good.Amend(ctx, r)
			}}
		}},
		{"one stay cancelled, all cancelled", "cancel/one_of_several", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, cancel: func(ctx context.Context, id pms.StayID) error {
				err := good.Cancel(ctx, id)
				h.mu.Lock()
				defer h.mu.Unlock()
				if e, _ := h.find(id); e != nil && err == nil {
					for i := range e.Stays {
						e.Stays[i].Status = pms.StatusCancelled
					}
				}
				return err
			}}
		}},
		{"a fee for a free cancellation", "cancel/fee", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, cancel: func(ctx context.Context, id pms.StayID) error {
				err := good.Cancel(ctx, id)
				h.mu.Lock()
				defer h.mu.Unlock()
				if _, s := h.find(id); s != nil && err == nil {
					s.CancellationFee = s.Cancellation.Fee
				}
				return err
			}}
		}},
		{"a cancellation that reads first", "cancel/does_not_read", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, cancel: func(ctx context.Context, id pms.StayID) error {
				_, _ = good.Health(ctx) // any read
				return good.Cancel(ctx, id)
			}}
		}},
		{"a no-show before the arrival passes", "no_show/too_early", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, noShow: func(ctx context.Context, id pms.StayID) error {
				err := good.NoShow(ctx, id)
				if errors.Is(err, pms.ErrConflict) {
					return nil
				}
				return err
			}}
		}},
		{"a wish that wipes the guest", "edit/leaves_the_rest", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, edit: func(ctx context.Context, r pms.EditRequest) error {
				if r.Guest == nil {
					r.Guest = &pms.Guest{LastName: "unknown"}
				}
				return good.Edit(ctx, r)
			}}
		}},
		{"extras that add up", "add_extra/sets_the_count", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, addExtra: func(ctx context.Context, r pms.ExtraRequest) error {
				h.mu.Lock()
				if _, s := h.find(r.Stay); s != nil {
					r.Count += count(*s, r.Extra.ID)
				}
				h.mu.Unlock()
				return good.AddExtra(ctx, r)
			}}
		}},
		{"a guest erased without the remarks", "erase_guest/remarks_too", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, erase: func(ctx context.Context, id pms.GuestID) error {
				err := good.EraseGuest(ctx, id)
				h.mu.Lock()
				defer h.mu.Unlock()
				if e := h.entry(pms.ReservationID(strings.TrimPrefix(string(id), "G-"))); e != nil {
					e.remarks = "a quiet room for " + Marker
				}
				return err
			}}
		}},
		{"a guest erased by name only", "erase_guest/nothing_is_left", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, erase: func(ctx context.Context, id pms.GuestID) error {
				h.mu.Lock()
				known := h.guests()[id]
				var email string
				if known != nil {
					email = known.Email
				}
				h.mu.Unlock()
				err := good.EraseGuest(ctx, id)
				if known != nil {
					h.mu.Lock()
					known.Email = email
					h.mu.Unlock()
				}
				return err
			}}
		}},
	}
}

// readingMistakes are about reads and lists.
func readingMistakes() []mistake {
	return []mistake{
		{"a context that is ignored", "read/context_cancelled_before", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, read: func(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
				return good.Reservation(context.WithoutCancel(ctx), id)
			}}
		}},
		{"a caller who hung up kept waiting", "availability/context_cancelled_while_waiting", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, availability: func(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
				if ctx.Err() != nil {
					return good.Availability(ctx, q)
				}
				return good.Availability(context.WithoutCancel(ctx), q)
			}}
		}},
		{"a reference that begins alike taken for ours", "by_reference/exact_match", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, byReference: func(ctx context.Context, ref pms.Reference) (pms.Reservation, error) {
				r, err := good.ByReference(ctx, ref)
				if !errors.Is(err, pms.ErrNotFound) || ref == "" {
					return r, err
				}
				for _, held := range h.Records() {
					if strings.HasPrefix(string(held.Reference), string(ref)) {
						return good.Reservation(ctx, held.Reservation)
					}
				}
				return r, err
			}}
		}},
		{"a new status taken for cancelled", "read/unheard_of_status", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, read: func(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
				r, err := good.Reservation(ctx, id)
				for i := range r.Stays {
					if r.Stays[i].Status == pms.StatusUnknown {
						r.Stays[i].Status = pms.StatusCancelled
					}
				}
				return r, err
			}}
		}},
		{"a guest without a name for one withheld", "create/guests_withheld", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, read: func(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
				r, err := good.Reservation(ctx, id)
				if r.Booker == nil {
					r.Booker = &pms.Guest{}
				}
				return r, err
			}}
		}},
		{"a number that must be said in capitals", "by_confirmation/as_a_guest_says_it", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, byNumber: func(ctx context.Context, n string) (pms.Reservation, error) {
				if n != strings.ToUpper(n) {
					n = "NOSUCH"
				}
				return good.ByConfirmation(ctx, n)
			}}
		}},
		{"a list of one page", "arrivals/more_than_a_page", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, arrivals: func(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
				return upTo(good.Arrivals(ctx, day), referencePage)
			}}
		}},
		{"an empty last page is an error", "arrivals/exactly_a_page", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, arrivals: func(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
				return func(yield func(pms.Stay, error) bool) {
					n := 0
					for s, err := range good.Arrivals(ctx, day) {
						n++
						if !yield(s, err) {
							return
						}
					}
					if n > 0 && n%referencePage == 0 {
						yield(pms.Stay{}, failed(pms.OpArrivals, pms.ErrUnavailable, 200))
					}
				}
			}}
		}},
		{"days in another zone", "arrivals/of_the_day", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, arrivals: func(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
				return good.Arrivals(ctx, pms.DateOf(day.At(0, 0, h.zone).UTC()))
			}}
		}},
		{"the stays of another property", "in_house/of_another_property", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, inHouse: func(ctx context.Context) iter.Seq2[pms.Stay, error] {
				return func(yield func(pms.Stay, error) bool) {
					for s, err := range good.InHouse(ctx) {
						if !yield(s, err) {
							return
						}
					}
					h.mu.Lock()
					defer h.mu.Unlock()
					for _, e := range h.books {
						if e.away && !yield(e.Stays[0], nil) {
							return
						}
					}
				}
			}}
		}},
		{"guests whose names begin alike", "search_guests/exact_match", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, search: func(ctx context.Context, q pms.GuestQuery) ([]pms.Guest, error) {
				found, err := good.SearchGuests(ctx, q)
				h.mu.Lock()
				defer h.mu.Unlock()
				for id, g := range h.guests() {
					if err == nil && q.LastName != "" && q.FirstName == "" && strings.HasPrefix(g.LastName, q.LastName) && g.LastName != q.LastName {
						longer := *g
						longer.ID = id
						found = append(found, longer)
					}
				}
				return found, err
			}}
		}},
		{"a token for each caller", "health/one_token_for_many", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, health: func(ctx context.Context) (pms.Health, error) {
				h.mu.Lock()
				h.tokens++
				h.mu.Unlock()
				return good.Health(ctx)
			}}
		}},
	}
}

func upTo(stays iter.Seq2[pms.Stay, error], n int) iter.Seq2[pms.Stay, error] {
	return func(yield func(pms.Stay, error) bool) {
		left := n
		for s, err := range stays {
			if left == 0 || !yield(s, err) {
				return
			}
			left--
		}
	}
}

// eventMistakes are about subscriptions and events.
func eventMistakes() []mistake {
	events := func(change func(body []byte, events []pms.Event, err error) ([]pms.Event, error)) func(*house, pms.Connector) pms.Connector {
		return func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, webhook: func(h http.Header, body []byte) ([]pms.Event, error) {
				all, err := good.ParseWebhook(h, body)
				return change(body, all, err)
			}}
		}
	}
	return []mistake{
		{"the vendor's question not understood", "webhook/vendors_own_question", nil, events(func(_ []byte, all []pms.Event, err error) ([]pms.Event, error) {
			for i := range all {
				if all[i].Kind == pms.EventHealth {
					all[i].Kind = pms.EventOther
				}
			}
			return all, err
		})},
		{"an event's id made up", "webhook/duplicates_share_an_id", nil, events(func(_ []byte, all []pms.Event, err error) ([]pms.Event, error) {
			for i := range all {
				all[i].ID = ulid.Make().String()
			}
			return all, err
		})},
		{"a cancellation taken for a change", "webhook/names_what_changed", nil, events(func(_ []byte, all []pms.Event, err error) ([]pms.Event, error) {
			for i := range all {
				if all[i].Kind == pms.EventCancelled {
					all[i].Kind = pms.EventAmended
				}
			}
			return all, err
		})},
		{"nonsense taken for an event", "webhook/malformed", nil, events(func(_ []byte, all []pms.Event, err error) ([]pms.Event, error) {
			if err != nil {
				return []pms.Event{{Kind: pms.EventOther}}, nil
			}
			return all, nil
		})},
		{"a panic at nonsense", "webhook/malformed", nil, events(func(_ []byte, all []pms.Event, err error) ([]pms.Event, error) {
			return all[:1], err
		})},
		{"a huge event read whole", "webhook/huge", nil, events(func(body []byte, all []pms.Event, err error) ([]pms.Event, error) {
			if err != nil && len(body) > 1<<20 && json.Valid(body) {
				return []pms.Event{{ID: string(body), Kind: pms.EventOther}}, nil
			}
			return all, err
		})},
		{"a path in an event's id", "webhook/damaged", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, webhook: func(h http.Header, body []byte) ([]pms.Event, error) {
				var w hook
				all, err := good.ParseWebhook(h, body)
				if err != nil && json.Unmarshal(body, &w) == nil && w.Kind != "" && w.Reservation != "" {
					return []pms.Event{{Kind: pms.EventOther, ReservationID: pms.ReservationID(w.Reservation), StayID: pms.StayID(w.Stay)}}, nil
				}
				return all, err
			}}
		}},
		{"the address's secret in an error", "subscribe/deaf_receiver_refused", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, subscribe: func(ctx context.Context, r pms.SubscribeRequest) (pms.Subscription, error) {
				s, err := good.Subscribe(ctx, r)
				return s, adjusted(err, func(e *pms.Error) { e.Detail = fmt.Sprintf("%s is not reachable", r.URL) })
			}}
		}},
		{"a second unsubscribe is an error", "unsubscribe/twice", nil, func(_ *house, good pms.Connector) pms.Connector {
			gone := map[pms.SubscriptionID]bool{}
			return bent{Connector: good, unsubscribe: func(ctx context.Context, id pms.SubscriptionID) error {
				if gone[id] {
					return failed(pms.OpUnsubscribe, pms.ErrNotFound, 404)
				}
				err := good.Unsubscribe(ctx, id)
				gone[id] = err == nil
				return err
			}}
		}},
	}
}
