package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
)

// Kinds of problem that only HTTP has, beside those of starter.Problems.
var (
	MethodNotAllowed = starter.Kind{Code: "method-not-allowed", Status: http.StatusMethodNotAllowed, Title: "The address has no such method"}
	UnsupportedMedia = starter.Kind{Code: "unsupported-media-type", Status: http.StatusUnsupportedMediaType, Title: "The body is not JSON"}
)

// Problems lists every kind that the API answers.
func Problems() []starter.Kind {
	return append(starter.Problems(), MethodNotAllowed, UnsupportedMedia)
}

const problemType = "application/problem+json"

// A Problem is a *starter.Problem on the wire, as RFC 9457 has it.
type Problem struct {
	Type     string `json:"type" format:"uri-reference" example:"/problems/sold-out" doc:"Stable name of the kind of problem, and where to read about it"`
	Title    string `json:"title" doc:"What the kind means, in English, always the same"`
	Status   int    `json:"status" doc:"The HTTP status"`
	Detail   string `json:"detail,omitempty" doc:"What is wrong here, and the next step, in English"`
	Instance string `json:"instance" doc:"The request's id, as in X-Request-Id and in the log"`
	Field    string `json:"field,omitempty" example:"/guest/email" doc:"JSON pointer to the input at fault"`
	Say      string `json:"say" doc:"A sentence to say to the caller, in the best language of Accept-Language"`
	// RetryAfter is also in the header of that name.
	RetryAfter   int         `json:"retry_after,omitempty" doc:"Seconds after which to send the same request again"`
	Alternatives []pms.Offer `json:"alternatives,omitempty" doc:"Offers that could be booked instead"`
}

// Error, GetStatus, ContentType and GetHeaders are what huma asks of an error.
func (p *Problem) Error() string { return p.Title }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the one of problem details.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders are those that go with the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{"Vary": {"Accept-Language"}}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="voicehive"`)
	}
	return h
}

// problem makes the answer to a failure and notes it in the exchange. Failures
// that are no *starter.Problem tell the caller nothing.
func problem(ctx context.Context, err error) *Problem {
	x, p := exchangeOf(ctx), problemOf(err)
	x.problem = p.Code
	if p.Status >= http.StatusInternalServerError {
		x.err = err
		if cause := p.Unwrap(); cause != nil && error(p) == err {
			x.err = errors.Join(err, cause)
		}
	}
	alternatives := forCallers(p.Alternatives)
	return &Problem{
		Type: "/problems/" + p.Code, Title: p.Title, Status: p.Status, Detail: p.Detail, Instance: x.id, Field: p.Field,
		Say: say(x.acceptLanguage, p.Code, alternatives), RetryAfter: seconds(p.RetryAfter), Alternatives: alternatives,
	}
}

func problemOf(err error) *starter.Problem {
	var p *starter.Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		p = starter.Unavailable.With("It took too long; send the same request again.")
		p.RetryAfter = 2 * time.Second
		return p
	}
	return starter.Internal.With("Try again; the error is in our log.")
}

// refuse answers with a problem where huma does not.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problem(r.Context(), err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// forCallers leaves out what only the connector needs. The offers may be
// shared with others, so it works on a copy. The result is never nil.
func forCallers(offers []pms.Offer) []pms.Offer {
	out := slices.Clone(offers)
	for i := range out {
		out[i].Vendor = nil
	}
	if out == nil {
		out = []pms.Offer{}
	}
	return out
}

// transform replaces huma's own errors by problems, and their status too.
func transform(ctx huma.Context, _ string, v any) (any, error) {
	refused, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := problem(ctx.Context(), refusal(refused))
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	if c, ok := ctx.(*corrected); ok {
		c.status = p.Status
	}
	return p, nil
}
