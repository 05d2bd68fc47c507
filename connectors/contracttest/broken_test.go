package contracttest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A mistake is one that a connector's author could make.
type mistake struct {
	name string
	// caught is the subtest that must catch it.
	caught string
	// adjust changes what the house is; nil leaves it.
	adjust func(*house)
	bend   func(h *house, good pms.Connector) pms.Connector
}

// TestBrokenConnectorsAreCaught runs the suite on connectors that each make
// one mistake: it must be caught where the mistake is, and most of the suite
// must still pass, or the mistake would prove nothing.
func TestBrokenConnectorsAreCaught(t *testing.T) {
	t.Parallel()
	mistakes := slices.Concat(sellingMistakes(), writingMistakes(), readingMistakes(), errorMistakes(), eventMistakes())
	require.GreaterOrEqual(t, len(mistakes), 40)
	for _, m := range mistakes {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			require.Contains(t, Names(), m.caught, "there is such a subtest")
			passed, failed := 0, map[string]bool{}
			for _, r := range Check(t.Context(), reference(m.adjust, m.bend), m.names()...) {
				if len(r.Failures) > 0 {
					failed[r.Name] = true
				} else if r.Missing == "" {
					passed++
				}
			}
			require.True(t, failed[m.caught], "%s must catch it; these did: %v", m.caught, failed)
			require.Greater(t, passed, len(failed), "most of the suite passes")
			t.Logf("caught by %s and %d others", m.caught, len(failed)-1)
		})
	}
}

// names are all behaviours that do not wait, and the one that must fail.
func (m mistake) names() []string {
	names := []string{m.caught}
	for _, b := range behaviours() {
		if b.name != "context_cancelled_while_waiting" && b.String() != m.caught {
			names = append(names, b.String())
		}
	}
	return names
}

// A bent connector answers some operations itself.
type bent struct {
	pms.Connector
	availability func(context.Context, pms.AvailabilityQuery) ([]pms.Offer, error)
	quote        func(context.Context, pms.QuoteQuery) (pms.Offer, error)
	quoteChange  func(context.Context, pms.ChangeQuery) (pms.Offer, error)
	draft        func(pms.CreateRequest) (pms.Draft, error)
	create       func(context.Context, pms.Draft) (pms.Reservation, error)
	hold         func(context.Context, pms.Draft) (pms.Reservation, error)
	confirm      func(context.Context, pms.ReservationID) (pms.Reservation, error)
	release      func(context.Context, pms.ReservationID) error
	read         func(context.Context, pms.ReservationID) (pms.Reservation, error)
	byNumber     func(context.Context, string) (pms.Reservation, error)
	byReference  func(context.Context, pms.Reference) (pms.Reservation, error)
	amend        func(context.Context, pms.AmendRequest) error
	edit         func(context.Context, pms.EditRequest) error
	cancel       func(context.Context, pms.StayID) error
	noShow       func(context.Context, pms.StayID) error
	addExtra     func(context.Context, pms.ExtraRequest) error
	search       func(context.Context, pms.GuestQuery) ([]pms.Guest, error)
	erase        func(context.Context, pms.GuestID) error
	arrivals     func(context.Context, pms.Date) iter.Seq2[pms.Stay, error]
	inHouse      func(context.Context) iter.Seq2[pms.Stay, error]
	health       func(context.Context) (pms.Health, error)
	subscribe    func(context.Context, pms.SubscribeRequest) (pms.Subscription, error)
	unsubscribe  func(context.Context, pms.SubscriptionID) error
	webhook      func(http.Header, []byte) ([]pms.Event, error)
}

// or takes the bent operation where there is one.
func or[F any](bent F, isSet bool, good F) F {
	if isSet {
		return bent
	}
	return good
}

func (b bent) Availability(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
	return or(b.availability, b.availability != nil, b.Connector.Availability)(ctx, q)
}

func (b bent) Quote(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
	return or(b.quote, b.quote != nil, b.Connector.Quote)(ctx, q)
}

func (b bent) QuoteChange(ctx context.Context, q pms.ChangeQuery) (pms.Offer, error) {
	return or(b.quoteChange, b.quoteChange != nil, b.Connector.QuoteChange)(ctx, q)
}

func (b bent) Draft(r pms.CreateRequest) (pms.Draft, error) {
	return or(b.draft, b.draft != nil, b.Connector.Draft)(r)
}

