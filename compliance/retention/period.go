package retention

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Period is a length of time of the calendar, in whole days: ISO 8601 without
// its part behind the T.
type Period struct{ Months, Days int }

// maxYears bounds a period; what has no end needs no rule.
const maxYears = 100

var periodPattern = regexp.MustCompile(`^P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$`)

// ParsePeriod reads the form P8Y, P1Y3M, P2W or P30D.
func ParsePeriod(text string) (Period, error) {
	parts := periodPattern.FindStringSubmatch(text)
	if parts == nil || text == "P" {
		return Period{}, fmt.Errorf("%w: a period is ISO 8601 in whole days, such as P8Y, P1Y3M or P30D", ErrPolicy)
	}
	n := make([]int, len(parts))
	for i, part := range parts[1:] {
		n[i], _ = strconv.Atoi(part) // digits or nothing, and few of them
	}
	p := Period{Months: 12*n[0] + n[1], Days: 7*n[2] + n[3]}
	if p.Months > 12*maxYears || p.Days > 366*maxYears {
		return Period{}, fmt.Errorf("%w: a period is %d years at most", ErrPolicy, maxYears)
	}
	return p, nil
}

// String is the period in its shortest form.
func (p Period) String() string {
	var b strings.Builder
	b.WriteByte('P')
	for _, part := range []struct {
		n    int
		unit byte
	}{{p.Months / 12, 'Y'}, {p.Months % 12, 'M'}, {p.Days, 'D'}} {
		if part.n > 0 {
			b.WriteString(strconv.Itoa(part.n))
			b.WriteByte(part.unit)
		}
	}
	if b.Len() == 1 {
		return "P0D"
	}
	return b.String()
}

// IsZero tells whether it is no time at all.
func (p Period) IsZero() bool { return p == Period{} }

// MarshalText implements encoding.TextMarshaler.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Period) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePeriod(string(text))
	return err
}

// after is the day that lies the period after a day: months first, to the last
// day of a month that is too short, then days. Postgres counts in the same way.
func (p Period) after(day time.Time) time.Time {
	y, m, d := day.Date()
	first := time.Date(y, m+time.Month(p.Months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(d, last)+p.Days, 0, 0, 0, 0, time.UTC)
}

// sql is the period as an interval of Postgres.
func (p Period) sql() string {
	return fmt.Sprintf("interval '%d months %d days'", p.Months, p.Days)
}

// dayOf is the day of an instant on a wall in zone; days are midnights in UTC.
func dayOf(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// startOf is the instant at which a day begins in zone.
func startOf(day time.Time, zone *time.Location) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}
