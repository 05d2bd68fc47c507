package apaleo

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// A patchStep is one operation of a JSON Patch (RFC 6902).
type patchStep struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
	From  string          `json:"from"`
}

// A target is one patchable field: which operations the vendor documents for
// it, and how it is set. No value at all removes it.
type target struct {
	ops []string
	set func(value json.RawMessage) error
}

// written are the operations of most fields.
var written = []string{"add", "replace", "remove"}

// patchReservation is PATCH /booking/v1/reservations/{id}: the fields and
// operations that the vendor lists, and no others.
func (s *Sandbox) patchReservation(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	changed := *r
	var companyID string
	refusal, ok := applyPatch(c, map[string]target{
		"/comment":            {written, into(&changed.comment)},
		"/guestcomment":       {written, into(&changed.guestComment)},
		"/paymentaccount":     {written, into(&changed.account)},
		"/travelpurpose":      {written, into(&changed.purpose)},
		"/additionalguests":   {written, into(&changed.additional)},
		"/company/id":         {[]string{"add"}, into(&companyID)},
		"/commission":         {written, into(&changed.commission)},
		"/primaryguest":       {[]string{"replace"}, into(&changed.primary)},
		"/validationmessages": {[]string{"remove"}, func(json.RawMessage) error { return nil }},
	})
	if !ok {
		return refusal
	}
	if message := changed.checkPatched(companyID); message != "" {
		return refused(message)
	}
	hadAccount := r.account != nil
	*r = changed
	s.touch(r)
	s.emit("changed", r)
	s.emitAccount(hadAccount, r.account != nil, r)
	return status(http.StatusNoContent)
}

// checkPatched tells what is wrong with the patched reservation; it enters the
// company, which can be set once only.
func (r *reservation) checkPatched(companyID string) string {
	if r.primary != nil {
		if message := r.primary.check(); message != "" {
			return "primaryGuest: " + message
		}
	}
	for _, guest := range r.additional {
		if message := guest.check(); message != "" {
			return "additionalGuests: " + message
		}
	}
	if !slices.Contains([]string{"", "Business", "Leisure"}, r.purpose) {
		return "travelPurpose: is not known."
	}
	if companyID == "" {
		return ""
	}
	if r.company != "" || companyID != CompanyID {
		return "company: is set already, or does not exist."
	}
	r.company = companyID
	return ""
}

// emitAccount tells that a payment account came or went.
func (s *Sandbox) emitAccount(had, has bool, r *reservation) {
	switch {
	case has && !had:
		s.emit("payment-account-set", r)
	case had && !has:
		s.emit("payment-account-removed", r)
	}
}

// patchBooking is PATCH /booking/v1/bookings/{id}. That the vendor also copies
// fields between a booking and its reservations is left out: how such a path
// looks is not documented.
func (s *Sandbox) patchBooking(c *call) answer {
	b := s.bookings[c.PathValue("id")]
	if b == nil {
		return status(http.StatusNotFound)
	}
	changed := *b
	refusal, ok := applyPatch(c, map[string]target{
		"/paymentaccount": {written, into(&changed.account)},
		"/comment":        {written, into(&changed.comment)},
		"/bookercomment":  {written, into(&changed.bookerNote)},
		"/booker":         {[]string{"replace"}, into(&changed.booker)},
	})
	if !ok {
		return refusal
	}
	if message := changed.booker.check(); message != "" {
		return refused("booker: " + message)
	}
	changed.modified = s.stamp()
	*b = changed
	for _, r := range b.reservations {
		s.emit("changed", r)
	}
	return status(http.StatusNoContent)
}

// applyPatch runs the steps over targets keyed by path in lower case. The
// caller applies them to a copy, so a refused patch changes nothing.
func applyPatch(c *call, targets map[string]target) (answer, bool) {
	var steps []patchStep
	if refusal, ok := c.decode(&steps); !ok {
		return refusal, false
	}
	for _, step := range steps {
		field, known := targets[strings.ToLower(step.Path)]
		switch {
		case !known:
			return refused("The path cannot be changed."), false
		case !slices.Contains(field.ops, step.Op):
			return refused("The operation is not allowed on this path."), false
		}
		value := step.Value
		if step.Op == "remove" {
			value = nil
		} else if value == nil {
			return refused("The operation needs a value."), false
		}
		if err := field.set(value); err != nil {
			return refused("The value does not fit the path."), false
		}
	}
	return answer{}, true
}

// into decodes a patch value into a field, whose model must know each of its
// fields: Swagger leaves values open, so no spec check sees a misspelt one.
// Removing sets the zero value.
func into[T any](field *T) func(json.RawMessage) error {
	return func(value json.RawMessage) error {
		var decoded T
		if value != nil {
			dec := json.NewDecoder(bytes.NewReader(value))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&decoded); err != nil {
				return err
			}
		}
		*field = decoded
		return nil
	}
}
