package mapping

import (
	"slices"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Assemble makes a reservation of its stays. Its totals are of the stays that
// are not cancelled; what is to be paid is told only when every one of them
// tells it. The confirmation is the reservation's id; a vendor that gives its
// guests another sets that, or goes through ConfirmedByStay.
func Assemble(id pms.ReservationID, stays []pms.Stay) (pms.Reservation, error) {
	if len(stays) == 0 {
		return pms.Reservation{}, Malformed("stays")
	}
	r := pms.Reservation{ID: id, Confirmation: string(id), Stays: stays, Status: Overall(stays)}
	totals := []pms.Money{{Currency: stays[0].Total.Currency}}
	var payable []pms.Money
	told := true
	for _, s := range stays {
		if r.Reference == "" {
			r.Reference = s.Reference
		}
		if s.Status == pms.StatusCancelled {
			continue
		}
		totals = append(totals, s.Total)
		payable = append(payable, s.PayableTotal)
		told = told && s.PayableTotal != pms.Money{}
	}
	var err error
	if r.Total, err = Sum("total", totals...); err == nil && told {
		r.PayableTotal, err = Sum("payable_total", payable...)
	}
	return r, err
}

// ConfirmedByStay makes the stay's id the confirmation where there is one stay
// alone. It is for vendors whose guests have that in hand; what Placed made
// needs it as well as what was read, else both differ.
func ConfirmedByStay(r pms.Reservation) pms.Reservation {
	if len(r.Stays) == 1 {
		r.Confirmation = string(r.Stays[0].ID)
	}
	return r
}

// Overall is the status of the stay that matters most: a guest in the house,
// then one to come, then one whose status cannot be read.
func Overall(stays []pms.Stay) pms.Status {
	for _, wanted := range []pms.Status{
		pms.StatusInHouse, pms.StatusConfirmed, pms.StatusHeld, pms.StatusUnknown, pms.StatusCheckedOut, pms.StatusNoShow,
	} {
		if slices.ContainsFunc(stays, func(s pms.Stay) bool { return s.Status == wanted }) {
			return wanted
		}
	}
	return pms.StatusCancelled
}

// Surcharged shows what is to be paid for a stay beside its nights and extras
// as one charge with this code and name, in place of such charges that it had.
// It is for vendors that tell taxes and fees one by one in an offer and only a
// sum in a reservation: so both look alike. Amounts of several currencies are
// no sum, and tell nothing.
func Surcharged(s pms.Stay, code, name string) pms.Stay {
	known := make([]pms.Money, 0, len(s.Nights)+len(s.Extras))
	for _, night := range s.Nights {
		known = append(known, night.Total)
	}
	for _, extra := range s.Extras {
		known = append(known, pms.Money{Amount: extra.Price.Amount * int64(extra.Count), Currency: extra.Price.Currency})
	}
	s.Charges = slices.DeleteFunc(slices.Clone(s.Charges), func(c pms.Charge) bool { return !c.Included })
	if beside, err := Rest("payable", s.PayableTotal, known...); err == nil && beside.Amount > 0 {
		s.Charges = append(s.Charges, pms.Charge{Code: code, Name: name, Amount: beside})
	}
	return s
}

// Policy is a cancellation policy without a moment until which what costs
// nothing anyway costs nothing.
func Policy(p pms.CancellationPolicy) pms.CancellationPolicy {
	if p.Fee.IsZero() {
		p.FreeUntil = time.Time{}
	}
	return p
}

// FeeCharged is what the end of a stay that nobody slept cost: the no-show fee,
// or that of a cancellation unless it came before the fee was due. A vendor that
// does not tell when it came is believed to charge nothing.
func FeeCharged(s pms.Stay, cancelled time.Time) pms.Money {
	switch {
	case s.Status == pms.StatusNoShow:
		return s.Cancellation.NoShowFee
	case s.Status == pms.StatusCancelled && !cancelled.Before(s.Cancellation.FreeUntil):
		return s.Cancellation.Fee
	}
	return pms.Money{}
}
