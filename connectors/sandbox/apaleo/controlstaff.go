package apaleo

import (
	"errors"
	"net/http"

	"github.com/voicehive/voicehive/connectors/pms"
)

// controlStaff adds what the hotel's staff and the vendor's own settings do.
func (s *Sandbox) controlStaff(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox/v1/subscriptions", func(w http.ResponseWriter, _ *http.Request) {
		write(w, answer{status: http.StatusOK, body: map[string]any{"subscriptions": s.Subscriptions()}})
	})
	mux.HandleFunc("POST /sandbox/v1/rooms", s.serveRooms)
	mux.HandleFunc("POST /sandbox/v1/ratelimit", s.serveRateLimit)
	mux.HandleFunc("POST /sandbox/v1/guests", func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			Withhold bool `json:"withhold"`
		}
		if ask(w, r, &req) {
			s.WithholdGuests(req.Withhold)
			write(w, status(http.StatusNoContent))
		}
	})
	mux.HandleFunc("POST /sandbox/v1/reservations/{id}/status", s.serveStatus)
	mux.HandleFunc("POST /sandbox/v1/reservations/{id}/amend", func(w http.ResponseWriter, r *http.Request) {
		var change StaffChange
		if ask(w, r, &change) {
			s.done(w, s.StaffAmend(r.PathValue("id"), change))
		}
	})
	mux.HandleFunc("POST /sandbox/v1/reservations/{id}/cancel", func(w http.ResponseWriter, r *http.Request) {
		s.done(w, s.StaffCancel(r.PathValue("id")))
	})
	mux.HandleFunc("POST /sandbox/v1/reservations/{id}/event", func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			Type string `json:"type"`
		}
		if ask(w, r, &req) {
			s.done(w, s.StaffEvent(r.PathValue("id"), req.Type))
		}
	})
}

// done answers 204, or why not.
func (s *Sandbox) done(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrNoReservation):
		complain(w, http.StatusNotFound, err)
	case err != nil:
		complain(w, http.StatusUnprocessableEntity, err)
	default:
		write(w, status(http.StatusNoContent))
	}
}

func (s *Sandbox) serveRooms(w http.ResponseWriter, r *http.Request) {
	var req struct {
		UnitGroup string   `json:"unit_group"`
		From      pms.Date `json:"from"`
		To        pms.Date `json:"to"`
		Rooms     int      `json:"rooms"`
	}
	if ask(w, r, &req) {
		s.done(w, s.SetRooms(req.UnitGroup, req.From, req.To, req.Rooms))
	}
}

func (s *Sandbox) serveRateLimit(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Requests   int      `json:"requests"`
		Window     string   `json:"window"`
		RetryAfter bool     `json:"retry_after"`
		Exempt     []string `json:"exempt"`
	}
	if !ask(w, r, &req) {
		return
	}
	window, err := span(req.Window)
	if err == nil {
		err = s.SetRateLimit(RateLimit{Requests: req.Requests, Window: window, RetryAfter: req.RetryAfter, Exempt: req.Exempt})
	}
	s.done(w, err)
}

// serveStatus takes the file's states, and with "unknown" any other, for a
// vendor that has added one.
func (s *Sandbox) serveStatus(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Status  string `json:"status"`
		Unknown bool   `json:"unknown"`
	}
	if !ask(w, r, &req) {
		return
	}
	switch req.Status {
	case Confirmed, InHouse, CheckedOut, Canceled, NoShow:
	default:
		if !req.Unknown || req.Status == "" || len(req.Status) > 64 {
			complain(w, http.StatusUnprocessableEntity, errors.New("status must be Confirmed, InHouse, CheckedOut, Canceled or NoShow"))
			return
		}
	}
	if !s.SetStatus(r.PathValue("id"), req.Status) {
		s.done(w, ErrNoReservation)
		return
	}
	write(w, status(http.StatusNoContent))
}
