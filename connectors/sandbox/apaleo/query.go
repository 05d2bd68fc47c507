package apaleo

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// errMoment answers a date that is none of the forms the vendor takes.
var errMoment = errors.New("must be a date, or a date and time with an offset and without a fraction of a second")

// moment reads a pure date, which gets the given hour, or a date and time with
// an offset. Fractions of a second are refused, as the vendor documents.
func (s *Sandbox) moment(text string, hour int) (pms.Date, time.Time, error) {
	if day, err := pms.ParseDate(text); err == nil {
		return day, day.At(hour, 0, s.zone), nil
	}
	at, err := instant(text)
	if err != nil {
		return pms.Date{}, time.Time{}, err
	}
	at = at.In(s.zone)
	return pms.DateOf(at), at, nil
}

func instant(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || strings.Contains(text, ".") {
		return time.Time{}, errMoment
	}
	return at, nil
}

// csv splits the values of an array parameter, which the vendor takes
// separated by commas.
func csv(values []string) []string {
	var parts []string
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if part != "" {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// within reports whether a filter lets a value through; an empty filter does.
func within(wanted []string, value string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, value)
}

// ages reads childrenAges.
func ages(q url.Values) ([]int, error) {
	parts := csv(q["childrenAges"])
	out := make([]int, 0, len(parts))
	for _, part := range parts {
		age, err := strconv.Atoi(part)
		if err != nil || age < 0 || age > 17 {
			return nil, errors.New("childrenAges must be numbers from 0 to 17")
		}
		out = append(out, age)
	}
	return out, nil
}

// page cuts a list to the page asked for. Without pageSize everything comes,
// and an empty page is 204: both as documented.
func page(q url.Values, items []any, name string) answer {
	count := len(items)
	if size, err := strconv.Atoi(q.Get("pageSize")); err == nil && size > 0 {
		number, err := strconv.Atoi(q.Get("pageNumber"))
		if err != nil || number < 1 {
			number = 1
		}
		from := min((number-1)*size, count)
		items = items[from:min(from+size, count)]
	}
	if len(items) == 0 {
		return status(http.StatusNoContent)
	}
	return answer{status: http.StatusOK, body: map[string]any{name: items, "count": count}}
}
