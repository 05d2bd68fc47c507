package codec

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/voicehive/voicehive/starter"
)

// problem is a *starter.Problem as RFC 9457 has it. Nobody is on the phone
// here, so it has nothing to say.
type problem struct {
	Type       string `json:"type"`
	Title      string `json:"title"`
	Status     int    `json:"status"`
	Detail     string `json:"detail"`
	RetryAfter int    `json:"retry_after,omitempty"` // seconds
}

// refuse answers with a problem. What is no *starter.Problem tells nothing.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *starter.Problem
	if !errors.As(err, &p) {
		p = starter.Internal.With("Try again; the error is in our log.")
	}
	if p.Status >= http.StatusInternalServerError {
		s.Logger.ErrorContext(r.Context(), "payloads could not be opened", "problem", p.Code, "error", err)
	}
	body := problem{
		Type: "/problems/" + p.Code, Title: p.Title, Status: p.Status, Detail: p.Detail,
		RetryAfter: int(math.Ceil(p.RetryAfter.Seconds())),
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	if body.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(body.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="voicehive"`)
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(body) // a caller that is gone needs no answer
}
