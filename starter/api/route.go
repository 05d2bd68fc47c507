package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// A route is one operation of the API: who may use it, and what is told about
// it. What it takes and answers follows from its handler's types.
type route struct {
	method, path string
	id           string
	summary      string
	description  string
	roles        []auth.Role
	person       bool           // a program is refused: somebody counts as one of two people
	problems     []starter.Kind // beside those of every route
	status       int            // of the documented success; 200 when zero
	accepted     bool           // also answers 202
	request      string         // an example body
	answer       string         // an example answer
}

// common are the problems that every route can answer.
func common() []starter.Kind {
	return []starter.Kind{starter.Unauthenticated, starter.Forbidden, starter.UnknownHotel, starter.InvalidRequest, starter.Unavailable, starter.Internal}
}

// bodied are those of every route that reads a body.
func bodied() []starter.Kind {
	return []starter.Kind{starter.MalformedRequest, starter.TooLarge, UnsupportedMedia}
}

// register adds a route. A request reaches handle when its caller is allowed
// and everything about it has the right form.
func register[I, O any](s *server, r route, handle func(context.Context, *I) (*O, error)) {
	r.status = cmp.Or(r.status, http.StatusOK)
	r.problems = append(r.problems, common()...)
	if r.request != "" {
		r.problems = append(r.problems, bodied()...)
	}
	s.routes = append(s.routes, r)
	huma.Register(s.huma, s.operation(r), func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return out, nil
	})
}

func (s *server) operation(r route) huma.Operation {
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Summary: r.summary, Description: r.description,
		DefaultStatus: r.status, Responses: s.responses(r), Middlewares: huma.Middlewares{s.guard(r.roles, r.person)},
		// huma takes a body of exactly the limit for too long.
		MaxBodyBytes: maxBody + 1,
		Extensions:   map[string]any{"x-roles": r.roles},
	}
	if r.request != "" {
		op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Example: example(r.request)}}}
	}
	return op
}

// responses documents the route's problems under their statuses.
func (s *server) responses(r route) map[string]*huma.Response {
	all := map[string]*huma.Response{}
	if r.answer != "" {
		all[strconv.Itoa(r.status)] = &huma.Response{Content: map[string]*huma.MediaType{"application/json": {Example: example(r.answer)}}}
	}
	schema := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	for _, k := range r.problems {
		status := strconv.Itoa(k.Status)
		if all[status] == nil {
			all[status] = &huma.Response{Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
		}
		line := fmt.Sprintf("%s: %s.", k.Code, k.Title)
		all[status].Description = strings.TrimSpace(all[status].Description + "\n" + line)
	}
	if r.accepted {
		reservation := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[starter.Reservation](), true, "")
		all["202"] = &huma.Response{
			Description: "Pending: the request is safe and will be carried out, but its outcome is not known yet. Ask again at Location after Retry-After seconds.",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: reservation}},
		}
	}
	return all
}

// hotelPattern is the form of a hotel's id, as the registry has it.
var hotelPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)

// guard lets a request on when its caller may do this for this hotel. It comes
// before anything else of the request is read.
func (s *server) guard(roles []auth.Role, person bool) func(huma.Context, func(huma.Context)) {
	roles = slices.Clone(roles)
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		x, hotel := exchangeOf(r.Context()), r.PathValue("hotel")
		caller, err := s.auth.Authenticate(r.Context(), r.Header.Get("Authorization"))
		if err == nil {
			x.subject, x.machine = caller.Subject, !caller.Person()
			err = s.authorize(r.Context(), caller, hotel, roles)
		}
		if err == nil && person && x.machine {
			err = noPerson()
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if hotelPattern.MatchString(hotel) {
			x.hotel = hotel
		}
		next(&corrected{humaContext: ctx})
	}
}

// authorize lets a caller on whom the token allows it, or the hotel's entry. A
// registry that does not answer allows nothing more than the token does.
func (s *server) authorize(ctx context.Context, caller auth.Caller, hotel string, roles []auth.Role) error {
	refused := auth.Authorize(caller, hotel, roles...)
	if refused == nil || s.members == nil || !hotelPattern.MatchString(hotel) {
		return refused
	}
	members, err := s.members(ctx, hotel)
	if err != nil {
		s.log.WarnContext(ctx, "the roles in a hotel's entry cannot be read", "hotel", hotel, "error", err)
		return refused
	}
	if auth.Authorize(auth.BoundAt(caller.Subject, hotel, members), hotel, roles...) == nil {
		return nil
	}
	return refused
}

// noPerson refuses a program where two people have to agree.
func noPerson() error {
	return starter.PersonNeeded.With("This counts as the word of one of two people. Send the token of somebody who signed in at the identity provider.")
}

type humaContext = huma.Context

// corrected lets transform change a status that huma has chosen.
type corrected struct {
	humaContext
	status int
}

func (c *corrected) SetStatus(status int) { c.humaContext.SetStatus(cmp.Or(c.status, status)) }

// Unwrap lets humago find its own context.
func (c *corrected) Unwrap() huma.Context { return c.humaContext }