func (b bent) Create(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	return or(b.create, b.create != nil, b.Connector.Create)(ctx, d)
}

func (b bent) Hold(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	return or(b.hold, b.hold != nil, b.Connector.Hold)(ctx, d)
}

func (b bent) Confirm(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	return or(b.confirm, b.confirm != nil, b.Connector.Confirm)(ctx, id)
}

func (b bent) Release(ctx context.Context, id pms.ReservationID) error {
	return or(b.release, b.release != nil, b.Connector.Release)(ctx, id)
}

func (b bent) Reservation(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	return or(b.read, b.read != nil, b.Connector.Reservation)(ctx, id)
}

func (b bent) ByConfirmation(ctx context.Context, number string) (pms.Reservation, error) {
	return or(b.byNumber, b.byNumber != nil, b.Connector.ByConfirmation)(ctx, number)
}

func (b bent) ByReference(ctx context.Context, ref pms.Reference) (pms.Reservation, error) {
	return or(b.byReference, b.byReference != nil, b.Connector.ByReference)(ctx, ref)
}

func (b bent) Amend(ctx context.Context, r pms.AmendRequest) error {
	return or(b.amend, b.amend != nil, b.Connector.Amend)(ctx, r)
}

func (b bent) Edit(ctx context.Context, r pms.EditRequest) error {
	return or(b.edit, b.edit != nil, b.Connector.Edit)(ctx, r)
}

func (b bent) Cancel(ctx context.Context, id pms.StayID) error {
	return or(b.cancel, b.cancel != nil, b.Connector.Cancel)(ctx, id)
}

func (b bent) NoShow(ctx context.Context, id pms.StayID) error {
	return or(b.noShow, b.noShow != nil, b.Connector.NoShow)(ctx, id)
}

func (b bent) AddExtra(ctx context.Context, r pms.ExtraRequest) error {
	return or(b.addExtra, b.addExtra != nil, b.Connector.AddExtra)(ctx, r)
}

func (b bent) SearchGuests(ctx context.Context, q pms.GuestQuery) ([]pms.Guest, error) {
	return or(b.search, b.search != nil, b.Connector.SearchGuests)(ctx, q)
}

func (b bent) EraseGuest(ctx context.Context, id pms.GuestID) error {
	return or(b.erase, b.erase != nil, b.Connector.EraseGuest)(ctx, id)
}

func (b bent) Arrivals(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
	return or(b.arrivals, b.arrivals != nil, b.Connector.Arrivals)(ctx, day)
}

func (b bent) InHouse(ctx context.Context) iter.Seq2[pms.Stay, error] {
	return or(b.inHouse, b.inHouse != nil, b.Connector.InHouse)(ctx)
}

func (b bent) Health(ctx context.Context) (pms.Health, error) {
	return or(b.health, b.health != nil, b.Connector.Health)(ctx)
}

func (b bent) Subscribe(ctx context.Context, r pms.SubscribeRequest) (pms.Subscription, error) {
	return or(b.subscribe, b.subscribe != nil, b.Connector.Subscribe)(ctx, r)
}

func (b bent) Unsubscribe(ctx context.Context, id pms.SubscriptionID) error {
	return or(b.unsubscribe, b.unsubscribe != nil, b.Connector.Unsubscribe)(ctx, id)
}

func (b bent) ParseWebhook(h http.Header, body []byte) ([]pms.Event, error) {
	return or(b.webhook, b.webhook != nil, b.Connector.ParseWebhook)(h, body)
}

