// Package clocktest shows code a wall clock that somebody set, as an operator, a
// time server or a resumed machine does. For tests only.
package clocktest

import (
	"fmt"
	"sync"
	"time"
	"unsafe"
)

// Jumps are what a wall clock does in the tests here.
func Jumps() []time.Duration {
	return []time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour}
}

// layout is that of time.Time: with the highest bit of wall set, the next 33 are
// seconds since 1885, the last 30 nanoseconds, and ext is the monotonic reading.
type layout struct {
	wall uint64
	ext  int64
	_    *time.Location
}

const (
	hasMonotonic = 1 << 63
	nanosecond   = 30
)

// since1885 begins the seconds of a time with a monotonic reading.
var since1885 = time.Date(1885, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// Jumped returns a reading of time.Now as it would be had the wall clock been set
// by so much in between: another date, and the same monotonic reading. There is
// no public way to make one, so it writes into the time itself, and panics when
// the library keeps it in another form one day.
func Jumped(now time.Time, by time.Duration) time.Time {
	jumped, want := now, now.Round(0).Add(by) // Round drops the monotonic reading
	raw := (*layout)(unsafe.Pointer(&jumped))
	if raw.wall&hasMonotonic == 0 {
		panic("clocktest: this time was not read by time.Now")
	}
	raw.wall = hasMonotonic | uint64(want.Unix()-since1885)<<nanosecond | uint64(want.Nanosecond())
	if !jumped.Round(0).Equal(want) || jumped.Sub(now) != 0 {
		panic(fmt.Sprintf("clocktest: time.Time has another form: %v instead of %v", jumped, want))
	}
	return jumped
}

// A Clock is moved by hand: Pass lets time go by, Set changes the wall clock and
// nothing else.
type Clock struct {
	mu   sync.Mutex
	now  time.Time
	jump time.Duration
}

// New returns a clock that stands at this moment. Not within a synctest bubble,
// whose times have no monotonic reading.
func New() *Clock { return &Clock{now: time.Now()} }

// Now is what time.Now would return.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Jumped(c.now, c.jump)
}

// Pass lets time go by.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set moves the wall clock away from the truth by so much in all.
func (c *Clock) Set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jump = by
}
