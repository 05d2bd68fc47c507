package apaleo

import (
	"net/http"
	"time"
)

// cancel is PUT /booking/v1/reservation-actions/{id}/cancel.
func (s *Sandbox) cancel(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	if message := s.cancelReason(r); message != "" {
		return refused(message)
	}
	s.end(r, Canceled)
	s.emit("canceled", r)
	return status(http.StatusNoContent)
}

func (s *Sandbox) cancelReason(r *reservation) string {
	switch {
	case r.status != Confirmed:
		return "Only a confirmed reservation can be canceled; this one is " + r.status + "."
	case !s.now().Before(r.arrivesAt):
		return "The reservation cannot be canceled after its arrival."
	}
	return ""
}

// noShow is PUT /booking/v1/reservation-actions/{id}/noshow.
func (s *Sandbox) noShow(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	if code := s.noShowReason(r); code != "" {
		return refused(code)
	}
	s.end(r, NoShow)
	s.emit("set-to-no-show", r)
	return status(http.StatusNoContent)
}

// noShowReason is the vendor's code for why a stay cannot be set to no-show.
// Its text wants the arrival date in the past, its code "not before arrival
// date": the day of arrival counts here.
func (s *Sandbox) noShowReason(r *reservation) string {
	switch {
	case r.status != Confirmed:
		return "NoShowNotAllowedForReservationNotInStatusConfirmed"
	case s.today().Before(r.arrival):
		return "NoShowNotAllowedBeforeArrivalDate"
	}
	return ""
}

// end takes a stay off the books that will not be, and charges its fee: that of
// a cancellation only once it is due.
func (s *Sandbox) end(r *reservation, as string) {
	if r.holds() {
		s.giveBack(r)
	}
	owed := s.terms(r.plan(), r.arrival, r.lodging(), r.created)
	now := s.stamp()
	r.status, r.fee = as, 0
	switch {
	case as == NoShow:
		r.notShownUp, r.fee = now, owed.noShow
	case !now.Before(owed.due):
		r.cancelled, r.fee = now, owed.cancel
	default:
		r.cancelled = now
	}
	s.touch(r)
}

// SetStatus moves a reservation to a status as the hotel's staff would, for
// instance to InHouse. It answers false when there is no such reservation. A
// status that the vendor's file does not know is taken too: the vendor may add
// one any day.
func (s *Sandbox) SetStatus(id, to string) bool {
	return s.asStaff(id, func(r *reservation) error {
		switch to {
		case Canceled:
			s.end(r, to)
			s.emit("canceled", r)
			return nil
		case NoShow:
			s.end(r, to)
			s.emit("set-to-no-show", r)
			return nil
		}
		if !r.holds() {
			s.keep(r)
		}
		r.status, r.cancelled, r.notShownUp = to, time.Time{}, time.Time{}
		s.touch(r)
		event := "changed"
		switch to {
		case InHouse:
			r.checkedIn, event = r.modified, "checked-in"
		case CheckedOut:
			r.checkedOut, event = r.modified, "checked-out"
		}
		s.emit(event, r)
		return nil
	}) == nil
}
