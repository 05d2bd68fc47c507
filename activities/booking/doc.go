// Package booking holds the side effects of a booking: every call to a hotel
// system that a reservation workflow makes, and the ledger entry that records
// its outcome.
//
// Each activity is idempotent. It first looks whether its intent was settled,
// then follows the write rules: a create repeats with its frozen body and key,
// a change or a cancellation reads before it writes. A definite answer of the
// hotel, good or bad, is an Outcome; an error means that the answer is still
// open and Temporal should try again.
//
// The package stands on the activities floor: above connectors and compliance,
// below workflows.
package booking
