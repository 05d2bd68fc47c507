package apaleo

import (
	"context"
	"net/http"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
)

type amendReservation struct {
	span
	Slices []amendSlice `json:"timeSlices"`
}

type amendSlice struct {
	RatePlanID pms.RatePlanID `json:"ratePlanId"`
	Total      money          `json:"totalGrossAmount"`
}

// Amend implements pms.Connector. It sends the whole desired stay, so sending
// it twice leaves the same.
func (c *Connector) Amend(ctx context.Context, r pms.AmendRequest) error {
	span, _, err := wanted(r.Offer)
	if err != nil {
		return c.failed(pms.OpAmend, err)
	}
	nights := mapping.Each(r.Offer.Nights, func(n pms.Night) amendSlice { return amendSlice{n.RatePlanID, money{n.Total}} })
	return c.act(ctx, pms.OpAmend, r.Stay, "amend", amendReservation{span, nights})
}

// Edit implements pms.Connector. A guest is replaced as a whole: whatever else
// Apaleo knew of the former one, such as an address, is gone.
func (c *Connector) Edit(ctx context.Context, r pms.EditRequest) error {
	if err := mapping.CheckEdit(r); err != nil {
		return c.failed(pms.OpEdit, err)
	}
	var patch mapping.Patch
	if r.Guest != nil {
		patch = patch.Replace("/primaryGuest", wirePerson(*r.Guest))
	}
	if r.Companions != nil {
		patch = patch.Set("/additionalGuests", append([]person{}, mapping.Each(r.Companions, wirePerson)...))
	}
	if r.Comment != nil {
		patch = patch.Set("/guestComment", *r.Comment)
	}
	if len(patch) == 0 {
		return nil
	}
	return c.send(ctx, pms.OpEdit, http.MethodPatch, mapping.Path{"/booking/v1/reservations", string(r.Stay)}, patch)
}

// Cancel implements pms.Connector. Apaleo refuses to cancel what is cancelled
// or has arrived: ErrConflict.
func (c *Connector) Cancel(ctx context.Context, id pms.StayID) error {
	return c.act(ctx, pms.OpCancel, id, "cancel", nil)
}

// NoShow implements pms.Connector. Apaleo refuses before the day of arrival:
// ErrConflict.
func (c *Connector) NoShow(ctx context.Context, id pms.StayID) error {
	return c.act(ctx, pms.OpNoShow, id, "noshow", nil)
}

// act does one of Apaleo's actions on a stay.
func (c *Connector) act(ctx context.Context, o pms.Operation, id pms.StayID, action string, body any) error {
	return c.send(ctx, o, http.MethodPut, mapping.Path{"/booking/v1/reservation-actions", string(id), action}, body)
}

// extra maps a service, offered or booked. Apaleo tells the price of all of
// them; of one that is booked by the day the count may differ from day to day,
// and the highest is taken.
func (s service) extra() pms.Extra {
	count := s.Count
	for _, day := range s.Dates {
		count = max(count, day.Count)
	}
	return pms.Extra{
		ID: pms.ExtraID(s.Service.ID), Name: string(s.Service.Name), Description: string(s.Service.Description),
		Price: mapping.OneOf(s.Total.Money, count), Count: count,
	}
}

// Extras implements pms.Connector.
func (c *Connector) Extras(ctx context.Context, id pms.StayID) ([]pms.Extra, error) {
	var list struct {
		Services mapping.List[service] `json:"services"`
	}
	path := mapping.Path{"/booking/v1/reservations", string(id), "service-offers"}
	if err := c.get(ctx, pms.OpExtras, path, mapping.Query("channelCode", channel), &list); err != nil {
		return nil, err
	}
	extras, err := mapping.Readable(list.Services, service.offered)
	return extras, c.failed(pms.OpExtras, err)
}

// offered is an extra that is not booked yet, with the fees that come on top.
func (s service) offered() (pms.Extra, error) {
	extra := s.extra()
	extra.Count = 0
	var err error
	for _, fee := range s.Fees {
		if err == nil {
			extra.Price, err = mapping.Sum("fees", extra.Price, mapping.OneOf(fee.Total.Money, s.Count))
		}
	}
	return extra, err
}

// AddExtra implements pms.Connector. The dates are left to the service's own
// pattern, and the price to Apaleo.
func (c *Connector) AddExtra(ctx context.Context, r pms.ExtraRequest) error {
	if err := mapping.CheckExtra(r); err != nil {
		return c.failed(pms.OpAddExtra, err)
	}
	return c.act(ctx, pms.OpAddExtra, r.Stay, "book-service", map[string]any{"serviceId": r.Extra.ID, "count": r.Count})
}
