package apaleospec

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

const (
	maxBody = 32 << 20 // bytes of a body that are checked; longer is a finding
	// faultSign is the header with which the sandbox marks an answer that it
	// spoiled on purpose.
	faultSign = "X-Sandbox-Fault"
	// controlPath is the sandbox's own API, which is not the vendor's.
	controlPath = "/sandbox/v1/"
)

// A Finding is one disagreement with the spec. It names places, not values, so
// it holds no guest data.
type Finding struct {
	Operation string // the vendor's operation id, or method and path
	Response  bool   // in the answer, else in the request
	Status    int    // of the answer; 0 when it was lost
	Prose     bool   // measured against our hand-written schema
	Detail    string
}

// String tells a finding in one line.
func (f Finding) String() string {
	side := "request"
	if f.Response {
		side = "answer"
	}
	against := "the vendor's file"
	if f.Prose {
		against = "prose.yaml"
	}
	return fmt.Sprintf("%s: %s (status %d) does not fit %s: %s", f.Operation, side, f.Status, against, f.Detail)
}

// Middleware checks every request to next, and every answer that was not
// spoiled on purpose, and reports what does not fit. It changes neither. The
// report comes before the client can have read the whole answer's end, and
// from the request's goroutine.
func (s *Spec) Middleware(next http.Handler, report func(Finding)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, controlPath) {
			next.ServeHTTP(w, r)
			return
		}
		s.check(w, r, next, report)
	})
}

func (s *Spec) check(w http.ResponseWriter, r *http.Request, next http.Handler, report func(Finding)) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client is gone
	}
	rest := r.Body
	r.Body = readCloser{io.MultiReader(bytes.NewReader(body), rest), rest}
	where, route, params := s.route(r)
	if route == nil {
		if s.vendor { // else the operation may well be the vendor's
			report(Finding{Operation: r.Method + " " + r.URL.Path, Detail: "no such operation"})
		}
		next.ServeHTTP(w, r)
		return
	}
	input := s.input(r, body, route, params)
	requestFaults := s.checkRequest(input)

	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	tell := func(response bool, status int, details []string) {
		for _, detail := range details {
			report(Finding{Operation: route.Operation.OperationID, Response: response, Status: status, Prose: where.prose, Detail: detail})
		}
	}
	defer func() {
		spoiled := rec.hijacked || rec.Header().Get(faultSign) != ""
		if p := recover(); p != nil { // a cut connection
			tell(false, 0, requestFaults)
			panic(p)
		}
		if spoiled {
			tell(false, 0, requestFaults)
			return
		}
		tell(false, rec.status, requestFaults)
		tell(true, rec.status, checkResponse(input, rec))
		s.count(route.Operation.OperationID, rec.status)
	}()
	next.ServeHTTP(rec, r)
}

func (s *Spec) route(r *http.Request) (part, *routers.Route, map[string]string) {
	for _, p := range s.parts {
		if route, params, err := p.router.FindRoute(r); err == nil {
			return p, route, params
		}
	}
	return part{}, nil, nil
}

func (s *Spec) input(r *http.Request, body []byte, route *routers.Route, params map[string]string) *openapi3filter.RequestValidationInput {
	clone := r.Clone(context.WithoutCancel(r.Context()))
	clone.Body = io.NopCloser(bytes.NewReader(body))
	return &openapi3filter.RequestValidationInput{
		Request: clone, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError:            true,
			SkipSettingDefaults:   true,
			IncludeResponseStatus: true,
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
		},
	}
}

func (s *Spec) checkRequest(input *openapi3filter.RequestValidationInput) []string {
	found := reasons(openapi3filter.ValidateRequest(input.Request.Context(), input))
	for name, values := range input.Request.URL.Query() {
		known := slices.ContainsFunc(input.Route.Operation.Parameters, func(p *openapi3.ParameterRef) bool {
			return p.Value.In == openapi3.ParameterInQuery && p.Value.Name == name
		})
		if !known {
			found = append(found, fmt.Sprintf("query parameter %s is not known", name))
		}
		if len(values) > 1 {
			found = append(found, fmt.Sprintf("query parameter %s is repeated", name))
		}
	}
	return found
}

func checkResponse(input *openapi3filter.RequestValidationInput, rec *recorder) []string {
	if rec.body.Len() > maxBody {
		return []string{"the answer is too long to be checked"}
	}
	if rec.status == http.StatusNoContent && rec.body.Len() > 0 {
		return []string{"an answer 204 has a body"}
	}
	response := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: rec.status, Header: rec.Header(), Options: input.Options,
	}
	response.SetBodyBytes(rec.body.Bytes())
	return reasons(openapi3filter.ValidateResponse(input.Request.Context(), response))
}

// reasons flattens the checker's errors to places and rules, without values.
func reasons(err error) []string {
	if err == nil {
		return nil
	}
	var many openapi3.MultiError
	var request *openapi3filter.RequestError
	var response *openapi3filter.ResponseError
	var schema *openapi3.SchemaError
	switch {
	case asExactly(err, &many):
		var all []string
		for _, e := range many {
			all = append(all, reasons(e)...)
		}
		return all
	case asExactly(err, &request):
		at := "body"
		if request.Parameter != nil {
			at = request.Parameter.In + " parameter " + request.Parameter.Name
		}
		return prefixed(at+": ", request.Err, request.Reason)
	case asExactly(err, &response):
		return prefixed("", response.Err, response.Reason)
	case asExactly(err, &schema):
		return []string{"/" + strings.Join(schema.JSONPointer(), "/") + ": " + schema.Reason}
	}
	var parse *openapi3filter.ParseError
	if errors.As(err, &parse) {
		return []string{"cannot be parsed as its type"} // the error would quote the value
	}
	return []string{err.Error()}
}

func prefixed(prefix string, cause error, reason string) []string {
	inner := reasons(cause)
	if len(inner) == 0 {
		inner = []string{reason}
	}
	for i := range inner {
		inner[i] = prefix + inner[i]
	}
	return inner
}

// asExactly is errors.As for the outermost error only, so that each layer adds
// its own place.
func asExactly[T error](err error, to *T) bool {
	typed, ok := err.(T)
	if ok {
		*to = typed
	}
	return ok
}

type readCloser struct {
	io.Reader
	io.Closer
}

// recorder copies an answer while it passes.
type recorder struct {
	http.ResponseWriter
	status   int
	wrote    bool
	hijacked bool
	body     bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.wrote, r.status = true, status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.wrote = true
	if r.body.Len() <= maxBody {
		r.body.Write(p)
	}
	return r.ResponseWriter.Write(p)
}

// Hijack lets a fault cut the connection.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.hijacked = true
	return http.NewResponseController(r.ResponseWriter).Hijack()
}

// Unwrap lets a response controller reach the rest.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
