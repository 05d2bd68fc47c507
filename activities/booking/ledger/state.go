package ledger

// State is where a booking stands in the ledger.
type State string

// The states of a booking. Pending, held and confirmed are alive; the others
// are final, except unknown, which waits for an operator.
const (
	// Pending: asked for, durable, and its outcome is not known yet.
	Pending State = "pending"
	// Held: the hotel keeps the rooms until HoldUntil.
	Held State = "held"
	// Confirmed: the hotel has the reservation.
	Confirmed State = "confirmed"
	// Cancelled: somebody cancelled it, and the hotel knows.
	Cancelled State = "cancelled"
	// Rejected: the hotel refused it; there was never a reservation.
	Rejected State = "rejected"
	// Released: a hold was given back, by expiry or on request.
	Released State = "released"
	// Unknown: the hotel's answer was lost for good; an operator task says so.
	Unknown State = "unknown"
)

// Final reports whether nothing more can happen to a booking in this state.
func (s State) Final() bool {
	return s == Cancelled || s == Rejected || s == Released || s == Unknown
}

// Changeable reports whether a caller can modify or cancel the booking.
func (s State) Changeable() bool { return s == Held || s == Confirmed }

// Kind is what a caller asked for.
type Kind string

// The kinds of intent.
const (
	Book    Kind = "book"
	Confirm Kind = "confirm"
	Modify  Kind = "modify"
	Cancel  Kind = "cancel"
)
