package audit

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// PretendClock sets the process's clock.
func PretendClock(s *Sequencer, at time.Time) { s.clock = func() time.Time { return at } }

// PretendYear lets both clocks say that it is some year.
func PretendYear(s *Sequencer, year int) {
	PretendClock(s, time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC))
	s.databaseYear = func(context.Context, pgx.Tx) (int, error) { return year, nil }
}
