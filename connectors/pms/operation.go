package pms

import "slices"

// An Operation is one thing a Connector can be asked to do. Its text names the
// operation in the capability matrix, in errors, metrics and tests.
type Operation string

// The operations of a Connector.
const (
	OpHealth         Operation = "health"
	OpProperties     Operation = "properties"
	OpCatalog        Operation = "catalog"
	OpAvailability   Operation = "availability"
	OpQuote          Operation = "quote"
	OpQuoteChange    Operation = "quote_change"
	OpDraft          Operation = "draft"
	OpCreate         Operation = "create"
	OpHold           Operation = "hold"
	OpConfirm        Operation = "confirm"
	OpRelease        Operation = "release"
	OpRead           Operation = "read"
	OpByConfirmation Operation = "by_confirmation"
	OpByReference    Operation = "by_reference"
	OpAmend          Operation = "amend"
	OpEdit           Operation = "edit"
	OpCancel         Operation = "cancel"
	OpNoShow         Operation = "no_show"
	OpExtras         Operation = "extras"
	OpAddExtra       Operation = "add_extra"
	OpSearchGuests   Operation = "search_guests"
	OpGuest          Operation = "guest"
	OpUpsertGuest    Operation = "upsert_guest"
	OpEraseGuest     Operation = "erase_guest"
	OpArrivals       Operation = "arrivals"
	OpInHouse        Operation = "in_house"
	OpSubscribe      Operation = "subscribe"
	OpSubscriptions  Operation = "subscriptions"
	OpUnsubscribe    Operation = "unsubscribe"
	OpWebhook        Operation = "webhook"
)

var operations = []Operation{
	OpHealth, OpProperties, OpCatalog, OpAvailability, OpQuote, OpQuoteChange, OpDraft, OpCreate, OpHold, OpConfirm,
	OpRelease, OpRead, OpByConfirmation, OpByReference, OpAmend, OpEdit, OpCancel, OpNoShow, OpExtras, OpAddExtra,
	OpSearchGuests, OpGuest, OpUpsertGuest, OpEraseGuest, OpArrivals, OpInHouse, OpSubscribe, OpSubscriptions,
	OpUnsubscribe, OpWebhook,
}

// writes change something at the vendor.
var writes = []Operation{
	OpCreate, OpHold, OpConfirm, OpRelease, OpAmend, OpEdit, OpCancel, OpNoShow, OpAddExtra, OpUpsertGuest, OpEraseGuest,
	OpSubscribe, OpUnsubscribe,
}

// Operations lists every operation.
func Operations() []Operation { return slices.Clone(operations) }

// Writes reports whether the operation can change something at the vendor.
func (o Operation) Writes() bool { return slices.Contains(writes, o) }

// Known reports whether there is such an operation.
func (o Operation) Known() bool { return slices.Contains(operations, o) }
