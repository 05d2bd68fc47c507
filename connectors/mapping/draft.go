package mapping

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/voicehive/voicehive/connectors/pms"
)

// An Envelope is the body of a pms.Draft: the exact bytes to post, and what an
// answer that has ids only needs to become a reservation without a read. Drafts
// are stored, so its form must stay readable.
type Envelope struct {
	Post   json.RawMessage `json:"post"`
	Booker pms.Guest       `json:"booker"`
	Stays  []pms.Stay      `json:"stays"`
}

// Requested are the stays that a request asks for. It refuses what no vendor
// can book.
func Requested(r pms.CreateRequest, maxStays int) ([]pms.Stay, error) {
	switch {
	case r.Reference == "":
		return nil, Invalid("reference", "a reservation needs a reference")
	case r.Booker.LastName == "":
		return nil, Invalid("booker.last_name", "the booker's last name is required")
	case len(r.Stays) == 0 || len(r.Stays) > maxStays:
		return nil, Invalid("stays", fmt.Sprintf("between 1 and %d stays can be booked at once", maxStays))
	}
	var stays []pms.Stay
	var amounts []pms.Money
	for _, s := range r.Stays {
		guest, o := r.Booker, s.Offer
		if s.Guest != nil {
			guest = *s.Guest
		}
		if guest.LastName == "" {
			return nil, Invalid("stays.guest.last_name", "the guest's last name is required")
		}
		amounts = append(amounts, o.Total, o.PayableTotal)
		stays = append(stays, pms.Stay{
			Reference: r.Reference, Status: pms.StatusConfirmed, RoomType: o.RoomType, RatePlan: o.RatePlan,
			Arrival: o.Arrival, Departure: o.Departure, Occupancy: o.Occupancy, Nights: o.Nights,
			Total: o.Total, Charges: o.Charges, PayableTotal: o.PayableTotal, Cancellation: o.Cancellation, Guest: &guest,
		})
	}
	if _, err := Sum("stays", amounts...); err != nil {
		return nil, Invalid("stays", "the stays are priced in several currencies")
	}
	return stays, nil
}

// Freeze makes the draft of a request. The key is the reference and nothing
// else: were the content part of it, a changed draft of one reservation could
// book twice; so the vendor refuses it.
func Freeze(r pms.CreateRequest, post any, stays []pms.Stay) pms.Draft {
	body := JSON(Envelope{Post: JSON(post), Booker: r.Booker, Stays: stays})
	return pms.Draft{Key: string(r.Reference), Reference: r.Reference, Hold: r.Hold, Body: body}
}

// Open reads what Freeze wrote, and refuses a draft for a hold where none is
// wanted, and the other way round.
func Open(d pms.Draft, hold bool) (Envelope, error) {
	var e Envelope
	switch {
	case d.Hold && !hold:
		return e, Invalid("draft", "this draft is for a hold")
	case !d.Hold && hold:
		return e, Invalid("draft", "this draft is not for a hold")
	case json.Unmarshal(d.Body, &e) != nil || len(e.Post) == 0 || len(e.Stays) == 0 || d.Key == "":
		return e, Invalid("draft", "this is not a draft of this connector")
	}
	return e, nil
}

// Placed gives the stays the ids of a vendor's answer; false when they cannot
// be matched. Few vendors promise that the ids come in the order of the
// request, and a mix-up would later cancel the wrong room; stays that are alike
// cannot be mixed up.
func (e Envelope) Placed(id string, stays []Identified) (pms.Reservation, bool) {
	if len(stays) != len(e.Stays) {
		return pms.Reservation{}, false
	}
	for _, s := range e.Stays[1:] {
		if !reflect.DeepEqual(s, e.Stays[0]) {
			return pms.Reservation{}, false
		}
	}
	for i := range e.Stays {
		if stays[i].Check() != nil {
			return pms.Reservation{}, false
		}
		e.Stays[i].ID, e.Stays[i].ReservationID = pms.StayID(stays[i].ID), pms.ReservationID(id)
	}
	placed, err := Assemble(pms.ReservationID(id), e.Stays)
	placed.Booker = &e.Booker
	return placed, err == nil
}
