package transport

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
)

// Effect tells whether a call changes something at the vendor. The zero value
// is Write, so that forgetting it is safe.
type Effect int

// The effects of a call.
const (
	Write Effect = iota
	Read
)

// String is the effect's name in metrics and logs.
func (e Effect) String() string {
	if e == Read {
		return "read"
	}
	return "write"
}

// A Call is one operation of a vendor's API.
type Call struct {
	Operation string // for metrics and errors: "create"
	Effect    Effect
	Method    string
	// Path is joined to the base URL; parts that come from outside must be
	// escaped with url.PathEscape.
	Path   string
	Query  url.Values
	Header http.Header
	// Body is sent as it is, but for what an Authorizer adds; nil sends none.
	Body []byte
	// ContentType is the body's; empty means application/json.
	ContentType string
	// Out, a pointer, takes a successful JSON answer; it is left alone by a
	// failure. With an Out, an empty answer other than to a read with status 204
	// is an untrustworthy one. An Out with a method Check() error judges itself:
	// an error makes the answer untrustworthy too, and a *pms.Error may name the
	// field.
	Out any
}

// The types of bodies that are known here.
const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// fill writes the headers of a call.
func (c Call) fill(h http.Header) {
	if c.Body != nil {
		h.Set("Content-Type", cmp.Or(c.ContentType, jsonType))
	}
	h.Set("Accept", jsonType)
	h.Set("User-Agent", "VoiceHive")
	for name, values := range c.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
}

type onceKey struct{}

// Once marks a context whose reads are not repeated here, because the caller
// repeats them itself: an activity, which Temporal retries. A second request
// after a refused token, and a hedge, are no repeats in this sense.
func Once(ctx context.Context) context.Context {
	return context.WithValue(ctx, onceKey{}, true)
}

func once(ctx context.Context) bool {
	marked, _ := ctx.Value(onceKey{}).(bool)
	return marked
}
