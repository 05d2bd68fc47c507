package apaleo

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// Amend implements pms.Connector. It sends the whole desired stay, so sending
// it twice leaves the same.
func (c *Connector) Amend(ctx context.Context, r pms.AmendRequest) error {
	const operation = "amend"
	if !validID(string(r.Stay)) {
		return failure(operation, pms.ErrNotFound, "", "")
	}
	terms, err := offerTerms(operation, r.Offer)
	if err != nil {
		return err
	}
	want := amendReservation{
		Arrival: terms.Arrival, Departure: terms.Departure,
		Adults: r.Offer.Occupancy.Adults,
		// An empty list, not none: the children may have stayed at home.
		ChildrenAges: append([]int{}, r.Offer.Occupancy.ChildrenAges...),
	}
	for _, night := range r.Offer.Nights {
		want.Slices = append(want.Slices, amendSlice{string(night.RatePlanID), wireMoney(night.Total)})
	}
	body, err := json.Marshal(want)
	if err != nil {
		return failure(operation, pms.ErrValidation, "offer", "the offer cannot be written as JSON")
	}
	_, err = c.client.Do(ctx, transport.Call{
		Operation: operation, Effect: transport.Write, Method: http.MethodPut,
		Path: "/booking/v1/reservation-actions/" + string(r.Stay) + "/amend", Body: body,
	})
	return err
}

// Cancel implements pms.Connector. Apaleo refuses to cancel what is cancelled
// or has arrived: ErrConflict.
func (c *Connector) Cancel(ctx context.Context, id pms.StayID) error {
	return c.cancel(ctx, "cancel", id)
}

func (c *Connector) cancel(ctx context.Context, operation string, id pms.StayID) error {
	if !validID(string(id)) {
		return failure(operation, pms.ErrNotFound, "", "")
	}
	_, err := c.client.Do(ctx, transport.Call{
		Operation: operation, Effect: transport.Write, Method: http.MethodPut,
		Path: "/booking/v1/reservation-actions/" + string(id) + "/cancel",
	})
	return err
}
