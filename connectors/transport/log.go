package transport

import (
	"context"
	"log/slog"
)

// log writes one line per request. It names no path, since a path can hold the
// vendor's id of a booking, which leads to a guest.
func (c *Client) log(ctx context.Context, call Call, e ending) {
	level := slog.LevelDebug
	if e.outcome != "ok" && e.outcome != "cancelled" {
		level = slog.LevelWarn
	}
	c.stack.log.LogAttrs(ctx, level, "request to hotel system",
		slog.String("vendor", c.o.Vendor),
		slog.String("hotel", c.o.Hotel),
		slog.String("operation", call.Operation),
		slog.String("outcome", e.outcome),
		slog.Int("status", e.status),
		slog.Duration("took", e.took),
	)
}
