package transport

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// An Observer is a Limiter that learns from what the vendor says of its limit.
type Observer interface {
	// Observe is told of an answer that says something of the credential's
	// limit. It must be quick: a request waits for it.
	Observe(ctx context.Context, o Observation)
}

// An Observation is what an answer said of the credential's limit.
type Observation struct {
	// Refused: the vendor refused the request because of its limit.
	Refused bool
	// Remaining is how many requests the vendor still allows; -1: not told.
	Remaining int
	// Wait is for how long the vendor allows none; 0: not told.
	Wait time.Duration
}

// tell passes on what an answer says of the limit, if it says anything.
func (c *Client) tell(ctx context.Context, r Response, err error) {
	observer, ok := c.limiter.(Observer)
	if !ok || r.Status == 0 {
		return
	}
	if o := observed(r.Header, errors.Is(err, pms.ErrRateLimited), time.Now()); o.Refused || o.Remaining >= 0 {
		// The caller's time may be over; what was learned holds for the others.
		observer.Observe(context.WithoutCancel(ctx), o)
	}
}

func observed(h http.Header, refused bool, now time.Time) Observation {
	o := Observation{Refused: refused, Remaining: -1}
	if n, err := strconv.ParseUint(limitHeader(h, "Remaining"), 10, 31); err == nil {
		o.Remaining = int(n)
	}
	if refused {
		o.Wait, _ = retryAfter(h, now)
	} else if o.Remaining == 0 {
		o.Wait, _ = reset(h, now)
	}
	return o
}

// limitHeader finds one of Limit, Remaining and Reset under the names that
// vendors use: x-rate-limit-*, x-ratelimit-*, ratelimit-*, or as a part of
// RateLimit, which names it in full or by its first letter (t for the time of
// the reset).
func limitHeader(h http.Header, what string) string {
	for _, prefix := range []string{"X-Rate-Limit-", "X-RateLimit-", "RateLimit-"} {
		if value := h.Get(prefix + what); value != "" {
			return value
		}
	}
	short := strings.ToLower(what[:1])
	if what == "Reset" {
		short = "t"
	}
	for _, part := range strings.FieldsFunc(h.Get("RateLimit"), func(r rune) bool { return r == ',' || r == ';' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if strings.EqualFold(name, what) || name == short {
			return value
		}
	}
	return ""
}

// reset reads when the vendor counts anew: as a time (ISO 8601), as seconds
// from now, or as seconds since 1970, which no number of seconds from now can be
// mistaken for.
func reset(h http.Header, now time.Time) (time.Duration, bool) {
	value := limitHeader(h, "Reset")
	if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
		return bounded(at.Sub(now)), true
	}
	seconds, err := strconv.ParseUint(value, 10, 33)
	if err != nil {
		return 0, false
	}
	if seconds > 1e9 {
		return bounded(time.Unix(int64(seconds), 0).Sub(now)), true
	}
	return bounded(time.Duration(seconds) * time.Second), true
}
