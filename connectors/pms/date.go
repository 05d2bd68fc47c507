package pms

import (
	"fmt"
	"time"
)

// dateLayout is the ISO 8601 calendar date.
const dateLayout = "2006-01-02"

// A Date is a calendar day at the hotel. It has no time and no zone, so it
// cannot slip by a day when it crosses one. The zero Date is no date at all.
type Date struct {
	year  int
	month time.Month
	day   int
}

// NewDate returns the day that the parts name, normalised as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 12, 0, 0, 0, time.UTC))
}

// DateOf returns the day that t shows on the wall clock of its own location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// ParseDate reads a date in the form 2026-12-24.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		return Date{}, fmt.Errorf("pms: a date must look like 2026-12-24")
	}
	return DateOf(t), nil
}

// MustParseDate is ParseDate for constants in code and tests; it panics.
func MustParseDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// String returns the date as 2026-12-24, or "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(dateLayout)
}

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return d == Date{} }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// AddDays returns the date n days later; n may be negative.
func (d Date) AddDays(n int) Date { return NewDate(d.year, d.month, d.day+n) }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.utc().Before(e.utc()) }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// NightsUntil counts the nights from d to departure; negative when departure
// is earlier.
func (d Date) NightsUntil(departure Date) int {
	// Seconds, not a time.Duration, which ends at 292 years.
	return int((departure.utc().Unix() - d.utc().Unix()) / (24 * 60 * 60))
}

// At returns the moment at which the wall clock in zone shows hour:minute on
// this day. On a night when clocks change, a time that does not exist becomes
// the one that time.Date gives.
func (d Date) At(hour, minute int, zone *time.Location) time.Time {
	return time.Date(d.year, d.month, d.day, hour, minute, 0, 0, zone)
}

// MarshalText writes the date as 2026-12-24, and the zero Date as "".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func (d Date) utc() time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}
