package pms

import "time"

// Support says how a vendor's operation can be had.
type Support string

// The kinds of support. The zero value is none.
const (
	// Supported: the vendor has the operation.
	Supported Support = "yes"
	// ByRebooking: the vendor lacks it; booking anew and cancelling the old
	// stay has the same effect. For OpAmend only.
	ByRebooking Support = "rebook"
	// Unsupported: nothing stands in for it.
	Unsupported Support = "no"
)

// Capabilities tells what a vendor can do and how its calls behave. The values
// come from the capability matrix (connectors/capability), and can change
// while the process runs.
type Capabilities struct {
	Vendor string
	// Operations says how each operation can be had; a missing one is
	// Unsupported.
	Operations map[Operation]Support
	// KeyWindow is how long the vendor remembers an idempotency key of Create
	// and Hold; 0 when it has none.
	KeyWindow time.Duration
	// WriteTimeout is how long after a write was sent it may still take
	// effect at the vendor.
	WriteTimeout time.Duration
	// ListLag is how long a new reservation may be missing from ByReference.
	ListLag time.Duration
	// MaxStays is the most stays in one Create.
	MaxStays int
	// MaxNights is the most nights in one query or stay; 0 is no limit.
	MaxNights int
	// MaxAhead is how many days ahead a query may begin; 0 is no limit.
	MaxAhead int
	// PartialAmend tells that an amendment may change nights of a stay that
	// has begun.
	PartialAmend bool
	// HedgeAfter repeats a read of availability on a second connection when
	// the first has not answered for this long; 0 never does.
	HedgeAfter time.Duration
}

// Can reports whether the vendor itself has the operation.
func (c Capabilities) Can(o Operation) bool { return c.Operations[o] == Supported }
