package apaleo

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// draftBody is what a pms.Draft holds: the exact bytes to post, and what the
// answer, which has ids only, needs to become a reservation without a read.
type draftBody struct {
	Post   json.RawMessage `json:"post"`
	Booker pms.Guest       `json:"booker"`
	Stays  []pms.Stay      `json:"stays"`
}

// Draft implements pms.Connector. The key is the reference and nothing else:
// were the content part of it, a changed draft of one reservation could book
// twice; so Apaleo refuses it.
func (c *Connector) Draft(r pms.CreateRequest) (pms.Draft, error) {
	const operation = "draft"
	invalid := func(field, detail string) (pms.Draft, error) {
		return pms.Draft{}, failure(operation, pms.ErrValidation, field, detail)
	}
	switch {
	case r.Reference == "":
		return invalid("reference", "a reservation needs a reference")
	case r.Booker.LastName == "":
		return invalid("booker.last_name", "the booker's last name is required")
	case len(r.Stays) == 0 || len(r.Stays) > maxStays:
		return invalid("stays", "between 1 and "+strconv.Itoa(maxStays)+" stays can be booked at once")
	}
	post := createBooking{Booker: wirePerson(r.Booker), BookerComment: r.Booker.Comment}
	body := draftBody{Booker: r.Booker}
	for _, s := range r.Stays {
		guest := r.Booker
		if s.Guest != nil {
			guest = *s.Guest
		}
		if guest.LastName == "" {
			return invalid("stays.guest.last_name", "the guest's last name is required")
		}
		if r.Hold && s.Offer.Guarantee != pms.GuaranteeNone {
			return pms.Draft{}, failure(operation, pms.ErrUnsupported, "", "only rates that are kept until the evening of arrival can be held")
		}
		stay, err := createStay(s, r.Reference, guest)
		if err != nil {
			return pms.Draft{}, err
		}
		post.Reservations = append(post.Reservations, stay)
		body.Stays = append(body.Stays, draftStay(s.Offer, r.Reference, guest))
	}
	_, err := assemble("", body.Stays)
	if err != nil {
		return invalid("stays", "the stays are priced in several currencies")
	}
	if body.Post, err = json.Marshal(post); err != nil {
		return invalid("", "the reservation cannot be written as JSON")
	}
	frozen, err := json.Marshal(body)
	if err != nil {
		return invalid("", "the reservation cannot be written as JSON")
	}
	return pms.Draft{Key: string(r.Reference), Reference: r.Reference, Hold: r.Hold, Body: frozen}, nil
}

func createStay(s pms.StayRequest, ref pms.Reference, guest pms.Guest) (createReservation, error) {
	terms, err := offerTerms("draft", s.Offer)
	if err != nil {
		return createReservation{}, err
	}
	stay := createReservation{
		Arrival: terms.Arrival, Departure: terms.Departure,
		Adults: s.Offer.Occupancy.Adults, ChildrenAges: s.Offer.Occupancy.ChildrenAges,
		GuestComment: s.Comment, External: string(ref), Channel: channel, Guest: wirePerson(guest),
		Guarantee: terms.Guarantee, Promo: terms.Promo, Corporate: terms.Corporate,
	}
	for _, night := range s.Offer.Nights {
		// With its price, so that the guest pays what was quoted.
		stay.Slices = append(stay.Slices, createSlice{string(night.RatePlanID), wireMoney(night.Total)})
	}
	return stay, nil
}

// offerTerms checks that an offer is one of ours and whole.
func offerTerms(operation string, o pms.Offer) (terms, error) {
	var t terms
	if err := json.Unmarshal(o.Vendor, &t); err != nil || t.Arrival == "" || t.Departure == "" {
		return terms{}, failure(operation, pms.ErrValidation, "offer", "the offer is not one of this connector; ask for a new one")
	}
	if len(o.Nights) == 0 || len(o.Nights) != o.Arrival.NightsUntil(o.Departure) || o.Occupancy.Adults < 1 {
		return terms{}, failure(operation, pms.ErrValidation, "offer", "the offer is not whole; ask for a new one")
	}
	return t, nil
}

func draftStay(o pms.Offer, ref pms.Reference, guest pms.Guest) pms.Stay {
	return pms.Stay{
		Reference: ref, Status: pms.StatusConfirmed, RoomType: o.RoomType, RatePlan: o.RatePlan,
		Arrival: o.Arrival, Departure: o.Departure, Occupancy: o.Occupancy,
		Nights: o.Nights, Total: o.Total, Cancellation: o.Cancellation, Guest: &guest,
	}
}

