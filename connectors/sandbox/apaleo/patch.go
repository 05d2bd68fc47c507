package apaleo

import (
	"encoding/json"
	"net/http"
	"strings"
)

// A patchStep is one operation of a JSON Patch (RFC 6902).
type patchStep struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// A target sets one patchable field; remove tells that it goes away.
type target struct {
	required bool // replace only
	set      func(value json.RawMessage, remove bool) error
}

// patchReservation is PATCH /booking/v1/reservations/{id} for the fields that
// the sandbox keeps.
func (s *Sandbox) patchReservation(c *call) answer {
	r := s.reservations[c.PathValue("id")]
	if r == nil {
		return status(http.StatusNotFound)
	}
	changed := *r
	refusal, ok := applyPatch(c, map[string]target{
		"/comment":            {set: into(&changed.comment)},
		"/guestcomment":       {set: into(&changed.guestComment)},
		"/travelpurpose":      {set: into(&changed.purpose)},
		"/additionalguests":   {set: into(&changed.additional)},
		"/primaryguest":       {required: true, set: into(&changed.primary)},
		"/validationmessages": {set: func(json.RawMessage, bool) error { return nil }},
	})
	if !ok {
		return refusal
	}
	if changed.primary != nil && changed.primary.LastName == "" {
		return refused("primaryGuest: the last name is required.")
	}
	changed.modified = s.stamp()
	*r = changed
	s.emit("changed", r)
	return status(http.StatusNoContent)
}

// patchBooking is PATCH /booking/v1/bookings/{id}.
func (s *Sandbox) patchBooking(c *call) answer {
	b := s.bookings[c.PathValue("id")]
	if b == nil {
		return status(http.StatusNotFound)
	}
	changed := *b
	refusal, ok := applyPatch(c, map[string]target{
		"/comment":       {set: into(&changed.comment)},
		"/bookercomment": {set: into(&changed.bookerNote)},
		"/booker":        {required: true, set: into(&changed.booker)},
	})
	if !ok {
		return refusal
	}
	if changed.booker.LastName == "" {
		return refused("booker: the last name is required.")
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
		remove := step.Op == "remove"
		switch {
		case !known:
			return refused("The path cannot be changed."), false
		case !remove && step.Op != "replace" && (step.Op != "add" || field.required):
			return refused("The operation is not allowed on this path."), false
		case remove && field.required:
			return refused("The path cannot be removed."), false
		}
		if err := field.set(step.Value, remove); err != nil {
			return refused("The value does not fit the path."), false
		}
	}
	return answer{}, true
}

// into decodes a patch value into a field; removing sets the zero value.
func into[T any](field *T) func(json.RawMessage, bool) error {
	return func(value json.RawMessage, remove bool) error {
		var decoded T
		if !remove {
			if err := json.Unmarshal(value, &decoded); err != nil {
				return err
			}
		}
		*field = decoded
		return nil
	}
}
