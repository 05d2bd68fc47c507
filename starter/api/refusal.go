package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/voicehive/voicehive/starter"
)

// maxBody is the longest body that is read, in bytes.
const maxBody = 64 << 10

// strictJSON is huma's JSON that also refuses text which is not UTF-8: the
// decoder would silently replace it, and a guest's name with it.
func strictJSON() huma.Format {
	return huma.Format{
		Marshal: huma.DefaultJSONFormat.Marshal,
		Unmarshal: func(data []byte, v any) error {
			if !utf8.Valid(data) {
				return errors.New("the body is not UTF-8")
			}
			return json.Unmarshal(data, v)
		},
	}
}

// refusal turns what huma found wrong into a problem. Of several faults it
// tells the first. It never quotes a value.
func refusal(e *huma.ErrorModel) *starter.Problem {
	switch e.Status {
	case http.StatusRequestEntityTooLarge:
		return starter.TooLarge.With("A body has at most 64 KiB.")
	case http.StatusUnsupportedMediaType:
		return UnsupportedMedia.With("Send the body as Content-Type: application/json.")
	case http.StatusRequestTimeout:
		return starter.MalformedRequest.With("The body did not arrive in time; send it again.")
	case http.StatusBadRequest:
		if len(e.Errors) == 0 {
			return starter.MalformedRequest.With("This request needs a JSON body.")
		}
		return starter.MalformedRequest.With("The body is not well-formed JSON in UTF-8.")
	case http.StatusUnprocessableEntity:
		if len(e.Errors) > 0 {
			return invalid(e.Errors[0])
		}
		return starter.InvalidRequest.With("See /docs for what this request needs.")
	}
	if strings.HasPrefix(e.Detail, "cannot read request body") {
		return starter.MalformedRequest.With("The body ended early; send it again.")
	}
	return starter.Internal.With("Try again; the error is in our log.")
}

// missing is how huma says that a property is not there. It then locates the
// object around it.
const missing, missingEnd = "expected required property ", " to be present"

// unexpected and unknownQuery are how huma says that a name is not known.
const unexpected, unknownQuery = "unexpected property", "unknown query parameter"

func invalid(e *huma.ErrorDetail) *starter.Problem {
	place, path := split(e.Location)
	if name, ok := strings.CutPrefix(e.Message, missing); ok {
		path = append(path, strings.TrimSuffix(name, missingEnd))
	}
	detail := "This does not fit: " + e.Message + "."
	if e.Message == unexpected && place == "body" && len(path) > 0 {
		// Its name is the caller's own, so it can be anything, a guest's too.
		path, detail = path[:len(path)-1], "There is a field here that is not known; see /docs for those that are."
	}
	if e.Message == unknownQuery {
		path, detail = nil, "There is a query parameter here that is not known; see /docs for those that are."
	}
	if strings.HasPrefix(e.Message, "json:") {
		detail = "A value is of the wrong type or too large."
	}
	if len(path) == 0 {
		return starter.InvalidRequest.With(detail)
	}
	if place == "header" {
		return header(path[0], detail)
	}
	if place == "path" {
		return address(path[0])
	}
	kind, hint := kindOf(path)
	if hint != "" {
		detail = hint
	}
	return kind.In(pointer(path), detail)
}

func header(name, detail string) *starter.Problem {
	if strings.EqualFold(name, "Idempotency-Key") {
		return starter.MissingKey.With("Send a fresh random Idempotency-Key, of at most 255 visible ASCII characters, with each new request, and the same one with a retry.")
	}
	return starter.InvalidRequest.In(name, detail)
}

func address(name string) *starter.Problem {
	if name == "id" {
		return starter.UnknownReservation.With("A reservation's id looks like 01JD3Z8Q4X0000000000000000.")
	}
	if name == "decision" {
		return starter.UnknownDecision.With("A decision's id looks like 01JD3Z8Q4X0000000000000000.")
	}
	if name == "case" {
		return starter.UnknownRequest.With("A request's id looks like 01JD3Z8Q4X0000000000000000.")
	}
	return starter.UnknownHotel.With("A hotel's id is 2 to 63 of a-z, 0-9 and -.")
}

// kindOf chooses the kind by the field, so that a fault in the form of a value
// and one in its meaning are the same kind to the caller.
func kindOf(path []string) (kind starter.Kind, hint string) {
	for _, name := range path {
		switch name {
		case "guest":
			return starter.InvalidGuest, ""
		case "occupancy", "adults", "children_ages":
			return starter.InvalidOccupancy, ""
		case "arrival", "departure":
			return starter.ImpossibleDates, "A date that exists, such as 2026-12-24, is needed."
		case "room_type":
			return starter.UnknownRoom, "Take a room type from the availability."
		case "rate_plan":
			return starter.UnknownRate, "Take a rate plan from the availability."
		}
	}
	return starter.InvalidRequest, ""
}

// split takes a location of huma's, such as body.stays[0].arrival, apart.
func split(location string) (place string, path []string) {
	parts := strings.FieldsFunc(location, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	if len(parts) == 0 {
		return "", nil
	}
	return parts[0], parts[1:]
}

// maxPointer bounds what is repeated of a property's name.
const maxPointer = 200

func pointer(path []string) string {
	var b strings.Builder
	for _, name := range path {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	if b.Len() > maxPointer {
		return ""
	}
	return b.String()
}
