package mapping

import (
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Some vendors have no hold that could be confirmed later. What they have is a
// plain reservation of a rate that asks for no guarantee: the hotel keeps the
// room until an hour of the day of arrival. The functions here make a hold of
// it. Read back it is a confirmed reservation: only our own records tell a hold
// from one.

// Held is a new reservation that the hotel keeps until an hour, of the earliest
// day of arrival, by its clock.
func Held(r pms.Reservation, hour int, zone *time.Location) pms.Reservation {
	r.Status = pms.StatusHeld
	for i := range r.Stays {
		r.Stays[i].Status = pms.StatusHeld
		until := r.Stays[i].Arrival.At(hour, 0, zone)
		if r.HoldUntil.IsZero() || until.Before(r.HoldUntil) {
			r.HoldUntil = until
		}
	}
	return r
}

// Standing refuses a hold of which a stay is gone.
func Standing(r pms.Reservation) error {
	for _, s := range r.Stays {
		if s.Status != pms.StatusConfirmed && s.Status != pms.StatusInHouse {
			return &pms.Error{Kind: pms.ErrConflict, Field: "status", Detail: "the hold does not stand any more; book anew"}
		}
	}
	return nil
}

// Release cancels every stay of a hold that is not cancelled yet.
func Release(r pms.Reservation, cancel func(pms.StayID) error) error {
	for _, s := range r.Stays {
		switch s.Status {
		case pms.StatusCancelled, pms.StatusNoShow:
		case pms.StatusConfirmed:
			if err := cancel(s.ID); err != nil {
				return err
			}
		default:
			return &pms.Error{Kind: pms.ErrConflict, Field: "status", Detail: "a guest has come already; the desk must decide"}
		}
	}
	return nil
}
