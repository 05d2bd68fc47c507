package apaleo

import (
	"context"
	"net/http"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// maxStays bounds one booking. Apaleo documents no limit.
const maxStays = 10

// createBooking is what is posted; it is frozen in a draft.
type createBooking struct {
	Booker        person              `json:"booker"`
	BookerComment string              `json:"bookerComment,omitempty"`
	Reservations  []createReservation `json:"reservations"`
}

type createReservation struct {
	span
	GuestComment string        `json:"guestComment,omitempty"`
	External     string        `json:"externalCode"`
	Channel      string        `json:"channelCode"`
	Guest        person        `json:"primaryGuest"`
	Guarantee    string        `json:"guaranteeType,omitempty"`
	Slices       []createSlice `json:"timeSlices"`
	Promo        string        `json:"promoCode,omitempty"`
	Corporate    string        `json:"corporateCode,omitempty"`
}

// createSlice is a night with its price, so that the guest pays what was
// quoted.
type createSlice struct {
	RatePlanID pms.RatePlanID `json:"ratePlanId"`
	Total      money          `json:"totalAmount"`
}

// span is who stays from when to when.
type span struct {
	Arrival   string `json:"arrival"`
	Departure string `json:"departure"`
	Adults    int    `json:"adults"`
	// ChildrenAges may be empty and is never missing: they may have stayed at
	// home.
	ChildrenAges mapping.Ages `json:"childrenAges"`
}

// wanted reads back what an offer of ours stands for.
func wanted(o pms.Offer) (span, terms, error) {
	t, err := mapping.Terms[terms](o, Vendor)
	return span{t.Arrival, t.Departure, o.Occupancy.Adults, o.Occupancy.ChildrenAges}, t, err
}

// Draft implements pms.Connector.
func (c *Connector) Draft(r pms.CreateRequest) (pms.Draft, error) {
	stays, err := mapping.Requested(r, maxStays)
	if err != nil {
		return pms.Draft{}, c.failed(pms.OpDraft, err)
	}
	post := createBooking{Booker: wirePerson(r.Booker), BookerComment: r.Booker.Comment}
	for i, s := range r.Stays {
		if r.Hold && s.Offer.Guarantee != pms.GuaranteeNone {
			return pms.Draft{}, c.failed(pms.OpDraft, mapping.Refused(pms.ErrUnsupported, "stays.offer.guarantee", "only rates that are kept until the evening of arrival can be held"))
		}
		span, terms, err := wanted(s.Offer)
		if err != nil {
			return pms.Draft{}, c.failed(pms.OpDraft, err)
		}
		post.Reservations = append(post.Reservations, createReservation{
			span: span, GuestComment: s.Comment, External: string(r.Reference), Channel: channel,
			Guest: wirePerson(*stays[i].Guest), Guarantee: terms.Guarantee, Promo: terms.Promo, Corporate: terms.Corporate,
			Slices: mapping.Each(s.Offer.Nights, func(n pms.Night) createSlice { return createSlice{n.RatePlanID, money{n.Total}} }),
		})
		stays[i] = surcharged(stays[i])
	}
	return mapping.Freeze(r, post, stays), nil
}

// Create implements pms.Connector.
func (c *Connector) Create(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	return c.create(ctx, pms.OpCreate, d)
}

func (c *Connector) create(ctx context.Context, o pms.Operation, d pms.Draft) (pms.Reservation, error) {
	body, err := mapping.Open(d, o == pms.OpHold)
	if err != nil {
		return pms.Reservation{}, c.failed(o, err)
	}
	var answer struct {
		mapping.Identified
		Reservations []mapping.Identified `json:"reservationIds"`
	}
	err = c.call(ctx, c.o.Client, o, mapping.Path{"/booking/v1/bookings"}, transport.Call{
		Effect: transport.Write, Method: http.MethodPost,
		Header: http.Header{"Idempotency-Key": {d.Key}}, Body: body.Post, Out: &answer,
	})
	if err != nil {
		return pms.Reservation{}, err
	}
	if placed, ok := body.Placed(answer.ID, answer.Reservations); ok {
		return mapping.ConfirmedByStay(placed), nil
	}
	read, err := c.reservation(ctx, o, pms.ReservationID(answer.ID))
	return read, c.failed(o, mapping.Unread(err))
}

// holdHour is when a hotel stops to keep a room that nothing guarantees, by
// the name of Apaleo's guarantee PM6Hold.
const holdHour = 18

// Hold implements pms.Connector; see the package's word on holds.
func (c *Connector) Hold(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	r, err := c.create(ctx, pms.OpHold, d)
	if err != nil {
		return pms.Reservation{}, err
	}
	return mapping.Held(r, holdHour, c.o.TimeZone), nil
}

// Confirm implements pms.Connector; see the package's word on holds.
func (c *Connector) Confirm(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	r, err := c.reservation(ctx, pms.OpConfirm, id)
	if err != nil {
		return pms.Reservation{}, err
	}
	return r, c.failed(pms.OpConfirm, mapping.Standing(r))
}

// Release implements pms.Connector: it cancels every stay of a hold.
func (c *Connector) Release(ctx context.Context, id pms.ReservationID) error {
	r, err := c.reservation(ctx, pms.OpRelease, id)
	if err != nil {
		return err
	}
	return c.failed(pms.OpRelease, mapping.Release(r, func(s pms.StayID) error {
		return c.act(ctx, pms.OpRelease, s, "cancel", nil)
	}))
}
