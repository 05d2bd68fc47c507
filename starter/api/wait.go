package api

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// defaultWait is about as long as a caller on the phone stays patient.
	defaultWait = 10 * time.Second
	maxWait     = 60 * time.Second
	// readTime bounds a read; what takes longer is of no use in a call.
	readTime = 10 * time.Second
)

// waiting bounds ctx by what the caller's Prefer header asks for, and returns
// the Preference-Applied that tells so, if it asked.
func waiting(ctx context.Context, prefer string) (context.Context, context.CancelFunc, string) {
	wait, asked := preferredWait(prefer)
	if !asked {
		wait = defaultWait
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	if !asked {
		return ctx, cancel, ""
	}
	return ctx, cancel, fmt.Sprintf("wait=%d", int(wait/time.Second))
}

// preferredWait reads wait=N, in seconds, from a Prefer header of RFC 7240,
// and brings it between one second, which storing a request needs, and
// maxWait. A malformed preference does not count, as the RFC has it.
func preferredWait(prefer string) (time.Duration, bool) {
	for preference := range strings.SplitSeq(prefer, ",") {
		preference, _, _ = strings.Cut(preference, ";")
		name, value, _ := strings.Cut(preference, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		seconds, err := strconv.ParseUint(strings.Trim(strings.TrimSpace(value), `"`), 10, 31)
		if err != nil {
			return 0, false
		}
		return min(max(time.Duration(seconds)*time.Second, time.Second), maxWait), true
	}
	return 0, false
}
