package pms

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The kinds of failure. A caller asks with errors.Is which of them it has; the
// *Error around it tells vendor, operation and field.
var (
	// ErrAuthentication: the vendor refused the credentials. Renew them.
	ErrAuthentication = errors.New("the hotel system refused the credentials")
	// ErrPermission: the credentials lack a right or scope.
	ErrPermission = errors.New("the credentials lack a right at the hotel system")
	// ErrRateLimited: too many requests; repeat after Error.RetryAfter.
	ErrRateLimited = errors.New("the hotel system asks to slow down")
	// ErrValidation: the request is wrong in Error.Field; do not repeat it.
	ErrValidation = errors.New("the hotel system refused the request as invalid")
	// ErrNotFound: the thing asked for does not exist at the vendor.
	ErrNotFound = errors.New("not found at the hotel system")
	// ErrSoldOut: no room of that type, rate and time is left.
	ErrSoldOut = errors.New("sold out")
	// ErrConflict: the thing is in a state, or was changed by somebody, that
	// forbids the request.
	ErrConflict = errors.New("the state at the hotel system forbids the request")
	// ErrUnsupported: the vendor, or its contract with the hotel, has no such
	// operation. Answered before any call.
	ErrUnsupported = errors.New("the hotel system has no such operation")
	// ErrUnavailable: the vendor did not take the request (it could not be
	// reached, or said so before acting). Nothing changed there; repeat later.
	ErrUnavailable = errors.New("the hotel system is not available")
	// ErrOutcomeUnknown: a write was sent and no trustworthy answer came. It
	// may or may not have happened; only the write rules may resolve it.
	ErrOutcomeUnknown = errors.New("the hotel system's answer was lost; the outcome is not known")
)

// kinds lists every kind with its stable name, for metrics and error types.
var kinds = []struct {
	err  error
	name string
}{
	{ErrAuthentication, "authentication"},
	{ErrPermission, "permission"},
	{ErrRateLimited, "rate_limited"},
	{ErrValidation, "validation"},
	{ErrNotFound, "not_found"},
	{ErrSoldOut, "sold_out"},
	{ErrConflict, "conflict"},
	{ErrUnsupported, "unsupported"},
	{ErrUnavailable, "unavailable"},
	{ErrOutcomeUnknown, "outcome_unknown"},
}

// An Error is a failed operation at a vendor. It never holds guest data: no
// request or response body, no name, no contact.
type Error struct {
	Kind       error         // one of the Err values above
	Vendor     string        // "apaleo"
	Hotel      string        // the hotel's id in the registry; empty when it is not known here
	Operation  string        // "create"
	Field      string        // the field at fault, of a request or of an unreadable answer; a path of keys, never a value
	Detail     string        // what to do or what the vendor's code said; no guest data
	Status     int           // the HTTP status, 0 when there was none
	RetryAfter time.Duration // with ErrRateLimited and ErrUnavailable; 0 when not told
	Cause      error         // a transport error, without URL query or body
}

// Error tells vendor, hotel, operation, kind, field and detail in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Vendor)
	if e.Hotel != "" {
		fmt.Fprintf(&b, " (hotel %s)", e.Hotel)
	}
	fmt.Fprintf(&b, ": %s: %v", e.Operation, e.Kind)
	if e.Field != "" {
		fmt.Fprintf(&b, " (field %s)", e.Field)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, ": %s", e.Detail)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, " [HTTP %d]", e.Status)
	}
	return b.String()
}

// Unwrap lets errors.Is find the kind and errors.As the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// KindName returns the stable name of the error's kind, such as "sold_out",
// "" for nil and "internal" for an error that is none of the kinds.
func KindName(err error) string {
	if err == nil {
		return ""
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return "internal"
}

// KindNamed is the inverse of KindName; nil when no kind has that name.
func KindNamed(name string) error {
	for _, k := range kinds {
		if k.name == name {
			return k.err
		}
	}
	return nil
}
