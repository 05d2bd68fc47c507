package booking

import "time"

// SetClock lets a test move the activities' time.
func (a *Activities) SetClock(now func() time.Time) { a.now = now }

// TemporalError is temporalError.
func TemporalError(err error) error { return temporalError(err) }

// ErrTooEarly is errTooEarly.
var ErrTooEarly = errTooEarly
