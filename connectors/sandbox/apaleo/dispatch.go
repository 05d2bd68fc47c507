package apaleo

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// An operation is one row of the API: how it is reached and who may.
type operation struct {
	name    string // for faults and counters
	method  string
	path    string   // a pattern of http.ServeMux
	scopes  []string // any of them is enough; none: the token endpoint
	body    string   // the media type a body must have; "" takes no body
	handle  func(*Sandbox, *call) answer
	outside bool // the handler takes the lock itself
}

// A call is a request with its body read.
type call struct {
	*http.Request
	body []byte
}

// An answer is what goes back: JSON when body is not nil.
type answer struct {
	status int
	body   any
	header map[string]string
}

func status(code int) answer { return answer{status: code} }

// refused is Apaleo's 422.
func refused(messages ...string) answer {
	return answer{status: http.StatusUnprocessableEntity, body: map[string]any{"messages": messages}}
}

// Scopes that the operations ask for, as the vendor names them.
const (
	scopeOffers     = "offers.read"
	scopeRead       = "reservations.read"
	scopeCreate     = "reservations.create"
	scopeManage     = "reservations.manage"
	scopeSetup      = "setup.read"
	scopeSetupMore  = "setup.manage"
	scopeRatePlans  = "rateplans.read-corporate"
	scopeOccupation = "availability.read"
	scopeProperties = "properties.read"
	scopeUnitGroups = "unitgroups.read"
)

// operations is the whole API. The scopes of inventory, rate plans and
// availability are unconfirmed, so each of them takes the widest too.
func operations() []operation {
	read := []string{scopeRead, scopeManage}
	manage := []string{scopeManage}
	offer := []string{scopeOffers, scopeManage}
	setup := []string{scopeSetup, scopeSetupMore, scopeManage, scopeProperties, scopeUnitGroups}
	return []operation{
		{name: "token", method: "POST", path: "/connect/token", body: "application/x-www-form-urlencoded", handle: (*Sandbox).issueToken},
		{name: "properties", method: "GET", path: "/inventory/v1/properties", scopes: setup, handle: (*Sandbox).listProperties},
		{name: "propertyCount", method: "GET", path: "/inventory/v1/properties/$count", scopes: setup, handle: (*Sandbox).propertyCount},
		{name: "property", method: "GET", path: "/inventory/v1/properties/{id}", scopes: setup, handle: (*Sandbox).readProperty},
		{name: "unitGroups", method: "GET", path: "/inventory/v1/unit-groups", scopes: setup, handle: (*Sandbox).unitGroups},
		{name: "ratePlans", method: "GET", path: "/rateplan/v1/rate-plans", scopes: append(setup, scopeRatePlans), handle: (*Sandbox).ratePlans},
		{name: "availability", method: "GET", path: "/availability/v1/unit-groups", scopes: append(setup, scopeOccupation), handle: (*Sandbox).availability},
		{name: "offers", method: "GET", path: "/booking/v1/offers", scopes: offer, handle: (*Sandbox).offers},
		{name: "serviceOffers", method: "GET", path: "/booking/v1/service-offers", scopes: offer, handle: (*Sandbox).serviceOffers},
		{name: "createBooking", method: "POST", path: "/booking/v1/bookings", scopes: []string{scopeCreate, scopeManage}, body: jsonType, handle: (*Sandbox).createBooking},
		{name: "bookings", method: "GET", path: "/booking/v1/bookings", scopes: read, handle: (*Sandbox).listBookings},
		{name: "booking", method: "GET", path: "/booking/v1/bookings/{id}", scopes: read, handle: (*Sandbox).readBooking},
		{name: "patchBooking", method: "PATCH", path: "/booking/v1/bookings/{id}", scopes: manage, body: jsonType, handle: (*Sandbox).patchBooking},
		{name: "reservations", method: "GET", path: "/booking/v1/reservations", scopes: read, handle: (*Sandbox).listReservations},
		{name: "reservationCount", method: "GET", path: "/booking/v1/reservations/$count", scopes: read, handle: (*Sandbox).countReservations},
		{name: "reservation", method: "GET", path: "/booking/v1/reservations/{id}", scopes: read, handle: (*Sandbox).readReservation},
		{name: "patchReservation", method: "PATCH", path: "/booking/v1/reservations/{id}", scopes: manage, body: jsonType, handle: (*Sandbox).patchReservation},
		{name: "reservationOffers", method: "GET", path: "/booking/v1/reservations/{id}/offers", scopes: offer, handle: (*Sandbox).reservationOffers},
		{name: "reservationServiceOffers", method: "GET", path: "/booking/v1/reservations/{id}/service-offers", scopes: offer, handle: (*Sandbox).reservationServiceOffers},
		{name: "reservationServices", method: "GET", path: "/booking/v1/reservations/{id}/services", scopes: read, handle: (*Sandbox).reservationServices},
		{name: "removeService", method: "DELETE", path: "/booking/v1/reservations/{id}/services", scopes: manage, handle: (*Sandbox).removeService},
		{name: "amend", method: "PUT", path: "/booking/v1/reservation-actions/{id}/amend", scopes: manage, body: jsonType, handle: (*Sandbox).amend},
		{name: "cancel", method: "PUT", path: "/booking/v1/reservation-actions/{id}/cancel", scopes: manage, handle: (*Sandbox).cancel},
		{name: "noShow", method: "PUT", path: "/booking/v1/reservation-actions/{id}/noshow", scopes: manage, handle: (*Sandbox).noShow},
		{name: "bookService", method: "PUT", path: "/booking/v1/reservation-actions/{id}/book-service", scopes: manage, body: jsonType, handle: (*Sandbox).bookService},
		{name: "addCityTax", method: "PUT", path: "/booking/v1/reservation-actions/{id}/add-city-tax", scopes: manage, handle: (*Sandbox).addCityTax},
		{name: "removeCityTax", method: "PUT", path: "/booking/v1/reservation-actions/{id}/remove-city-tax", scopes: manage, handle: (*Sandbox).removeCityTax},
		{name: "subscribe", method: "POST", path: "/v1/subscriptions", scopes: manage, body: jsonType, handle: (*Sandbox).subscribe, outside: true},
		{name: "subscriptions", method: "GET", path: "/v1/subscriptions", scopes: manage, handle: (*Sandbox).listSubscriptions, outside: true},
		{name: "subscription", method: "GET", path: "/v1/subscriptions/{id}", scopes: manage, handle: (*Sandbox).readSubscription, outside: true},
		{name: "resubscribe", method: "PUT", path: "/v1/subscriptions/{id}", scopes: manage, body: jsonType, handle: (*Sandbox).resubscribe, outside: true},
		{name: "unsubscribe", method: "DELETE", path: "/v1/subscriptions/{id}", scopes: manage, handle: (*Sandbox).unsubscribe, outside: true},
	}
}

