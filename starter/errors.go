package starter

import (
	"context"
	"errors"
	"time"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
)

// problemOf is the one place where errors of connectors and ledger become
// problems. A *Problem passes unchanged.
func problemOf(err error) error {
	var problem *Problem
	var pmsErr *pms.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &problem):
		return problem
	case errors.Is(err, keys.ErrUnavailable):
		return keysAway("A key cannot be reached now.", err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		p := Unavailable.With("The request was given up before its answer came; try again.").because(err)
		p.RetryAfter = 2 * time.Second
		return p
	case errors.Is(err, ledger.ErrKeyReused):
		return KeyReused.With("Use a fresh Idempotency-Key for another request.")
	case errors.Is(err, ledger.ErrQuoteUsed):
		return QuoteUsed.In("/quote_id", "Repeat the first request with its own Idempotency-Key, or quote again for another room.")
	case errors.Is(err, connectors.ErrMaintenance):
		p := HotelMaintenance.With("An operator closed the connection to the hotel's system.")
		if errors.As(err, &pmsErr) {
			p.RetryAfter = pmsErr.RetryAfter
		}
		return p.because(err)
	case errors.Is(err, connectors.ErrConfiguration):
		return HotelMisconfigured.With("Operations must correct the hotel's entry: `voicehive connector doctor`.").because(err)
	case errors.As(err, &pmsErr):
		p := refused(pms.KindName(err))
		p.RetryAfter = max(p.RetryAfter, pmsErr.RetryAfter)
		return p.because(err)
	case pms.KindName(err) != "internal":
		return refused(pms.KindName(err)).because(err)
	}
	return Internal.With("Try again; the error is in our log.").because(err)
}

// keysPause is when to come again while keys cannot be had. Nothing is stored
// before there is a key, so nothing has begun.
const keysPause = 5 * time.Second

// keysAway is the answer while the key database or the Vault behind it is away.
func keysAway(what string, err error) *Problem {
	p := Unavailable.With(what + " Nothing was done; send the same request again.").because(err)
	p.RetryAfter = keysPause
	return p
}

// refused turns a kind of the hotel's refusal into a problem.
func refused(kind string) *Problem {
	switch pms.KindNamed(kind) {
	case pms.ErrSoldOut:
		return SoldOut.With("Somebody else took the last room, or the rate closed. Offer an alternative.")
	case pms.ErrConflict:
		return ChangedMeanwhile.With("Read the reservation again and quote the change afresh.")
	case pms.ErrNotFound:
		return RefusedByHotel.With("The hotel's system no longer knows the reservation, room or rate.")
	case pms.ErrValidation:
		return RefusedByHotel.With("Check the guest's details and the stay.")
	case pms.ErrUnsupported:
		return Unsupported.With("Ask the hotel's staff to do it.")
	case pms.ErrAuthentication, pms.ErrPermission:
		return HotelMisconfigured.With("Operations must renew the hotel's credentials: `voicehive hotel check`.")
	case pms.ErrRateLimited, pms.ErrUnavailable, pms.ErrOutcomeUnknown:
		p := HotelUnavailable.With("Try again in a moment.")
		p.RetryAfter = 5 * time.Second
		return p
	}
	return Internal.With("Try again; the error is in our log.")
}

// refusalOf tells what a settled outcome refused; nil when it refused nothing.
func refusalOf(out booking.Outcome) *Problem {
	switch {
	case out.State == ledger.Unknown:
		return HotelUnavailable.With("The hotel never told whether the booking exists; its staff has been asked to look.")
	case out.Problem == problemState:
		return stateProblem(out.State)
	case out.Problem != "":
		return refused(out.Problem)
	}
	return nil
}

// problemState marks an outcome that a validator refused for the booking's
// state, in the place where the hotel's kind of refusal stands otherwise.
const problemState = "state"

// stateProblem tells why a booking in this state cannot be changed.
func stateProblem(s ledger.State) *Problem {
	switch s {
	case ledger.Cancelled, ledger.Released:
		return AlreadyCancelled.With("A cancelled reservation cannot be changed; book a new one.")
	case ledger.Pending:
		return NotChangeable.With("The booking is not settled yet; ask again in a moment.")
	case ledger.Rejected:
		return NotChangeable.With("The hotel refused this booking; there is nothing to change.")
	case ledger.Unknown:
		return NotChangeable.With("The hotel's staff is finding out whether this booking exists.")
	}
	return NotChangeable.With("The booking is " + string(s) + ".")
}
