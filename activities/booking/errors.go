package booking

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
)

// TypeStale is the type of the error that an activity returns when the ledger
// is ahead of the workflow: load it and try again.
const TypeStale = "stale"

// TypeUnknown is the type of the error that an activity returns when the
// ledger has no such booking or intent. Both are stored before a workflow
// hears of them, so asking again does not help.
const TypeUnknown = "unknown_booking"

// credentialsPause is how long to wait before asking again with credentials
// that the vendor refused: time for an operator, not for a machine.
const credentialsPause = 15 * time.Second

// ownPause is the longest that this process's own guards delay a retry, which
// may well happen elsewhere.
const ownPause = 4 * time.Second

// temporalError is the one place where errors of connectors and ledger become
// errors of Temporal. What reaches it is an open question, never a refusal:
// refusals are outcomes.
func temporalError(err error) error {
	if err == nil {
		return nil
	}
	kind := pms.KindName(err)
	options := temporal.ApplicationErrorOptions{Cause: err}
	var pmsErr *pms.Error
	switch {
	case errors.Is(err, ledger.ErrStale):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeStale, nil)
	case errors.Is(err, ledger.ErrNotFound):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeUnknown, nil)
	case errors.Is(err, keys.ErrDestroyed):
		return temporal.NewNonRetryableApplicationError(err.Error(), "erased", nil)
	case errors.Is(err, pms.ErrAuthentication), errors.Is(err, pms.ErrPermission):
		options.NextRetryDelay = credentialsPause
	case errors.As(err, &pmsErr) && errors.Is(err, connectors.ErrMaintenance):
		options.NextRetryDelay = pmsErr.RetryAfter
		options.Category = temporal.ApplicationErrorCategoryBenign
	case errors.As(err, &pmsErr) && pmsErr.RetryAfter > 0 && pmsErr.Status == 0:
		// This process's own breaker or limiter says so. Another worker's may
		// think otherwise, and a caller is on the phone.
		options.NextRetryDelay = min(pmsErr.RetryAfter, ownPause)
	case errors.As(err, &pmsErr) && pmsErr.RetryAfter > 0:
		options.NextRetryDelay = pmsErr.RetryAfter
	}
	if errors.Is(err, pms.ErrRateLimited) || errors.Is(err, errTooEarly) {
		// Expected in a busy hour: no cause for an alert.
		options.Category = temporal.ApplicationErrorCategoryBenign
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), kind, options)
}

// refusal returns the problem when err is the vendor's definite no: nothing
// was done and repeating the same request will not help.
func refusal(err error) (problem string, ok bool) {
	for _, kind := range []error{
		pms.ErrSoldOut, pms.ErrValidation, pms.ErrConflict, pms.ErrNotFound, pms.ErrUnsupported,
	} {
		if errors.Is(err, kind) {
			return pms.KindName(err), true
		}
	}
	return "", false
}
