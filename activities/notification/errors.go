package notification

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
)

// Types of the errors after which asking again does not help.
const (
	// TypeUnknownMessage: the hotel has no such message; it was erased, or the
	// transaction that queued it was rolled back.
	TypeUnknownMessage = "unknown_message"
	// TypeUnknownHotel: the hotel is not registered any more.
	TypeUnknownHotel = "unknown_hotel"
)

// TypeClaimed: another worker is sending the message.
const TypeClaimed = "claimed"

// temporalError is the one place where errors of a delivery become errors of
// Temporal. What reaches it is not settled: what is settled is a Delivery.
func temporalError(err error) error {
	var claimed *claimedError
	var failure *notify.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoMessage):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeUnknownMessage, nil)
	case errors.Is(err, registry.ErrUnknownHotel):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeUnknownHotel, nil)
	case errors.As(err, &claimed):
		return temporal.NewApplicationErrorWithOptions(err.Error(), TypeClaimed, temporal.ApplicationErrorOptions{
			Cause: err, NextRetryDelay: claimed.left, Category: temporal.ApplicationErrorCategoryBenign,
		})
	case errors.As(err, &failure):
		options := temporal.ApplicationErrorOptions{Cause: err, NextRetryDelay: failure.RetryAfter}
		if failure.Problem == notify.ProblemBusy {
			// Expected, as greylisting is: no cause for an alert.
			options.Category = temporal.ApplicationErrorCategoryBenign
		}
		return temporal.NewApplicationErrorWithOptions(err.Error(), string(failure.Problem), options)
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), "internal", temporal.ApplicationErrorOptions{Cause: err})
}
