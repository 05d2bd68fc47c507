package contracttest

import "slices"

// A Trait is something that a vendor has not, and that no connector can make
// up for. A Target names those of its vendor; the behaviours that need it are
// then n.a. with the trait as the reason. There are no others: whatever else
// fails is the connector's.
type Trait string

// The traits.
const (
	// FullHidden: what is full is left out of every list, so that sold out and
	// not existing cannot be told apart. Quote then answers ErrNotFound.
	FullHidden Trait = "the vendor does not list what is full"
	// OneGuest: a booking has one guest, whatever the number of its rooms.
	OneGuest Trait = "the vendor keeps one guest for a whole booking"
	// GuestsTold: personal data is in every answer and cannot be withheld.
	GuestsTold Trait = "the vendor always tells the guests"
	// FewStates: a stay is booked or cancelled; arrivals and departures are not
	// told.
	FewStates Trait = "the vendor tells only booked and cancelled"
	// ChangeUndated: no moment of the last change is told.
	ChangeUndated Trait = "the vendor does not tell when a booking was changed"
	// CancellationUndated: no moment of cancellation is told, so the fee that
	// fell due is not known.
	CancellationUndated Trait = "the vendor does not tell when a stay was cancelled"
)

// excused are the behaviours that cannot be had of a vendor with a trait.
var excused = map[Trait][]string{
	FullHidden: {
		"availability/counts_rooms", "availability/shows_restricted_when_asked", "quote/sold_out", "quote_change/sold_out",
	},
	OneGuest:            {"create/several_stays"},
	GuestsTold:          {"create/guests_withheld", "search_guests/guests_withheld", "arrivals/guests_withheld"},
	FewStates:           {"read/every_status", "cancel/guest_in_the_house", "no_show/guest_in_the_house", "release/guest_in_the_house"},
	ChangeUndated:       {"read/modified_moves"},
	CancellationUndated: {"cancel/fee"},
}

// excuse is the trait that keeps the vendor from a behaviour; "" when none does.
func (t Target) excuse(b behaviour) string {
	for _, trait := range t.Without {
		if slices.Contains(excused[trait], b.String()) {
			return string(trait)
		}
	}
	return ""
}
