package reconciliation

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Types of the errors after which a hotel is left for the next round.
const (
	// TypeMaintenance: an operator closed the hotel's connection.
	TypeMaintenance = "maintenance"
	// TypeConfiguration: the hotel's connection is not configured well.
	TypeConfiguration = "configuration"
	// TypeUnknownHotel: the hotel is not registered any more.
	TypeUnknownHotel = "unknown_hotel"
)

// temporalError makes an error one of Temporal's: what says when to come back
// sets the retry's delay, and what will not change today is not retried.
func temporalError(err error) error {
	var failure *pms.Error
	options := temporal.ApplicationErrorOptions{Cause: err}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, connectors.ErrMaintenance):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeMaintenance, nil)
	case errors.Is(err, connectors.ErrConfiguration), errors.Is(err, connectors.ErrUnknownVendor),
		errors.Is(err, pms.ErrAuthentication), errors.Is(err, pms.ErrPermission):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeConfiguration, nil)
	case errors.Is(err, registry.ErrUnknownHotel):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeUnknownHotel, nil)
	case errors.As(err, &failure):
		options.NextRetryDelay = failure.RetryAfter
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), pms.KindName(err), options)
}
