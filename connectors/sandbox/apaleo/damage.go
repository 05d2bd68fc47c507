package apaleo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// stuffing is how much an oversized answer has too much, in bytes.
	stuffing = 10 << 20
	// pieces are how many a slow body comes in.
	pieces = 20
	// slowest is how long a slow body takes when its fault names no Delay.
	slowest = 2 * time.Second
)

// A damage changes one value of an answer, known by the name of its field.
type damage func(field string, value any) any

// damages by kind.
var damages = map[Kind]damage{
	NumberAsText:  numberAsText,
	OtherDates:    otherDate,
	UnknownValues: unknownValue,
}

func numberAsText(_ string, value any) any {
	if n, ok := value.(json.Number); ok {
		return n.String()
	}
	return value
}

// isoDate is how the vendor writes days and moments.
var isoDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(T.*)?$`)

// otherDate writes days as Germans do and moments as Americans do, without an
// offset.
func otherDate(_ string, value any) any {
	text, ok := value.(string)
	if !ok || !isoDate.MatchString(text) {
		return value
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Format("02.01.2006")
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.Format("01/02/2006 03:04 PM")
	}
	return value
}

// unknowns are values that no file of the vendor has, by field.
var unknowns = map[string]string{
	"status":           "Waitlisted",
	"channelCode":      "VoiceAssistant",
	"guaranteeType":    "Voucher",
	"minGuaranteeType": "Voucher",
	"travelPurpose":    "Bleisure",
	"vatType":          "Special2030",
	"pricingUnit":      "Stay",
	"action":           "Teleport",
}

func unknownValue(field string, value any) any {
	if object, ok := value.(map[string]any); ok && object["id"] != nil {
		object["addedLater"] = map[string]any{"kind": "Surprise", "values": []any{1, "two"}}
		return object
	}
	if _, ok := value.(string); ok {
		if replaced := unknowns[field]; replaced != "" {
			return replaced
		}
	}
	return value
}

// damaged is an answer's body with every value changed.
func damaged(result answer, change damage) answer {
	data, err := result.encode()
	if err != nil || data == nil {
		return result
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var body any
	if dec.Decode(&body) != nil {
		return result
	}
	result.body = walk("", body, change)
	return result
}

func walk(field string, value any, change damage) any {
	switch typed := value.(type) {
	case map[string]any:
		for name, inner := range typed {
			typed[name] = walk(name, inner, change)
		}
	case []any:
		for i, inner := range typed {
			typed[i] = walk(field, inner, change)
		}
	}
	return change(field, value)
}

// stuffed adds a field of ten megabytes to the answer; one without a body gets
// a body of it.
func stuffed(result answer) answer {
	body := map[string]any{}
	if data, err := result.encode(); err == nil && data != nil {
		_ = json.Unmarshal(data, &body) // an array stays out: the stuffing is the point
	}
	body["stuffing"] = strings.Repeat("x", stuffing)
	result.body = body
	result.status = withBody(result.status)
	return result
}

// drip sends the answer in pieces over a time, or until the client gives up.
func drip(w http.ResponseWriter, c *call, result answer, over time.Duration) {
	data, err := result.encode()
	if err != nil || len(data) == 0 {
		write(w, result)
		return
	}
	for name, value := range result.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", jsonType+"; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(result.status)
	size := (len(data) + pieces - 1) / pieces
	tick := time.NewTicker(max(time.Millisecond, cmp.Or(over, slowest)/pieces))
	defer tick.Stop()
	for len(data) > 0 {
		n := min(size, len(data))
		_, _ = w.Write(data[:n]) // a client that hung up ends the context
		data = data[n:]
		_ = http.NewResponseController(w).Flush() // best effort: the piece must be under way
		select {
		case <-tick.C:
		case <-c.Context().Done():
			return
		}
	}
}
