package transport

import (
	"net/http"
	"strconv"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// kindOf says what an HTTP status means for a call when the vendor has no
// better word. Statuses that can come after the vendor acted, a server error or
// a redirect by something in between, leave the outcome of a write open.
func kindOf(status int, effect Effect) error {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType,
		http.StatusNotAcceptable, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong:
		return pms.ErrValidation
	case http.StatusUnauthorized:
		return pms.ErrAuthentication
	case http.StatusForbidden, http.StatusPaymentRequired, http.StatusUnavailableForLegalReasons:
		return pms.ErrPermission
	case http.StatusNotFound, http.StatusGone:
		return pms.ErrNotFound
	case http.StatusMethodNotAllowed:
		return pms.ErrUnsupported
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusLocked, http.StatusPreconditionRequired:
		return pms.ErrConflict
	case http.StatusTooManyRequests:
		return pms.ErrRateLimited
	case http.StatusTooEarly, http.StatusMisdirectedRequest, http.StatusProxyAuthRequired:
		return pms.ErrUnavailable
	case http.StatusRequestTimeout:
		return lost(effect)
	}
	if status >= 400 && status < 500 {
		return pms.ErrValidation
	}
	return lost(effect)
}

// lost is the kind of failure of a request that may have reached the vendor
// and has no trustworthy answer.
func lost(effect Effect) error {
	if effect == Read {
		return pms.ErrUnavailable
	}
	return pms.ErrOutcomeUnknown
}

// The bounds of a wait that a vendor asks for. A vendor that names none, or
// nonsense, gets the default; one that names hours is asked again earlier.
const (
	minRetryAfter     = time.Second
	defaultRetryAfter = 5 * time.Second
	maxRetryAfter     = 5 * time.Minute
)

// retryAfter reads when to come back: Retry-After in seconds or as a date, or
// when the vendor's limit counts anew.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return bounded(time.Duration(seconds) * time.Second), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return bounded(at.Sub(now)), true
	}
	return reset(h, now)
}

func bounded(d time.Duration) time.Duration {
	return min(max(d, minRetryAfter), maxRetryAfter)
}

// refusal turns an answer that is no success into an error.
func (c *Client) refusal(call Call, r Response) *pms.Error {
	var failure *pms.Error
	if c.o.Refusal != nil {
		failure = c.o.Refusal(call, r)
	}
	if failure == nil {
		failure = &pms.Error{Kind: kindOf(r.Status, call.Effect)}
	}
	failure.Status = r.Status
	if wait, told := retryAfter(r.Header, time.Now()); told {
		failure.RetryAfter = wait
	} else if failure.Kind == pms.ErrRateLimited {
		failure.RetryAfter = defaultRetryAfter
	}
	return failure
}