// errorMistakes are about what failures say.
func errorMistakes() []mistake {
	return []mistake{
		{"an error that is no error of the contract", "read/not_found", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, read: func(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
				r, err := good.Reservation(ctx, id)
				if errors.Is(err, pms.ErrNotFound) {
					err = fmt.Errorf("reference: %w", pms.ErrNotFound)
				}
				return r, err
			}}
		}},
		{"an error that names another operation", "by_confirmation/not_found", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, byNumber: func(ctx context.Context, n string) (pms.Reservation, error) {
				r, err := good.ByConfirmation(ctx, n)
				if err != nil {
					err = failed(pms.OpRead, pms.ErrNotFound, 404)
				}
				return r, err
			}}
		}},
		{"an error that names no hotel", "create/sold_out", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				return r, adjusted(err, func(e *pms.Error) { e.Hotel = "" })
			}}
		}},
		{"the guest's name in an error", "create/sold_out", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				return r, adjusted(err, func(e *pms.Error) { e.Detail = "refused: " + string(d.Body) })
			}}
		}},
		{"the guest's name in an error's cause", "create/same_key_other_body_refused", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				return r, adjusted(err, func(e *pms.Error) { e.Cause = errors.New(string(d.Body)) })
			}}
		}},
		{"the guest's name in the log", "create/sold_out", nil, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				if errors.Is(err, pms.ErrSoldOut) {
					h.mu.Lock()
					defer h.mu.Unlock()
					h.log.Write(d.Body)
				}
				return r, err
			}}
		}},
		{"a secret in an error", "faults/health/token_refused", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, health: func(ctx context.Context) (pms.Health, error) {
				health, err := good.Health(ctx)
				return health, adjusted(err, func(e *pms.Error) { e.Detail = "reference-secret was refused" })
			}}
		}},
		{"an unreadable answer that names no field", "faults/availability/other_dates", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, availability: func(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
				offers, err := good.Availability(ctx, q)
				return offers, adjusted(err, func(e *pms.Error) { e.Field = "" })
			}}
		}},
		{"a rate limit swallowed", "faults/cancel/rate_limited", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, cancel: func(ctx context.Context, id pms.StayID) error {
				err := good.Cancel(ctx, id)
				if errors.Is(err, pms.ErrRateLimited) {
					return nil
				}
				return err
			}}
		}},
		{"a rate limit without a time", "faults/availability/rate_limited", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, availability: func(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
				offers, err := good.Availability(ctx, q)
				return offers, adjusted(err, func(e *pms.Error) { e.RetryAfter = 0 })
			}}
		}},
		{"a lost answer taken for a failure", "faults/cancel/cut_after", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, cancel: func(ctx context.Context, id pms.StayID) error {
				return adjusted(good.Cancel(ctx, id), func(e *pms.Error) {
					if e.Kind == pms.ErrOutcomeUnknown {
						e.Kind = pms.ErrUnavailable
					}
				})
			}}
		}},
		{"a lost answer taken for not found", "create/lost_answer_is_unknown", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				return r, adjusted(err, func(e *pms.Error) {
					if e.Kind == pms.ErrOutcomeUnknown {
						e.Kind = pms.ErrNotFound
					}
				})
			}}
		}},
		{"a lookup that failed taken for not found", "faults/by_reference/cut_before", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, byReference: func(ctx context.Context, ref pms.Reference) (pms.Reservation, error) {
				r, err := good.ByReference(ctx, ref)
				return r, adjusted(err, func(e *pms.Error) { e.Kind = pms.ErrNotFound })
			}}
		}},
		{"a page of HTML read as an empty list", "faults/search_guests/html", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, search: func(ctx context.Context, q pms.GuestQuery) ([]pms.Guest, error) {
				found, err := good.SearchGuests(ctx, q)
				if errors.Is(err, pms.ErrUnavailable) && ctx.Err() == nil {
					return nil, nil
				}
				return found, err
			}}
		}},
		{"sold out taken for invalid", "create/last_rooms_race", nil, func(_ *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, create: func(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
				r, err := good.Create(ctx, d)
				return r, adjusted(err, func(e *pms.Error) {
					if e.Kind == pms.ErrSoldOut {
						e.Kind = pms.ErrValidation
					}
				})
			}}
		}},
		{"an operation that the vendor lacks is tried", "hold/unsupported", func(h *house) {
			delete(h.caps.Operations, pms.OpHold)
		}, func(h *house, good pms.Connector) pms.Connector {
			return bent{Connector: good, hold: func(ctx context.Context, _ pms.Draft) (pms.Reservation, error) {
				return pms.Reservation{}, h.exchange(ctx, pms.OpHold, func() error { return failed(pms.OpHold, pms.ErrUnsupported, 404) })
			}}
		}},
	}
}

// adjusted is a copy of an error of the contract, changed.
func adjusted(err error, change func(*pms.Error)) error {
	var failure *pms.Error
	if !errors.As(err, &failure) {
		return err
	}
	own := *failure
	change(&own)
	return &own
}
