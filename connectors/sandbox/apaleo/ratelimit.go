package apaleo

import (
	"errors"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"
)

// A RateLimit is how many requests the account may make: so many in a window
// that opens with the first of them, as the vendor's headers suggest. The real
// numbers are unconfirmed. Token requests are another host's and free.
type RateLimit struct {
	// Requests in a window; 0 limits nothing.
	Requests int
	// Window is a second by default.
	Window time.Duration
	// RetryAfter adds that header to refusals. That the vendor sends one is
	// unconfirmed.
	RetryAfter bool
	// Exempt are names of operations that do not count, wildcards as in
	// path.Match. An old page of the vendor names offers, patchReservation and
	// the actions.
	Exempt []string
}

func (l RateLimit) check() error {
	if l.Requests < 0 || l.Window < 0 || l.Window > 24*time.Hour {
		return errors.New("requests and window must not be negative, the window 24h at most")
	}
	for _, pattern := range l.Exempt {
		if _, err := path.Match(pattern, ""); err != nil {
			return errors.New("a pattern of exempt operations is malformed")
		}
	}
	return nil
}

func (l RateLimit) counts(operation string) bool {
	if l.Requests == 0 || operation == "token" {
		return false
	}
	for _, pattern := range l.Exempt {
		if ok, err := path.Match(pattern, operation); ok && err == nil {
			return false
		}
	}
	return true
}

// limiter counts requests in windows. Refused ones do not count, as the vendor
// documents.
type limiter struct {
	mu    sync.Mutex
	limit RateLimit
	used  int
	ends  time.Time
}

func (l *limiter) set(limit RateLimit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limit.Window == 0 {
		limit.Window = time.Second
	}
	l.limit, l.used, l.ends = limit, 0, time.Time{}
}

// take counts a request and notes the state of the window in the answer's
// headers; false when the request must be refused.
func (l *limiter) take(header http.Header, operation string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.limit.counts(operation) {
		return true
	}
	if !now.Before(l.ends) {
		l.used, l.ends = 0, now.Add(l.limit.Window)
	}
	allowed := l.used < l.limit.Requests
	if allowed {
		l.used++
	} else if l.limit.RetryAfter {
		header.Set("Retry-After", strconv.Itoa(seconds(l.ends.Sub(now))))
	}
	header.Set("x-rate-limit-limit", window(l.limit.Window))
	header.Set("x-rate-limit-remaining", strconv.Itoa(l.limit.Requests-l.used))
	header.Set("x-rate-limit-reset", l.ends.UTC().Format("2006-01-02T15:04:05.0000000Z"))
	return allowed
}

// seconds are whole ones, rounded up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// window writes a length of time as the header was seen in the field: "10m".
func window(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	case d%time.Second == 0:
		return strconv.Itoa(int(d/time.Second)) + "s"
	}
	return d.String()
}

// SetRateLimit replaces Options.RateLimit until Reset.
func (s *Sandbox) SetRateLimit(limit RateLimit) error {
	if err := limit.check(); err != nil {
		return err
	}
	s.limiter.set(limit)
	return nil
}
