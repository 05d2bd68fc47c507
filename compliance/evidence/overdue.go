package evidence

import (
	"context"
	"time"

	"github.com/voicehive/voicehive/compliance/retention"
)

// OverdueBy counts by the retention engine: of the classes that have a term, and
// of the rows that had their time and are still there.
func OverdueBy(e *retention.Engine, find func(ctx context.Context, hotel string) (retention.Hotel, error)) func(context.Context, string, time.Time) (of, overdue int64, err error) {
	return func(ctx context.Context, id string, at time.Time) (of, overdue int64, err error) {
		hotel, err := find(ctx, id)
		if err != nil {
			return 0, 0, err
		}
		found, err := e.Overdue(ctx, hotel, at)
		for _, n := range found {
			of, overdue = of+1, overdue+n
		}
		return max(of, overdue), overdue, err
	}
}
