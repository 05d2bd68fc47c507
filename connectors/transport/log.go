package transport

import (
	"context"
	"log/slog"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// log writes one line per request. It names no path, since a path can hold the
// vendor's id of a booking, which leads to a guest.
func (c *Client) log(ctx context.Context, call Call, status int, err error, took time.Duration) {
	level, outcome := slog.LevelDebug, "ok"
	if err != nil {
		level, outcome = slog.LevelWarn, pms.KindName(err)
	}
	c.stack.log.LogAttrs(ctx, level, "request to hotel system",
		slog.String("vendor", c.o.Vendor),
		slog.String("hotel", c.o.Hotel),
		slog.String("operation", call.Operation),
		slog.String("outcome", outcome),
		slog.Int("status", status),
		slog.Duration("took", took),
	)
}