// Create implements pms.Connector.
func (c *Connector) Create(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	if d.Hold {
		return pms.Reservation{}, failure("create", pms.ErrValidation, "draft", "this draft is for a hold")
	}
	return c.create(ctx, "create", d)
}

// Hold implements pms.Connector; see the package's word on holds.
func (c *Connector) Hold(ctx context.Context, d pms.Draft) (pms.Reservation, error) {
	if !d.Hold {
		return pms.Reservation{}, failure("hold", pms.ErrValidation, "draft", "this draft is not for a hold")
	}
	held, err := c.create(ctx, "hold", d)
	if err != nil {
		return pms.Reservation{}, err
	}
	held.Status = pms.StatusHeld
	for i := range held.Stays {
		held.Stays[i].Status = pms.StatusHeld
		until := held.Stays[i].Arrival.At(18, 0, c.zone)
		if held.HoldUntil.IsZero() || until.Before(held.HoldUntil) {
			held.HoldUntil = until
		}
	}
	return held, nil
}

func (c *Connector) create(ctx context.Context, operation string, d pms.Draft) (pms.Reservation, error) {
	var body draftBody
	if err := json.Unmarshal(d.Body, &body); err != nil || len(body.Post) == 0 || len(body.Stays) == 0 || d.Key == "" {
		return pms.Reservation{}, failure(operation, pms.ErrValidation, "draft", "this is not a draft of this connector")
	}
	var answer created
	_, err := c.client.Do(ctx, transport.Call{
		Operation: operation, Effect: transport.Write, Method: http.MethodPost, Path: "/booking/v1/bookings",
		Header: http.Header{"Idempotency-Key": {d.Key}}, Body: body.Post, Out: &answer,
	})
	if err != nil {
		return pms.Reservation{}, err
	}
	if len(answer.Reservations) != len(body.Stays) || !alike(body.Stays) {
		return c.readCreated(ctx, operation, answer.ID)
	}
	for i := range body.Stays {
		body.Stays[i].ID = pms.StayID(answer.Reservations[i].ID)
		body.Stays[i].ReservationID = pms.ReservationID(answer.ID)
	}
	reservation, err := assemble(answer.ID, body.Stays)
	if err != nil { // Draft would have refused it; but now the booking exists
		return c.readCreated(ctx, operation, answer.ID)
	}
	reservation.Booker = &body.Booker
	return reservation, nil
}

// alike tells whether the stays differ in nothing. Apaleo does not promise that
// the ids come in the order of the request, and a mix-up would later cancel the
// wrong room; stays that are alike cannot be mixed up.
func alike(stays []pms.Stay) bool {
	for _, s := range stays[1:] {
		if !reflect.DeepEqual(s, stays[0]) {
			return false
		}
	}
	return true
}

// readCreated reads what was just created. If that fails the booking exists
// all the same, so the failure is the answer's and not the booking's: a repeat
// under the same key comes here again.
func (c *Connector) readCreated(ctx context.Context, operation, id string) (pms.Reservation, error) {
	read, err := c.reservation(ctx, operation, pms.ReservationID(id))
	if err != nil {
		unknown := failure(operation, pms.ErrOutcomeUnknown, "", "the booking was created and could not be read back; repeat with the same key")
		unknown.Cause = err
		return pms.Reservation{}, unknown
	}
	return read, nil
}

// Confirm implements pms.Connector; see the package's word on holds.
func (c *Connector) Confirm(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	const operation = "confirm"
	r, err := c.reservation(ctx, operation, id)
	if err != nil {
		return pms.Reservation{}, err
	}
	for _, s := range r.Stays {
		if s.Status != pms.StatusConfirmed && s.Status != pms.StatusInHouse {
			return pms.Reservation{}, failure(operation, pms.ErrConflict, "", "the hold does not stand any more; book anew")
		}
	}
	return r, nil
}

// Release implements pms.Connector: it cancels every stay of a hold.
func (c *Connector) Release(ctx context.Context, id pms.ReservationID) error {
	const operation = "release"
	r, err := c.reservation(ctx, operation, id)
	if err != nil {
		return err
	}
	for _, s := range r.Stays {
		switch s.Status {
		case pms.StatusCancelled, pms.StatusNoShow:
		case pms.StatusConfirmed:
			if err := c.cancel(ctx, operation, s.ID); err != nil {
				return err
			}
		default:
			return failure(operation, pms.ErrConflict, "", "a guest has come already; the desk must decide")
		}
	}
	return nil
}
