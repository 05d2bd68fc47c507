package connectors

import (
	"context"
	"time"
)

// State says whether a hotel's connection can be used.
type State string

// The states of a hotel's connection.
const (
	// Available: the last health checks succeeded, or none was made yet.
	Available State = "available"
	// Degraded: the last health checks failed. Calls are tried all the same.
	Degraded State = "degraded"
	// Maintenance: an operator closed the connection. No call is made for
	// callers, and writes wait; health checks go on.
	Maintenance State = "maintenance"
)

// Status is where a hotel's connection stands, and why.
type Status struct {
	State State `json:"state"`
	// Since is when the state began; zero for a hotel that was never checked.
	Since time.Time `json:"since,omitzero"`
	// Reason is the kind of the last failure (pms.KindName) of a degraded
	// connection, and the operator's words for a maintenance.
	Reason string `json:"reason,omitempty"`
	// CheckedAt is when the hotel's system was last asked for its health.
	CheckedAt time.Time `json:"checked_at,omitzero"`
	// Until is when a maintenance ends by itself; zero when only an operator
	// ends it.
	Until time.Time `json:"until,omitzero"`
}

// Statuses tells where connections stand; it is asked on every call, so it
// should answer from memory.
type Statuses interface {
	Status(ctx context.Context, hotel string) (Status, error)
}

// Status tells where the hotel's connection stands. Without a source of
// statuses every connection counts as available.
func (f *Factory) Status(ctx context.Context, hotel string) (Status, error) {
	if f.statuses == nil {
		return Status{State: Available}, nil
	}
	return f.statuses.Status(ctx, hotel)
}