func (s *Sandbox) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, op := range operations() {
		mux.HandleFunc(op.method+" "+op.path, func(w http.ResponseWriter, r *http.Request) {
			s.serve(w, r, op)
		})
	}
	s.control(mux)
	return mux
}

// serve takes one request through reading, authorisation and faults to its
// handler. A request that the vendor would refuse anyway is refused, so that a
// fault is spent on one that would have worked; only revoked tokens and a reset
// before the commit come earlier.
func (s *Sandbox) serve(w http.ResponseWriter, r *http.Request, op operation) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			write(w, status(http.StatusRequestEntityTooLarge))
		}
		return // else the client is gone
	}
	defer s.traffic.begin(r, op.name, s.Now())()
	s.settle()
	if !s.limiter.take(w.Header(), op.name, s.Now()) {
		s.throttle(op)
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	c := &call{Request: r, body: body}
	fault, delayed := s.faults.draw(r.Context(), op)
	s.note(op, fault, delayed > 0)
	if fault.Kind == RevokeTokens {
		s.RevokeTokens()
	}
	if refusal, ok := s.admit(op, c); !ok {
		write(w, refusal)
		return
	}
	s.inject(w, c, op, fault)
}

// run runs the operation and sends the events it caused.
func (s *Sandbox) run(op operation, c *call) answer {
	if op.outside {
		return op.handle(s, c)
	}
	s.mu.Lock()
	result := op.handle(s, c)
	events := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	s.hooks.send(events)
	return result
}

// admit checks token, scope and media type.
func (s *Sandbox) admit(op operation, c *call) (answer, bool) {
	if len(op.scopes) > 0 {
		granted, ok := s.authorised(c.Header.Get("Authorization"))
		if !ok {
			return answer{status: http.StatusUnauthorized, header: map[string]string{"WWW-Authenticate": "Bearer"}}, false
		}
		if !slices.ContainsFunc(op.scopes, func(scope string) bool { return slices.Contains(granted, scope) }) {
			return status(http.StatusForbidden), false // an empty body, as seen in the field
		}
	}
	if op.body != "" {
		if kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || kind != op.body {
			return op.unsupported(), false
		}
	}
	return answer{}, true
}

// unsupported is the answer to a body of another media type. The webhook API
// answers it in problem+json, as seen in the field.
func (op operation) unsupported() answer {
	a := status(http.StatusUnsupportedMediaType)
	if strings.HasPrefix(op.path, "/v1/subscriptions") {
		a.header = map[string]string{"Content-Type": "application/problem+json; charset=utf-8"}
		a.body = map[string]any{"title": "Unsupported Media Type", "status": a.status}
	}
	return a
}

// decode reads the body into v; an answer with status 400 when it is no JSON.
func (c *call) decode(v any) (answer, bool) {
	if err := json.Unmarshal(c.body, v); err != nil {
		return status(http.StatusBadRequest), false
	}
	return answer{}, true
}

// write sends an answer. An answer that cannot be encoded would be a bug of
// the sandbox and shows as 500.
func write(w http.ResponseWriter, a answer) {
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	data, err := a.encode()
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if data != nil && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", jsonType+"; charset=utf-8")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(data) // a client that hung up cannot be told
}

func (a answer) encode() ([]byte, error) {
	if a.body == nil {
		return nil, nil
	}
	return json.Marshal(a.body)
}

// wireTime is a moment in the property's zone to the second, as stays carry it.
func (s *Sandbox) wireTime(t time.Time) string { return t.In(s.zone).Format(time.RFC3339) }

// wireStamp is a moment with the seven fractional digits that the vendor's
// answers have.
func (s *Sandbox) wireStamp(t time.Time) string {
	return t.In(s.zone).Format("2006-01-02T15:04:05.0000000Z07:00")
}
