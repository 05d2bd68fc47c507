package apaleo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxHeldWait is the longest that GET /sandbox/v1/held waits.
const maxHeldWait = 5 * time.Minute

// control adds the API that scripts and inspects the sandbox:
//
//	GET    /sandbox/v1/state?reservations=true
//	GET    /sandbox/v1/faults            the script, with how often each fired
//	POST   /sandbox/v1/faults            a Fault; answers it with its id
//	DELETE /sandbox/v1/faults            all, or one: /sandbox/v1/faults/{id}
//	GET    /sandbox/v1/held?wait=30s&count=1   waits until answers are held
//	POST   /sandbox/v1/release           {"id": "", "drop": false}
//	POST   /sandbox/v1/clock             {"advance": "25h"}
//	POST   /sandbox/v1/tokens/revoke
//	POST   /sandbox/v1/webhooks/flush    deliver events kept back by reordering
//	GET    /sandbox/v1/faults/kinds      the kinds of fault
//	GET    /sandbox/v1/subscriptions     with their URLs
//	POST   /sandbox/v1/rooms             {"unit_group": "BER-STE", "from": "2026-11-10", "to": "2026-11-11", "rooms": 1}
//	POST   /sandbox/v1/ratelimit         {"requests": 10, "window": "1s", "retry_after": false, "exempt": ["offers"]}
//	POST   /sandbox/v1/guests            {"withhold": true}
//	POST   /sandbox/v1/reservations/{id}/status  {"status": "InHouse"}
//	POST   /sandbox/v1/reservations/{id}/amend   a StaffChange
//	POST   /sandbox/v1/reservations/{id}/cancel
//	POST   /sandbox/v1/reservations/{id}/event   {"type": "unit-assigned"}
//	POST   /sandbox/v1/reset
func (s *Sandbox) control(mux *http.ServeMux) {
	ok := func(w http.ResponseWriter, body any) { write(w, answer{status: http.StatusOK, body: body}) }
	done := func(w http.ResponseWriter) { write(w, status(http.StatusNoContent)) }

	mux.HandleFunc("GET /sandbox/v1/state", func(w http.ResponseWriter, r *http.Request) {
		full, _ := strconv.ParseBool(r.URL.Query().Get("reservations"))
		ok(w, s.State(full))
	})
	s.controlFaults(mux)
	mux.HandleFunc("GET /sandbox/v1/held", s.serveHeld)
	mux.HandleFunc("POST /sandbox/v1/release", func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			ID   string `json:"id"`
			Drop bool   `json:"drop"`
		}
		if ask(w, r, &req) {
			ok(w, map[string]int{"released": s.holds.release(req.ID, req.Drop)})
		}
	})
	mux.HandleFunc("POST /sandbox/v1/clock", func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			Advance string `json:"advance"`
		}
		if !ask(w, r, &req) {
			return
		}
		d, err := time.ParseDuration(req.Advance)
		if err != nil {
			complain(w, http.StatusUnprocessableEntity, errors.New("advance must look like 25h"))
			return
		}
		s.Advance(d)
		ok(w, map[string]any{"now": s.Now().UTC()})
	})
	mux.HandleFunc("POST /sandbox/v1/tokens/revoke", func(w http.ResponseWriter, _ *http.Request) {
		s.RevokeTokens()
		done(w)
	})
	mux.HandleFunc("POST /sandbox/v1/webhooks/flush", func(w http.ResponseWriter, _ *http.Request) {
		s.FlushWebhooks()
		done(w)
	})
	s.controlStaff(mux)
	mux.HandleFunc("POST /sandbox/v1/reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		done(w)
	})
}

// controlFaults adds what scripts faults.
func (s *Sandbox) controlFaults(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox/v1/faults", func(w http.ResponseWriter, _ *http.Request) {
		write(w, answer{status: http.StatusOK, body: map[string]any{"faults": s.faults.list()}})
	})
	mux.HandleFunc("POST /sandbox/v1/faults", func(w http.ResponseWriter, r *http.Request) {
		var f Fault
		if !ask(w, r, &f) {
			return
		}
		added, err := s.AddFault(f)
		if err != nil {
			complain(w, http.StatusUnprocessableEntity, err)
			return
		}
		write(w, answer{status: http.StatusCreated, body: added})
	})
	mux.HandleFunc("DELETE /sandbox/v1/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		write(w, status(http.StatusNoContent))
	})
	mux.HandleFunc("DELETE /sandbox/v1/faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		if !s.RemoveFault(r.PathValue("id")) {
			complain(w, http.StatusNotFound, errors.New("there is no such fault"))
			return
		}
		write(w, status(http.StatusNoContent))
	})
	mux.HandleFunc("GET /sandbox/v1/faults/kinds", func(w http.ResponseWriter, _ *http.Request) {
		write(w, answer{status: http.StatusOK, body: map[string]any{"kinds": Kinds()}})
	})
}

func (s *Sandbox) serveHeld(w http.ResponseWriter, r *http.Request) {
	wait := time.Duration(0)
	if text := r.URL.Query().Get("wait"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || d > maxHeldWait {
			complain(w, http.StatusUnprocessableEntity, errors.New("wait must look like 30s and be 5m at most"))
			return
		}
		wait = d
	}
	n, err := strconv.Atoi(r.URL.Query().Get("count"))
	if err != nil || n < 1 {
		n = 1
	}
	ctx, stop := context.WithTimeout(r.Context(), wait)
	defer stop()
	held, _ := s.AwaitHeld(ctx, n) // running out of time answers what there is
	write(w, answer{status: http.StatusOK, body: map[string]any{"held": held}})
}

// ask reads a JSON body; an empty one leaves v as it is. Unknown fields are
// refused, because a misspelt fault would silently do nothing.
func ask(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		complain(w, http.StatusBadRequest, errors.New("the body must be JSON with the documented fields; durations look like 1.5s"))
		return false
	}
	return true
}

func complain(w http.ResponseWriter, code int, err error) {
	write(w, answer{status: code, body: map[string]string{"error": err.Error()}})
}
